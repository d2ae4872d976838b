"""The Exact that the local run talks to: the built-in sandbox, or another address."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from exact_local.children import Child, answers, base_environment, tethered_module
from exact_local.failures import LocalRunError
from exact_local.options import Options, company_of
from exact_local.product_clock import ProductClock
from exact_local.state import LOOPBACK, StateFolder


@dataclass(frozen=True, slots=True)
class ExactSite:
    """An Exact address with the application that is registered there."""

    url: str
    client_id: str
    client_secret: str
    webhook_secret: str


class Sandbox:
    """The running sandbox process."""

    def __init__(self, child: Child, site: ExactSite) -> None:
        self._child = child
        self.site = site

    @classmethod
    async def start(cls, infra: Path, state: StateFolder, port: int, options: Options, callback: str) -> Sandbox:
        """Start the sandbox and wait until it answers."""
        state.sandbox.mkdir(exist_ok=True)
        site = _registered_application(state.sandbox / "application", f"http://{LOOPBACK}:{port}")
        company = _company(state.sandbox / "company.json", options)
        command = tethered_module(
            "exact_sandbox",
            f"--port={port}",
            *(f"--{name}={value}" for name, value in company.items()),
            f"--state-dir={state.sandbox / 'world'}",
            "--allow-loopback",
            f"--client-id={site.client_id}",
            f"--client-secret={site.client_secret}",
            f"--redirect-uri={callback}",
            f"--webhook-secret={site.webhook_secret}",
        )
        environment = base_environment(PYTHONPATH=f"{infra / 'sandbox'}:{infra / 'local'}")
        child = await Child.start("The Exact sandbox", command, environment, state.logs / "sandbox.log")
        sandbox = cls(child, site)
        try:
            await child.wait_until(lambda: answers(f"{sandbox.site.url}/sandbox/info"), seconds=120)
        except BaseException:  # a Ctrl-C too
            await child.stop()
            raise
        return sandbox

    async def set_clock(self, clock: ProductClock) -> None:
        """Let the sandbox live in the product's time."""
        body = {"rate": clock.rate, "now": clock.text_at(time.time())}
        async with (
            aiohttp.ClientSession() as session,
            session.put(f"{self.site.url}/sandbox/clock", json=body) as answer,
        ):
            if answer.status != 200:
                raise LocalRunError(f"The sandbox does not take the clock: {await answer.text()}")

    async def stop(self) -> None:
        """Stop the process."""
        await self._child.stop()


def _company(stored: Path, options: Options) -> dict[str, int]:
    """Return size and seed of the company, and note them for the next start with this folder."""
    made = json.loads(stored.read_text()) if stored.exists() else None
    company = company_of(options, made)
    stored.write_text(json.dumps(company))
    return company


def _registered_application(stored: Path, url: str) -> ExactSite:
    # Made once per state folder: tokens of an earlier run belong to this application.
    if not stored.exists():
        stored.write_text("\n".join(secrets.token_urlsafe(24) for _ in range(2)))
        stored.chmod(0o600)
    client_secret, webhook_secret = stored.read_text().split()
    return ExactSite(url, "5a9d2c1e-8b47-4f0a-9d33-6c1b7e2f4a58", client_secret, webhook_secret)
