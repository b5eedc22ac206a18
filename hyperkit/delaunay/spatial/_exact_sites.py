"""The signs of the spatial Delaunay complex in integers, for the few that floats cannot tell.

Coordinates are read as whole multiples of the largest power of two that divides them all, so that everything here is
an integer or a fraction, and nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ...predicates import unit_exponent
from ..kernels.face import OPTIMAL, nearest_face_point


class ExactSites:
    """Points with exact coordinates, converted when first asked for.

    Parameters
    ----------
    z : ndarray of shape (n, d), float64

    Attributes
    ----------
    unit : int
        All coordinates are whole multiples of ``2 ** unit``; at most 0.
    """

    def __init__(self, z: NDArray[np.float64]) -> None:
        self._z = z
        self.unit = unit_exponent(z)
        self._rows: dict[int, list[int]] = {}

    def is_in_circumball(self, simplex: Sequence[int], p: int) -> bool:
        """Whether point p is strictly inside the circumball of `simplex`, oriented as in the mesh."""
        origin = self._row(p)
        rows = [_difference(self._row(v), origin) for v in simplex]
        value = _determinant([[*row, _dot(row, row)] for row in rows])
        return (value > 0) if len(origin) % 2 == 0 else (value < 0)

    def is_compact(self, simplex: Sequence[int]) -> bool:
        """Whether the circumball of `simplex` is inside the open unit ball."""
        normals, offsets = self._bisectors(simplex[0], simplex[1:])
        # Cramer's rule for the point y on all bisectors.
        squared = sum(
            _determinant([[*row[:c], b, *row[c + 1 :]] for row, b in zip(normals, offsets, strict=True)]) ** 2
            for c in range(len(normals))
        )
        return squared < _determinant(normals) ** 2

    def wall_meets_ball(self, site: int, other: int, neighbors: Sequence[int]) -> bool:
        """Whether the wall between the cells of two points meets the open Klein ball, given all neighbours of `site`.

        A problem of one row is solved, then the most violated of all rows joins, until none is violated.
        """
        normals, offsets = self._bisectors(site, neighbors)
        rows = [list(neighbors).index(other)]
        while True:
            status, y, *_ = nearest_face_point(
                np.array([[Fraction(a, offsets[k]) for a in normals[k]] for k in rows]),
                np.array([Fraction(1) for _ in rows]),
                0,
                Fraction(1),
                Fraction(0),
            )
            if status != OPTIMAL or _dot(y, y) >= 1:
                return False
            scale = math.lcm(*(value.denominator for value in y))
            whole = [int(value * scale) for value in y]
            violations = [Fraction(_dot(a, whole), b) for a, b in zip(normals, offsets, strict=True)]
            violations[rows[0]] = Fraction(scale)
            worst = max(range(len(violations)), key=violations.__getitem__)
            if violations[worst] <= scale:
                return True
            rows.append(worst)

    def _bisectors(self, site: int, others: Sequence[int]) -> tuple[list[list[int]], list[int]]:
        """Rows of ``a . y <= b``: the points y of the Klein ball about `site` no nearer to the others; all b > 0."""
        z = self._row(site)
        one = 1 << -self.unit
        gap = one * one - _dot(z, z)
        normals, offsets = [], []
        for k in others:
            delta = _difference(self._row(k), z)
            squared = _dot(delta, delta)
            normals.append([gap * u - squared * v for u, v in zip(delta, z, strict=True)])
            offsets.append(squared * one)
        return normals, offsets

    def _row(self, i: int) -> list[int]:
        if i not in self._rows:
            self._rows[i] = [_whole(value, self.unit) for value in self._z[i].tolist()]
        return self._rows[i]


def _whole(value: float, unit: int) -> int:
    numerator, denominator = value.as_integer_ratio()
    return (numerator << -unit) // denominator


def _difference(a: Sequence[int], b: Sequence[int]) -> list[int]:
    return [u - v for u, v in zip(a, b, strict=True)]


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(u * v for u, v in zip(a, b, strict=True))


def _determinant(matrix: list[list[int]]) -> int:
    """Determinant in integers (Bareiss 1968: all divisions leave no rest)."""
    a = [list(row) for row in matrix]
    sign, last = 1, 1
    for k in range(len(a) - 1):
        pivot = next((i for i in range(k, len(a)) if a[i][k] != 0), None)
        if pivot is None:
            return 0
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            sign = -sign
        head = a[k]
        for i in range(k + 1, len(a)):
            row = a[i]
            a[i] = [0] * (k + 1) + [(row[j] * head[k] - row[k] * head[j]) // last for j in range(k + 1, len(a))]
        last = head[k]
    return sign * a[-1][-1]
