"""Which side of a triangle of Poincaré points is longest, and whether its circumcircle lies inside the unit circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .kernels.planar import circumcircle_signs


def circumcircle_tests(
    z: NDArray[np.float64], gap: NDArray[np.float64], triangles: NDArray[np.integer]
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Longest side of each triangle, and whether its circumcircle lies inside the unit circle; both exact.

    With sides ``s_ij = |z_i - z_j| / sqrt(q_i q_j) = sinh(d_ij / 2)`` the circumcircle is inside the open unit disk iff
    the longest side is shorter than the sum of the other two (equality: a horocycle, not inside). Any other formula,
    such as ``|centre| + radius < 1`` in floats, goes wrong by thousands near the rim.

    Parameters
    ----------
    z : ndarray of shape (n, 2), float64
        Poincaré coordinates, taken as exact; 0 or at least 1e-65 in size.
    gap : ndarray of shape (n,), float64
        ``1 - |z|^2`` of these coordinates, to a few ulps (:func:`hyperkit.models.ball_gap`).
    triangles : ndarray of shape (T, 3), integer
        Rows of `z`, three distinct points each.

    Returns
    -------
    longest : ndarray of shape (T,), int8
        k for the side from vertex k to vertex k + 1 (mod 3). Exact where `inside` is False, which is where it counts.
    inside : ndarray of shape (T,), bool
    """
    longest, signs = circumcircle_signs(z, gap, triangles)
    inside = signs > 0
    for t in np.flatnonzero(signs == 0):
        longest[t], inside[t] = exact_circumcircle_test(z[triangles[t]])
    return longest, inside


def exact_circumcircle_test(corners: NDArray[np.float64]) -> tuple[int, bool]:
    """The test of :func:`circumcircle_tests` for one triangle of shape (3, 2), in integers.

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
