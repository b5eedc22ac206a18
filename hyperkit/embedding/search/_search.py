"""From nothing to a placement: many starts with few landmarks, the best ones carried on to all objects.

In: a target. Out: a placement of little stress. The one idea: which branch goes where is decided by few objects as well
as by all, at a hundredth of the cost; so it is tried many times with 100 random landmarks (random ones beat those that
are far from each other), the best are refined with 300, the best of these with 900, and only then come all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run, run_until_stopped
from ._branches import rearrange
from ._descent import Descent, Effort, Watcher, descend
from ._place import parted, place_all
from ._placement import Placement
from ._starts import at_scale, from_anywhere, from_hydra
from ._target import Target
from ._trees import Tree, best_layout, laid_out

Float = NDArray[np.float64]

# Landmarks of the starts; then how many they are refined with, and how many of the best are.
_FEW = 100
_LEVELS = ((100, 3), (300, 2), (900, 1))
# Branches are moved where that took off this part of the stress a level before: of trees a tenth to a third with 100 to
# 300 landmarks, of cells and in five dimensions nothing.
_WORTH_MOVING = 0.05
# With more objects, only the levels move branches: all pairs are looked at for each branch that moves.
_MOST_REARRANGED = 1500
# Hyperbolic length of the largest dissimilarity where a start begins; from 24 and above all ends were bad.
_LENGTHS = (4.0, 8.0, 4.0, 12.0)
_MOST_SEED = 2**31 - 1
# Of L-BFGS for landmarks.
_MOST_ITERATIONS = 1000
# Of starts with a given scale, while it is free and then. Fixed at once it took twice the iterations of a free one, to
# worse minima; so few that starts with a given scale take no longer than those without.
_MOST_WIDENING, _MOST_WIDENED, _TOL_WIDENING = 250, 100, 1e-2


@dataclass(frozen=True, eq=False)
class Candidate:
    """Landmarks, and a placement of all objects that follows from them."""

    landmarks: NDArray[np.intp]
    placement: Placement
    gained: float = 1.0
    """Part of the landmarks' stress that moving branches took off; 1 where it was not tried."""


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
        trees = _by_trees(target, asked, candidates[0].placement.stress, rng)
        for n_landmarks, n_kept in () if trees else _LEVELS:
            if _worth_a_level(n_landmarks, target.n):
                # also those left behind tell: of mammals once two gained .049 and .042, the third .110
                moving = _worth_moving(candidates)
                candidates = _level(target, asked, candidates[:n_kept], n_landmarks, moving, rng)
    except KeyboardInterrupt:
        return _interrupted(candidates, target)
    with one_blas_thread():  # products by several threads have other last digits
        if trees:
            return min((descend(p, target, asked.effort(asked.max_iter), rng, watch) for p in trees[:_N_TREES]), key=lambda d: d.placement.stress)
        descent = descend(candidates[0].placement, target, asked.effort(asked.max_iter), rng, watch)
        if target.n > _MOST_REARRANGED or not _worth_moving(candidates):
            return descent
        return _with_branches_moved(descent, target, asked, rng, watch)


_N_TREES = 2


def _by_trees(target, asked, to_beat, rng):
    if target.n < 4 or asked.n_components < 2:
        return []
    tree = Tree.of(target)
    seeds = rng.randint(_MOST_SEED, size=asked.n_init)
    first = _by_tree(tree, target, asked, seeds[0])
    if first.stress >= to_beat:
        return []
    others = run([delayed(_by_tree)(tree, target, asked, seed) for seed in seeds[1:]], asked.n_jobs, False, "trees")
    return sorted([first, *others], key=lambda p: p.stress)


def _by_tree(tree, target, asked, seed):
    rng = np.random.RandomState(seed)
    with one_blas_thread():
        return laid_out(tree, best_layout(tree, target, asked.scale, asked.n_components, rng), target, asked.scale, rng)


def _level(
    target: Target,
    asked: Search,
    candidates: list[Candidate],
    n_landmarks: int,
    moving: bool,
    rng: np.random.RandomState,
) -> list[Candidate]:
    """The candidates with more landmarks, their branches moved if asked for, the best first."""
    seeds = rng.randint(_MOST_SEED, size=len(candidates))
    tasks = [
        delayed(_refined)(target, asked, candidate, n_landmarks, seed, moving)
        for candidate, seed in zip(candidates, seeds, strict=True)
    ]
    return _ranked(run(tasks, asked.n_jobs, False, "levels"))


def _with_branches_moved(
    descent: Descent, target: Target, asked: Search, rng: np.random.RandomState, watch: Watcher
) -> Descent:
    """The descent carried on after its branches have moved, if that is better."""
    if descent.end != "converged":
        return descent
    n_before = descent.n_iter
    try:
        placement = rearrange(descent.placement, target, asked.effort(_MOST_ITERATIONS), rng)
    except KeyboardInterrupt:
        return replace(descent, end="interrupted")
    if placement is descent.placement:
        return descent
    effort = asked.effort(asked.max_iter - n_before)
    further = descend(placement, target, effort, rng, lambda best, n_iter: watch(best, n_before + n_iter))
    return replace(further, n_iter=n_before + further.n_iter)


def _interrupted(candidates: list[Candidate], target: Target) -> Descent:
    return Descent(candidates[0].placement.centred(target), 0, "interrupted")


def _ranked(candidates: list[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: candidate.placement.stress)


def _worth_moving(candidates: list[Candidate]) -> bool:
    """Whether branches are worth moving on the next level."""
    return max(candidate.gained for candidate in candidates) >= _WORTH_MOVING


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


def _refined(
    target: Target, asked: Search, candidate: Candidate, n_landmarks: int, seed: int, moving: bool
) -> Candidate:
    """The candidate with more landmarks, its branches moved if asked for."""
    rng = np.random.RandomState(seed)
    others = np.setdiff1d(np.arange(target.n), candidate.landmarks)
    rows = np.append(candidate.landmarks, rng.choice(others, n_landmarks - len(candidate.landmarks), replace=False))
    part = target.part(rows)
    effort = asked.effort(_MOST_ITERATIONS)
    with one_blas_thread():
        start = replace(candidate.placement, u=candidate.placement.u[rows])
        before = placement = descend(start, part, effort, rng).placement
        if moving:
            placement = rearrange(before, part, effort, rng)
        gained = 1.0 - placement.stress / before.stress if before.stress > 0 else 0.0
        return replace(_with_all(placement, rows, target, part, rng), gained=gained)


def _with_all(
    placement: Placement, rows: NDArray[np.intp], target: Target, part: Target, rng: np.random.RandomState
) -> Candidate:
    """All objects placed by the landmarks."""
    if len(rows) == target.n:
        return Candidate(rows, placement)
    points = place_all(placement.points, placement.scale, target.lengths[:, rows], part, n_jobs=1)
    points = parted(points, placement.scale, rng)
    return Candidate(rows, Placement.at(points, placement.scale).within().measured(target))
