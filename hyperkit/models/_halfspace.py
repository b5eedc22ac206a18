"""Half-space coordinates: the last column is the height, above 0. They do not scale with the curvature.

The origin of the other models lies at (0, ..., 0, 1).
"""

from __future__ import annotations

import numpy as np

from ._ball_points import BallPoints
from ._coordinate_model import CoordinateModel, Float, first_bad
from ._gap import length


def _check(points: Float, c: float, name: str) -> None:
    bad = ~(points[..., -1] > 0)
    if bad.any():
        index, where = first_bad(bad, name)
        raise ValueError(f"{where} has height {points[index][-1]:.6g}; half-space points need a last coordinate > 0")


def _height(points: Float, c: float) -> Float:
    return points[..., -1]


def _to_ball(x: Float, height: Float, c: float) -> BallPoints:
    y = x[..., :-1]
    y_squared = np.square(y).sum(axis=-1)
    denominator = y_squared + (1 + height) ** 2
    # t^2 - 1 without cancellation near the point (0, 1), which is the origin.
    last = y_squared + (height - 1) * (height + 1)
    z = np.concatenate([2 * y, last[..., None]], axis=-1) / denominator[..., None]
    return BallPoints(z, 4 * height / denominator)


def _from_ball(points: BallPoints, c: float) -> Float:
    y, last, gap = points.z[..., :-1], points.z[..., -1], points.gap
    y_squared = np.square(y).sum(axis=-1)
    # 1 - last, which cancels above the origin: (1 - last)(1 + last) = gap + |y|^2.
    below = np.where(last > 0, (gap + y_squared) / (1 + np.abs(last)), 1 - last)
    denominator = y_squared + below**2
    return np.concatenate([2 * y, gap[..., None]], axis=-1) / denominator[..., None]


def _half_chord(x: Float, h: Float, y: Float, k: Float, c: float) -> Float:
    return length(x - y) / (2 * np.sqrt(h) * np.sqrt(k))


def _to_chart(v: Float, base: BallPoints, c: float) -> Float:
    height, normal = _mirror(base)
    return _reflected(_turned(v), normal) * (height * np.sqrt(c))[..., None]


def _from_chart(v: Float, base: BallPoints, c: float) -> Float:
    height, normal = _mirror(base)
    return _turned(_reflected(v, normal)) / (height * np.sqrt(c))[..., None]


def _mirror(base: BallPoints) -> tuple[Float, Float]:
    """Height of half-space points, and the unit normals of the mirrors in the differential of the map to them.

    The map turns the last axis round and inverts in a sphere about (0, ..., 0, -1): conformal, it reflects directions.
    """
    x = _from_ball(base, 1.0)
    normal = x.copy()
    normal[..., -1] += 1
    return x[..., -1], normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _turned(v: Float) -> Float:
    """The last axis turned round."""
    return np.concatenate([v[..., :-1], -v[..., -1:]], axis=-1)


def _reflected(v: Float, normal: Float) -> Float:
    return v - 2 * (v * normal).sum(axis=-1, keepdims=True) * normal


HALFSPACE = CoordinateModel(
    name="halfspace",
    extra_columns=0,
    check=_check,
    height=_height,
    to_ball=_to_ball,
    from_ball=_from_ball,
    half_chord=_half_chord,
    to_chart=_to_chart,
    from_chart=_from_chart,
    chord_factor=lambda c: 0.5,
)
