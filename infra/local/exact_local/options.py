"""The command line of the local run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from exact_local.failures import LocalRunError


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who starts the local run chose."""

    port: int = 8787
    state: Path = Path(".state")
    root: Path = Path(__file__).resolve().parents[3]
    items: int = 5000
    customers: int = 1000
    seed: int = 7
    exact_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    administration: str | None = None
    public_url: str | None = None
    once: bool = False
    fresh: bool = False
    demo: bool = True
    clock_rate: Decimal = Decimal(1)


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises LocalRunError when the options do not fit each other."""
    parser = _parser()
    given = parser.parse_args(arguments)
    options = Options(**vars(given))
    _check(options)
    return options


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(
        prog="make run ARGS='...'",
        description="Run the whole Exact Connector on this machine, on loopback addresses only.",
    )
    add = parser.add_argument
    add("--port", type=int, default=default.port, help="port of the API and the console (default: %(default)s)")
    add("--state", type=Path, default=default.state, metavar="DIR", help="where state survives (default: %(default)s)")
    add("--root", type=Path, default=default.root, metavar="DIR", help="checkout to deploy (default: this one)")
    add("--items", type=int, default=default.items, help="items of the demo company (default: %(default)s)")
    add("--customers", type=int, default=default.customers, help="customers of the demo company (default: %(default)s)")
    add("--seed", type=int, default=default.seed, help="which demo company is made (default: %(default)s)")
    add("--exact-url", metavar="URL", help="talk to this Exact address instead of the built-in sandbox")
    add("--client-id", metavar="ID", help="the application registered at that address")
    add("--client-secret", metavar="SECRET", help="its secret")
    add("--administration", metavar="NAME", help="the administration to link there, by its exact name")
    add("--public-url", metavar="URL", help="address of this run when a tunnel or proxy stands before it")
    add("--once", action="store_true", help="run the demo, print the summary and stop")
    add("--fresh", action="store_true", help="forget the state of earlier runs first")
    add("--no-demo", dest="demo", action="store_false", help="only start everything")
    add("--clock-rate", type=_rate, default=default.clock_rate, help="seconds of product time in one real second")
    return parser


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not Decimal(0) < rate <= Decimal(1000):
        raise argparse.ArgumentTypeError("must be more than 0 and at most 1000")
    return rate


def _check(options: Options) -> None:
    if not 1 <= options.port <= 65_535:
        raise LocalRunError(f"--port {options.port} is no port: choose one from 1 to 65535.")
    if options.items < 1 or options.customers < 1:
        raise LocalRunError("--items and --customers must be at least 1.")
    if options.public_url is not None:
        _check_address("--public-url", options.public_url)
    if options.exact_url is None:
        if options.client_id or options.client_secret or options.administration:
            raise LocalRunError("--client-id, --client-secret and --administration go together with --exact-url.")
        return
    if not (options.client_id and options.client_secret):
        raise LocalRunError("--exact-url needs --client-id and --client-secret of the application registered there.")
    if options.demo and not options.administration:
        raise LocalRunError("--exact-url needs --administration, the exact name of the one to link (or --no-demo).")
    _check_address("--exact-url", options.exact_url)


def _check_address(option: str, text: str) -> None:
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise LocalRunError(f"{option} {text} is no web address.")
    if address.scheme == "http" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise LocalRunError(f"{option} must be https: only loopback addresses may be plain http.")
