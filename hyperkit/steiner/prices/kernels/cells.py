"""Cells that cover the places of a branch's root, and what is known of the edges that leave them.

A cell is a disc: a centre and a radius. Of an edge that leaves a root in the cell it is known that its direction,
carried to the centre along the geodesic, is within an angle `spread` of `out`, and how long the branch is at least. A
terminal is a branch, too, with one cell of radius 0 that edges leave in all directions. Vectors are complex numbers in
the conformal frames of the disk.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import subkernel
from .rooted import gap_between, squared_half_chord, towards

PI = math.pi
# What rounding of distances and angles may do, as a share.
SLACK = 1e-9


class Cells(NamedTuple):
    """Cells of one branch, or of all, one after the other."""

    place: NDArray[np.complex128]
    radius: NDArray[np.float64]
    out: NDArray[np.complex128]
    spread: NDArray[np.float64]
    length: NDArray[np.float64]
    """The branch is at least so long where its root is in the cell."""


@subkernel
def angle_of(vector):
    """Angle of a vector, -pi to pi."""
    return math.atan2(vector.imag, vector.real)


@subkernel
def turned(vector, angle):
    """A vector turned to the left."""
    return vector * complex(math.cos(angle), math.sin(angle))


@subkernel
def carried(z, w):
    """The rotation that parallel transport from z to w along the geodesic is in conformal frames."""
    half = 1 - z.conjugate() * w
    return half * half / abs(half) ** 2


@subkernel
def _may_pass(start, own, out, spread, far, place, radius, most):
    """Whether an edge of length at most `most` from a cell can end in a disc whose centre is `far` from the cell's.

    Two edges whose starts are s apart, and whose directions differ by a, are no more than ``s cosh t + a sinh t`` apart
    at length t: Jacobi fields of the plane.
    """
    within = radius + own * math.cosh(most) + spread * math.sinh(most)
    off = abs(angle_of(towards(start, place) * out.conjugate()))
    if off >= PI / 2:
        return far <= within
    return math.asinh(math.sinh(far) * math.sin(off)) <= within


@subkernel
def edges_to(cells, numbers, count, place, radius, longest, budget, kept):
    """The cells from which an edge can end in a disc: edge and branch no longer than `longest`, and `budget` together.

    Their numbers go into `kept`. Gives how many there are, a direction, the interval of angles to it in which edges,
    carried to the centre of the disc, arrive, and the least length of branch and edge.

    The direction in which an edge arrives is known twice: from its two ends, as the direction of a geodesic turns by
    no more than r coth t where its far end moves by r, and by s / sinh t where its near end moves by s; and from the
    direction in which it leaves, but for the area of the quadrangle about which that is carried.
    """
    found, low, high, least = 0, np.inf, -np.inf, np.inf
    base = 1 + 0j
    # Arrays of their own: of those in a tuple references are counted, which takes a fifth of the time.
    starts, radii, outs, spreads, lengths = cells
    for i in range(count):
        k = numbers[i]
        start, own, spread = starts[k], radii[k], spreads[k]
        far = gap_between(start, place)
        shortest, most = far - own - radius, far + own + radius
        if shortest > longest * (1 + SLACK) or lengths[k] + max(shortest, 0.0) > budget * (1 + SLACK):
            continue
        if spread < PI and not _may_pass(start, own, outs[k], spread, far, place, radius, most):
            continue
        middle, half = 1 + 0j, PI
        if shortest > 0:
            middle = -towards(place, start)
            half = min((radius * math.cosh(shortest) + own) / math.sinh(shortest) + SLACK, PI)
        if spread < PI:
            other = outs[k] * carried(start, place)
            wide = min(spread + (own * most + radius * far) / 2 + SLACK, PI)
            middle, half = common(middle, half, other, wide)
            if half < 0:
                continue
        if found == 0:
            base = middle
        between = angle_of(middle * base.conjugate())
        low, high = min(low, between - half), max(high, between + half)
        least = min(least, lengths[k] + max(shortest, 0.0))
        kept[found] = k
        found += 1
    return found, base, low, high, least


@subkernel
def common(first, half, second, wide):
    """The directions within `half` of the first and within `wide` of the second: a middle and a half width, or -1.

    Where there are two such intervals, the narrower of the given ones.
    """
    if wide < half:
        first, half, second, wide = second, wide, first, half
    if half + wide >= PI:
        return first, half
    between = angle_of(second * first.conjugate())
    low, high = max(-half, between - wide), min(half, between + wide)
    if low > high:
        return first, -1.0
    return turned(first, (low + high) / 2), (high - low) / 2


@subkernel
def holds(low, high, angle):
    """Whether an angle is in an interval, but for whole turns."""
    return low <= angle + 2 * PI * math.ceil((low - angle) / (2 * PI)) <= high


@subkernel
def has_a_nearer_terminal(place, radius, end, end_radius, terminals):
    """Whether for all edges between two discs some terminal is nearer to both ends than they are to each other."""
    shortest = (gap_between(place, end) - radius - end_radius) * (1 - SLACK)
    if shortest <= max(radius, end_radius):
        return False
    near, near_end = math.sinh((shortest - radius) / 2) ** 2, math.sinh((shortest - end_radius) / 2) ** 2
    for q in range(len(terminals)):
        if squared_half_chord(terminals[q], end) < near_end and squared_half_chord(terminals[q], place) < near:
            return True
    return False
