"""What stops the local run, said in one line."""

from __future__ import annotations


class LocalRunError(Exception):
    """The local run cannot go on; the message is one line that says what was seen and what to do."""
