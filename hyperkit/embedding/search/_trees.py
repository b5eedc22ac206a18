"""Placements by the tree that the dissimilarities suggest.

In: a square target. Out: a placement near a good minimum, where the dissimilarities are almost those of a tree. The one
idea: such a tree is known at once, by neighbour joining, and so is what it looks like in hyperbolic space; only in
which order the parts of a node lie is open, and no descent changes it. So orders are tried, with few objects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..._jobs import one_blas_thread
from ...geometry import neighbor_joins
from ._descent import Effort, descend
from ._place import parted
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]

# A tree is of all objects, if these are not too many, or of this part of them, and so many at most. Of 1,275 objects
# the best of some parts gave an eighth less stress than the tree of all; of 2,555 some gave as much more.
_MOST_WHOLE, _SHARE, _MOST = 3000, 0.8, 1000
# Objects that say what an order is worth.
_FEW = 60
# Hyperbolic lengths of the largest dissimilarity, and random orders at each; the best of all is improved.
_LENGTHS, _N_ORDERS = (12.0, 18.0, 27.0, 40.0), 2
# Nodes whose parts change sides, and the part of the stress that must gain. Of 1,275 objects of a tree the best of
# eight such orders had 3 % less stress than that of eight random ones; twice as many nodes gained 1 % more.
_MOST_TURNED, _GAIN = 30, 1e-3
# The short descent that shows what an order is worth: Spearman's correlation with where a long one ends was .8 to .9.
_TOL, _MOST_ITERATIONS = 1e-2, 50


@dataclass(frozen=True, eq=False)
class Start:
    """Some objects, placed by a tree."""

    rows: NDArray[np.intp]
    placement: Placement


def by_tree(target: Target, scale: float | None, n_components: int, seed: int, *, whole: bool) -> Start:
    """A tree in the best of some orders, at the given scale or the best of some, after a short descent.

    `whole`: of all objects, unless they are too many; else of some. Of at least four objects, in at least two
    dimensions. Of infinite stress where coordinates do not hold it. O(n^2) memory, and O(n^2) time beside neighbour
    joining.
    """
    rng = np.random.RandomState(seed)
    n_rows = target.n if whole and target.n <= _MOST_WHOLE else min(_MOST, int(np.ceil(_SHARE * target.n)))
    rows = np.sort(rng.permutation(target.n)[:n_rows])
    part = target.part(rows)
    effort = Effort(free=scale is None, tol=_TOL, max_iter=_MOST_ITERATIONS)
    with one_blas_thread():
        tree = Tree.of(part)
        layout = _best_layout(tree, part, scale, n_components, effort, rng)
        return Start(rows, _lowered(tree.placed(layout), part, effort, rng))


@dataclass(frozen=True, eq=False)
class Layout:
    """What a tree leaves open in hyperbolic space."""

    scale: float
    across: Float
    """Shape (n_nodes, d): the direction in which the parts of a node lie side by side."""
    stress: float = np.inf
    """Of few objects, after a short descent."""


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

    def placed(self, layout: Layout) -> Placement:
        """The objects, those that the tree has in one place too."""
        from .kernels.layout import lay_out

        u = np.empty((self.n, layout.across.shape[1]))
        lay_out(self.parent, self.length, self.leaves, self.order, layout.scale, layout.across.copy(), u)
        return Placement(u, float(np.log(layout.scale)))

    def parting(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Nodes at which these objects part, those of the most pairs first."""
        held, pairs = np.zeros(len(self.order), dtype=np.int64), np.zeros(len(self.order), dtype=np.int64)
        held[rows] = 1
        for node in self.order[:0:-1]:
            above = self.parent[node]
            pairs[above] += held[above] * held[node]
            held[above] += held[node]
        return np.argsort(-pairs, kind="stable")[: np.count_nonzero(pairs)]


def _best_layout(
    tree: Tree, target: Target, scale: float | None, n_components: int, effort: Effort, rng: np.random.RandomState
) -> Layout:
    """The best of random layouts, and then of those in which the parts of one node change sides, by few objects."""
    rows = rng.permutation(tree.n)[:_FEW]
    few = target.part(rows)

    def tried(layout: Layout) -> Layout:
        placement = tree.placed(layout)
        start = replace(placement, u=placement.u[rows])
        return replace(layout, stress=_lowered(start, few, effort, np.random.RandomState(0)).stress)

    lengths = _LENGTHS if scale is None else (scale,) * len(_LENGTHS)
    random = (tried(Layout(a, rng.standard_normal((len(tree.order), n_components)))) for a in lengths * _N_ORDERS)
    best = min(random, key=lambda layout: layout.stress)
    for node in tree.parting(rows)[:_MOST_TURNED]:
        across = best.across.copy()
        across[node] *= -1.0
        turned = tried(replace(best, across=across))
        if turned.stress < (1.0 - _GAIN) * best.stress:
            best = turned
    return best


def _lowered(placement: Placement, target: Target, effort: Effort, rng: np.random.RandomState) -> Placement:
    """A short way down, after objects in one place have been moved apart."""
    apart = Placement.at(parted(placement.points, placement.scale, rng), placement.scale)
    return descend(apart.centred(target), target, effort, rng).placement
