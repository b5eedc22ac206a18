"""Down to a local minimum of the stress, and out of it again where single points can jump.

In: a placement. Out: a better one. The one idea: L-BFGS moves all points at once but none past another, so stages of it
take turns with jumps: each point is compared with all places where another point is, and goes to where its own stress
is less. The scale is one more variable of the same L-BFGS run, because it decides everything (too small is Euclidean,
too large sees only the largest pair) and its best value moves as the points do. At the start of each stage the points
are centred and the variables rescaled, since near the rim a step across the ray costs sinh(r) / r times one along it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance_matrix
from ._place import A_FEW_STEPS, best_landmark, costs_at, parted, place_rows_from
from ._placement import FAR, MEAN, Placement
from ._target import Target

Float = NDArray[np.float64]
Watcher = Callable[[Placement, int], None]
End = Literal["converged", "max_iter", "interrupted"]

# Beyond 40 a tree only gets thinner, and its polar radii come near FAR.
NARROWEST, WIDEST = 0.01, 40.0
# L-BFGS iterations between two rescalings of the variables; 50 reach 0.0033 on krumsiek11 in 100 where none needs 1000.
_STAGE = 50
# How near the origin the mean is during a search, which compares placements by their stress alone: nearer took a tenth
# of its time. Of descents that are watched, which give the result, it is there.
_NEAR = 0.1
# Stress that counts as 0: rounding of the distances, not of the placement.
EXACT = 1e-9
# Points jump when a stage gains a smaller part than this, and only to where their own cost is less than this part.
_SLOW = 1e-2
_WORTH = 0.95
# Rounds of jumps; most searches end after three, with none left.
_MOST_ROUNDS = 8
# Places that a point is compared with. All of 5,000 would take 10 s a round.
_MOST_PLACES = 1000
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Effort:
    """How far a descent goes."""

    free: bool
    """Whether the scale moves."""
    tol: float
    """Part of the stress that a stage must gain to be worth another."""
    max_iter: int
    """Bound on the iterations of L-BFGS."""
    widest: float = WIDEST
    """Bound on a scale that moves."""


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent came to rest, and why there."""

    placement: Placement
    n_iter: int
    end: End


def descend(
    start: Placement, target: Target, effort: Effort, rng: np.random.RandomState, watch: Watcher | None = None
) -> Descent:
    """Down to a local minimum that no jump of single points improves."""
    best = Placement(start.u, start.log_scale)
    near = MEAN if watch else _NEAR
    moved = start.centred(target, near)
    n_iter = 0
    for _ in range(_MOST_ROUNDS):
        coarse = replace(effort, tol=max(_SLOW, effort.tol), max_iter=effort.max_iter - n_iter)
        settled = _settle(moved, target, coarse, n_iter, watch)
        n_iter = settled.n_iter
        gains = settled.placement.stress < (1.0 - effort.tol) * best.stress
        best = min(settled.placement, best, key=stress_of)
        if settled.end != "converged":
            return replace(settled, placement=best)
        if not gains or best.stress <= EXACT:
            break
        try:
            jumped = jumped_from(best, target, rng)
            if jumped is None:
                break
            moved = jumped.centred(target, near)
        except KeyboardInterrupt:
            if watch is None:  # a start; there is nothing yet
                raise
            return Descent(best, n_iter, "interrupted")
    return _settle(best, target, replace(effort, max_iter=effort.max_iter - n_iter), n_iter, watch)


def _settle(placement: Placement, target: Target, effort: Effort, n_before: int, watch: Watcher | None) -> Descent:
    """Stages of L-BFGS until one gains little. A placement that has left for the rim stays lost at a fixed scale."""
    n_iter = 0
    while EXACT < placement.stress < np.inf:
        limit = min(_STAGE, effort.max_iter - n_iter)
        if limit == 0:
            return Descent(placement, n_before + n_iter, "max_iter")
        try:
            moved, used = _stage(placement, target, effort, limit, MEAN if watch else _NEAR)
        except KeyboardInterrupt:
            if watch is None:  # a start; there is nothing yet
                raise
            return Descent(placement, n_before + n_iter, "interrupted")
        n_iter += used
        gained = 1.0 - moved.stress / placement.stress
        placement = moved if moved.stress == np.inf and not effort.free else min(placement, moved, key=stress_of)
        if watch is not None:
            watch(placement, n_before + n_iter)
        # a stage cut short by max_iter gains little for that reason alone
        if gained < effort.tol and (limit == _STAGE or used < limit):
            break
    return Descent(placement, n_before + n_iter, "converged")


