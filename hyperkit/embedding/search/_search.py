"""From nothing to a placement: many starts with few landmarks, the best ones carried on to all objects.

In: a target. Out: a placement of little stress. The one idea: which branch goes where is decided by few objects as well
as by all, at a hundredth of the cost; so it is tried many times with 100 random landmarks (random ones beat those that
are far from each other), the best are refined with 300, the best of these with 900, and only then come all. Where the
tree that the dissimilarities suggest is the better start, with all objects at once, that is the placement instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run, run_until_stopped
from ._descent import EXACT, Descent, Effort, Watcher, descend, stress_of
from ._place import parted, place_all
from ._placement import Placement
from ._starts import at_scale, from_anywhere, from_hydra
from ._target import Target
from ._trees import Start, by_tree

Float = NDArray[np.float64]

# Landmarks of the starts; then how many they are refined with, and how many of the best are.
_FEW = 100
_LEVELS = ((100, 3), (300, 2), (900, 1))
# Hyperbolic length of the largest dissimilarity where a start begins; from 24 and above all ends were bad.
_LENGTHS = (4.0, 8.0, 4.0, 12.0)
_MOST_SEED = 2**31 - 1
# Of L-BFGS for landmarks.
_MOST_ITERATIONS = 1000
# Of starts with a given scale, while it is free and then. Fixed at once it took twice the iterations of a free one, to
# worse minima; so few that starts with a given scale take no longer than those without.
_MOST_WIDENING, _MOST_WIDENED, _TOL_WIDENING = 250, 100, 1e-2
# Of the least stress of the starts, before a descent: trees with so much more after a short one are left, with so much
# less taken. In between they ended from 9 % lower to 16 % higher, so iterations show, and trees must gain by this part.
_MUCH_MORE, _MUCH_LESS, _CLEARLY = 1.1, 0.9, 0.99
_MOST_SHOWING = 100
# Trees of which the best is compared with starts; and how many, beside that of all objects, are carried on to the end.
_FIRST_TREES, _KEPT_TREES = 3, 2


@dataclass(frozen=True, eq=False)
class Candidate:
    """Landmarks, and a placement of all objects that follows from them."""

    landmarks: NDArray[np.intp]
    placement: Placement


_Start = TypeVar("_Start", Candidate, Start)


@dataclass(frozen=True, eq=False)
class Search:
    """What is asked for."""

    n_components: int
    scale: float | None
    """Hyperbolic length of the largest dissimilarity; None searches for the best."""
    power: int
    """A pair weighs its dissimilarity to the power of minus this."""
    n_init: int
    tol: float
    max_iter: int
    n_jobs: int | None = None

    def effort(self, max_iter: int) -> Effort:
        """How far a level of the search goes."""
        return Effort(free=self.scale is None, tol=self.tol, max_iter=max_iter)


def search(target: Target, asked: Search, rng: np.random.RandomState, watch: Watcher) -> Descent:
    """Placement of little stress of the objects of a square target, its Fréchet mean at the origin.

    Where a fixed scale has no room, a point may lie beyond what coordinates hold.
    """
    if target.norm == 0:
        return Descent(
            Placement(np.zeros((target.n, asked.n_components)), np.log(asked.scale or 1.0), 0.0), 0, "converged"
        )
    seeds = rng.randint(_MOST_SEED, size=asked.n_init + 1)
    tasks = [delayed(_start)(target, asked, i, seed) for i, seed in enumerate(seeds)]
    done = run_until_stopped(tasks, asked.n_jobs, False, "starts")
    candidates = _ranked(done)
    if len(done) < len(tasks):
        return _interrupted(candidates, target)
    try:
        start = _promising(target, asked, candidates, rng)
    except KeyboardInterrupt:
        return _interrupted(candidates, target)
    with one_blas_thread():  # products by several threads have other last digits
        return descend(start, target, asked.effort(asked.max_iter), rng, watch)


def _promising(target: Target, asked: Search, candidates: list[Candidate], rng: np.random.RandomState) -> Placement:
    """All objects placed by trees or by levels of landmarks; where these start alike, by what is lower after both."""
    if target.n < 4 or asked.n_components < 2:
        return _by_levels(target, asked, candidates, rng)
    seeds = rng.randint(_MOST_SEED, size=asked.n_init + 1)
    tasks = [
        delayed(by_tree)(target, asked.scale, asked.n_components, seed, whole=i == 0) for i, seed in enumerate(seeds)
    ]
    trees = run(tasks[:_FIRST_TREES], asked.n_jobs, False, "trees")
    first = _ranked(trees)[0]
    ratio = first.placement.stress / max(candidates[0].placement.stress, EXACT)
    if not ratio < _MUCH_MORE:
        return _by_levels(target, asked, candidates, rng)
    if ratio > _MUCH_LESS:
        rivals = _completed(target, asked, first, rng), _by_levels(target, asked, candidates, rng)
        with one_blas_thread():
            shown, best = (descend(start, target, asked.effort(_MOST_SHOWING), rng).placement for start in rivals)
        if not shown.stress < _CLEARLY * best.stress:
            return best
    whole, *others = [*trees, *run(tasks[_FIRST_TREES:], asked.n_jobs, False, "trees")]
    # the tree of all objects begins lower than others and mostly ends higher, but it is never far off
    kept = [whole, *_ranked(others)[:_KEPT_TREES]]
    return min((_completed(target, asked, tree, rng) for tree in kept), key=stress_of)


def _by_levels(target: Target, asked: Search, candidates: list[Candidate], rng: np.random.RandomState) -> Placement:
    """The best placement after the best candidates came down with more and more landmarks."""
    for n_landmarks, n_kept in _LEVELS:
        if _worth_a_level(n_landmarks, target.n):
            kept = candidates[:n_kept]
            seeds = rng.randint(_MOST_SEED, size=len(kept))
            tasks = [
                delayed(_refined)(target, asked, candidate, n_landmarks, seed)
                for candidate, seed in zip(kept, seeds, strict=True)
            ]
            candidates = _ranked(run(tasks, asked.n_jobs, False, "levels"))
    return candidates[0].placement


def _completed(target: Target, asked: Search, tree: Start, rng: np.random.RandomState) -> Placement:
    """All objects, placed by those of the tree when these have come down."""
    return _brought_down(target, asked, tree.rows, tree.placement, rng).placement


def _interrupted(candidates: list[Candidate], target: Target) -> Descent:
    return Descent(candidates[0].placement.centred(target), 0, "interrupted")


def _ranked(starts: list[_Start]) -> list[_Start]:
    return sorted(starts, key=lambda start: start.placement.stress)


def _worth_a_level(n_landmarks: int, n: int) -> bool:
    """Whether landmarks are enough fewer than all."""
    return 1.25 * n_landmarks <= n


def _start(target: Target, asked: Search, index: int, seed: int) -> Candidate:
    """Random landmarks, placed from anywhere; those of the first start by an eigendecomposition."""
    rng = np.random.RandomState(seed)
    rows = np.arange(target.n)
    if _worth_a_level(_FEW, target.n):
        rows = rng.choice(target.n, _FEW, replace=False)
    part = target.part(rows)
    with one_blas_thread():
        if index == 0:
            placement = from_hydra(part, asked.scale, asked.n_components, rng)
        else:
            length = _LENGTHS[(index - 1) % len(_LENGTHS)]
            length = length if asked.scale is None else min(length, asked.scale)
            placement = from_anywhere(part, length, asked.n_components, rng)
        if asked.scale is None or placement.log_scale >= np.log(asked.scale):
            placement = descend(placement, part, asked.effort(_MOST_ITERATIONS), rng).placement
        else:
            placement = _widened(placement, part, asked.scale, rng)
        return _with_all(placement, rows, target, part, rng)


def _widened(start: Placement, part: Target, scale: float, rng: np.random.RandomState) -> Placement:
    """A narrow start brought to a given scale: with the scale free up to there, then fixed."""
    free = Effort(free=True, tol=_TOL_WIDENING, max_iter=_MOST_WIDENING, widest=scale)
    fixed = Effort(free=False, tol=_TOL_WIDENING, max_iter=_MOST_WIDENED)
    wide = at_scale(descend(start, part, free, rng).placement, scale)
    return descend(wide, part, fixed, rng).placement


def _refined(target: Target, asked: Search, candidate: Candidate, n_landmarks: int, seed: int) -> Candidate:
    """The candidate with more landmarks."""
    rng = np.random.RandomState(seed)
    others = np.setdiff1d(np.arange(target.n), candidate.landmarks)
    rows = np.append(candidate.landmarks, rng.choice(others, n_landmarks - len(candidate.landmarks), replace=False))
    start = replace(candidate.placement, u=candidate.placement.u[rows])
    return _brought_down(target, asked, rows, start, rng)


def _brought_down(
    target: Target, asked: Search, rows: NDArray[np.intp], start: Placement, rng: np.random.RandomState
) -> Candidate:
    """Some objects after a descent, and all placed by them."""
    part = target.part(rows)
    with one_blas_thread():
        placement = descend(start, part, asked.effort(_MOST_ITERATIONS), rng).placement
        return _with_all(placement, rows, target, part, rng)


def _with_all(
    placement: Placement, rows: NDArray[np.intp], target: Target, part: Target, rng: np.random.RandomState
) -> Candidate:
    """All objects placed by the landmarks."""
    if len(rows) == target.n:
        return Candidate(rows, placement)
    points = place_all(placement.points, placement.scale, target.lengths[:, rows], part, n_jobs=1)
    points = parted(points, placement.scale, rng)
    return Candidate(rows, Placement.at(points, placement.scale).within().measured(target))
