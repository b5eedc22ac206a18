"""Trees from distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def neighbor_joins(distances: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Joins and lengths of Saitou and Nei's neighbour joining, (n - 1, 2) each, n >= 2.

    Row k joins two nodes to node n + k, the nodes being the n rows and earlier joins, by branches of these lengths,
    some of them below 0 where the distances are no tree's. The last row names two neighbours, and their distance first.
    `distances` must be symmetric, in C order, and is overwritten.
    """
    from .kernels.neighbor_joining import join_neighbors

    joins, lengths = join_neighbors(distances)
    return joins, lengths
