"""`FullTree`: how full trees travel between the searches; kernels take its `arrays`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernels.full_tree import TreeArrays


@dataclass(frozen=True, eq=False, slots=True)
class FullTree:
    """A full binary topology over n >= 3 terminals, with places for its 2n - 2 nodes."""

    near: NDArray[np.int64]
    """Shape (2n - 2, 3): neighbours of each node; -1 where there is none, a leaf has its only neighbour in front."""
    lengths: NDArray[np.float64]
    """Shape (2n - 2, 3): lengths of the edges to them, each edge at both its ends."""
    z: NDArray[np.float64]
    """Shape (2n - 2, d): Poincaré coordinates."""
    gap: NDArray[np.float64]
    """Shape (2n - 2,)."""

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.near)

    @property
    def n(self) -> int:
        """Number of terminals."""
        return (len(self) + 2) // 2

    @property
    def d(self) -> int:
        """Dimension of the space."""
        return self.z.shape[1]

    @property
    def arrays(self) -> TreeArrays:
        """The same arrays, as kernels take them."""
        return TreeArrays(self.near, self.lengths, self.z, self.gap)


def empty_tree(n: int, d: int) -> FullTree:
    """Room for a full tree over n terminals in dimension d, without edges."""
    size = 2 * n - 2
    return FullTree(np.full((size, 3), -1, dtype=np.int64), np.zeros((size, 3)), np.zeros((size, d)), np.zeros(size))
