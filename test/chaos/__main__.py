"""``python -m test.chaos --seconds 1200``: errands with kills; ``--seed 17`` runs one again."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from test.chaos.errand import run


def main() -> int:
    """Read the command line and run until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="begin no errand after that")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="only this one; its files are kept")
    arguments = parser.parse_args()
    began = time.monotonic()
    seed = arguments.first if arguments.seed is None else arguments.seed
    ends: Counter[str] = Counter()
    broken = []
    while not ends or (arguments.seed is None and time.monotonic() - began < arguments.seconds):
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
        outcome = run(seed, folder)
        ends[outcome.status or "no end"] += 1
        print(outcome.line(), flush=True)
        if outcome.wrong:
            broken.append(outcome.line())
            print(f"  its files are in {folder}", flush=True)
        seed += 1
    print(f"{sum(ends.values())} errands: {dict(ends)}; {len(broken)} with something wrong")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
