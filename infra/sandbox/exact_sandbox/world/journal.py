"""The append-only journal that lets changes survive a restart, also after kill -9.

One JSON line per write, flushed to the operating system before the write is answered: a killed process loses nothing
that was answered, a lost machine may lose what the disk had not taken yet. A torn last line is ignored. The start
regenerates the company from the seed, so the journal holds changes only and is tied to the seed and sizes in its head.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

Entry = tuple[int, list[dict[str, Any]], dict[str, Any] | None]
"""Division, its changes, or an event of another part (division 0, no changes)."""


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"$dt": value.isoformat()}
    if isinstance(value, bytes):
        return {"$b": base64.b64encode(value).decode()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"The journal cannot hold a {type(value).__name__}.")


def _rich(found: dict[str, Any]) -> Any:
    if "$dt" in found:
        return datetime.fromisoformat(found["$dt"])
    if "$b" in found:
        return base64.b64decode(found["$b"])
    return found


class Journal:
    """Append changes to a file; without a file everything is only in memory."""

    def __init__(self, path: Path | None = None, head: dict[str, Any] | None = None) -> None:
        self._path = path
        self._head = head or {}
        self._file: TextIO | None = None
        self._paused = False

    @staticmethod
    def head_of(path: Path) -> dict[str, Any] | None:
        """Return the head of an existing journal, or None."""
        if not path.exists():
            return None
        with path.open("rb") as file:
            first = file.readline()
        return json.loads(first).get("head") if first.endswith(b"\n") else None

    def read(self) -> Iterator[Entry]:
        """Give back every whole entry in order, then open the file for appending."""
        if self._path is None:
            return
        good = 0
        if self._path.exists():
            with self._path.open("rb") as file:
                for number, line in enumerate(file):
                    if not line.endswith(b"\n"):
                        break
                    good += len(line)
                    found = json.loads(line, object_hook=_rich)
                    if number == 0:
                        self._check(found)
                        continue
                    yield found.get("d", 0), found.get("ops", []), found.get("event")
        self._open(good)

    def write_ops(self, division: int, ops: Iterable[object]) -> None:
        """Append the changes of one transaction."""
        if self._file is not None:
            plain = [{k: v for k, v in asdict(op).items() if v is not None} for op in ops if is_dataclass(op)]  # type: ignore[arg-type]
            if plain:
                self._append({"d": division, "ops": plain})

    def write_event(self, kind: str, data: dict[str, Any]) -> None:
        """Append an event of another part."""
        if self._file is not None:
            self._append({"event": {"kind": kind, "data": data}})

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(entry, default=_plain, separators=(",", ":")) + "\n")
        self._file.flush()

    def _open(self, size: int) -> None:
        assert self._path is not None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch()
        with self._path.open("r+b") as file:
            file.truncate(size)
        self._file = self._path.open("a", encoding="utf-8")
        if size == 0:
            self._append({"head": self._head})

    def _check(self, found: dict[str, Any]) -> None:
        if found.get("head") != self._head:
            raise RuntimeError(
                f"{self._path} was written by a sandbox started with {found.get('head')}, this one has {self._head}: "
                "start with the same seed and sizes, or name an empty --state-dir."
            )
