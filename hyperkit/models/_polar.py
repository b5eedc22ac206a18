"""Distances and tangent vectors by polar coordinates, for the models in which the rays from the origin are straight."""

from __future__ import annotations

import numpy as np

from ._ball_points import BallPoints
from ._coordinate_model import Float
from ._gap import difference_of_products


def polar_parts(x: Float, y: Float, c: float) -> tuple[Float, Float]:
    """|x| - |y| and sqrt(|x| |y|) sin(theta / 2) for vectors at an angle theta, without cancellation, times sqrt(c).

    In polar coordinates ``sinh^2(d/2) = sinh^2((r - s)/2) + sinh(r) sinh(s) sin^2(theta/2)``, a sum of positive terms.
    Far out the second factor is multiplied by e^r, so for small angles it comes from the minors of (x, y), each the
    difference of two products with their rounding errors: without these, points of one ray at polar radius 27 were
    wrong by a factor of 90.
    """
    # A power of two changes no digit and keeps the products of tiny coordinates from underflow.
    largest = np.maximum(np.abs(x).max(axis=-1), np.abs(y).max(axis=-1))
    unit = np.ldexp(1.0, np.frexp(largest)[1])
    u, v = x / unit[..., None], y / unit[..., None]
    norm_u, norm_v = np.linalg.norm(u, axis=-1), np.linalg.norm(v, axis=-1)
    both = norm_u + norm_v
    climb = np.divide(((u - v) * (u + v)).sum(axis=-1), both, out=np.zeros_like(both), where=both > 0)
    dot = (u * v).sum(axis=-1)
    minors = np.zeros_like(both)
    for i in range(x.shape[-1]):
        for j in range(i):
            minors += difference_of_products(u[..., i], v[..., j], u[..., j], v[..., i]) ** 2
    acute = norm_u * norm_v + dot
    small = np.divide(minors, acute, out=np.zeros_like(both), where=acute > 0)
    squared = np.where(dot < 0, norm_u * norm_v - dot, small)
    unit = unit * np.sqrt(c)  # only now: rounding it into x and y would move points 1e-12 apart
    return unit * climb, unit * np.sqrt(squared / 2)


def stretched(v: Float, base: BallPoints, along: Float, across: Float) -> Float:
    """Vectors at `base` made longer by one factor along the ray and by another across it.

    A chart that is ``f(r) u`` at polar radius r in direction u has the factors f'(r) and f(r) / sinh(r).
    """
    norm = np.linalg.norm(base.z, axis=-1)[..., None]
    ray = np.divide(base.z, norm, out=np.zeros_like(base.z), where=norm > 0)
    radial = (v * ray).sum(axis=-1, keepdims=True) * ray
    return across[..., None] * v + (along - across)[..., None] * radial
