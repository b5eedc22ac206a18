"""The Fermat point of three points, in any dimension: the point from which a shortest tree runs to them.

Three points lie in a geodesic plane, so where their Fermat point is follows from the three sides alone: seen from it
they are 120 degrees apart, which fixes its distances to them. Its coordinates are then a positive combination of
theirs. Nothing here cancels, neither for triangles of size 1e-12 nor near the rim. Sides are given as their squared
half-chord, sinh^2(side / 2).
"""

from __future__ import annotations

import math

from ..._compilation import subkernel
from ...geometry.kernels.metric import copy_row, side_length, squared_half_chord

# Newton's error goes with the square of the last step.
SMALL_STEP = 1e-8
_MAX_STEPS = 30
# Steps shorter than this share of the perimeter are rounding.
_ROUNDING = 1e-15


@subkernel
def fermat_distances(a, b, c, small_step):
    """Distances of the Fermat point of a triangle to its corners A, B, C, which face the sides a, b, c.

    Sides are squared half-chords. Where the angle at a corner is 120 degrees or more, that corner is the Fermat point.
    Else the distances x, y, w solve ``sinh^2(c/2) = sinh^2((x-y)/2) + 3/4 sinh x sinh y`` and so on, the law of
    cosines for 120 degrees. Solved for the side, its derivatives are between 1/2 and 1, so Newton's method cannot go
    astray. It ends with the first step that is no longer than the share `small_step` of the shortest side.
    """
    la, lb, lc = side_length(a), side_length(b), side_length(c)
    # Only the angle that faces the longest side can be that wide.
    if a >= b and a >= c:
        if _is_wide(a, b, c):
            return 0.0, lc, lb
    elif b >= c:
        if _is_wide(b, c, a):
            return lc, 0.0, la
    elif _is_wide(c, a, b):
        return lb, la, 0.0
    # Where the incircle touches: the answer but for a bounded error, however large the triangle. Rounding must not
    # make it 0 where one side is 1e-16 of the others.
    shortest = min(la, lb, lc)
    least = shortest / 8
    x, y, w = max((lb + lc - la) / 2, least), max((lc + la - lb) / 2, least), max((la + lb - lc) / 2, least)
    enough = small_step * shortest + _ROUNDING * (la + lb + lc)
    for _ in range(_MAX_STEPS):
        # e^x - 1 gives sinh, cosh and differences without cancellation.
        ex, ey, ew = math.expm1(x), math.expm1(y), math.expm1(w)
        side_a, ay, aw = _side(ey, ew)
        side_b, bx, bw = _side(ex, ew)
        side_c, cx, cy = _side(ex, ey)
        ra, rb, rc = la - side_a, lb - side_b, lc - side_c
        determinant = ay * bw * cx + aw * bx * cy
        dx = (-ra * bw * cy + ay * bw * rc + aw * rb * cy) / determinant
        dy = (ra * bw * cx + aw * bx * rc - aw * rb * cx) / determinant
        dw = (-ay * bx * rc + ay * rb * cx + ra * bx * cy) / determinant
        x, y, w = max(x + dx, x / 8), max(y + dy, y / 8), max(w + dw, w / 8)
        if abs(dx) + abs(dy) + abs(dw) <= enough:
            break
    return x, y, w


@subkernel
def _is_wide(a, b, c):
    """The angle between b and c, which faces the longest side a, is at least 120 degrees or undefined."""
    if b == 0 or c == 0:
        return True
    sinh_b, sinh_c = math.sqrt(b * (1 + b)), math.sqrt(c * (1 + c))  # half of them
    difference = math.sqrt(b * (1 + c)) - math.sqrt(c * (1 + b))
    return a >= difference * difference + 3 * sinh_b * sinh_c


@subkernel
def _side(ex, ey):
    """The side opposite an angle of 120 degrees between sides x and y, and its derivatives by them.

    Of x and y it takes e^x - 1 and e^y - 1.
    """
    fx, fy = ex + 1, ey + 1
    sinh_x, sinh_y = ex * (ex + 2) / (2 * fx), ey * (ey + 2) / (2 * fy)
    cosh_x, cosh_y = 1 + ex * ex / (2 * fx), 1 + ey * ey / (2 * fy)
    square = (ex - ey) * (ex - ey) / (4 * fx * fy) + 0.75 * sinh_x * sinh_y
    half_sinh = math.sqrt(square * (1 + square))
    return (
        math.log1p(2 * (square + half_sinh)),
        (sinh_x * cosh_y + 0.5 * cosh_x * sinh_y) / (2 * half_sinh),
        (sinh_y * cosh_x + 0.5 * cosh_y * sinh_x) / (2 * half_sinh),
    )


@subkernel
def place_fermat(z, gap, row, i, j, k, x, y, w):
    """Put the Fermat point of rows i, j, k, at distances x, y, w from them, into `row`.

    On the hyperboloid it is the sum of the points over the sinh of their distances, times a factor.
    """
    if x == 0.0 or y == 0.0 or w == 0.0:
        corner = i if x == 0.0 else (j if y == 0.0 else k)
        copy_row(z, gap, corner, z, gap, row)
        return
    sinh_x, sinh_y, sinh_w = math.sinh(x), math.sinh(y), math.sinh(w)
    u, v, t = 2 / (sinh_x * gap[i]), 2 / (sinh_y * gap[j]), 2 / (sinh_w * gap[k])
    # coth x - 1 / sinh x = tanh(x / 2) keeps the time coordinate free of differences.
    total = u + v + t + math.tanh(x / 2) + math.tanh(y / 2) + math.tanh(w / 2)
    for c in range(z.shape[1]):
        z[row, c] = (u * z[i, c] + v * z[j, c] + t * z[k, c]) / total
    gap[row] = 2 * (1 / math.tanh(x) + 1 / math.tanh(y) + 1 / math.tanh(w)) / total


@subkernel
def join_to_edge(z, gap, row, y, u, v):
    """Put the Fermat point of rows y, u, v into `row`."""
    x, s, t = fermat_distances(
        squared_half_chord(z, gap, u, v),
        squared_half_chord(z, gap, y, v),
        squared_half_chord(z, gap, y, u),
        SMALL_STEP,
    )
    place_fermat(z, gap, row, y, u, v, x, s, t)
