"""``python -m exact_local``: see ``--help``."""

from __future__ import annotations

import asyncio
import sys

from exact_local.failures import LocalRunError
from exact_local.options import parse
from exact_local.run import run
from exact_local.screen import Screen


def main() -> int:
    """Run the product; return the exit code (2 when it cannot start)."""
    try:
        return asyncio.run(run(parse(sys.argv[1:]), Screen()))
    except LocalRunError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
