"""Processes as the operating system lists them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable


def listing() -> list[tuple[int, int, str]]:
    """Return process id, parent's id and command line of every process."""
    text = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in text.splitlines()]
    return [(int(row[0]), int(row[1]), row[2] if len(row) > 2 else "") for row in rows]


def descendants(pid: int, wanted: Callable[[str], bool] = lambda command: True) -> set[int]:
    """Return the children of a process and theirs whose command line is wanted."""
    every = listing()
    children: dict[int, list[tuple[int, str]]] = {}
    for child, parent, command in every:
        children.setdefault(parent, []).append((child, command))
    found, waiting = set(), [pid]
    while waiting:
        for child, command in children.get(waiting.pop(), []):
            waiting.append(child)
            if wanted(command):
                found.add(child)
    return found


def alive(pids: set[int]) -> set[int]:
    """Return those that still run; a process that only waits to be buried does not."""
    text = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    running = {int(pid) for pid, stat in (line.split() for line in text.splitlines()) if not stat.startswith("Z")}
    return pids & running
