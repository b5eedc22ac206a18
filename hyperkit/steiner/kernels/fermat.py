"""The Fermat point of three points, in any dimension: the point from which a shortest tree runs to them.

Three points lie in a geodesic plane, so where their Fermat point is follows from the three sides alone: seen from it
they are 120 degrees apart, which fixes its distances to them. Its coordinates are then a positive combination of
theirs. Nothing here cancels, neither for triangles of size 1e-12 nor near the rim. Sides are given as their squared
half-chord, sinh^2(side / 2).
"""

from __future__ import annotations

import math

from ..._compilation import bare_subkernel
from ...geometry.kernels.metric import copy_row, squared_half_chord

# Newton's error goes with the square of the last step.
SMALL_STEP = 1e-8
_MAX_STEPS = 30
# Steps shorter than this share of the perimeter are rounding.
_ROUNDING = 1e-15
# Of a series in the square, what comes after its fifth term is 1e-16 here.
_SMALL_SQUARE = 1e-3
# Triangles with a shorter walk around them are nearly flat.
_FLAT = 2.0
# Below this the third power of a sinh is nothing to Newton's method.
_SMALL_SINH = 0.1
# The share of x within which three terms of e^dx - 1 are enough.
_SMALL_MOVE = 1e-4


@bare_subkernel
def fermat_distances(a, b, c, small_step):
    """Distances of the Fermat point of a triangle to its corners A, B, C, which face the sides a, b, c.

    Sides are squared half-chords. Where the angle at a corner is 120 degrees or more, that corner is the Fermat point.
    Else the distances x, y, w solve ``sinh^2(c/2) = sinh^2((x-y)/2) + 3/4 sinh x sinh y`` and so on, the law of
    cosines for 120 degrees. Solved for the side, its derivatives are between 1/2 and 1, so Newton's method cannot go
    astray. It ends with the first step that is no longer than the share `small_step` of the shortest side.
    """
    half_a, half_b, half_c = _half(a), _half(b), _half(c)
    la, lb, lc = _length(a, half_a), _length(b, half_b), _length(c, half_c)
    # Only the angle that faces the longest side can be that wide.
    if a >= b and a >= c:
        if _is_wide(a, half_b, half_c):
            return 0.0, lc, lb
    elif b >= c:
        if _is_wide(b, half_c, half_a):
            return lc, 0.0, la
    elif _is_wide(c, half_a, half_b):
        return lb, la, 0.0
    x, y, w = _first_distances(la, lb, lc)
    enough = small_step * min(la, lb, lc) + _ROUNDING * (la + lb + lc)
    # e^x - 1 gives sinh, cosh and differences without cancellation.
    ex, ey, ew = math.expm1(x), math.expm1(y), math.expm1(w)
    for _ in range(_MAX_STEPS):
        ra, ay, aw = _side(a, half_a, ey, ew)
        rb, bx, bw = _side(b, half_b, ex, ew)
        rc, cx, cy = _side(c, half_c, ex, ey)
        determinant = ay * bw * cx + aw * bx * cy
        dx = max((-ra * bw * cy + ay * bw * rc + aw * rb * cy) / determinant, -7 * x / 8)
        dy = max((ra * bw * cx + aw * bx * rc - aw * rb * cx) / determinant, -7 * y / 8)
        dw = max((-ay * bx * rc + ay * rb * cx + ra * bx * cy) / determinant, -7 * w / 8)
        x, y, w = x + dx, y + dy, w + dw
        if abs(dx) + abs(dy) + abs(dw) <= enough:
            break
        ex, ey, ew = _moved(ex, x, dx), _moved(ey, y, dy), _moved(ew, w, dw)
    return x, y, w


@bare_subkernel
def _half(square):
    """sinh and cosh of half a side."""
    return math.sqrt(square), math.sqrt(1 + square)


@bare_subkernel
def _length(square, half):
    """The length of a side; its series where that is as precise, as logarithms take longer than the rest."""
    sinh, cosh = half
    if square < _SMALL_SQUARE:
        return 2 * sinh * (1 - square * (1 / 6 - square * (3 / 40 - square * (15 / 336 - square * (105 / 3456)))))
    return math.log1p(2 * sinh * (sinh + cosh))


@bare_subkernel
def _is_wide(a, half_b, half_c):
    """The angle between b and c, which faces the longest side a, is at least 120 degrees or undefined."""
    (sinh_b, cosh_b), (sinh_c, cosh_c) = half_b, half_c
    if sinh_b == 0 or sinh_c == 0:
        return True
    difference = sinh_b * cosh_c - sinh_c * cosh_b
    return a >= difference * difference + 3 * sinh_b * cosh_b * sinh_c * cosh_c


