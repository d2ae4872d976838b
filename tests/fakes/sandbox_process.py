"""The sandbox as a process of its own, with its clock, its faults, and a script that consents as an administrator."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx

from exact_connector.clock import SystemClock
from exact_connector.errors import ConnectorError
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint, TokenPair, authorization_url
from exact_connector.exact.http.transport import HttpxSender

ROOT = Path(__file__).resolve().parents[2]
CALLBACK = "http://127.0.0.1:9/oauth/callback"


@dataclass
class SandboxProcess:
    """A running sandbox; ``rate`` is how much faster than real time its clock runs."""

    base: str
    http: httpx.Client
    rate: float = 1.0
    client: ClientCredentials = field(default_factory=lambda: ClientCredentials("", ""))
    division: int = 0

    def info(self) -> dict[str, Any]:
        """What the sandbox tells about itself."""
        return cast(dict[str, Any], self._json("GET", "/sandbox/info"))

    def tokens(self) -> dict[str, int]:
        """What happened at its token endpoint."""
        return cast(dict[str, int], self._json("GET", "/sandbox/tokens"))

    def arm(self, *rules: dict[str, Any]) -> None:
        """Switch faults on."""
        self._json("POST", "/sandbox/faults", list(rules))

    def disarm(self) -> None:
        """Switch every fault off."""
        self._json("DELETE", "/sandbox/faults")

    def hits(self) -> dict[str, int]:
        """How often each kind of fault struck."""
        found: dict[str, int] = {}
        for rule in self._json("GET", "/sandbox/faults")["faults"]:
            found[rule["kind"]] = found.get(rule["kind"], 0) + rule["hits"]
        return found

    def clock(self) -> SystemClock:
        """Return the connector's clock that goes with the sandbox's."""
        before = time.time()
        epoch = float(self._json("GET", "/sandbox/clock")["epoch"])
        middle = (before + time.time()) / 2
        return SystemClock(rate=self.rate, offset=epoch - middle, origin=middle)

    def consent(self, clock: SystemClock, sender: HttpxSender) -> TokenPair:
        """Consent as an administrator does, again and again while faults spoil the exchange of the code."""
        for _ in range(30):
            with contextlib.suppress(ConnectorError):
                return self._consent(clock, sender)
        raise AssertionError("no consent went through")

    def _consent(self, clock: SystemClock, sender: HttpxSender) -> TokenPair:
        """Log in, tick every company, and exchange the code, as in a browser."""
        url = authorization_url(self.base, self.client.client_id, CALLBACK, "state")
        user = self.info()["users"][0]
        form = {"username": user["user_name"], "password": user["password"], "action": "login"}
        page = self.http.post(url, data=form).raise_for_status().text
        ticket = re.search(r'name="ticket"[^>]*value="([^"]+)"', page) or re.search(
            r'value="([^"]+)"[^>]*name="ticket"', page
        )
        assert ticket is not None, page
        choice = {"ticket": ticket[1], "action": "allow", "division": [str(code) for code in user["divisions"]]}
        answer = self.http.post(url, data=choice)
        (code,) = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
        return TokenEndpoint(sender, clock).exchange(self.base, self.client, code, CALLBACK)

    def _json(self, method: str, path: str, body: Any = None) -> Any:
        return self.http.request(method, self.base + path, json=body).raise_for_status().json()


@contextmanager
def sandbox(*arguments: str, rate: float = 1.0) -> Iterator[SandboxProcess]:
    """Start a sandbox on a free port and stop it again."""
    command = [sys.executable, "-m", "exact_sandbox", "--port", "0", "--allow-loopback", "--redirect-uri", CALLBACK]
    command += ["--items", "30", "--customers", "20", "--orders", "10", "--clock-rate", str(rate), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "infra" / "sandbox")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    http = httpx.Client(timeout=30, trust_env=False)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None, "the sandbox did not start"
        running = SandboxProcess(found[0], http, rate)
        info = running.info()
        running.client = ClientCredentials(info["apps"][0]["client_id"], info["apps"][0]["client_secret"])
        running.division = info["divisions"][0]["code"]
        yield running
    finally:
        http.close()
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()
