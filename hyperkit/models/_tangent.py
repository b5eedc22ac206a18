"""Tangent vectors at the origin as coordinates: any vector of R^d, its norm the polar radius, which is its height."""

from __future__ import annotations

import numpy as np

from ._ball_points import BallPoints, polar_radius
from ._coordinate_model import CoordinateModel, Float
from ._gap import length
from ._polar import polar_parts, stretched


def tangent_to_ball(v: Float) -> BallPoints:
    """End points of the geodesics that leave the origin along `v`; beyond radius 36 ``z`` rounds onto the rim."""
    radius = np.linalg.norm(v, axis=-1)
    factor = np.divide(np.tanh(radius / 2), radius, out=np.full_like(radius, 0.5), where=radius > 0)
    return BallPoints(v * factor[..., None], 1 / np.square(np.cosh(radius / 2)))


def ball_to_tangent(points: BallPoints) -> Float:
    """Tangent vectors at the origin that end at the points; the distance is ``arcsinh(2 |z| / gap)``."""
    norm = np.linalg.norm(points.z, axis=-1)
    factor = np.divide(np.arcsinh(2 * norm / points.gap), norm, out=np.full_like(norm, 2.0), where=norm > 0)
    return points.z * factor[..., None]


def _check(points: Float, c: float, name: str) -> None:
    """Every finite vector is a tangent vector."""


def _height(points: Float, c: float) -> Float:
    return length(points) * np.sqrt(c)


def _to_ball(x: Float, height: Float, c: float) -> BallPoints:
    return tangent_to_ball(x * np.sqrt(c))


def _from_ball(points: BallPoints, c: float) -> Float:
    return ball_to_tangent(points) / np.sqrt(c)


def _half_chord(x: Float, h: Float, y: Float, k: Float, c: float) -> Float:
    climb, angular = polar_parts(x, y, c)
    return np.hypot(np.sinh(climb / 2), angular * np.sqrt(_sinhc(h) * _sinhc(k)))


def _sinhc(r: Float) -> Float:
    """sinh(r) / r, 1 at 0."""
    return np.divide(np.sinh(r), r, out=np.ones_like(r), where=r > 0)


def _to_chart(v: Float, base: BallPoints, c: float) -> Float:
    return stretched(v, base, np.ones_like(base.gap), 1 / _sinhc(polar_radius(base)))


def _from_chart(v: Float, base: BallPoints, c: float) -> Float:
    return stretched(v, base, np.ones_like(base.gap), _sinhc(polar_radius(base)))


TANGENT = CoordinateModel(
    name="tangent",
    extra_columns=0,
    check=_check,
    height=_height,
    to_ball=_to_ball,
    from_ball=_from_ball,
    half_chord=_half_chord,
    to_chart=_to_chart,
    from_chart=_from_chart,
    highest=170.0,  # products of four hyperbolic sines stay in double range
)
