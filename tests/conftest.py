"""Settings for every test: tests import each other's helpers by plain name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "agg")
# Workers share the cores already: threads of linear algebra would wait for each other (here, and in the
# processes that tests start). numpy reads this when it is first imported, which is after this file.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).parent))
