"""10,000 random model texts give a table or a `ResearchError`; prints how many of each and the slowest.

python tests/benchmarks/fuzz_model_text.py [COUNT] [SEED]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from model_texts import random_texts
from test_model_fuzz import outcome


def main(count: int = 10_000, seed: int = 1) -> None:
    found: Counter[str] = Counter()
    slowest = 0.0
    for place, text in enumerate(random_texts(seed, count)):
        begin = time.perf_counter()
        try:
            found[outcome(text, place)] += 1
        except BaseException:
            print(repr(text))
            raise
        slowest = max(slowest, time.perf_counter() - begin)
    print(f"{count} texts, seed {seed}: {dict(found)}; slowest {slowest * 1e3:.1f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
