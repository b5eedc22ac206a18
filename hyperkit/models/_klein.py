"""Klein (Beltrami) coordinates: the ball in which geodesics are straight.

Its height is ``sqrt(1 - c |k|^2)``. A polar radius of 18 is as far as float64 goes: ``1 - |k|^2`` is about 4 e^(-2 r).
"""

from __future__ import annotations

import numpy as np

from ._ball_model import check_inside
from ._ball_points import BallPoints
from ._coordinate_model import CoordinateModel, Float
from ._gap import ball_gap, length
from ._polar import polar_parts, stretched


def _check(points: Float, c: float, name: str) -> None:
    check_inside(points, c, name, "Klein")


def _height(points: Float, c: float) -> Float:
    return np.sqrt(ball_gap(points, curvature=-c))


def _to_ball(x: Float, height: Float, c: float) -> BallPoints:
    return BallPoints(x * np.sqrt(c) / (1 + height)[..., None], 2 * height / (1 + height))


def _from_ball(points: BallPoints, c: float) -> Float:
    return 2 * points.z / (2 - points.gap)[..., None] / np.sqrt(c)


def _half_chord(x: Float, h: Float, y: Float, k: Float, c: float) -> Float:
    climb, angular = polar_parts(x, y, c)
    # Near the rim |x| - |y| is better known from the heights: h^2 = 1 - |x|^2.
    known = h * h + k * k < length(x - y) * np.sqrt(c)
    both = (length(x) + length(y)) * np.sqrt(c)
    climb = np.where(known, (k - h) * (k + h) / np.where(known, both, 1.0), climb)
    whole = climb / (h * k)  # sinh of the difference of polar radii
    return np.hypot(whole / np.sqrt(2 + 2 * np.hypot(1, whole)), angular / np.sqrt(h * k))


def _sech(base: BallPoints) -> Float:
    return base.gap / (2 - base.gap)


def _to_chart(v: Float, base: BallPoints, c: float) -> Float:
    return stretched(v, base, np.square(_sech(base)), _sech(base))


def _from_chart(v: Float, base: BallPoints, c: float) -> Float:
    return stretched(v, base, 1 / np.square(_sech(base)), 1 / _sech(base))


KLEIN = CoordinateModel(
    name="klein",
    extra_columns=0,
    check=_check,
    height=_height,
    to_ball=_to_ball,
    from_ball=_from_ball,
    half_chord=_half_chord,
    to_chart=_to_chart,
    from_chart=_from_chart,
    farthest=18.0,
    rim_gap=lambda points: np.square(_sech(points)),
)
