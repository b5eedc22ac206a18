"""How far the distances of two embeddings agree: over all pairs of rows, or over a sample of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.stats import rankdata

from ...geometry import ball_distance
from ...models import BallPoints
from .._pairs import some_pairs

Float = NDArray[np.float64]

_ALL_ROWS = 5_000  # up to here all pairs: 12.5 million, 100 MB for the distances of each embedding
_SAMPLE = 2_000_000
_BLOCK = 200_000  # pairs whose coordinates are held at a time


class Agreement(NamedTuple):
    """How the distances q of one embedding follow the distances p of another."""

    scale: float
    """Factor on q that makes them closest to p, by least squares."""
    stress: float
    """``sqrt(sum (p - scale q)^2 / sum p^2)``."""
    pearson: float | None
    """Correlation; None if all p or all q are equal."""
    spearman: float | None
    """Correlation of ranks."""
    n_pairs: int
    """Pairs of rows that were looked at."""


def distance_agreement(p: BallPoints, q: BallPoints, rng: RandomState) -> Agreement:
    """Agreement of the distances of two sets of n >= 3 points, row i of one with row i of the other."""
    n = len(p)
    if n <= _ALL_ROWS:
        one, other = _all_distances(p), _all_distances(q)
    else:
        pairs = some_pairs(n, _SAMPLE, rng)
        one, other = _distances_of(p, pairs), _distances_of(q, pairs)
    for distances, name in ((one, "P"), (other, "Q")):
        if not distances.any():
            raise ValueError(f"{name}: all rows lie in one place, and there is nothing to compare")
    scale = float((one @ other) / (other @ other))
    stress = float(np.linalg.norm(one - scale * other) / np.linalg.norm(one))
    pearson = _correlation(one, other)
    spearman = _correlation(rankdata(one), rankdata(other))
    return Agreement(scale, stress, pearson, spearman, len(one))


def _all_distances(points: BallPoints) -> Float:
    n = len(points)
    found = np.empty(n * (n - 1) // 2)
    end = 0
    for row in range(n - 1):
        start, end = end, end + n - 1 - row
        found[start:end] = ball_distance(points.take(row), points.take(slice(row + 1, None)))
    return found


def _distances_of(points: BallPoints, pairs: NDArray[np.int64]) -> Float:
    blocks = (pairs[start : start + _BLOCK].T for start in range(0, len(pairs), _BLOCK))
    return np.concatenate([ball_distance(points.take(i), points.take(j)) for i, j in blocks])


def _correlation(x: Float, y: Float) -> float | None:
    x, y = x - x.mean(), y - y.mean()
    norms = np.linalg.norm(x) * np.linalg.norm(y)
    return float(np.clip(x @ y / norms, -1, 1)) if norms > 0 else None
