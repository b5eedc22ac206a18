"""The best placement of few objects that many starts lead to.

In: a target of some hundred objects. Out: a placement of little stress. The one idea: minima differ in where branches
lie, so many starts come down with a hundred objects each, which place the others; the best are shaken, and the best of
these come down with all. Where the first trees end clearly above other starts, there are no more of them.
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
from ._descent import EXACT, WIDEST, Effort, descend
from ._place import parted, place_all
from ._placement import Placement
from ._sample import stratified
from ._shaking import shaken
from ._starts import at_scale, from_anywhere, from_hydra
from ._target import Target
from ._trees import by_tree, has_tree

# Objects of a start. Random ones; those that are far from each other made worse ones.
_N_OF_A_START = 100
# Hyperbolic length of the largest dissimilarity where starts from anywhere begin, and trees; from 24 and above the
# first ended badly.
_LENGTHS, _TREE_LENGTHS = (4.0, 8.0, 12.0), (12.0, 18.0, 27.0, 40.0)
# A tree's length hardly changes as it comes down, so the next begin about where the best have ended. Of two rounds:
# trees for each start that is asked for, how many of the best count, and by what factor lengths differ at most. A given
# scale leaves nothing to find: half of the trees ended as low.
_ROUNDS, _ROUND_AT_A_SCALE = ((1, 1, 1.5), (3, 4, 1.15)), (2, 1, 1.0)
# No more starts where so many of them, and a third, differ by less than a part: four of sixteen did by chance.
_N_ALIKE, _ALIKE = 4, 0.02
# None where the first trees have this much more stress than the best start: of noisy points of the disk it was 1.05 to
# 1.11 times as much, of 23 sets of other kinds at most 1.03.
_BEHIND = 1.05
# Below this no better start is looked for: what is left is rounding or the descent's, no other minimum.
_PERFECT = 1e-6
# How many of the best come down with all of few, and are shaken where more will hardly be better.
_N_LOWERED = 3
# Rounds of shaking: first; more, where the median gain by these was so large; and then with all of few. It was 4 to
# 10 % of diffusions along trees, and at most 2.7 of other sets: there more took twice the time, for 1 %.
_FIRST_ROUNDS, _WORTH_MORE, _MORE_ROUNDS, _LAST_ROUNDS = 1, 0.03, 2, 3
# Of L-BFGS, before all objects come. Starts end early: what else they would gain leaves their order as it is.
LEVEL_ITERATIONS, _TOL_OF_A_START = 1000, 1e-2
# Of starts with a given scale, while it is free and then. Fixed at once it took twice the iterations of a free one, to
# worse minima; so few that starts with a given scale take no longer than those without.
_MOST_WIDENING, _MOST_WIDENED = 250, 100
_MOST_SEED = 2**31 - 1

Begin = Callable[..., Placement]
"""Called as ``begin(target, rng=rng)``."""


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


def is_worth_a_level(n: int, n_all: int) -> bool:
    """Whether so many are enough fewer than all."""
    return 1.25 * n <= n_all


def best_of_few(target: Target, asked: Search, rng: np.random.RandomState) -> tuple[Placement, bool]:
    """The best placement found, and whether Ctrl-C ended the search for it. Near objects are near in their order."""

    def tasks(work: Callable[..., Candidate], items: Sequence[Any]) -> list:
        seeds = rng.randint(_MOST_SEED, size=len(items))
        return [delayed(work)(target, asked, item, seed) for item, seed in zip(items, seeds, strict=True)]

    def shaken_by(rounds: int, candidates: list[Candidate]) -> list[Candidate]:
        return run(tasks(partial(_shaken, rounds=rounds), candidates), asked.n_jobs, False, "shaking")

    others, trees = _first_begins(target, asked)
    first = tasks(_started, others + trees)
    done = run_until_stopped(first, asked.n_jobs, False, "starts")
    best = _ranked(done)
    if len(done) < len(first) or best[0].all.stress <= _PERFECT:
        return best[0].all, len(done) < len(first)
    are_behind = _are_behind(done[len(others) :], best[0])
    try:
        for share, n_best, factor in _ROUNDS if asked.scale is None else (_ROUND_AT_A_SCALE,):
            if not (are_behind or _are_alike(best)):
                lengths = _lengths_about(best[:n_best], factor, share * asked.n_init)
                more = tasks(_started, _more_begins(target, asked, lengths))
                best = _ranked(best + run(more, asked.n_jobs, False, "starts"))
        n_kept = min(_N_LOWERED, asked.n_init)
        n_shaken = n_kept if are_behind or _are_alike(best) else asked.n_init
        before = best[:n_shaken]
        best = shaken_by(_FIRST_ROUNDS, before)
        is_worth_more = _gained(before, best) >= _WORTH_MORE
        best = _ranked(shaken_by(_MORE_ROUNDS, best) if is_worth_more else best)
        if len(best[0].rows) < target.n:
            best = _ranked(run(tasks(_lowered, best[:n_kept]), asked.n_jobs, False, "levels"))
            if is_worth_more:
                best = shaken_by(_LAST_ROUNDS, best[:1])
    except KeyboardInterrupt:
        return min(best, key=_all_stress).all, True
    return best[0].all, False


def _ranked(candidates: list[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=_all_stress)


def _all_stress(candidate: Candidate) -> float:
    """What candidates are compared by."""
    return candidate.all.stress


def _are_alike(ranked: list[Candidate]) -> bool:
    """Whether more of them will hardly be better."""
    n = min(max(_N_ALIKE, len(ranked) // 3), len(ranked))
    return ranked[n - 1].all.stress <= (1.0 + _ALIKE) * ranked[0].all.stress


def _gained(before: list[Candidate], after: list[Candidate]) -> float:
    """The median part of their stress that candidates have lost, with the objects of their starts."""
    pairs = [(x.some.stress, y.some.stress) for x, y in zip(before, after, strict=True)]
    return float(np.median([1.0 - y / x if EXACT < x < np.inf else 0.0 for x, y in pairs]))


def _are_behind(trees: list[Candidate], best: Candidate) -> bool:
    """Whether trees are no way to start; on a line there are none, and this says nothing."""
    return bool(trees) and all(tree.all.stress > _BEHIND * best.all.stress for tree in trees)


def _first_begins(target: Target, asked: Search) -> tuple[list[Begin], list[Begin]]:
    """Starts of all lengths: others, and trees."""
    scale, d = asked.scale, asked.n_components
    others: list[Begin] = [partial(from_hydra, scale=scale, n_components=d)]
    others += [partial(from_anywhere, length=min(length, scale or length), n_components=d) for length in _LENGTHS]
    lengths = _TREE_LENGTHS if scale is None else (scale,)
    return others, _by_trees(asked, lengths) if has_tree(target, d) else []


def _lengths_about(best: list[Candidate], factor: float, n: int) -> list[float]:
    """So many lengths about those where these have ended, in turn: shorter ones first, by less than a factor."""
    shares = (2.0 * np.arange(n) + 1.0) / n - 1.0
    return [min(best[i % len(best)].some.scale * factor**share, WIDEST) for i, share in enumerate(shares)]


def _more_begins(target: Target, asked: Search, lengths: list[float]) -> list[Begin]:
    """Starts by trees, at these lengths if they are free; on a line, from anywhere."""
    lengths = [asked.scale or length for length in lengths]
    if has_tree(target, asked.n_components):
        return _by_trees(asked, lengths)
    return [partial(from_anywhere, length=length, n_components=asked.n_components) for length in lengths]


def _by_trees(asked: Search, lengths: Sequence[float]) -> list[Begin]:
    free, d = asked.scale is None, asked.n_components
    return [partial(by_tree, length=length, free=free, n_components=d) for length in lengths]


def _started(target: Target, asked: Search, begin: Begin, seed: int) -> Candidate:
    """Some objects, come down from where they begin."""
    rng = np.random.RandomState(seed)
    rows = np.arange(target.n)
    if is_worth_a_level(_N_OF_A_START, target.n):
        rows = stratified(target.n, _N_OF_A_START, rng)
    part, tol = target.part(rows), max(asked.tol, _TOL_OF_A_START)
    with one_blas_thread():
        placement = begin(part, rng=rng)
        if asked.scale is None or placement.log_scale >= np.log(asked.scale):
            placement = descend(placement, part, Effort(asked.scale is None, tol, LEVEL_ITERATIONS), rng).placement
        else:
            placement = _widened(placement, part, asked.scale, tol, rng)
        return Candidate.of(placement, rows, target, rng)


def _widened(start: Placement, part: Target, scale: float, tol: float, rng: np.random.RandomState) -> Placement:
    """A narrow start brought to a given scale: with the scale free up to there, then fixed."""
    free = Effort(free=True, tol=tol, max_iter=_MOST_WIDENING, widest=scale)
    fixed = Effort(free=False, tol=tol, max_iter=_MOST_WIDENED)
    wide = at_scale(descend(start, part, free, rng).placement, scale)
    return descend(wide, part, fixed, rng).placement


def _shaken(target: Target, asked: Search, candidate: Candidate, seed: int, rounds: int) -> Candidate:
    """The candidate with its objects shaken, where this lowers the stress of all."""
    rng = np.random.RandomState(seed)
    part = target.part(candidate.rows)
    with one_blas_thread():
        some = shaken(candidate.some, part, free=asked.scale is None, rounds=rounds, rng=rng)
        some = descend(some, part, asked.effort(LEVEL_ITERATIONS), rng).placement
        return min(candidate, Candidate.of(some, candidate.rows, target, rng), key=_all_stress)


def _lowered(target: Target, asked: Search, candidate: Candidate, seed: int) -> Candidate:
    """The candidate come down with all objects."""
    with one_blas_thread():
        effort = asked.effort(LEVEL_ITERATIONS)
        placement = descend(candidate.all, target, effort, np.random.RandomState(seed)).placement
    return Candidate(np.arange(target.n), placement, placement)
