"""Large runs of real processes on one connection and one call budget. Not collected by pytest; run it by hand:

PYTHONPATH=layers/common:infra/sandbox:tests python tests/bench/exact_processes.py tokens --cycles 200
PYTHONPATH=layers/common:infra/sandbox:tests python tests/bench/exact_processes.py budget --minutes 10
"""

from __future__ import annotations

import argparse
import sys

from functional.exact.harness import LOSING, run_budget, run_tokens


def tokens(processes: int, cycles: int, rate: float, share: float) -> bool:
    """Run many refresh cycles with faults and print what Exact counted; tell whether every promise held."""
    run = run_tokens(processes=processes, cycles=cycles, rate=rate, share=share)
    lost = sum(run.faults.get(kind, 0) for kind in LOSING)
    print(f"{processes} processes, {cycles} cycles at {rate:g} x, {share:.0%} faults: {run.spread:.0f} s")
    print(f"  Exact counted    {run.exact}")
    print(f"  faults struck    {run.faults}, of which at most {lost} lost a rotation")
    print(
        f"  generations      {run.generation}; consents given again: {run.consents}; tokens given: {run.tokens_given}"
    )
    return run.exact["refused_early"] == 0 and run.exact["old_token_used"] <= lost and run.consents <= lost


def budget(workers: int, minutes: float, rate: float, orders: int) -> bool:
    """Run syncs flat out with orders between them and print how the minutes were used."""
    run = run_budget(workers=workers, minutes=minutes, rate=rate, orders=orders)
    print(f"{workers} workers, {minutes:g} minutes at {rate:g} x: {run.use:.1%} of what syncs may use")
    print(f"  calls a minute   {run.calls}")
    print(f"  refusals         {run.refusals}")
    print(f"  seconds per order {[round(each, 2) for each in run.order_seconds]}")
    return run.refusals == 0 and run.use >= 0.95


def main() -> int:
    """Run one of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["tokens", "budget"])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=None)
    parser.add_argument("--share", type=float, default=0.2)
    parser.add_argument("--orders", type=int, default=5)
    given = parser.parse_args()
    if given.what == "tokens":
        held = tokens(given.processes, given.cycles, given.rate or 200, given.share)
    else:
        held = budget(given.processes, given.minutes, given.rate or 10, given.orders)
    print("every promise held" if held else "A PROMISE WAS BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
