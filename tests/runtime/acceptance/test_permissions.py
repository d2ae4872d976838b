"""Every use case runs under the roles of the template: nothing needed is denied, nothing is granted in vain."""

from __future__ import annotations

import gzip
import hmac
import json
import uuid
from typing import Any

import boto3
import httpx
import pytest

from exact_local.aws import client_options
from exact_local.permissions import Need, roles_of
from exact_local.template import REGION, load_document
from runtime.acceptance.stack import DIVISION, Row, Stack, Tenant, wait_for
from runtime.conftest import ROOT

pytestmark = pytest.mark.slow

RARE = {
    ("CheckpointPolicy", "dynamodb:ConditionCheckItem"),
    ("CopyPolicy", "dynamodb:ConditionCheckItem"),
    ("CopyPolicy", "dynamodb:DeleteItem"),
    ("ConnectionPolicy", "events:PutEvents"),
    ("ConnectionPolicy", "dynamodb:PutItem"),
    ("inline", "dynamodb:DeleteItem"),
    ("inline", "dynamodb:BatchGetItem"),
    ("inline", "s3:DeleteObject"),
    ("inline", "s3:ListBucket"),
    ("inline", "dynamodb:BatchWriteItem"),
}
"""Grants for what a short run of one company does not meet: shared first loads, lost connections, an empty bucket."""


@pytest.fixture(scope="module")
def life(stack: Stack, undisturbed: Tenant) -> Tenant:
    """Let a tenant live through every use case once."""
    platform(undisturbed)
    orders(undisturbed)
    customers(undisturbed)
    administrators(undisturbed)
    connection(undisturbed)
    leave(Tenant(stack, "leaver"))
    return undisturbed


def platform(tenant: Tenant) -> None:
    """Read what platforms read, export it and follow the link."""
    item = tenant.ok("GET", "/v1/items?limit=1")["items"][0]["item_code"]
    customer = tenant.ok("GET", "/v1/customers?limit=1")["customers"][0]["customer_id"]
    for path in (
        f"/v1/items/{item}",
        f"/v1/prices/quote?item={item}&customer={customer}",
        f"/v1/customers/{customer}/orders",
        f"/v1/customers/{customer}/invoices",
        "/v1/changes?limit=5",
        "/v1/status",
    ):
        tenant.ok("GET", path)
    export = tenant.ok("POST", "/v1/exports", {"kind": "items"})["export_id"]

    def finished() -> Row | None:
        found: Row = tenant.ok("GET", f"/v1/exports/{export}")
        return found if found["state"] == "READY" else None

    (part, *_) = wait_for("the export", finished, seconds=90)["links"]
    answer = httpx.get(part["url"], trust_env=False)
    assert answer.status_code == 200, answer.text
    assert json.loads(gzip.decompress(answer.content).splitlines()[0])["item_code"]


def orders(tenant: Tenant) -> None:
    """Post an order and wait, one for the worker, one that Exact refuses; a purchase order."""
    assert tenant.post(tenant.order("roles-1"), wait=20).status_code == 201
    later = tenant.post(tenant.order("roles-2")).json()["order_id"]
    assert tenant.settled(later)["state"] == "SUBMITTED"
    tenant.ok("GET", "/v1/orders?limit=5")
    supplier = tenant.ok("GET", "/v1/suppliers?limit=1")["suppliers"][0]["supplier_code"]
    line = {"item_code": tenant.order("")["lines"][0]["item_code"], "quantity": "1"}
    posted = tenant.call("POST", "/v1/purchase-orders", {"supplier_code": supplier, "lines": [line]})
    assert posted.status_code in (202, 422), posted.text


def customers(tenant: Tenant) -> None:
    """Create and edit a customer."""
    made = tenant.call("POST", "/v1/customers", {"name": "Rollen BV", "external_id": "roles", "country": "NL"})
    assert made.status_code in (201, 202), made.text


