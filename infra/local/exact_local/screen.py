"""What the local run prints: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console


class Screen:
    """Prints steps and problems, each with the time since the start."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._started = time.monotonic()

    @property
    def live(self) -> bool:
        """Whether lines can be drawn again (a terminal)."""
        return self.console.is_terminal

    def step(self, text: str) -> None:
        """Say what has been done."""
        self.console.print(f"[dim]{self._elapsed()}[/dim] {text}", soft_wrap=True)

    def problem(self, text: str) -> None:
        """Say what went wrong."""
        self.console.print(f"[dim]{self._elapsed()}[/dim] [red]{text}[/red]", soft_wrap=True)

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._started:6.1f} s"
