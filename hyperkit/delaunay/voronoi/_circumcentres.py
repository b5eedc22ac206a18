"""Circumcentres of hyperbolic Delaunay simplices: the vertices of the Voronoi diagram.

In come points of the ball and simplices whose circumscribed ball lies inside the unit ball; out go their centres as
:class:`Circumcentres`. A centre is found as a direction and a distance from a corner of its simplex, and moved to its
place only then: seen from the origin, a simplex of size 1 at polar radius 18 has lost half its digits. Where floats are
not sure of ten digits (nearly on a horosphere, or a needle) the equations are solved in fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import move_from_origin
from ...models import BallPoints, length
from .kernels.cells import circumcentres

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_EPSILON = 2.0**-52
# Rounding of the float solution, in units of the condition number; and the error allowed, relative to 1 - |y|^2.
_ROUNDINGS = 64
_LARGEST_ERROR = 1e-8
# Farther than 6 from its corners, by 1 - |y|^2, and nearer than 2 to the origin, by its gap.
_FAR, _NEAR_ORIGIN = 2.5e-5, 0.42
_LARGEST_MOVE = 0.01


class Circumcentres(NamedTuple):
    """Centres of the circumscribed balls of simplices."""

    points: BallPoints
    """The centres, shape (T,)."""
    seen: Float
    """In the plane, shape (T, 3, 2): the centre in Poincaré coordinates after each corner was moved to the origin."""
    gap_seen: Float
    """Shape (T,): the gap of `seen`, the same from each corner."""


def planar_circumcentres(sites: BallPoints, triangles: Int) -> Circumcentres:
    """Circumcentres of `triangles` (T, 3) of points of the disk."""
    z, gap = sites.z, sites.gap
    direction, squared_sinh, best, in_doubt = circumcentres(z, gap, triangles)
    for t in np.flatnonzero(in_doubt):
        for corner in range(3):
            direction[t, corner], squared = _exact_circumcentre(z[np.roll(triangles[t], -corner)])
        squared_sinh[t] = float(squared / (1 - squared))
    cosh = np.sqrt(1 + squared_sinh)
    # tanh(R / 2) and sech(R / 2)^2.
    seen = direction * (np.sqrt(squared_sinh) / (1 + cosh))[:, None, None]
    gap_seen = 2 / (1 + cosh)
    row = np.arange(len(triangles))
    corner = triangles[row, best]
    points = move_from_origin(BallPoints(seen[row, best], gap_seen), sites.take(corner))
    _sharpen_near_origin(points, 1 / (1 + squared_sinh), sites, triangles)
    return Circumcentres(points, seen, gap_seen)


def bisectors(a: BallPoints, b: BallPoints) -> tuple[Float, Float]:
    """The hyperplanes ``normal . y = offset`` in the Klein ball of the points as far from `a` as from `b`.

    ``normal`` points to `a`; its squared length is ``offset^2`` and the product of the gaps. Leading axes broadcast.
    """
    delta, total = a.z - b.z, a.z + b.z
    size = length(delta)
    unit = delta / size[..., None]
    # q_b - q_a over the size of delta, by whichever way has the smaller rounding error: the points may be close to
    # each other, or far apart and close to the rim.
    is_close = size * length(total) < a.gap + b.gap
    offset = np.where(is_close, (unit * total).sum(axis=-1), (b.gap - a.gap) / size)
    return b.gap[..., None] * unit + offset[..., None] * b.z, offset


def spatial_circumcentres(sites: BallPoints, simplices: Int) -> BallPoints:
    """Circumcentres of `simplices` (T, d + 1) of points of the ball in any dimension."""
    z = sites.z
    first, others = sites.take(simplices[:, 0]), simplices[:, 1:]
    delta = z[others] - first.z[:, None]
    size = length(delta)[..., None]
    normals = first.gap[:, None, None] / size * (delta / size) - first.z[:, None]
    scale = length(normals)
    units = normals / scale[..., None]
    values = np.linalg.svd(units, compute_uv=False)
    solvable = values[:, -1] > values[:, 0] * _EPSILON
    y = np.zeros_like(first.z)
    y[solvable] = np.linalg.solve(units[solvable], 1 / scale[solvable, :, None])[..., 0]
    klein_gap = 1 - np.square(y).sum(axis=-1)
    error = _ROUNDINGS * _EPSILON * values[:, 0]
    for t in np.flatnonzero(~solvable | (error > _LARGEST_ERROR * values[:, -1] * klein_gap)):
        direction, squared = _exact_circumcentre(z[simplices[t]])
        y[t] = direction * math.sqrt(squared)
        klein_gap[t] = float(1 - squared)
    root = np.sqrt(klein_gap)
    points = move_from_origin(BallPoints(y / (1 + root)[:, None], 2 * root / (1 + root)), first)
    _sharpen_near_origin(points, klein_gap, sites, simplices)
    return points


def _sharpen_near_origin(points: BallPoints, klein_gap: Float, sites: BallPoints, simplices: Int) -> None:
    """Solve again, in place and in the given frame, for centres near the origin that are far from their corners.

    Seen from a corner at distance R the others lie within an angle of ``exp(-R)``, and the centre moves by ``exp(R)``
    times the error of its direction: in all up to ``exp(2 R)`` roundings, in fractions 5e-4 at R = 30. The new solution
    is taken if it lies within that error of the old one.
    """
    rows = np.flatnonzero((klein_gap < _FAR) & (points.gap > _NEAR_ORIGIN))
    corners = sites.take(simplices[rows])
    normal, offset = bisectors(corners.take(np.s_[:, :1]), corners.take(np.s_[:, 1:]))
    norm = length(normal)
    units = normal / norm[..., None]
    solvable = np.linalg.det(units) != 0
    rows, y = rows[solvable], np.linalg.solve(units[solvable], (offset / norm)[solvable, :, None])[..., 0]
    squared = np.square(y).sum(axis=-1)
    root = np.sqrt(np.maximum(1 - squared, 0))
    moved = y / (1 + root)[:, None]
    agrees = length(moved - points.z[rows]) < np.minimum(_ROUNDINGS * _EPSILON / klein_gap[rows], _LARGEST_MOVE)
    points.z[rows[agrees]] = moved[agrees]
    points.gap[rows[agrees]] = (2 * root / (1 + root))[agrees]


def _exact_circumcentre(corners: Float) -> tuple[Float, Fraction]:
    """Unit vector to the circumcentre y, seen from the first corner in the Klein ball, and ``|y|^2``.

    Exact, as small clusters need it itself and circles near horocycles its difference from 1.
    """
    a, *others = ([Fraction(value) for value in corner] for corner in corners.tolist())
    gap = 1 - sum((value * value for value in a), Fraction(0))
    rows = []
    for other in others:
        delta = [value - base for value, base in zip(other, a, strict=True)]
        factor = gap / sum((value * value for value in delta), Fraction(0))
        rows.append([factor * value - base for value, base in zip(delta, a, strict=True)] + [Fraction(1)])
    y = _solve(rows)
    squared = sum((value * value for value in y), Fraction(0))
    largest = max(abs(value) for value in y)
    if largest == 0:
        return np.zeros(len(y)), squared
    direction = np.array([float(value / largest) for value in y])
    return direction / length(direction), squared


def _solve(rows: list[list[Fraction]]) -> list[Fraction]:
    """Solution of linear equations, each row its coefficients and the right side; Gauss and Jordan."""
    for column in range(len(rows)):
        pivot = next(row for row in range(column, len(rows)) if rows[row][column] != 0)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [value / scale for value in rows[column]]
        for row in range(len(rows)):
            factor = rows[row][column]
            if row != column and factor != 0:
                rows[row] = [value - factor * base for value, base in zip(rows[row], rows[column], strict=True)]
    return [row[-1] for row in rows]
