"""Out of a local minimum by whole branches, which neither L-BFGS nor jumps of single points move.

In: a placement of little stress, of a square target. Out: a better one. The one idea: in a poor minimum most of the
stress comes from a few branches that are tangled inside, or hang in a wrong place, and all their points would have to
move at once. So each branch (a cluster of average linkage) is tried, as it is and placed anew by itself, in other
places and turned, and stays where the stress is less. On trees of 1,000 objects that takes off a fifth of the stress
that many more starts leave.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from ...geometry import ball_distance_matrix, move_from_origin, move_to_origin
from ...models import BallPoints
from ._board import Board, Trial
from ._descent import EXACT, Effort, descend, jumped_from, lower, stress_of
from ._placement import Placement
from ._sectors import past_each_other
from ._starts import at_scale, from_anywhere
from ._target import Target

Float = NDArray[np.float64]

# Smaller branches are left to jumps of points.
_LEAST_BRANCH = 4
# Part of the squared stress that a branch must be in for a try, and that a move must gain.
_SHARE, _GAIN = 0.02, 0.003
# A branch costs the same if its squares differ by a smaller part than this.
_SAME = 0.05
# Objects that say what a branch's place is worth: of the branch, and of the others.
_N_MEMBERS, _N_ANCHORS = 8, 60
# Other places, and angles in the plane, or turns in space, in which a branch is tried.
_N_PLACES, _N_TURNS = 5, 16
# Larger branches are not placed by themselves: with fewer landmarks they were smaller.
_MOST_ALONE = 150
# What a few pairs promise must be less than this part of what a branch costs; L-BFGS may take off more.
_PROMISING = 1.1
# Of a branch placed by itself: starts, their lengths, and iterations of L-BFGS.
_LENGTHS = (4.0, 8.0, 12.0)
_ITERATIONS = 20
# Turns of moving branches and descending; most end after three.
_MOST_ROUNDS = 4
_WORTH_A_ROUND = 0.99
# Numbers of objects with which branches also go past each other in the plane: the level of 300 landmarks. There that
# costs 0.4 s a candidate, and takes off 7 % of the stress of mammals there and a tenth of it in the end.
_LEAST_REORDERED, _MOST_REORDERED = 200, 400


def rearrange(placement: Placement, target: Target, effort: Effort, rng: np.random.RandomState) -> Placement:
    """Branches moved and L-BFGS, in turns, for as long as the stress falls by a hundredth. O(n^2) memory.

    In the plane, with some hundred objects, branches also go past each other. Gives back the very placement it takes
    where no move lowers the stress.
    """
    order, branches = _branches(target)
    ordered = target.part(order)
    best = start = replace(placement, u=placement.u[order]).measured(ordered)
    stuck = np.zeros(len(branches))
    for _ in range(_MOST_ROUNDS):
        moved = _moved(best, ordered, branches, stuck, rng) if best.stress > EXACT else None
        if moved is None:
            break
        descended = descend(moved.centred(ordered), ordered, effort, rng).placement
        enough = descended.stress < _WORTH_A_ROUND * best.stress
        best = min(best, descended, key=stress_of)  # of equal ones the first
        if not enough:
            break
    if best.u.shape[1] == 2 and _LEAST_REORDERED <= target.n <= _MOST_REORDERED:
        best = past_each_other(best, ordered, branches, effort, rng)
    if best is start:
        return placement
    u = np.empty_like(best.u)
    u[order] = best.u
    return replace(best, u=u)


def _branches(target: Target) -> tuple[NDArray[np.intp], list[slice]]:
    """An order of the objects in which branches are slices, and the branches, the largest part first."""
    n = target.n
    joins = linkage(squareform(target.lengths, checks=False), "average")
    order = leaves_list(joins).astype(np.intp)
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    first = np.concatenate([place, np.empty(n - 1, dtype=np.intp)])
    for k, (a, b) in enumerate(joins[:, :2].astype(np.intp)):
        first[n + k] = min(first[a], first[b])
    sizes = joins[:, 3].astype(np.intp)
    fitting = np.flatnonzero((sizes >= _LEAST_BRANCH) & (sizes <= n // 2))[::-1]
    return order, [slice(first[n + k], first[n + k] + sizes[k]) for k in fitting]


def _moved(
    placement: Placement, target: Target, branches: list[slice], stuck: Float, rng: np.random.RandomState
) -> Placement | None:
    """The placement with each branch where its stress is less; None if all stay.

    `stuck` holds what a branch cost when no move was found; it is not tried again while it costs about as much.
    """
    board = Board.of(placement, target)
    n_moved = 0
    total = board.total()
    for k, branch in enumerate(branches):
        cost = board.touching(branch)
        if cost < _SHARE * total or abs(cost - stuck[k]) < _SAME * cost:
            continue
        better = _better(board, branch, total, rng)
        if better is None:
            stuck[k] = cost
        else:
            board.take(better)
            total = board.total()
            n_moved += 1
    return Placement.at(board.points, board.scale).within() if n_moved else None


def _better(board: Board, branch: slice, total: float, rng: np.random.RandomState) -> Trial | None:
    """The branch in its best place, if that gains enough."""
    rows = np.arange(branch.start, branch.stop)
    others = np.setdiff1d(np.arange(board.target.n), rows)
    anchors = rng.choice(others, min(_N_ANCHORS, len(others)), replace=False)
    medoid = int(board.apart[branch, branch].sum(axis=1).argmin())
    best, least = None, board.touching(branch) - _GAIN * total
    for shape in _shapes(board, branch, medoid, total, rng):
        hung = _hung(board, branch, shape, medoid, anchors, rng)
        if hung is not None:
            trial = board.tried(branch, _settled(board, rows, hung, anchors))
            if trial.touching < least:
                best, least = trial, trial.touching
    return best


class _Shape(NamedTuple):
    """The points of a branch with its medoid at the origin, and the sum over their pairs."""

    points: BallPoints
    inside: float


def _shapes(board: Board, branch: slice, medoid: int, total: float, rng: np.random.RandomState) -> list[_Shape]:
    """The branch as it is, and placed by itself if that untangles it."""
    middle = np.s_[medoid : medoid + 1]
    points, inside = board.points.take(branch), board.inside(branch)
    shapes = [_Shape(move_to_origin(points, points.take(middle)), inside)]
    if len(points) <= _MOST_ALONE and inside > _SHARE * total:
        points = _placed_alone(board.target.part(np.arange(branch.start, branch.stop)), board.scale, points.d, rng)
        untangled = board.tried(branch, points).inside
        if untangled < inside - _GAIN * total:
            shapes.append(_Shape(move_to_origin(points, points.take(middle)), untangled))
    return shapes


def _placed_alone(target: Target, scale: float, n_components: int, rng: np.random.RandomState) -> BallPoints:
    """The objects of a branch placed from anywhere, at the scale of all."""

    def lowered(placement: Placement) -> Placement:
        centred = placement.centred(target)
        return lower(centred, target, free=False, max_iter=_ITERATIONS)[0].measured(target)

    starts = (from_anywhere(target, min(length, scale), n_components, rng) for length in _LENGTHS)
    best = min((lowered(at_scale(start, scale)) for start in starts), key=stress_of)
    jumped = jumped_from(best, target, rng)
    if jumped is not None:
        best = min(best, lowered(jumped), key=stress_of)
    return lowered(best).points


def _hung(
    board: Board, branch: slice, shape: _Shape, medoid: int, anchors: NDArray[np.intp], rng: np.random.RandomState
) -> BallPoints | None:
    """The shape in the best of some places and turns, judged by a few pairs; None if that promises too little."""
    target, m = board.target, branch.stop - branch.start
    middle, members = branch.start + medoid, branch.start + rng.choice(m, min(_N_MEMBERS, m), replace=False)
    misses = board.apart[np.ix_(anchors, anchors)] - board.scale * target.lengths[middle, anchors]
    misses = (board.weights[middle, anchors] * misses**2).sum(axis=1)
    places = board.points.take(np.append(middle, anchors[misses.argsort(kind="stable")[:_N_PLACES]]))
    turns = _turns(shape.points.d, rng)
    pairs = np.ix_(members, anchors)
    lengths, weights = board.scale * target.lengths[pairs], board.weights[pairs]
    sample = shape.points.take(members - branch.start)
    costs = _costs(sample, places, turns, board.points.take(anchors), lengths, weights)
    now = board.touching(branch)
    sampled = board.squares[pairs].sum()
    if not (now - board.inside(branch)) * costs.min() < (_PROMISING * now - shape.inside) * sampled:
        return None
    place, turn = np.unravel_index(costs.argmin(), costs.shape)
    turned = BallPoints(shape.points.z @ turns[turn], shape.points.gap)
    return move_from_origin(turned, places.take(np.s_[place : place + 1]))


def _settled(board: Board, rows: NDArray[np.intp], points: BallPoints, anchors: NDArray[np.intp]) -> BallPoints:
    """The points of a branch moved on by L-BFGS, while the anchors stand still."""
    part = Target.of(
        np.ascontiguousarray(board.target.lengths[np.ix_(rows, np.append(rows, anchors))]), board.target.power
    )
    placement = Placement.at(points.joined(board.points.take(anchors)), board.scale).within().measured(part)
    lowered, _ = lower(placement, part, free=False, max_iter=_ITERATIONS, n_moving=len(rows))
    return lowered.points.take(np.s_[: len(rows)])


def _turns(d: int, rng: np.random.RandomState) -> Float:
    """Orthogonal maps: the identity, then, in the plane, evenly spaced ones from a random angle; random ones else."""
    if d == 2:
        angles = 2 * np.pi * (rng.rand() + np.arange(_N_TURNS)) / _N_TURNS
        c, s = np.cos(angles), np.sin(angles)
        turns = np.concatenate([np.array([[c, -s], [s, c]]), np.array([[c, s], [s, -c]])], axis=2)
        turns = turns.transpose(2, 0, 1)
    else:
        turns = np.linalg.qr(rng.standard_normal((2 * _N_TURNS, d, d)))[0]
    return np.concatenate([np.eye(d)[None], turns])


def _costs(
    members: BallPoints, places: BallPoints, turns: Float, still: BallPoints, lengths: Float, weights: Float
) -> Float:
    """Stress, unscaled, of members turned about the origin and moved to each place, shape (n_places, n_turns)."""
    turned = BallPoints((members.z @ turns).reshape(-1, members.d), np.tile(members.gap, len(turns)))
    lengths, weights = np.tile(lengths, (len(turns), 1)), np.tile(weights, (len(turns), 1))
    costs = np.empty((len(places), len(turns)))
    for place in range(len(places)):
        there = move_from_origin(turned, places.take(np.s_[place : place + 1]))
        squares = weights * (ball_distance_matrix(there, still) - lengths) ** 2
        costs[place] = squares.sum(axis=1).reshape(len(turns), -1).sum(axis=1)
    return costs
