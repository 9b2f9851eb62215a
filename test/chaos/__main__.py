"""``python -m test.chaos --seconds 1200``: errands with kills; ``--seed 17`` runs one again.

Even seeds are errands of the simulated robot, odd ones drives beside a scripted Nav2 that others
use, too; ``--only errand`` or ``--only nav2``: one of the two.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from test.chaos import beside_nav2, errand
from test.faketime import LIBRARIES, MISSING
from test.integration.ros.processes import environment


def main() -> int:
    """Read the command line and run until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="begin no errand after that")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", choices=("errand", "nav2"), help="one kind of run")
    parser.add_argument("--seed", type=int, help="only this one; its files are kept")
    arguments = parser.parse_args()
    if not LIBRARIES:
        print(f"the wall clock is not set: {MISSING}")
    began = time.monotonic()
    seed = arguments.first if arguments.seed is None else arguments.seed
    ends: Counter[str] = Counter()
    broken = []
    while not ends or (arguments.seed is None and time.monotonic() - began < arguments.seconds):
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
        kind = arguments.only or ("nav2" if seed % 2 else "errand")
        if kind == "nav2":
            env = environment(folder)
            os.environ.update({name: env[name] for name in env if name.startswith("ROS_")})
            outcome = beside_nav2.run(seed, folder, env)
        else:
            outcome = errand.run(seed, folder)
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
