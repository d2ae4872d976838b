"""Post 2,000 orders in a storm and print what came of them: ``python tests/bench/orders_storm.py [--orders N]``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from functional.orders.storm import FULL, storm


def main() -> int:
    """Run one storm; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=FULL.orders)
    parser.add_argument("--rate", type=float, default=FULL.rate, help="clock seconds per real second")
    parser.add_argument("--minutes", type=float, default=FULL.minutes, help="real minutes until it is given up")
    parser.add_argument("--seed", type=int, default=FULL.seed)
    given = parser.parse_args()
    name, twins = f"{given.orders:,} orders", given.orders // 20
    size = replace(
        FULL, name=name, orders=given.orders, rate=given.rate, seed=given.seed, twins=twins, minutes=given.minutes
    )
    with storm(size) as running:
        result = running.run()
    print(result.text())
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
