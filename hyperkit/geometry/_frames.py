"""Tangent vectors in two frames: the orthonormal one that the package computes in, and the chart of the user's model.

Orthonormal components are those in the frame that parallel transport along the ray carries from the origin. Chart
components are velocities of the coordinates: what geoopt and geomstats take and give. A chart in which the ray is
straight stretches a vector by one factor along the ray and by another across it; so do all models but the half-space,
which reflects it.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..models import BallPoints, Model, curvature_radius, from_ball, length, place, polar_radius

Frame = Literal["orthonormal", "chart"]
Float = NDArray[np.float64]

# How far a hyperboloid vector may lie off the tangent plane, relative to its length: what float32 rows are off by, and
# more, as for points.
_PLANE_TOLERANCE = 1e-6


def check_frame(frame: str) -> None:
    """Raise ValueError unless `frame` is one of the two."""
    if frame not in get_args(Frame):
        raise ValueError(f"frame={frame!r} is not known; choose 'orthonormal' or 'chart'")


def to_chart(v: Float, base: BallPoints, model: Model, curvature: float) -> Float:
    """Chart components of vectors at `base` with the orthonormal components `v`; leading axes broadcast."""
    if model == "halfspace":
        height, normal = _mirror(base)
        return _reflected(_turned(v), normal) * (height / curvature_radius(curvature))[..., None]
    along, across = _stretch(base, model)
    moved = _stretched(v, base, along, across)
    if model != "hyperboloid":
        return moved
    time = 2 * (base.z * v).sum(axis=-1) / base.gap
    return np.concatenate([time[..., None], moved], axis=-1)


def from_chart(v: Float, base: BallPoints, model: Model, curvature: float) -> Float:
    """Orthonormal components of vectors at `base` with the chart components `v`; inverse of :func:`to_chart`.

    Raises
    ------
    ValueError
        A vector of the hyperboloid is not tangent to it.
    """
    if model == "halfspace":
        height, normal = _mirror(base)
        return _turned(_reflected(v, normal)) * (curvature_radius(curvature) / height)[..., None]
    if model == "hyperboloid":
        _check_tangent_plane(v, base)
        v = v[..., 1:]
    along, across = _stretch(base, model)
    return _stretched(v, base, 1 / along, 1 / across)


def _stretch(base: BallPoints, model: Model) -> tuple[Float, Float]:
    """Length in the chart (hyperboloid: in space) of unit vectors along and across the ray; the same at any curvature.

    The charts of these models are ``f(r) u`` at polar radius r in direction u, so the factors are f'(r) and
    f(r) / sinh(r).
    """
    other = 2 - base.gap  # 1 + |z|^2
    if model == "poincare":
        return base.gap / 2, base.gap / 2
    if model == "klein":
        return np.square(base.gap / other), base.gap / other
    if model == "hyperboloid":
        return other / base.gap, np.ones_like(base.gap)
    radius = polar_radius(base)
    sinh = 2 * np.linalg.norm(base.z, axis=-1) / base.gap
    return np.ones_like(radius), np.divide(radius, sinh, out=np.ones_like(radius), where=sinh > 0)


def _stretched(v: Float, base: BallPoints, along: Float, across: Float) -> Float:
    norm = np.linalg.norm(base.z, axis=-1)[..., None]
    ray = np.divide(base.z, norm, out=np.zeros_like(base.z), where=norm > 0)
    radial = (v * ray).sum(axis=-1, keepdims=True) * ray
    return across[..., None] * v + (along - across)[..., None] * radial


def _check_tangent_plane(v: Float, base: BallPoints) -> None:
    space = v[..., 1:]
    expected = 2 * (base.z * space).sum(axis=-1) / (2 - base.gap)
    bad = ~(np.abs(v[..., 0] - expected) <= _PLANE_TOLERANCE * length(space))
    if bad.any():
        index, where = place(bad, "v")
        raise ValueError(
            f"{where} has the time component {v[index][0]:.6g}, but a vector tangent to the hyperboloid there has "
            f"{expected[index]:.6g} over these spatial components; is it one of frame='orthonormal'?"
        )


def _mirror(base: BallPoints) -> tuple[Float, Float]:
    """Height of half-space points, and the unit normals of the mirrors in the differential of the map to them.

    The map turns the last axis round and inverts in a sphere about (0, ..., 0, -1): conformal, it reflects directions.
    """
    x = from_ball(base, "halfspace")
    normal = x.copy()
    normal[..., -1] += 1
    return x[..., -1], normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _turned(v: Float) -> Float:
    """The last axis turned round."""
    return np.concatenate([v[..., :-1], -v[..., -1:]], axis=-1)


def _reflected(v: Float, normal: Float) -> Float:
    return v - 2 * (v * normal).sum(axis=-1, keepdims=True) * normal
