"""Metric kernels on :class:`~hyperkit.models.BallPoints`: what the floors above compute with.

Distances, and the Möbius translations that carry a point to the origin and back. Each formula is written in the
difference of two points and their gaps, where all terms of a sum have one sign, so that nothing cancels: neither for
points 1e-12 apart nor for points 1e-15 from the rim. In comes what :func:`hyperkit.models.to_ball` gave; nothing is
validated again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ..models import BallPoints, length


def half_chord(a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """sinh(d/2) = |z - w| / sqrt(q_z q_w), row by row with broadcasting."""
    return length(a.z - b.z) / np.sqrt(a.gap * b.gap)


def ball_distance(a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """Hyperbolic distance row by row, leading axes broadcast."""
    return 2 * np.arcsinh(half_chord(a, b))


def ball_distance_matrix(a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """Hyperbolic distances of all pairs, shape (n, m), dense: O(n m) memory."""
    matrix = cdist(a.z, b.z)
    matrix /= np.sqrt(a.gap)[:, None]
    matrix /= np.sqrt(b.gap)[None, :]
    np.arcsinh(matrix, out=matrix)
    matrix *= 2
    return matrix


def move_to_origin(points: BallPoints, origin: BallPoints) -> BallPoints:
    """Move `points` by the translation that carries `origin` to 0 along their geodesic.

    With ``delta = z - a`` the Möbius translation is ``(q_a delta - |delta|^2 a) / (|delta|^2 + q_a q_z)`` and the
    new gap is ``q_a q_z / (|delta|^2 + q_a q_z)``. Its differential at ``a`` turns nothing: directions seen from
    ``a`` are the directions of the result. Leading axes broadcast.
    """
    delta = points.z - origin.z
    squared = np.square(delta).sum(axis=-1)
    gaps = origin.gap * points.gap
    denominator = squared + gaps
    z = (origin.gap[..., None] * delta - squared[..., None] * origin.z) / denominator[..., None]
    return BallPoints(z, gaps / denominator)


def move_from_origin(points: BallPoints, origin: BallPoints) -> BallPoints:
    """Move `points` by the translation that carries 0 to `origin`; inverse of :func:`move_to_origin`."""
    return move_to_origin(points, BallPoints(-origin.z, origin.gap))


def directions(a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """Unit tangent vectors at `a` towards `b`, leading axes broadcast; zero where they coincide."""
    z = move_to_origin(b, a).z
    norm = length(z)[..., None]
    return np.divide(z, norm, out=np.zeros_like(z), where=norm > 0)


def ball_geodesic(a: BallPoints, b: BallPoints, t: NDArray[np.float64]) -> BallPoints:
    """Points at fractions `t` of shape (k,) of the geodesics from `a` to `b`, of shape (..., k)."""
    a = BallPoints(a.z[..., None, :], a.gap[..., None])
    b = BallPoints(b.z[..., None, :], b.gap[..., None])
    whole = ball_distance(a, b)
    # sinh(s d) / sinh(d), written so that neither overflows nor, at d = 0, divides by zero.
    with np.errstate(invalid="ignore"):
        weight_a, weight_b = (
            np.where(whole > 0, np.exp((s - 1) * whole) * np.expm1(-2 * s * whole) / np.expm1(-2 * whole), s)
            for s in (1 - t, t)
        )
    # Spatial and time coordinates are 2z/q and (2-q)/q; the ball point is spatial / (1 + time).
    a_part, b_part = weight_a / a.gap, weight_b / b.gap
    scale = 1 + a_part * (2 - a.gap) + b_part * (2 - b.gap)
    z = (2 * a_part / scale)[..., None] * a.z + (2 * b_part / scale)[..., None] * b.z
    return BallPoints(z, 2 / scale)