def stress_of(placement: Placement) -> float:
    """What placements are compared by."""
    return placement.stress


def jumped_from(
    placement: Placement, target: Target, rng: np.random.RandomState, n_moving: int | None = None
) -> Placement | None:
    """The placement with each point moved to a better place, if one is where another point is; None if no point is.

    Only the first `n_moving` points move.
    """
    points, m = placement.points, len(target.lengths)
    moved = points
    chosen = np.arange(m) if m <= _MOST_PLACES else np.sort(rng.choice(m, _MOST_PLACES, replace=False))
    landmarks = points.take(chosen)
    between = ball_distance_matrix(landmarks, landmarks)
    n_moving = target.n if n_moving is None else n_moving
    for begin in range(0, n_moving, _ROWS_AT_ONCE):
        rows = np.arange(begin, min(begin + _ROWS_AT_ONCE, n_moving))
        lengths = np.ascontiguousarray(target.lengths[chosen, begin : rows[-1] + 1].T)
        weights = target.weights(lengths)
        weights[rows[:, None] == chosen] = 0.0  # a landmark among the rows says nothing about its own place
        lengths = placement.scale * lengths.astype(np.float64)
        own = costs_at(points.take(rows), landmarks, lengths, weights)
        best, costs = best_landmark(lengths, weights, between)
        jump = costs < _WORTH * own
        if jump.any():
            start = landmarks.take(best[jump])
            place = place_rows_from(start, landmarks, lengths[jump], weights[jump], A_FEW_STEPS)
            moved = moved.replaced(rows[jump], parted(place, placement.scale, rng))
    return None if moved is points else Placement.at(moved, placement.scale)


def _stage(placement: Placement, target: Target, effort: Effort, max_iter: int, near: float) -> tuple[Placement, int]:
    """L-BFGS, then the Fréchet mean `near` the origin again. Gives the iterations too."""
    lowered, n_iter = lower(placement, target, free=effort.free, max_iter=max_iter, widest=effort.widest)
    return lowered.centred(target, near), n_iter


def lower(
    placement: Placement,
    target: Target,
    *,
    free: bool,
    max_iter: int,
    widest: float = WIDEST,
    n_moving: int | None = None,
) -> tuple[Placement, int]:
    """L-BFGS in variables rescaled at the present placement, whose stress is known; of the first `n_moving` points.

    `free` lets the scale move, up to `widest`.
    """
    if not 0.0 < placement.stress < np.inf:  # nothing to gain, or no way down
        return placement, 0
    from .kernels.lbfgs import lower_stress

    start = np.ascontiguousarray(placement.u)
    rays, across = _rays(start[:n_moving], placement.scale)
    unit = placement.stress**2 * target.norm
    lowest, highest = np.log((NARROWEST, widest)) - placement.log_scale if free else (0.0, 0.0)
    x = np.empty(1 + rays.size)
    n_iter = lower_stress(
        lowest, highest, max_iter, start, rays, across, placement.scale,
        target.lengths, target.power, target.floor, unit, FAR, x
    )  # fmt: skip
    steps = x[1:].reshape(rays.shape)
    along = (steps * rays).sum(axis=1, keepdims=True) * rays
    u = start.copy()
    u[: len(rays)] += along + across[:, None] * (steps - along)
    return Placement(u, placement.log_scale + float(x[0])), n_iter


def _rays(u: Float, scale: float) -> tuple[Float, Float]:
    """Unit vectors from the origin, and the units of steps across them: sqrt(r / sinh r)."""
    length = np.linalg.norm(u, axis=1)
    rays = np.divide(u, length[:, None], out=np.zeros_like(u), where=length[:, None] > 0)
    r = np.maximum(scale * length, 1e-6)
    # the root, not r / sinh(r): measured to reach the same stress in half the stages on all three bundled sets
    return rays, np.sqrt(r / np.sinh(r))
