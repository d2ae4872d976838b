"""Run the sandbox: `python -m exact_sandbox --port 8080 --items 5000`. `--help` lists the switches."""

from __future__ import annotations

import argparse
import asyncio
import signal
import ssl
import sys
from collections.abc import Sequence

from aiohttp import web

from exact_sandbox.clock import SandboxClock
from exact_sandbox.protocol.limits import Allowance
from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.protocol.switches import Switches, read_filters
from exact_sandbox.server import Rules, Sandbox
from exact_sandbox.world.generate import build
from exact_sandbox.world.store import SWITCHES, Options

MAX_REQUEST_LINE = 65536
"""Longer than Exact's own limit, so that the sandbox itself refuses what is too long."""


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    defaults, allowance = Options(), Allowance()
    parser = argparse.ArgumentParser(prog="exact_sandbox", description="A stand-in for Exact Online.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on; 0 takes a free one")
    parser.add_argument("--base-url", help="address in links when another server stands in front")
    parser.add_argument("--tls-cert", help="certificate file: serve HTTPS")
    parser.add_argument("--tls-key", help="key file of the certificate")
    parser.add_argument("--state-dir", help="keep tokens and changes here over a restart")
    company = parser.add_argument_group("the company")
    company.add_argument("--seed", type=int, default=defaults.seed)
    company.add_argument("--items", type=int, default=defaults.items)
    company.add_argument("--customers", type=int, default=defaults.customers)
    company.add_argument("--orders", type=int, default=defaults.orders)
    company.add_argument("--born", help="the company's day one (ISO); today unless given")
    app = parser.add_argument_group("the registered application")
    app.add_argument("--client-id", default=defaults.client_id)
    app.add_argument("--client-secret", default=defaults.client_secret)
    app.add_argument("--redirect-uri", action="append", help="may be given several times")
    app.add_argument("--webhook-secret", default=defaults.webhook_secret)
    app.add_argument(
        "--webhook-retry-s",
        type=float,
        default=defaults.webhook_retry_s,
        metavar="SECONDS",
        help="a lost notification is tried again after 2, 4, ... 1024 times so many real seconds",
    )
    app.add_argument("--scope", action="append", type=_scope, help="an area that the app may manage, or `area:read`; "
                     "may be given several times; every area unless given")  # fmt: skip
    rules = parser.add_argument_group("switches; without them the sandbox is as strict as Exact")
    rules.add_argument("--allow-loopback", action="store_true", help="redirects and webhooks may go to this machine")
    rules.add_argument("--lenient-filter", action="store_true", help="no mandatory $filter where a sync twin exists")
    rules.add_argument("--no-filter-marks", action="store_true", help="let properties without a mark be filtered too")
    rules.add_argument("--refuse-filter", action="append", default=[], metavar="NAME", help="a property that may not "
                       "be filtered, as Entity.Property or address.Property; `unclear` for all that are not certain; "
                       "may be given several times")  # fmt: skip
    rules.add_argument("--int64-form", choices=("text", "number"), default="text", help="Timestamp in JSON")
    rules.add_argument("--post-status", type=int, choices=(201, 200), default=201)
    rules.add_argument("--refusal-status", type=int, choices=(500, 400), default=500,
                       help="status under which a business rule refuses a record")  # fmt: skip
    rules.add_argument("--retry-after", action="store_true", help="send Retry-After with a 429")
    rules.add_argument("--ignore-case", action="store_true", help="compare texts in $filter without capitals")
    rules.add_argument("--strict-case", action="store_true", help="404 for addresses in other capitals")
    rules.add_argument("--old-token", choices=("unauthorized_client", "invalid_grant"), default="unauthorized_client",
                       help="form of the answer to a used refresh token (401 or 400)")  # fmt: skip
    rules.add_argument("--velocity-status", type=int, choices=(403, 429), default=403)
    rules.add_argument("--minute-limit", type=int, default=allowance.minute)
    rules.add_argument("--day-limit", type=int, default=allowance.day)
    rules.add_argument("--premium-limits", action="store_true", help="premium companies get 30,000 calls a day")
    rules.add_argument("--sync-signs", choices=SWITCHES["sync_signs"], default=defaults.sync_signs,
                       help="signs of amounts in the sync stream of sales invoices")  # fmt: skip
    rules.add_argument("--deletion-keys", choices=SWITCHES["deletion_keys"], default=defaults.deletion_keys,
                       help="keys that removed invoices and purchase orders leave in sync/Deleted")  # fmt: skip
    rules.add_argument("--clock-rate", type=float, default=1.0, help="sandbox seconds per real second")
    return parser.parse_args(argv)


