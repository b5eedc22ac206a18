"""Pairs of rows to measure distances on: all of a small set, a sample of a large one.

A quantity that is a mean over pairs needs some hundred thousand of them and not n^2; the sample is drawn once, so that
what is compared on it is compared on the same pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

Pairs = NDArray[np.int64]


def some_pairs(n: int, most: int, rng: RandomState) -> Pairs:
    """All pairs i < j of `n` rows, shape (n (n - 1) / 2, 2), or `most` random ones (i != j) if there are more."""
    if n * (n - 1) // 2 <= most:
        return np.column_stack(np.triu_indices(n, 1)).astype(np.int64)
    i = rng.randint(0, n, most)
    return np.column_stack([i, (i + rng.randint(1, n, most)) % n])
