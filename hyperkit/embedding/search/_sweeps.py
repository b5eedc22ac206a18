"""Stochastic gradient descent on pairs: points that lie anywhere, or all in one place, are spread by their lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...models import BallPoints

Float = NDArray[np.float64]


def sweep_pairs(
    points: BallPoints, lengths: NDArray[np.floating], weights: Float, steps: Float, rng: np.random.RandomState
) -> BallPoints:
    """The points after one sweep over all pairs, in random order, for each of the `steps`.

    `lengths` and `weights` are (m, n), of the first m of the n points to all, hyperbolic lengths at curvature -1. The
    other points stand still: after each sweep they are where they were.
    """
    from .kernels.pairs import descend_pairs

    m = len(lengths)
    z, gap = points.z.copy(), points.gap.copy()
    first, second = np.triu_indices(m, 1, len(points))
    for step in steps:
        order = rng.permutation(len(first))
        descend_pairs(z, gap, lengths, weights, first[order], second[order], step)
        z[m:], gap[m:] = points.z[m:], points.gap[m:]
    return BallPoints(z, gap)
