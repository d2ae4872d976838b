"""A handler loads only what it serves: the container builds its members when they are first asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = {
    "STAGE": "test",
    "CONTROL_TABLE": "control",
    "SYNC_TABLE": "sync",
    "RECORDS_TABLE": "records",
    "CATALOG_TABLE": "catalog",
    "ORDERS_TABLE": "orders",
    "ASSETS_BUCKET": "assets",
    "EVENT_BUS": "events",
    "EXACT_HOSTS": "nl=https://start.exactonline.nl",
    "PUBLIC_BASE_URL": "https://connector.example.com",
    "OPERATOR_KEY_SECRET": "/test/operator-key",
    "APPLICATION_SECRET_PREFIX": "/test/applications/",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_SERVICE_NAME": "test",
}
ORDER_ENGINE = "exact_connector.orders.lifecycle.engine"
CLIENT = "exact_connector.exact.http.client"
OAUTH = "exact_connector.exact.auth.oauth"
SYNC_ENGINE = "exact_connector.sync.engine"


@cache
def loaded(handler: str) -> frozenset[str]:
    """Return the names of the modules that a fresh process has after it imported a handler."""
    program = f"import json, sys, {handler}; print(json.dumps(sorted(sys.modules)))"
    path = os.pathsep.join(str(ROOT / place) for place in ("functions", "layers/common"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **VARIABLES, "PYTHONPATH": path},
        capture_output=True,
        check=True,
        text=True,
    )
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("handler", "never"),
    [
        pytest.param(
            "console.app", (ORDER_ENGINE, CLIENT, OAUTH, SYNC_ENGINE, "httpx", "joserfc", "PIL"), id="console"
        ),
        pytest.param("submit_order.app", (SYNC_ENGINE, "joserfc", "PIL"), id="order intake"),
        pytest.param("receive_webhook.app", (ORDER_ENGINE, "joserfc", "PIL"), id="webhook"),
        pytest.param("tenant_api.app", ("joserfc", "PIL"), id="tenants"),
        pytest.param("oauth_callback.app", ("joserfc", "PIL"), id="callback"),
        pytest.param("catalog_api.app", ("joserfc", "PIL"), id="catalogue"),
    ],
)
def test_a_handler_does_not_load_what_it_never_serves(handler: str, never: tuple[str, ...]) -> None:
    assert sorted(set(never) & loaded(handler)) == []
