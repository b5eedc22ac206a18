"""Which side of a triangle of Poincaré points is longest, and whether its circumcircle lies inside the unit circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernels import planar as kernels


def rim_sides(z: NDArray[np.float64], gap: NDArray[np.float64], triangles: NDArray[np.integer]) -> NDArray[np.int8]:
    """The longest side of each triangle whose circumcircle is not inside the unit circle; exact.

    With sides ``s_ij = |z_i - z_j| / sqrt(q_i q_j) = sinh(d_ij / 2)`` the circumcircle is inside the open unit disk iff
    the longest side is shorter than the sum of the other two (equality: a horocycle, not inside). Any other formula,
    such as ``|centre| + radius < 1`` in floats, goes wrong by thousands near the rim.

    Parameters
    ----------
    z : ndarray of shape (n, 2), float64
        Poincaré coordinates, taken as exact; 0 or at least 1e-65 in size.
    gap : ndarray of shape (n,), float64
        ``1 - |z|^2`` of these coordinates, to an ulp (:func:`hyperkit.models.ball_gap`); 0 for points that are none of
        the disk.
    triangles : ndarray of shape (T, k), integer
        Rows of `z`, in the first three columns: three distinct points each.

    Returns
    -------
    ndarray of shape (T,), int8
        k for the side from vertex k to vertex k + 1 (mod 3); -1 where the circumcircle is inside, 3 where a corner is
        none of the disk.
    """
    sides = kernels.rim_sides(z, gap, triangles)
    for t in np.flatnonzero(sides == kernels.IN_DOUBT):
        longest, is_inside = exact_circumcircle_test(z[triangles[t, :3]])
        sides[t] = kernels.INSIDE if is_inside else longest
    return sides


def exact_circumcircle_test(corners: NDArray[np.float64]) -> tuple[int, bool]:
    """Longest side of one triangle of shape (3, 2), and whether its circumcircle is inside; in integers.

    Squared sides times the product of the three gaps are integers A <= B <= C over a common denominator, and
    ``sqrt(C) < sqrt(A) + sqrt(B)`` iff ``C - A - B < 0`` or ``(C - A - B)^2 < 4 A B``.
    """
    ratios = [[float(x).as_integer_ratio() for x in corner] for corner in corners]
    unit = max(denominator for corner in ratios for _, denominator in corner)  # denominators are powers of two
    points = [[numerator * (unit // denominator) for numerator, denominator in corner] for corner in ratios]
    gaps = [unit * unit - x * x - y * y for x, y in points]
    squares = []
    for k in range(3):
        (x, y), (u, v) = points[k], points[(k + 1) % 3]
        squares.append(((x - u) ** 2 + (y - v) ** 2) * gaps[(k + 2) % 3])
    longest = max(range(3), key=squares.__getitem__)
    a, b, c = sorted(squares)
    rest = c - a - b
    return longest, rest < 0 or rest * rest < 4 * a * b
