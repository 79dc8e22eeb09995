"""1,000 damaged data frames give a result or a `ResearchError`; prints how many of each and the slowest.

python tests/benchmarks/fuzz_data.py [COUNT] [SEED]

Exit status 1 where anything else came out, or where one took over 10 s.
"""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bad_frames import damaged
from test_sem_bad_data import outcome

LONGEST = 10.0  # seconds


def main(count: int = 1000, seed: int = 1) -> int:
    """Fit all of them, and print what came out."""
    warnings.simplefilter("error")
    found: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    slowest = (0.0, "")
    for kind, data, model, options in damaged(seed, count):
        begun = time.perf_counter()
        try:
            found[outcome(model, data, options)] += 1
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            inside = [f for f in traceback.extract_tb(error.__traceback__) if "research" in f.filename][-1]
            where = f"{Path(inside.filename).name}:{inside.lineno} ({Path(last.filename).name}:{last.lineno})"
            faults[f"{type(error).__name__} at {where}: {str(error)[:80]} [{kind}; {options}]"] += 1
        slowest = max(slowest, (time.perf_counter() - begun, f"{kind}; {options}"))
    print(f"{count} frames, seed {seed}: {dict(found)}; slowest {slowest[0]:.2f} s ({slowest[1]})")
    for fault, times in faults.most_common():
        print(f"{times} × {fault}")
    return int(bool(faults) or slowest[0] > LONGEST)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
