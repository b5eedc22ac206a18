"""Placements by the tree that the dissimilarities suggest.

In: a square target. Out: a placement near a good minimum, where the dissimilarities are almost those of a tree. The one
idea: such a tree is known at once, by neighbour joining, and so is what it looks like in hyperbolic space; only in
which order the parts of a node lie is open, and no descent changes it. So random orders are tried.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...geometry import neighbor_joins
from ._descent import Effort, descend, stress_of
from ._place import parted
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]

# Random layouts of which the best is the start, and the short way down with which they are compared. Where layouts
# differ it ranks them as 1,000 iterations do: rank correlations .90 to .99.
_N_LAYOUTS, _TOL, _MOST_ITERATIONS = 32, 1e-2, 20


def has_tree(target: Target, n_components: int) -> bool:
    """Whether a tree of the objects has nodes, and their parts can lie side by side."""
    return target.n >= 4 and n_components >= 2


def by_tree(target: Target, length: float, free: bool, n_components: int, rng: np.random.RandomState) -> Placement:
    """The best of some random layouts of the tree at a length of the largest dissimilarity.

    Of at least four objects, in at least two dimensions. Of infinite stress where coordinates do not hold it. O(n^2)
    memory, and O(n^2) time beside neighbour joining.
    """
    tree = Tree.of(target)
    effort = Effort(free=free, tol=_TOL, max_iter=_MOST_ITERATIONS)

    def lowered() -> Placement:
        laid_out = tree.placed(length, rng.standard_normal((len(tree.order), n_components)))
        apart = Placement.at(parted(laid_out.points, length, rng), length)
        return descend(apart, target, effort, rng).placement

    return min((lowered() for _ in range(_N_LAYOUTS)), key=stress_of)


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree over n objects, the first of its nodes, rooted at a centroid."""

    n: int
    parent: NDArray[np.int64]
    length: Float
    """Of the branch to the parent."""
    leaves: NDArray[np.int64]
    """How many objects are in the part that a node holds."""
    order: NDArray[np.int64]
    """Parents first."""

    @classmethod
    def of(cls, target: Target) -> Tree:
        """Neighbour joining of at least three objects."""
        from .kernels.layout import root_at_centroid

        joins, lengths = neighbor_joins(np.array(target.lengths, dtype=np.float64, order="C"))
        return cls(target.n, *root_at_centroid(joins, lengths))

    def placed(self, scale: float, across: Float) -> Placement:
        """The objects, those that the tree has in one place too; parts of a node lie side by side along `across`."""
        from .kernels.layout import lay_out

        u = np.empty((self.n, across.shape[1]))
        lay_out(self.parent, self.length, self.leaves, self.order, scale, across.copy(), u)
        return Placement(u, float(np.log(scale)))

    def branches(self) -> list[NDArray[np.intp]]:
        """The objects below each node, but for the root and single objects."""
        below = [np.array([x]) for x in range(self.n)] + [np.empty(0, dtype=np.intp)] * (self.n - 2)
        for node in self.order[:0:-1]:
            above = self.parent[node]
            below[above] = np.append(below[above], below[node])
        return [below[node] for node in range(self.n, 2 * self.n - 2) if node != self.order[0]]
