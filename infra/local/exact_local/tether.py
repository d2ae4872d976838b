"""Run a module as a child that ends when its parent ends, even when the parent was killed.

``python -m exact_local.tether exact_sandbox --port 0``: standard input is a pipe that the parent holds open. When the
parent goes, however it goes, the pipe closes and the child gets SIGTERM. Only the standard library is used.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def end_with_parent() -> None:
    """Send this process SIGTERM as soon as standard input ends."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="tether").start()


if __name__ == "__main__":
    module = sys.argv[1]
    sys.argv = [module, *sys.argv[2:]]
    end_with_parent()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
