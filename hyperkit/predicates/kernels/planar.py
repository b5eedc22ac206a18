"""Orientation, in-circle and horocycle signs in the plane, inlined into the triangulation's loops.

A float determinant with Shewchuk's error bounds decides nearly all of them (same paper as in `expansions`),
and an expansion the rest. Coordinates below 2^-216 other than 0 are the caller's to refuse: their fourth powers leave
the doubles.
"""

from __future__ import annotations

import numpy as np

from ..._compilation import njit, subkernel
from .expansions import add, difference, multiply, scale, sign

_EPS = 2.0**-53
_ORIENTATION_ERROR = (3.0 + 16.0 * _EPS) * _EPS
_IN_CIRCLE_ERROR = (10.0 + 96.0 * _EPS) * _EPS
# Relative error of a computed side: from the coordinate differences, their squares and sum, its root, the two gaps, the
# root of their product and the quotient, below 8 * 2^-53. Sums and differences of three sides stay within twice that.
_SIDE_ERROR = 16 * _EPS
# Relative error of Heron's formula, to the square of the sum of the squared sides: of a product of two 15 * 2^-53, of
# their sums 5.
_AREA_ERROR = 32 * _EPS
# What stands for a side where there is none to name.
INSIDE, IN_DOUBT, NO_SIDE = -1, -2, 3
# Below this, products have lost digits to underflow, and the relative bounds do not hold.
_TINY = 1e-290


@subkernel
def orientation(ax, ay, bx, by, cx, cy):
    """Sign > 0 if a, b, c turn counterclockwise, 0 if they are collinear."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    determinant = left - right
    if abs(determinant) > _ORIENTATION_ERROR * (abs(left) + abs(right)) + _TINY:
        return determinant
    return _exact_orientation(ax, ay, bx, by, cx, cy)


@subkernel
def in_circle(ax, ay, bx, by, cx, cy, px, py, exact_below):
    """Sign > 0 if p lies inside the circle through the counterclockwise triangle a, b, c; 0 if on it.

    A determinant whose terms sum up to less than `exact_below` is computed without any rounding: 2^52 u^4 if all
    coordinates are whole multiples of u. So grids, where every other sign is 0, do without expansions.
    """
    ax_p, ay_p, bx_p, by_p, cx_p, cy_p = ax - px, ay - py, bx - px, by - py, cx - px, cy - py
    a_lift, b_lift, c_lift = ax_p * ax_p + ay_p * ay_p, bx_p * bx_p + by_p * by_p, cx_p * cx_p + cy_p * cy_p
    bc, cb = bx_p * cy_p, cx_p * by_p
    ca, ac = cx_p * ay_p, ax_p * cy_p
    ab, ba = ax_p * by_p, bx_p * ay_p
    determinant = a_lift * (bc - cb) + b_lift * (ca - ac) + c_lift * (ab - ba)
    size = a_lift * (abs(bc) + abs(cb)) + b_lift * (abs(ca) + abs(ac)) + c_lift * (abs(ab) + abs(ba))
    if abs(determinant) > _IN_CIRCLE_ERROR * size + _TINY or size < exact_below:
        return determinant
    return _exact_in_circle(ax, ay, bx, by, cx, cy, px, py)


@subkernel
def _exact_orientation(ax, ay, bx, by, cx, cy):
    left = multiply(difference(ax, cx), difference(by, cy))
    right = multiply(difference(ay, cy), difference(bx, cx))
    return float(sign(add(left, scale(right, -1.0))))


@subkernel
def _exact_in_circle(ax, ay, bx, by, cx, cy, px, py):
    a = difference(ax, px), difference(ay, py)
    b = difference(bx, px), difference(by, py)
    c = difference(cx, px), difference(cy, py)
    total = add(_lifted_cross(a, b, c), _lifted_cross(b, c, a))
    return float(sign(add(total, _lifted_cross(c, a, b))))


@subkernel
def _lifted_cross(a, b, c):
    """|a|^2 (b x c)."""
    lift = add(multiply(a[0], a[0]), multiply(a[1], a[1]))
    cross = add(multiply(b[0], c[1]), scale(multiply(c[0], b[1]), -1.0))
    return multiply(lift, cross)


@njit
def rim_sides(z, gap, triangles):
    """As :func:`hyperkit.predicates.rim_sides`, and IN_DOUBT where floats cannot tell."""
    sides = np.empty(len(triangles), np.int8)
    for t in range(len(triangles)):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        # Squared sides, times the product of the three gaps; Heron's formula is positive where they make a triangle.
        a, b, c = squared_chord(z, i, j) * gap[k], squared_chord(z, j, k) * gap[i], squared_chord(z, k, i) * gap[j]
        total = a + b + c
        area = 2 * (a * b + b * c + c * a) - (a * a + b * b + c * c)
        if area > _AREA_ERROR * total * total + _TINY:
            sides[t] = INSIDE
        elif min(gap[i], gap[j], gap[k]) <= 0:
            sides[t] = NO_SIDE
        else:
            sides[t] = _rim_side(_side(z, gap, i, j), _side(z, gap, j, k), _side(z, gap, k, i))
    return sides


@subkernel
def _rim_side(first, second, third):
    """The same for these sides."""
    top = max(first, second, third)
    least = min(first, second, third)
    median = max(min(first, second), min(max(first, second), third))
    excess = (median - top) + least
    bound = _SIDE_ERROR * top
    if abs(excess) <= 2 * bound or (excess < 0 and top - median <= bound):
        return IN_DOUBT
    if excess > 0:
        return INSIDE
    return 0 if first == top else (1 if second == top else 2)


@subkernel
def squared_chord(z, i, j):
    """Square of the Euclidean distance of rows i and j of the disk."""
    dx, dy = z[i, 0] - z[j, 0], z[i, 1] - z[j, 1]
    return dx * dx + dy * dy


@subkernel
def _side(z, gap, i, j):
    return np.sqrt(squared_chord(z, i, j)) / np.sqrt(gap[i] * gap[j])
