r"""The process of the local AWS: ministack, served on loopback, with snapshots that survive a hard kill.

It runs in ministack's own environment and is told what to do over standard input: the line ``persist`` starts the
snapshots, the end of the input stops the process after a last one.

    parent        persist                                               end of input
    this process  ------|--- fork ---- fork ---- fork ---------------------|--- last snapshot, exit
    its children             \ write    \ write   \ (killed half-way: the previous snapshot stays current)

A snapshot is written by a forked child: it sees one moment of all services at once and the server is not held up. It
goes into a folder of its own, and one rename makes that folder the current one.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CURRENT = "CURRENT"
_READS = ("Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List")
_CHILD_LIMIT_SECONDS = 120

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def current_snapshot(root: Path) -> Path:
    """Return the folder of the newest complete snapshot, an empty new one when there is none."""
    try:
        folder = root / (root / CURRENT).read_text().strip()
    except FileNotFoundError:
        folder = root / "empty"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def publish_snapshot(root: Path, folder: Path) -> None:
    """Make a complete snapshot the current one and remove the older ones."""
    pointer = root / (CURRENT + ".new")
    pointer.write_text(folder.name)
    pointer.replace(root / CURRENT)
    for entry in root.iterdir():
        if entry.is_dir() and entry != folder:
            shutil.rmtree(entry, ignore_errors=True)


class Changes:
    """Counts requests that may have changed something; wraps the ASGI application."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request that is no mere read, then serve it."""
        if scope["type"] == "http" and not is_read(scope["method"], dict(scope["headers"])):
            self.count += 1
        await self._app(scope, receive, send)


def is_read(method: str, headers: dict[bytes, bytes]) -> bool:
    """Tell whether an AWS request surely changes nothing."""
    target = headers.get(b"x-amz-target", b"").decode("latin-1")
    if target:
        return target.rpartition(".")[2].startswith(_READS)
    return method in ("GET", "HEAD")


def write_snapshot(folder: Path) -> None:
    """Write the state of all loaded services below ``folder``. Uses two inner functions of ministack 1.5.33."""
    import ministack.app
    from ministack.core import persistence

    folder.mkdir(parents=True)
    persistence.STATE_DIR = str(folder)
    lambda_service = sys.modules.get("ministack.services.lambda_svc")
    if lambda_service is not None:
        # Code archives are files of their own beside the state.
        lambda_service.CODE_BLOB_DIR = str(folder / "lambda-blobs")  # type: ignore[attr-defined]
    persistence.save_all(ministack.app._build_persistence_save_dict())


def _fork_snapshot(folder: Path) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.alarm(_CHILD_LIMIT_SECONDS)
        _make_writing_fast()
        write_snapshot(folder)
        status = 0
    finally:
        os._exit(status)


def _make_writing_fast() -> None:
    # Nobody else changes anything in this child, so copies are not needed; and the C encoder is ten times faster.
    from ministack.core import persistence

    setattr(copy, "deepcopy", _same)  # noqa: B010 - it has the arguments, not the type, of the original
    persistence.json = SimpleNamespace(
        dump=lambda value, file, default: file.write(json.dumps(value, default=default)), load=json.load
    )


def _same(value: Any, memo: object = None) -> Any:  # noqa: ARG001 - called as copy.deepcopy is
    return value


async def keep_snapshots(root: Path, changes: Changes, pause: float, stop: asyncio.Event) -> None:
    """Take a snapshot whenever something changed, at most every ``pause`` seconds and a fifth of the time."""
    seen, number, rest = 0, time.time_ns(), pause
    while not await _elapsed(stop, rest):
        if changes.count == seen:
            continue
        seen, number, started = changes.count, number + 1, time.monotonic()
        folder = root / f"snapshot-{number}"
        if await _exit_code(_fork_snapshot(folder)) == 0:
            publish_snapshot(root, folder)
        else:
            logging.error("A snapshot failed; the previous one stays. See the lines above.")
            seen = -1
        rest = max(pause, 4 * (time.monotonic() - started))


async def _elapsed(stop: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


async def _exit_code(pid: int) -> int:
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        await asyncio.sleep(0.02)


async def serve(root: Path, port: int, pause: float) -> None:
    """Serve the local AWS until standard input ends."""
    # The environment decides where ministack loads from, and it reads it at import time.
    os.environ["STATE_DIR"] = str(current_snapshot(root))
    import hypercorn.asyncio
    import hypercorn.config
    import ministack.app

    from exact_local.enforcement import PERMISSIONS, PERMISSIONS_USED, Enforcement

    changes = Changes(ministack.app.app)
    judged = Enforcement(changes, root.parent / PERMISSIONS, root.parent / PERMISSIONS_USED)
    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.graceful_timeout = 1
    stop = asyncio.Event()
    commands = await _commands()
    server = asyncio.create_task(hypercorn.asyncio.serve(judged, config, shutdown_trigger=stop.wait))
    keeper: asyncio.Task[None] | None = None
    while line := await commands.readline():
        if line.strip() == b"persist" and keeper is None:
            changes.count += 1
            keeper = asyncio.create_task(keep_snapshots(root, changes, pause, stop))
    # Ours is the last snapshot, in one piece; ministack's own would be written file by file over the current one.
    ministack.app.PERSIST_STATE = False
    stop.set()
    await server
    if keeper is not None:
        await keeper
        _make_writing_fast()
        folder = root / f"snapshot-{time.time_ns()}"
        write_snapshot(folder)
        publish_snapshot(root, folder)


async def _commands() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def main() -> None:
    """``aws_process.py FOLDER PORT PAUSE``: everything else comes through ministack's own environment variables."""
    root, port, pause = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    # A Ctrl-C in the terminal is the parent's business; it closes our input when the handlers have stopped.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(root, port, pause))
    # Threads of ministack that poll for ever would hold the process up.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
