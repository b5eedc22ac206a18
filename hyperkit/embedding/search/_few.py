"""The best placement of few objects that many starts lead to.

In: a target of some hundred objects. Out: a placement of little stress. The one idea: minima differ in which branch goes
where, so many starts, most by trees, come down with a hundred objects, and place the others; the best are shaken, and
the best of these come down with all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run, run_until_stopped
from ._descent import Effort, descend
from ._place import parted, place_all
from ._placement import Placement
from ._shaking import shaken
from ._starts import at_scale, from_anywhere, from_hydra
from ._target import Target
from ._trees import by_tree

# Random objects of a start; those that are far from each other made worse ones.
_N_OF_A_START = 100
# Hyperbolic length of the largest dissimilarity where starts begin; from 24 and above those from anywhere ended badly.
_LENGTHS, _TREE_LENGTHS = (4.0, 8.0, 12.0), (12.0, 18.0, 27.0, 40.0)
# Trees a start asked for that follow at the length of the best one.
_TREES = 2
# How many come down with all of few, at most, and how many of these are shaken.
_N_LOWERED, _N_SHAKEN_AGAIN = 3, 1
# Tries of shaking some objects, and all of few.
_TRIES, _TRIES_AGAIN = 40, 20
# Of L-BFGS before all objects come.
LEVEL_ITERATIONS = 1000
# Of starts with a given scale, while it is free and then. Fixed at once it took twice the iterations of a free one, to
# worse minima; so few that starts with a given scale take no longer than those without.
_MOST_WIDENING, _MOST_WIDENED, _TOL_WIDENING = 250, 100, 1e-2
_MOST_SEED = 2**31 - 1

Begin = Callable[..., Placement]


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


@dataclass(frozen=True, eq=False)
class Candidate:
    """Some objects, and a placement of all that follows from theirs."""

    rows: NDArray[np.intp]
    some: Placement
    all: Placement

    @classmethod
    def of(cls, some: Placement, rows: NDArray[np.intp], target: Target, rng: np.random.RandomState) -> Candidate:
        """All objects placed by some."""
        if len(rows) == target.n:
            return cls(rows, some, some)
        points = place_all(some.points, some.scale, target.lengths[:, rows], target, n_jobs=1)
        points = parted(points, some.scale, rng)
        return cls(rows, some, Placement.at(points, some.scale).within().measured(target))


STRAT = True


def spread(n, m, rng):
    ends = np.linspace(0, n, m + 1)
    first, last = np.ceil(ends[:-1]).astype(int), np.ceil(ends[1:]).astype(int)
    return first + (rng.random_sample(m) * (last - first)).astype(int)


def is_worth_a_level(n: int, n_all: int) -> bool:
    """Whether so many are enough fewer than all."""
    return 1.25 * n <= n_all


def best_of_few(target: Target, asked: Search, rng: np.random.RandomState) -> tuple[Placement, bool]:
    """The best placement found, and whether Ctrl-C ended the search for it."""
    first = _begins(target, asked)
    tasks = [delayed(_start)(target, asked, begin, seed) for begin, seed in _seeded(first, rng)]
    candidates = _ranked(run_until_stopped(tasks, asked.n_jobs, False, "starts"))
    if len(candidates) < len(tasks):
        return candidates[0].all, True
    try:
        return _best(target, asked, candidates, rng), False
    except KeyboardInterrupt:
        return candidates[0].all, True


def _best(target: Target, asked: Search, candidates: list[Candidate], rng: np.random.RandomState) -> Placement:
    more = _more_begins(target, asked, candidates[0].some.scale)
    tasks = [delayed(_start)(target, asked, begin, seed) for begin, seed in _seeded(more, rng)]
    candidates = _ranked([*candidates, *run(tasks, asked.n_jobs, False, "starts")])
    kept = candidates[: asked.n_init]
    tasks = [delayed(_shaken)(target, asked, candidate, seed) for candidate, seed in _seeded(kept, rng)]
    candidates = _ranked([*candidates[asked.n_init :], *run(tasks, asked.n_jobs, False, "shaking")])
    if SHOW:
        print("  shaken", [f"{c.some.scale:.0f}:{c.some.stress:.5f}>{c.all.stress:.5f}" for c in candidates[:6]])
    if len(candidates[0].rows) == target.n:
        return candidates[0].all
    kept = candidates[: min(_N_LOWERED, asked.n_init)]
    tasks = [delayed(_lowered)(target, asked, candidate, seed) for candidate, seed in _seeded(kept, rng)]
    candidates = _ranked(run(tasks, asked.n_jobs, False, "levels"))
    if SHOW:
        print("  level", [f"{c.some.scale:.0f}:{c.all.stress:.5f}" for c in candidates])
    kept = candidates[: min(_N_SHAKEN_AGAIN, asked.n_init)]
    tasks = [delayed(_shaken)(target, asked, candidate, seed) for candidate, seed in _seeded(kept, rng)]
    r = _ranked(run(tasks, asked.n_jobs, False, "shaking"))
    if SHOW:
        print("  shaken", [f"{c.some.scale:.0f}:{c.all.stress:.5f}" for c in r])
    return r[0].all


SHOW = False
LONGER = 1.5


def _seeded(items: Sequence[Any], rng: np.random.RandomState) -> list[tuple[Any, int]]:
    return list(zip(items, rng.randint(_MOST_SEED, size=len(items)), strict=True))


def _ranked(candidates: list[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: candidate.all.stress)


def _begins(target: Target, asked: Search) -> list[Begin]:
    """Starts of all kinds and lengths."""
    scale, d = asked.scale, asked.n_components
    lengths = [length if scale is None else min(length, scale) for length in _LENGTHS]
    begins: list[Begin] = [partial(from_hydra, scale=scale, n_components=d)]
    begins += [partial(from_anywhere, length=length, n_components=d) for length in lengths]
    if _has_trees(target, asked):
        lengths = list(_TREE_LENGTHS) if scale is None else [scale]
        begins += [partial(by_tree, length=length, is_free=scale is None, n_components=d) for length in lengths]
    return begins


def _more_begins(target: Target, asked: Search, length: float) -> list[Begin]:
    """Those that follow, by trees of about the best length."""
    d, free = asked.n_components, asked.scale is None
    if _has_trees(target, asked):
        lengths = [length, min(LONGER * length, 40.0) if free else length]
        return [partial(by_tree, length=lengths[i % 2], is_free=free, n_components=d) for i in range(_TREES * asked.n_init)]
    return [partial(from_anywhere, length=length, n_components=d)] * asked.n_init


def _has_trees(target: Target, asked: Search) -> bool:
    """A tree has an inside, and its parts lie side by side."""
    return target.n >= 4 and asked.n_components >= 2


def _start(target: Target, asked: Search, begin: Begin, seed: int) -> Candidate:
    """Some random objects, come down from where they begin."""
    rng = np.random.RandomState(seed)
    rows = np.arange(target.n)
    if is_worth_a_level(_N_OF_A_START, target.n):
        rows = spread(target.n, _N_OF_A_START, rng) if STRAT else rng.choice(target.n, _N_OF_A_START, replace=False)
    part = target.part(rows)
    with one_blas_thread():
        placement = begin(part, rng=rng)
        if asked.scale is None or placement.log_scale >= np.log(asked.scale):
            placement = descend(placement, part, asked.effort(LEVEL_ITERATIONS), rng).placement
        else:
            placement = _widened(placement, part, asked.scale, rng)
        return Candidate.of(placement, rows, target, rng)


def _widened(start: Placement, part: Target, scale: float, rng: np.random.RandomState) -> Placement:
    """A narrow start brought to a given scale: with the scale free up to there, then fixed."""
    free = Effort(free=True, tol=_TOL_WIDENING, max_iter=_MOST_WIDENING, widest=scale)
    fixed = Effort(free=False, tol=_TOL_WIDENING, max_iter=_MOST_WIDENED)
    wide = at_scale(descend(start, part, free, rng).placement, scale)
    return descend(wide, part, fixed, rng).placement


def _shaken(target: Target, asked: Search, candidate: Candidate, seed: int) -> Candidate:
    """The candidate with its objects shaken."""
    rng = np.random.RandomState(seed)
    part = target.part(candidate.rows)
    tries = _TRIES if len(candidate.rows) < target.n else _TRIES_AGAIN
    with one_blas_thread():
        some = shaken(candidate.some, part, asked.scale is None, tries, rng)
        some = descend(some, part, asked.effort(LEVEL_ITERATIONS), rng).placement
        return Candidate.of(some, candidate.rows, target, rng)


def _lowered(target: Target, asked: Search, candidate: Candidate, seed: int) -> Candidate:
    """The candidate come down with all objects."""
    with one_blas_thread():
        effort = asked.effort(LEVEL_ITERATIONS)
        placement = descend(candidate.all, target, effort, np.random.RandomState(seed)).placement
    return Candidate(np.arange(target.n), placement, placement)
