"""Two embeddings in one space, one on top of the other.

Embeddings that were made apart share no coordinates, no scale and perhaps no dimension. The one of fewer dimensions is
taken as a geodesic plane in the space of the other; Q is resized about its Fréchet mean, so that its distances are as
long as those of P; the rest is the isometry of `similarity.align`, with row i of Q going to row i of P.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ...geometry import ball_frechet_mean, move_from_origin, move_to_origin
from ...models import BallPoints, ball_to_tangent, tangent_to_ball
from ...similarity.alignment import ball_align

# Rows that decide the isometry, and entries of the matrix of their derivatives, 160 MB: of 50 dimensions 313 rows.
_ROWS = 5_000
_ENTRIES = 20_000_000


def match(p: BallPoints, q: BallPoints, scale: float, rng: RandomState) -> tuple[BallPoints, BallPoints]:
    """P, and Q resized by `scale` and moved onto P, both in the space of more dimensions."""
    d = max(p.d, q.d)
    p, q = _padded(p, d), resized(_padded(q, d), scale)
    most = min(_ROWS, max(2 * d, _ENTRIES // (d * d * (d + 1) // 2)))
    rows = np.arange(len(p)) if len(p) <= most else np.sort(rng.choice(len(p), most, replace=False))
    return p, ball_align(q.take(rows), p.take(rows), reflections=True)(q)


def resized(points: BallPoints, scale: float) -> BallPoints:
    """Points at `scale` times their distance from their Fréchet mean."""
    mean = ball_frechet_mean(points)
    vectors = ball_to_tangent(move_to_origin(points, mean))
    return move_from_origin(tangent_to_ball(scale * vectors), mean)


def _padded(points: BallPoints, d: int) -> BallPoints:
    return BallPoints(np.pad(points.z, [(0, 0), (0, d - points.d)]), points.gap)
