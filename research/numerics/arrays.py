"""The array types that signatures of the numerics use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]  # shape (n,)
Matrix = NDArray[np.float64]  # shape (n, m)
Stack = NDArray[np.float64]  # shape (batch, n, m)
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
