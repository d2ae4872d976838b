"""The command line of the local run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from exact_local.failures import LocalRunError

NEW_COMPANY: Mapping[str, int] = {"items": 5000, "customers": 1000, "seed": 7}
"""Size and look of a demo company for which nothing else was chosen."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who starts the local run chose."""

    port: int = 8787
    state: Path = Path(".state")
    root: Path = Path(__file__).resolve().parents[3]
    items: int | None = None
    customers: int | None = None
    seed: int | None = None
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


def company_of(options: Options, made: Mapping[str, int] | None) -> dict[str, int]:
    """Return size and seed of the demo company: as it was made in this state folder, else as chosen.

    Raises LocalRunError when another company is asked for than the one that the folder holds.
    """
    chosen = {"items": options.items, "customers": options.customers, "seed": options.seed}
    asked = {name: value for name, value in chosen.items() if value is not None}
    if made is None:
        return {**NEW_COMPANY, **asked}
    other = [f"--{name} {made[name]} and not {value}" for name, value in asked.items() if value != made[name]]
    if other:
        raise LocalRunError(
            f"The state folder {options.state} holds a company made with {', '.join(other)}: leave the option out to "
            "go on with it, choose another folder with --state, or forget it with --fresh."
        )
    return dict(made)


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
    add("--items", type=int, help=f"items of the demo company (default: {NEW_COMPANY['items']}, or as it was made)")
    add("--customers", type=int, help=f"its customers (default: {NEW_COMPANY['customers']}, or as it was made)")
    add("--seed", type=int, help=f"which demo company is made (default: {NEW_COMPANY['seed']}, or as it was made)")
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
    if any(size is not None and size < 1 for size in (options.items, options.customers)):
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
