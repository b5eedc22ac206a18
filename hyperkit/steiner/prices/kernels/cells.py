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
# A cell stands for those in it as long as it is smaller by this factor than what edges are to end in.
_COARSE = 1 / 4


class Cells(NamedTuple):
    """Cells of one branch, or of all, one after the other: first large ones that hold several, then these."""

    place: NDArray[np.complex128]
    radius: NDArray[np.float64]
    out: NDArray[np.complex128]
    spread: NDArray[np.float64]
    length: NDArray[np.float64]
    """The branch is at least so long where its root is in the cell."""
    inside: NDArray[np.int64]
    """Number of the first of the cells that it holds, among those of the branch, which go on to the next large one's;
    -1 where it holds none."""


@subkernel
def empty_cells(capacity):
    """Room for so many cells."""
    vectors, numbers = np.empty((2, capacity), np.complex128), np.empty((3, capacity))
    return Cells(vectors[0], numbers[0], vectors[1], numbers[1], numbers[2], np.full(capacity, -1))


@subkernel
def copy_cells(cells, count, to, start):
    """Write the first cells from `start` on."""
    for k in range(count):
        to.place[start + k], to.out[start + k] = cells.place[k], cells.out[k]
        to.radius[start + k], to.spread[start + k] = cells.radius[k], cells.spread[k]
        to.length[start + k], to.inside[start + k] = cells.length[k], cells.inside[k]


@subkernel
def large_cells(cells):
    """How many cells of a branch are looked at first: the large ones, or its only one."""
    count = 0
    while count < len(cells.inside) and cells.inside[count] >= 0:
        count += 1
    return max(count, 1)


@subkernel
def with_large_cells(cells, count, size):
    """The first cells after large ones, which hold those that follow each other within `size`."""
    starts, large = np.empty(count + 1, np.int64), 0
    for k in range(count):
        if large > 0:
            first = starts[large - 1]
            aside = abs(angle_of(cells.out[k] * cells.out[first].conjugate()))
            if aside < PI / 4 and gap_between(cells.place[first], cells.place[k]) <= size:
                continue
        starts[large] = k
        large += 1
    starts[large] = count
    found = empty_cells(large + count)
    copy_cells(cells, count, found, large)
    for g in range(large):
        middle = 0j
        for k in range(starts[g], starts[g + 1]):
            middle += cells.place[k] / (starts[g + 1] - starts[g])
        radius, low, high, least = 0.0, np.inf, -np.inf, np.inf
        base = cells.out[starts[g]] * carried(cells.place[starts[g]], middle)
        for k in range(starts[g], starts[g + 1]):
            way = gap_between(cells.place[k], middle)
            radius = max(radius, way + cells.radius[k])
            between = angle_of(cells.out[k] * carried(cells.place[k], middle) * base.conjugate())
            # To carry a direction by way of the middle of its cell turns it by the area of a triangle.
            half = cells.spread[k] + cells.radius[k] * way / 2
            low, high = min(low, between - half), max(high, between + half)
            least = min(least, cells.length[k])
        found.place[g], found.radius[g], found.length[g] = middle, radius * (1 + SLACK), least
        found.out[g], found.spread[g] = turned(base, (low + high) / 2), min((high - low) / 2 + SLACK, PI)
        found.inside[g] = large + starts[g]
    return found


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
    return half * half / (half.real * half.real + half.imag * half.imag)


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
    starts, radii, outs, spreads, lengths, inside = cells
    for i in range(count):
        first = numbers[i]
        end = first + 1
        if inside[first] >= 0 and radii[first] > _COARSE * radius:
            first, end = inside[first], inside[end] if inside[end] >= 0 else len(radii)
        for k in range(first, end):
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
