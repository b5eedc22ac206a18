"""Placements by the tree that the dissimilarities suggest.

In: a square target. Out: a placement near a good minimum, where the dissimilarities are almost those of a tree. The one
idea: such a tree is known at once, by neighbour joining, and so is what it looks like in hyperbolic space; only in
which order the parts of a node lie is open, and no descent changes it. So orders are tried, with few objects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run
from ...geometry import neighbor_joins
from ._descent import Effort, descend
from ._place import parted
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]

# Objects that say what an order is worth while it is improved, and at most so many when it is compared with others.
_FEW, _MOST = 60, 1000
# Hyperbolic lengths of the largest dissimilarity, and random orders at each; the best of all is improved.
_LENGTHS, _N_ORDERS = (12.0, 18.0, 27.0, 40.0), 2
# Nodes whose parts change sides, and the part of the stress that must gain. Of 1,275 objects of a tree the best of
# eight such orders had 3 % less stress than that of eight random ones; twice as many nodes gained 1 % more.
_MOST_TURNED, _GAIN = 30, 1e-3
# The short descent that shows what an order is worth: Spearman's correlation with where a long one ends was .8 to .9.
_TOL, _MOST_ITERATIONS = 1e-2, 50
_MOST_SEED = 2**31 - 1


def by_tree(
    target: Target,
    scale: float | None,
    n_components: int,
    n_starts: int,
    rival: Placement | None,
    rng: np.random.RandomState,
    n_jobs: int | None,
) -> Placement | None:
    """The tree of the target laid out in the best of `n_starts` orders; None unless the first is better than a rival.

    A short descent from each shows which is: stresses before it differ by some percent where the ends are the same, and
    orders in vain took most of the time of a fit. At the given scale, or at the best of some; None too where
    coordinates do not hold it. Time and memory O(n^2) for dissimilarities of a tree.
    """
    if target.n < 4 or n_components < 2:
        return None
    tree = Tree.of(target)
    sample = Sample.of(target, rng.permutation(target.n)[:_MOST])
    seeds = rng.randint(_MOST_SEED, size=n_starts)
    first, *others = [delayed(_improved)(tree, target, sample, scale, n_components, seed) for seed in seeds]
    best = run([first], n_jobs, False, "trees")[0]
    to_beat = np.inf
    if rival is not None:
        with one_blas_thread():
            to_beat = (1.0 - _GAIN) * sample.lowered(rival, _short(scale))
    if not best.stress < to_beat:
        return None
    best = min([best, *run(others, n_jobs, False, "trees")], key=lambda layout: layout.stress)
    placement = _unfolded(tree.placed(best), rng).centred(target)
    return placement if placement.stress < np.inf else None


@dataclass(frozen=True, eq=False)
class Layout:
    """What a tree leaves open in hyperbolic space."""

    scale: float
    across: Float
    """Shape (n_nodes, d): the direction in which the parts of a node lie side by side."""
    stress: float = np.inf
    """Of some objects, after a short descent."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree over n objects, the first of its nodes, hung from a node amid them."""

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


@dataclass(frozen=True, eq=False)
class Sample:
    """Some objects, by which layouts are judged."""

    rows: NDArray[np.intp]
    part: Target

    @classmethod
    def of(cls, target: Target, rows: NDArray[np.intp]) -> Sample:
        """These objects."""
        return cls(rows, target.part(rows))

    def lowered(self, placement: Placement, effort: Effort) -> float:
        """The stress of these objects after a descent from there."""
        rng = np.random.RandomState(0)
        start = _unfolded(replace(placement, u=placement.u[self.rows]), rng).centred(self.part)
        return descend(start, self.part, effort, rng).placement.stress

    def judged(self, tree: Tree, layout: Layout, effort: Effort) -> Layout:
        """The layout with the stress of these objects after a descent."""
        return replace(layout, stress=self.lowered(tree.placed(layout), effort))


def _improved(tree: Tree, target: Target, sample: Sample, scale: float | None, n_components: int, seed: int) -> Layout:
    """The best of random layouts, and then of those in which the parts of one node change sides."""
    rng = np.random.RandomState(seed)
    effort = _short(scale)
    few = Sample.of(target, rng.permutation(tree.n)[:_FEW])
    lengths = _LENGTHS if scale is None else (scale,) * len(_LENGTHS)
    with one_blas_thread():
        trials = [
            few.judged(tree, Layout(length, rng.standard_normal((len(tree.order), n_components))), effort)
            for length in lengths * _N_ORDERS
        ]
        best = min(trials, key=lambda layout: layout.stress)
        for node in tree.parting(few.rows)[:_MOST_TURNED]:
            across = best.across.copy()
            across[node] *= -1.0
            trial = few.judged(tree, replace(best, across=across), effort)
            if trial.stress < (1.0 - _GAIN) * best.stress:
                best = trial
        return sample.judged(tree, best, effort)


def _short(scale: float | None) -> Effort:
    return Effort(free=scale is None, tol=_TOL, max_iter=_MOST_ITERATIONS)


def _unfolded(placement: Placement, rng: np.random.RandomState) -> Placement:
    """Objects in one place moved apart."""
    return Placement.at(parted(placement.points, placement.scale, rng), placement.scale)
