"""Stochastic gradient descent on pairs: it starts few points from anywhere, and tells apart those that lie together.

Each pair in turn is brought closer to its length, both points moving along their geodesic [1]_, here a hyperbolic one.

.. [1] Zheng, Pawar and Goodman, "Graph drawing by stochastic gradient descent", IEEE TVCG 25 (2019).
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit
from ....geometry.kernels.metric import direction, move, side_length, squared_half_chord


@njit
def descend_pairs(z, gap, lengths, weights, first, second, step):
    """Move the points, in place, once for each pair (first[k], second[k]) of rows.

    The distance goes ``step * weight``, at most all, of the way to the length asked for; no point moves farther than 1.
    """
    d = z.shape[1]
    there = np.empty(d)
    back = np.empty(d)
    for k in range(len(first)):
        i, j = first[k], second[k]
        distance = side_length(squared_half_chord(z, gap, i, j))
        reach = 0.5 * min(step * weights[i, j], 1.0) * (distance - lengths[i, j])
        direction(z, gap, i, j, there)
        direction(z, gap, j, i, back)
        for c in range(d):
            there[c] *= reach
            back[c] *= reach
        move(z, gap, i, there, 1.0, z, gap, i)
        move(z, gap, j, back, 1.0, z, gap, j)
