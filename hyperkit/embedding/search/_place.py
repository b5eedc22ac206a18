"""Objects placed one by one, by their dissimilarities to landmarks that stand still.

In: placed landmarks, and lengths from each object to each. Out: a place for each object. The one idea: its cost has
local minima, but the landmarks themselves are a fair sample of all places, and on the hyperboloid each distance is one
linear equation; so the better of the best landmark and of what solves these is the start, and Newton's method goes on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run
from ...geometry import ball_distance_matrix, move_from_origin
from ...models import BallPoints, tangent_to_ball
from ._placement import FAR
from ._target import Target

Float = NDArray[np.float64]

# Rows that are placed at once, and entries of the largest of some ten arrays then: 16 MB.
_ROWS_AT_ONCE, _ENTRIES_AT_ONCE = 512, 2**21
# Points are parted by this much of the largest dissimilarity.
_APART = 1e-4
# Steps of Newton's method: most end after ten. Where all points move on together, the first few do.
ALL_THE_WAY, A_FEW_STEPS = 30, 4


def place_all(
    landmarks: BallPoints,
    scale: float,
    lengths: NDArray[np.floating],
    target: Target,
    n_jobs: int | None = None,
    most_steps: int = ALL_THE_WAY,
) -> BallPoints:
    """Places of n objects by their dissimilarities (n, m) to the m landmarks, in units of which `scale` is the length.

    The weights of pairs are those of `target`. The blocks of rows do not depend on `n_jobs`, nor do the bits.
    """
    between = ball_distance_matrix(landmarks, landmarks)
    at_once = max(1, min(_ROWS_AT_ONCE, _ENTRIES_AT_ONCE // (len(landmarks) * (landmarks.d + 1))))
    blocks = [lengths[i : i + at_once] for i in range(0, len(lengths), at_once)]
    tasks = [delayed(_place_block)(landmarks, between, scale, block, target, most_steps) for block in blocks]
    first, *others = run(tasks, n_jobs, False, "placing")
    return first.joined(*others)


def _place_block(
    landmarks: BallPoints,
    between: Float,
    scale: float,
    block: NDArray[np.floating],
    target: Target,
    most_steps: int,
) -> BallPoints:
    lengths, weights = scale * block.astype(np.float64), target.weights(block)
    with one_blas_thread():
        return place_rows_near(solve_places(landmarks, lengths), landmarks, between, lengths, weights, most_steps)


def place_rows_near(
    points: BallPoints, landmarks: BallPoints, between: Float, lengths: Float, weights: Float, most_steps: int
) -> BallPoints:
    """As `place_rows_from` where the points are, or from the best landmark for each row, if that is better."""
    best, costs = best_landmark(lengths, weights, between)
    is_better = costs_at(points, landmarks, lengths, weights) < costs
    return place_rows_from(chosen(is_better, points, landmarks.take(best)), landmarks, lengths, weights, most_steps)


def costs_at(places: BallPoints, landmarks: BallPoints, lengths: Float, weights: Float) -> Float:
    """Weighted sum over the landmarks of each place's squared misses of its lengths (n, m)."""
    return np.asarray((weights * (ball_distance_matrix(places, landmarks) - lengths) ** 2).sum(axis=1))


def chosen(is_one: NDArray[np.bool_], one: BallPoints, other: BallPoints) -> BallPoints:
    """Row by row the one point or the other."""
    return BallPoints(np.where(is_one[:, None], one.z, other.z), np.where(is_one, one.gap, other.gap))


def solve_places(landmarks: BallPoints, lengths: Float) -> BallPoints:
    """Places whose Minkowski products with the landmarks are those of the lengths (n, m), by linear least squares.

    ``x_0 y_0 - x . y = cosh(d)`` is linear in the place x. Divided by ``cosh(d)`` all equations count alike. Exact for
    lengths of points of the space, of which one of three ended in a local minimum from the best landmark.
    """
    rows = np.hstack([2.0 - landmarks.gap[:, None], -2.0 * landmarks.z]) / landmarks.gap[:, None]
    q, r = np.linalg.qr(rows / np.cosh(lengths)[:, :, None])
    x = (np.linalg.pinv(r) @ q.sum(axis=1)[:, :, None])[:, 1:, 0]
    size = np.linalg.norm(x, axis=1, keepdims=True)
    radius = np.minimum(np.arcsinh(size), FAR)
    return tangent_to_ball(np.divide(x * radius, size, out=np.zeros_like(x), where=size > 0))


def best_landmark(lengths: Float, weights: Float, between: Float) -> tuple[NDArray[np.intp], Float]:
    """Which landmark would be the best place for each object, and the cost there.

    Parameters
    ----------
    lengths, weights : ndarray of shape (n, m), float64
        Hyperbolic length from each object to each landmark, and the weights of the pairs.
    between : ndarray of shape (m, m), float64
        Hyperbolic distances of the landmarks.
    """
    costs = weights @ np.square(between) - 2.0 * (weights * lengths) @ between
    best = costs.argmin(axis=1)
    constant = (weights * lengths**2).sum(axis=1)
    return best, costs[np.arange(len(best)), best] + constant


def place_rows_from(
    start: BallPoints, landmarks: BallPoints, lengths: Float, weights: Float, most_steps: int = ALL_THE_WAY
) -> BallPoints:
    """The nearest local minimum of each object's cost, or as near to it as `most_steps` come."""
    from .kernels.place import place_rows

    z, gap = np.array(start.z, order="C"), np.array(start.gap)
    # one layout of memory: one kernel to compile
    lengths, weights = np.ascontiguousarray(lengths), np.ascontiguousarray(weights)
    place_rows(np.ascontiguousarray(landmarks.z), landmarks.gap, lengths, weights, z, gap, most_steps)
    return BallPoints(z, gap)


def parted(points: BallPoints, scale: float, rng: np.random.RandomState) -> BallPoints:
    """The points, each moved a little: what is in one place has no direction to part in."""
    return move_from_origin(tangent_to_ball(_APART * scale * rng.standard_normal(points.z.shape)), points)
