"""Out of a local minimum by branches that go past their neighbours around a centre, in the plane.

In: a placement of little stress, and the branches of its objects. Out: a better one, if there is one. The one idea: in
the plane branches have a circular order, and no branch can go past another unless both make room. So the branch's
sector and the one beside it, however wide, change places, each turned as a whole about a centre: all distances inside
either stay as they are, and so do those among whatever is left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance_matrix, move_to_origin
from ...models import BallPoints
from ._board import Board
from ._descent import EXACT, Effort, descend
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]

# Branches that were tried in a row without a gain, and turns of gaining in all, after which it ends.
_MOST_FAILS, _MOST_GAINS = 3, 4
_WORTH_A_ROUND = 0.99
# A branch is tried if its pairs with others are in this part of the squared stress.
_SHARE = 0.1
# The descent of a try ends early.
_TOL, _MOST_ITERATIONS = 1e-2, 100
# Objects that say what an order is worth: of the branch, and of the others.
_N_MEMBERS, _N_OTHERS = 30, 90
# Centres and, for each, places on the circle.
_N_CENTRES, _N_PLACES = 8, 24
# Medoids of branches of at least this part of the objects are centres.
_LEAST_CENTRE = 0.05
# Part of a branch, on either side, that may lie outside its sector; wider sectors (radians) are no sectors.
_OUTSIDE, _WIDEST = 0.05, 4.0


def past_each_other(
    best: Placement, target: Target, branches: list[slice], effort: Effort, rng: np.random.RandomState
) -> Placement:
    """The placement after branches have gone past each other, each time followed by L-BFGS, while that gains."""
    quick = replace(effort, tol=max(_TOL, effort.tol), max_iter=min(_MOST_ITERATIONS, effort.max_iter))
    board = Board.of(best, target)
    tried: set[int] = set()
    n_gains = n_fails = 0
    while best.stress > EXACT and n_gains < _MOST_GAINS and n_fails < _MOST_FAILS:
        k = _worst(board, branches, tried)
        if k is None:
            break
        tried.add(k)
        n_fails += 1
        points = _reordered(board, branches[k], branches, rng)
        if points is None:
            continue
        moved = Placement.at(points, board.scale).within().centred(target)
        descended = descend(moved, target, quick, rng).placement
        if descended.stress < _WORTH_A_ROUND * best.stress:
            best, board = descended, Board.of(descended, target)
            n_gains, n_fails = n_gains + 1, 0
    return best


def _worst(board: Board, branches: list[slice], tried: set[int]) -> int | None:
    """The branch, not yet tried, whose pairs with others miss by most; None if none do by much."""
    costs = np.array([board.touching(branch) - board.inside(branch) for branch in branches])
    # of branches one in another, both with the same misses, the smaller one is what is in a wrong place
    sizes = np.array([branch.stop - branch.start for branch in branches])
    for k in (-costs / np.sqrt(sizes)).argsort(kind="stable"):
        if k not in tried and costs[k] >= _SHARE * board.total():
            return int(k)
    return None


def _reordered(board: Board, branch: slice, branches: list[slice], rng: np.random.RandomState) -> BallPoints | None:
    """All points, the branch in the place among the others where a sample of pairs fits best; None if where it is."""
    inside = np.zeros(board.target.n, dtype=bool)
    inside[branch] = True
    members, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    sample = np.append(
        rng.choice(members, min(_N_MEMBERS, len(members)), replace=False),
        rng.choice(others, min(_N_OTHERS, len(others)), replace=False),
    )
    pairs = np.ix_(sample, sample)
    lengths, weights = board.scale * board.target.lengths[pairs], board.weights[pairs]
    places = (np.arange(_N_PLACES) + rng.rand()) / _N_PLACES
    best, least = None, float(board.squares[pairs].sum())
    for about in _centred(board, branch, branches):
        for points in (about, _mirrored(about, inside)):
            few = points.take(sample)
            for angles in _turns(points, inside, places):
                there = _turned(few, angles[sample])
                cost = float((weights * (ball_distance_matrix(there, there) - lengths) ** 2).sum())
                if cost < least:
                    best, least = _turned(points, angles), cost
    return best


def _centred(board: Board, branch: slice, branches: list[slice]) -> list[BallPoints]:
    """All points about the origin, then about medoids of large branches, the largest first."""
    centred = [board.points]
    for other in branches:
        large = other.stop - other.start >= _LEAST_CENTRE * board.target.n
        if large and other != branch and len(centred) < _N_CENTRES:
            medoid = other.start + int(board.apart[other, other].sum(axis=1).argmin())
            centred.append(move_to_origin(board.points, board.points.take(np.s_[medoid : medoid + 1])))
    return centred


def _direction(points: BallPoints, inside: NDArray[np.bool_]) -> float:
    """Mean polar angle of the branch."""
    z = points.z[inside]
    x, y = (z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), np.finfo(float).tiny)).sum(axis=0)
    return float(np.arctan2(y, x))


def _mirrored(points: BallPoints, inside: NDArray[np.bool_]) -> BallPoints:
    """The points, the branch reflected in the ray of its mean angle."""
    angle = 2 * _direction(points, inside)
    z = points.z.copy()
    z[inside] = z[inside] @ np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    return BallPoints(z, points.gap)


def _turns(points: BallPoints, inside: NDArray[np.bool_], places: Float) -> Float:
    """Angles, shape (n_places, n), by which each point turns for the branch to be that far around the circle."""
    off = np.arctan2(points.z[:, 1], points.z[:, 0]) - _direction(points, inside)
    low, high = np.quantile((off[inside] + np.pi) % (2 * np.pi) - np.pi, [_OUTSIDE, 1 - _OUTSIDE])
    width = high - low
    if width > _WIDEST:
        return np.empty((0, len(off)))
    past = (off - high) % (2 * np.pi)
    free = 2 * np.pi - width
    sector = inside | (past >= free)
    ahead = free * places[:, None]
    return np.where(sector, ahead, np.where(past < ahead, -width, 0.0))


def _turned(points: BallPoints, angles: Float) -> BallPoints:
    """The points, each turned about the origin by its own angle."""
    c, s, (x, y) = np.cos(angles), np.sin(angles), points.z.T
    return BallPoints(np.stack([c * x - s * y, s * x + c * y], axis=1), points.gap)