def _scope(text: str) -> str:
    known = {scope for entity in load_schema().entities.values() for scope in entity.scopes}
    if text.removesuffix(":read") not in known:
        raise argparse.ArgumentTypeError(f"{text!r} is no area; take one of {', '.join(sorted(known))}")
    return text


def _switches(given: argparse.Namespace) -> Switches:
    return Switches(
        mandatory_filter=not given.lenient_filter,
        filter_marks=not given.no_filter_marks,
        refused_filters=read_filters(given.refuse_filter),
        int64_form=given.int64_form,
        post_status=given.post_status,
        refusal_status=given.refusal_status,
        retry_after=given.retry_after,
        ignore_case=given.ignore_case,
    )


def sandbox_of(given: argparse.Namespace) -> Sandbox:
    """Build the sandbox of a command line, with the state of its directory."""
    defaults = Options()
    options = Options(
        seed=given.seed,
        items=given.items,
        customers=given.customers,
        orders=given.orders,
        allow_loopback=given.allow_loopback,
        lenient_filter=given.lenient_filter,
        state_dir=given.state_dir,
        born=given.born,
        client_id=given.client_id.strip("{}").lower(),
        client_secret=given.client_secret,
        redirect_uris=tuple(given.redirect_uri or defaults.redirect_uris),
        webhook_secret=given.webhook_secret,
        webhook_retry_s=given.webhook_retry_s,
        sync_signs=given.sync_signs,
        deletion_keys=given.deletion_keys,
    )
    rules = Rules(
        switches=_switches(given),
        allow_loopback=given.allow_loopback,
        strict_case=given.strict_case,
        old_token_form=given.old_token,
        velocity_status=given.velocity_status,
        allowance=Allowance(minute=given.minute_limit, day=given.day_limit, premium=given.premium_limits),
    )
    sandbox = Sandbox(build(options, SandboxClock(rate=given.clock_rate)), rules, given.base_url)
    if given.scope:
        sandbox.world.apps[options.client_id].scopes = frozenset(given.scope)
    sandbox.world.restore()
    return sandbox


async def serve(given: argparse.Namespace) -> None:
    """Serve until the process is told to stop."""
    sandbox = sandbox_of(given)
    runner = web.AppRunner(sandbox.application(), max_line_size=MAX_REQUEST_LINE, access_log=None, shutdown_timeout=2)
    await runner.setup()
    site = web.TCPSite(runner, given.host, given.port, ssl_context=_tls(given))
    await site.start()
    host, port = runner.addresses[0][:2]
    url = given.base_url or f"{'https' if given.tls_cert else 'http'}://{host}:{port}"
    sandbox.world.base_url = url
    print(_welcome(sandbox, url), flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()
    sandbox.world.journal.close()


def _tls(given: argparse.Namespace) -> ssl.SSLContext | None:
    if not given.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(given.tls_cert, given.tls_key)
    return context


def _welcome(sandbox: Sandbox, url: str) -> str:
    world = sandbox.world
    lines = [f"Exact Online sandbox on {url}"]
    lines += [f"  user       {user.user_name} / {user.password}" for user in world.users.values()]
    lines += [f"  app        {app.client_id} / {app.client_secret}" for app in world.apps.values()]
    lines += [f"  company    {each.code}  {each.description}" for each in world.divisions.values()]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; one clear line when the port or the state cannot be used."""
    given = arguments(argv)
    try:
        asyncio.run(serve(given))
    except (OSError, RuntimeError, ValueError) as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
