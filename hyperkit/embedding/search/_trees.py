"""Placements by the tree that the dissimilarities suggest.

In: a square target. Out: a placement near a good minimum, where the dissimilarities are almost those of a tree. The one
idea: such a tree is known at once, by neighbour joining, and what hyperbolic space must look like for it too; only the
circular order of its branches is open, of which a descent changes nothing. So orders are tried, with few objects,
branch by branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...geometry import neighbor_joins
from ._descent import Effort, descend, stress_of
from ._place import parted
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]

# Objects that say what an order is worth: of sixty, descents of 1,275 in the orders that were best ended 5 % lower than
# in the best of eight random ones.
_FEW = 60
# Hyperbolic lengths of the largest dissimilarity, and random orders at each, of which the best is improved.
_LENGTHS, _N_ORDERS = (12.0, 18.0, 27.0, 40.0), 2
# Branches whose sides change places, and the part of the stress that must gain.
_MOST_FLIPS, _GAIN = 60, 1e-3
# Of L-BFGS that shows what an order is worth.
_TOL, _MOST_ITERATIONS = 1e-2, 50


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree over objects, the first n of its nodes, hung from a node amid them."""

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
        from .kernels.layout import hang

        joins, lengths = neighbor_joins(np.array(target.lengths, dtype=np.float64, order="C"))
        return cls(target.n, *hang(joins, lengths))

    def placed(self, scale: float, across: Float) -> Placement:
        """The objects in the plane or space, parts of a node side by side along its row of `across`."""
        from .kernels.layout import lay_out

        u = np.empty((self.n, across.shape[1]))
        lay_out(self.parent, self.length, self.leaves, self.order, scale, across.copy(), u)
        return Placement(u, float(np.log(scale))).within()

    def parted_by(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Nodes at which rows part, those that part most pairs first."""
        held = np.zeros(len(self.order), dtype=np.int64)
        held[rows] = 1
        pairs = np.zeros(len(self.order), dtype=np.int64)
        for x in self.order[:0:-1]:
            above = self.parent[x]
            pairs[above] += held[above] * held[x]
            held[above] += held[x]
        nodes = np.argsort(-pairs, kind="stable")
        return nodes[: np.count_nonzero(pairs)]


@dataclass(frozen=True, eq=False)
class Layout:
    """A tree laid out: its scale, and the side of each node on which its first part lies."""

    scale: float
    across: Float
    stress: float
    """Of few objects, after a short descent."""


def best_layout(
    tree: Tree, target: Target, scale: float | None, n_components: int, rng: np.random.RandomState
) -> Layout:
    """The layout with the least stress of random ones, and of those that differ from it in the order at a node."""
    rows = rng.permutation(tree.n)[:_FEW]
    part = target.part(rows)
    effort = _effort(scale)

    def tried(length: float, across: Float) -> Layout:
        few = tree.placed(length, across)
        few = replace(few, u=few.u[rows]).centred(part)
        return Layout(length, across, descend(few, part, effort, np.random.RandomState(0)).placement.stress)

    lengths = (_LENGTHS if scale is None else (scale,) * len(_LENGTHS)) * _N_ORDERS
    best = min(
        (tried(length, rng.standard_normal((len(tree.order), n_components))) for length in lengths), key=stress_of
    )
    for node in tree.parted_by(rows)[:_MOST_FLIPS]:
        across = best.across.copy()
        across[node] *= -1.0
        flipped = tried(best.scale, across)
        if flipped.stress < (1.0 - _GAIN) * best.stress:
            best = flipped
    return best


def laid_out(
    tree: Tree, layout: Layout, target: Target, scale: float | None, rng: np.random.RandomState
) -> Placement:
    """All objects in this layout, after a short descent."""
    placement = tree.placed(layout.scale, layout.across)
    placement = Placement.at(parted(placement.points, placement.scale, rng), placement.scale).within()
    return descend(placement.centred(target), target, _effort(scale), rng).placement


def _effort(scale: float | None) -> Effort:
    return Effort(free=scale is None, tol=_TOL, max_iter=_MOST_ITERATIONS)
