"""Hyperboloid (Lorentz) coordinates: time first, then space, on the upper sheet ``-x0^2 + |x|^2 = -1 / c``.

A row is defined by its spatial part: the time coordinate is checked to 1e-6, then computed anew. Its height is the time
at curvature -1.
"""

from __future__ import annotations

import numpy as np

from ._ball_points import BallPoints
from ._coordinate_model import CoordinateModel, Float, first_bad, show
from ._gap import length
from ._polar import polar_parts, stretched

# How far a given x0 may lie off the sheet, relative: float32 rows are off by 1e-7, mistakes by much more.
_SHEET_TOLERANCE = 1e-6
# The same for a vector off the tangent plane, relative to its length.
_PLANE_TOLERANCE = 1e-6


def sheet_time(spatial: Float, curvature: float) -> Float:
    """Time coordinate of the hyperboloid's upper sheet over spatial coordinates of shape (..., d)."""
    return np.hypot(1 / np.sqrt(-curvature), length(spatial))


def _check(points: Float, c: float, name: str) -> None:
    time = points[..., 0]
    expected = sheet_time(points[..., 1:], -c)
    bad = ~(np.abs(time - expected) <= _SHEET_TOLERANCE * expected)
    if bad.any():
        index, where = first_bad(bad, name)
        raise ValueError(
            f"{where} is {show(points[index])}, but the sheet -x0^2 + |x|^2 = {-1 / c:g} has "
            f"x0 = {expected[index]:.6g} over this x; the time coordinate comes first and is positive"
        )


def _height(points: Float, c: float) -> Float:
    return sheet_time(points[..., 1:], -c) * np.sqrt(c)


def _to_ball(x: Float, time: Float, c: float) -> BallPoints:
    return BallPoints(x[..., 1:] * np.sqrt(c) / (1 + time)[..., None], 2 / (1 + time))


def _from_ball(points: BallPoints, c: float) -> Float:
    gap = points.gap[..., None]
    return np.concatenate([2 - gap, 2 * points.z], axis=-1) / gap / np.sqrt(c)


def _half_chord(x: Float, h: Float, y: Float, k: Float, c: float) -> Float:
    x, y = x[..., 1:], y[..., 1:]
    climb, angular = polar_parts(x, y, c)
    return np.hypot(climb / np.sqrt(2 + 2 * (h * k + c * length(x) * length(y))), angular)


def _cosh(base: BallPoints) -> Float:
    return (2 - base.gap) / base.gap


def _to_chart(v: Float, base: BallPoints, c: float) -> Float:
    time = 2 * (base.z * v).sum(axis=-1) / base.gap
    space = stretched(v, base, _cosh(base), np.ones_like(base.gap))
    return np.concatenate([time[..., None], space], axis=-1)


def _from_chart(v: Float, base: BallPoints, c: float) -> Float:
    time, space = v[..., 0], v[..., 1:]
    expected = 2 * (base.z * space).sum(axis=-1) / (2 - base.gap)
    bad = ~(np.abs(time - expected) <= _PLANE_TOLERANCE * length(space))
    if bad.any():
        index, where = first_bad(bad, "v")
        raise ValueError(
            f"{where} has the time component {time[index]:.6g}, but a vector tangent to the hyperboloid there has "
            f"{expected[index]:.6g} over these spatial components; is it one of frame='orthonormal'?"
        )
    return stretched(space, base, 1 / _cosh(base), np.ones_like(base.gap))


HYPERBOLOID = CoordinateModel(
    name="hyperboloid",
    extra_columns=1,
    check=_check,
    height=_height,
    to_ball=_to_ball,
    from_ball=_from_ball,
    half_chord=_half_chord,
    to_chart=_to_chart,
    from_chart=_from_chart,
    highest=np.cosh(170.0),  # products of four hyperbolic sines stay in double range
)
