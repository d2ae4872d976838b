"""The folder that a local run keeps its state in: its lock, its ports and its sub-folders."""

from __future__ import annotations

import fcntl
import json
import random
import shutil
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from exact_local.failures import LocalRunError

LOOPBACK = "127.0.0.1"
# Below the range that the kernel hands out to outgoing connections, so that a port is still free at the next start.
_PORT_RANGE = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """The inner ports of a state folder; stored addresses contain them, so they stay the same over restarts."""

    aws: int
    sandbox: int
    supervisor: int


class StateFolder:
    """An exclusively locked state folder. Raises LocalRunError when another run holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalRunError(
                f"The state folder {self.path} cannot be made ({error.strerror}): choose another with --state."
            ) from None
        self._lock: IO[str] = self._take_lock()

    @property
    def aws(self) -> Path:
        """Snapshots of the local AWS."""
        return self.path / "aws"

    @property
    def objects(self) -> Path:
        """Contents of buckets."""
        return self.path / "objects"

    @property
    def sandbox(self) -> Path:
        """State of the Exact sandbox."""
        return self.path / "sandbox"

    @property
    def logs(self) -> Path:
        """One log file per process kind; made when asked for."""
        folder = self.path / "logs"
        folder.mkdir(exist_ok=True)
        return folder

    def clear(self) -> None:
        """Forget everything but the lock."""
        for entry in self.path.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def ports(self) -> Ports:
        """Return the folder's inner ports, chosen at the first start. Raises LocalRunError when one is taken."""
        stored = self.path / "ports.json"
        with suppress(FileNotFoundError, ValueError, TypeError):
            ports = Ports(**json.loads(stored.read_text()))
            for name, port in asdict(ports).items():
                require_free_port(port, f"inner port '{name}' of {self.path}", "stop what uses it, or start --fresh")
            return ports
        ports = Ports(*_choose_free_ports(3))
        stored.write_text(json.dumps(asdict(ports)))
        return ports

    def close(self) -> None:
        """Give the lock back."""
        self._lock.close()

    def _take_lock(self) -> IO[str]:
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise LocalRunError(
                f"Another run uses the state folder {self.path}: stop it, or choose another folder with --state."
            ) from None
        return lock


def require_free_port(port: int, what: str, remedy: str) -> None:
    """Raise LocalRunError when something listens on a loopback port."""
    if not _is_free(port):
        raise LocalRunError(f"Port {port} ({what}) is in use: {remedy}.")


def _choose_free_ports(count: int) -> list[int]:
    chosen: list[int] = []
    for port in random.sample(_PORT_RANGE, k=200):
        if _is_free(port):
            chosen.append(port)
        if len(chosen) == count:
            return chosen
    raise LocalRunError(f"No {count} free ports between {_PORT_RANGE.start} and {_PORT_RANGE.stop} on {LOOPBACK}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of the last run that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