@bare_subkernel
def _first_distances(la, lb, lc):
    """About the distances of the Fermat point, for Newton's method to begin with."""
    shortest, around = min(la, lb, lc), la + lb + lc
    # Rounding must not make them 0 where one side is 1e-16 of the others.
    least = shortest / 8
    if around > _FLAT:
        # Where the incircle touches: the answer but for a bounded error, however large the triangle.
        return max(around / 2 - la, least), max(around / 2 - lb, least), max(around / 2 - lc, least)
    # Those of a triangle in the Euclidean plane.
    a, b, c = la * la, lb * lb, lc * lc
    area = math.sqrt(max(around * (around - 2 * la) * (around - 2 * lb) * (around - 2 * lc), 0.0)) / 4
    total = (a + b + c) / 2 + 2 * math.sqrt(3.0) * area
    share = 1 / (3 * math.sqrt(total))
    return (
        max((total + b + c - 2 * a) * share, least),
        max((total + c + a - 2 * b) * share, least),
        max((total + a + b - 2 * c) * share, least),
    )


@bare_subkernel
def _side(square, half, ex, ey):
    """By how much a side is longer than the one opposite an angle of 120 degrees between sides x and y.

    Of x and y it takes e^x - 1 and e^y - 1. Also gives the derivatives of the latter by them.
    """
    fx, fy = ex + 1, ey + 1
    # Twice sinh and cosh of x and y, times e^x and e^y.
    sinh_x, sinh_y = ex * (ex + 2), ey * (ey + 2)
    cosh_x, cosh_y = 2 * fx + ex * ex, 2 * fy + ey * ey
    scale = 1 / (4 * fx * fy)
    own = ((ex - ey) * (ex - ey) + 0.75 * sinh_x * sinh_y) * scale
    sinh, cosh = half
    own_sinh, own_cosh = math.sqrt(own), math.sqrt(1 + own)
    # sinh of half the difference.
    t = (square - own) / (sinh * own_cosh + cosh * own_sinh)
    # Where it is small, right to the order that counts for Newton's method.
    longer = 2 * t * (1 - t * t / 6) if abs(t) < _SMALL_SINH else 2 * math.asinh(t)
    scale /= 2 * own_sinh * own_cosh
    return longer, (sinh_x * cosh_y + 0.5 * cosh_x * sinh_y) * scale, (sinh_y * cosh_x + 0.5 * cosh_y * sinh_x) * scale


@bare_subkernel
def _moved(ex, x, dx):
    """e^x - 1, where x has grown by dx, from what it was before."""
    return ex + (1 + ex) * dx * (1 + dx * (0.5 + dx / 6)) if abs(dx) < _SMALL_MOVE * x else math.expm1(x)


@bare_subkernel
def place_fermat(z, gap, row, i, j, k, x, y, w):
    """Put the Fermat point of rows i, j, k, at distances x, y, w from them, into `row`.

    On the hyperboloid it is the sum of the points over the sinh of their distances, times a factor.
    """
    if x == 0.0 or y == 0.0 or w == 0.0:
        corner = i if x == 0.0 else (j if y == 0.0 else k)
        copy_row(z, gap, corner, z, gap, row)
        return
    ex, ey, ew = math.expm1(x), math.expm1(y), math.expm1(w)
    # 2 / sinh
    sx, sy, sw = 4 * (ex + 1) / (ex * (ex + 2)), 4 * (ey + 1) / (ey * (ey + 2)), 4 * (ew + 1) / (ew * (ew + 2))
    u, v, t = sx / gap[i], sy / gap[j], sw / gap[k]
    # coth x - 1 / sinh x = tanh(x / 2) keeps the time coordinate free of differences.
    halves = ex / (ex + 2) + ey / (ey + 2) + ew / (ew + 2)
    total = u + v + t + halves
    for c in range(z.shape[1]):
        z[row, c] = (u * z[i, c] + v * z[j, c] + t * z[k, c]) / total
    # coth x = tanh(x / 2) + 1 / sinh x
    gap[row] = (sx + sy + sw + 2 * halves) / total


@bare_subkernel
def join_to_edge(z, gap, row, y, u, v):
    """Put the Fermat point of rows y, u, v into `row`."""
    x, s, t = fermat_distances(
        squared_half_chord(z, gap, u, v),
        squared_half_chord(z, gap, y, v),
        squared_half_chord(z, gap, y, u),
        SMALL_STEP,
    )
    place_fermat(z, gap, row, y, u, v, x, s, t)