def administrators(tenant: Tenant) -> None:
    """Do what administrators do."""
    base = f"/v1/tenants/{tenant.id}"
    tenant.ok("PATCH", f"{base}/settings", {"HideInvoicesOnRelationCard": True})
    tenant.ok("POST", f"{base}/settings/check", {})
    for path in ("/settings", "/settings/history", "/divisions", "/status", "/forecast", "/keys"):
        answer = tenant.call("GET", base + path)
        assert answer.status_code < 500, answer.text
    key = tenant.ok("POST", f"{base}/keys", {"label": "roles", "scopes": ["catalog:read"]})
    tenant.ok("DELETE", f"{base}/keys/{key['id']}")
    tenant.ok("PUT", f"{base}/webhook", {"url": "http://127.0.0.1:9/events"})
    tenant.ok("GET", f"{base}/webhook")
    tenant.ok("DELETE", f"{base}/webhook")
    tenant.ok("POST", f"{base}/sync/customers", {"full": True})
    tenant.wait_until_loaded()


def connection(tenant: Tenant) -> None:
    """Open the page after linking; let Exact's webhook arrive, validated, forged and genuine."""
    page = f"/console/tenants/{tenant.id}?ExactOnlineCallback=True"
    assert tenant.stack.http.get(page, headers={"cookie": f"linked={tenant.id}.unknown"}).status_code == 200
    address = f"/v1/webhooks/exact/{tenant.id}"
    assert tenant.stack.http.post(address).status_code == 200
    assert tenant.stack.http.post(address, content=b'{"Content":{},"HashCode":"0"}').status_code < 500
    assert tenant.stack.http.post(address, content=notification(tenant.stack)).status_code == 200


def notification(stack: Stack) -> bytes:
    """Return a notification about an item, signed with the webhook secret of the application."""
    secrets = boto3.client("secretsmanager", **client_options(stack.aws_url))
    application = json.loads(secrets.get_secret_value(SecretId="/local/exact/applications/nl")["SecretString"])
    secrets.close()
    content = json.dumps(
        {
            "Topic": "Items",
            "ClientId": application["client_id"],
            "Division": DIVISION,
            "Action": "Update",
            "Key": str(uuid.uuid4()),
            "ExactOnlineEndpoint": f"https://example.com/api/v1/{DIVISION}/logistics/Items",
            "EventCreatedOn": "2026-06-01T12:00:00",
        }
    )
    code = hmac.new(application["webhook_secret"].encode(), content.encode(), "sha256").hexdigest().upper()
    return f'{{"Content":{content},"HashCode":"{code}"}}'.encode()


def leave(tenant: Tenant) -> None:
    """Link and delete a tenant."""
    tenant.link()
    tenant.wait_until_loaded()
    tenant.ok("DELETE", f"/v1/tenants/{tenant.id}")
    address = f"/v1/tenants/{tenant.id}"
    wait_for("the end of the tenant", lambda: tenant.call("GET", address).status_code == 404, seconds=60)


def used(stack: Stack) -> dict[str, dict[str, list[str]]]:
    """Return what each role used: function -> action -> resources."""
    found: dict[str, dict[str, list[str]]] = json.loads(stack.state_file("permissions-used.json"))
    return found


def test_no_use_case_is_denied(life: Tenant, stack: Stack) -> None:
    assert [line for line in stack.state_file("logs/aws.log").splitlines() if "DENIED" in line] == []


def test_every_granted_action_is_used(life: Tenant, stack: Stack) -> None:
    document: Any = load_document((ROOT / "template.yaml").read_text())
    seen = used(stack)
    granted: dict[tuple[str, str, str], bool] = {}
    for function, role in roles_of(document, "local", REGION).items():
        for statement in role.statements:
            for action in statement.actions:
                place = (statement.policy if statement.policy != "inline" else f"inline of {function}", action)
                needs = [Need(action, resource) for resource in seen.get(function, {}).get(action, [])]
                key = (*place, str(statement.resources))
                granted[key] = granted.get(key, False) or any(statement.allows(need) for need in needs)
    unused = [
        f"{policy}: {action} on {resources}"
        for (policy, action, resources), was_used in granted.items()
        if not was_used and (policy.partition(" ")[0], action) not in RARE
    ]
    assert unused == []
