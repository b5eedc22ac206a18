"""Full trees on three or four terminals, the shortest of each set, in any dimension.

In come rows of points, and the length that a tree must be below; out go Steiner points and lengths of those that are.
Most sets of four have none, and half of these are ruled out by their sides alone. One Steiner point is a Fermat point;
two are found by Newton's method in the plane. Above it they move in turn to the Fermat point of their three neighbours,
which converges in some ten rounds.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import bare_subkernel, njit
from ....geometry.kernels.metric import copy_row, distance, side_length, squared_half_chord
from ...kernels.fermat import join_to_edge
from .plane import SHORTEST_EDGE, two_in_the_plane

# Two Steiner points that are to collapse into one approach each other slower and slower.
_FIRST_ROUNDS, _MAX_ROUNDS = 30, 300
_SETTLED = 1e-15


@njit
def full_trees(z, gap, corners, pairings, most, plane):
    """The shortest full tree on the terminals of each row of `corners` (T, k), k = 3 or 4, below the lengths `most`.

    Of four terminals, the first two and the last two of each row of `pairings` (P, 4) are paired. `plane` is True in
    the plane and None above it, where Newton's method then is not compiled, which takes a third of the time.

    Returns
    -------
    rows, kinds, lengths : (F,) arrays
        Rows of `corners` that have such a tree, the row of its pairing, and how long it is.
    points, gaps : (F (k - 2), d) and (F (k - 2),) arrays
        Steiner points.
    """
    (count, k), d = corners.shape, z.shape[1]
    rows, kinds, lengths = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    points, gaps = np.empty((count * (k - 2), d)), np.empty(count * (k - 2))
    own_z, own_gap = np.empty((6, d)), np.empty(6)
    square, side = np.empty((4, 4)), np.empty((4, 4))
    found = 0
    for t in range(count):
        at = found * (k - 2)
        for i in range(k):
            copy_row(z, gap, corners[t, i], own_z, own_gap, i)
        if k == 3:
            lengths[found] = _star(own_z, own_gap)
            if lengths[found] < most[t]:
                copy_row(own_z, own_gap, 3, points, gaps, at)
                rows[found], kinds[found] = t, 0
                found += 1
            continue
        _measure_sides(own_z, own_gap, square, side)
        best, kind = most[t], -1
        for p in range(len(pairings)):
            a, b, c, e = pairings[p, 0], pairings[p, 1], pairings[p, 2], pairings[p, 3]
            if not _is_hopeful(square, side, a, b, c, e, best):
                continue
            _start(own_z, own_gap, square, side, 4, a, b, c, e)
            _start(own_z, own_gap, square, side, 5, c, e, a, b)
            length = two_in_the_plane(own_z, own_gap, (a, b, c, e), best) if plane is not None else np.nan
            if math.isnan(length):
                length = _place_two(own_z, own_gap, a, b, c, e)
            if length < best:
                best, kind = length, p
                for i in range(2):
                    copy_row(own_z, own_gap, 4 + i, points, gaps, at + i)
        if kind >= 0:
            rows[found], kinds[found], lengths[found] = t, kind, best
            found += 1
    end = found * (k - 2)
    return rows[:found], kinds[:found], lengths[:found], points[:end], gaps[:end]


@bare_subkernel
def _place_two(z, gap, a, b, c, d):
    """Put Steiner points into rows 4, next to terminals a and b, and 5, next to c and d; gives the length."""
    last = np.inf
    for done in range(_MAX_ROUNDS):
        join_to_edge(z, gap, 4, 5, a, b)
        join_to_edge(z, gap, 5, 4, c, d)
        sa, sb, st = distance(z, gap, 4, a), distance(z, gap, 4, b), distance(z, gap, 4, 5)
        tc, td = distance(z, gap, 5, c), distance(z, gap, 5, d)
        total = sa + sb + st + tc + td
        if last - total <= _SETTLED * total:
            break
        if done >= _FIRST_ROUNDS and st <= SHORTEST_EDGE * total:
            break
        last = total
    return total if min(sa, sb, st, tc, td) > SHORTEST_EDGE * total else np.inf


@bare_subkernel
def _start(z, gap, square, side, row, a, b, c, d):
    """Put a Steiner point of terminals a and b where a Fermat point would about be: where the incircle touches.

    The third corner is that of c and d which is nearer.
    """
    t = c if side[a, c] + side[b, c] <= side[a, d] + side[b, d] else d
    ab, at, bt = side[a, b], side[a, t], side[b, t]
    least = min(ab, at, bt) / 8
    x, y, w = max((ab + at - bt) / 2, least), max((ab + bt - at) / 2, least), max((at + bt - ab) / 2, least)
    # On the hyperboloid, the sum of the corners over the sinh of their distances.
    x, y, w = 1 / math.sinh(x), 1 / math.sinh(y), 1 / math.sinh(w)
    plain = x + y + w
    norm = math.sqrt(plain * plain + 4 * (x * y * square[a, b] + x * w * square[a, t] + y * w * square[b, t]))
    u, v, s = 2 * x / gap[a], 2 * y / gap[b], 2 * w / gap[t]
    total = u + v + s + (norm - plain)
    for i in range(z.shape[1]):
        z[row, i] = (u * z[a, i] + v * z[b, i] + s * z[t, i]) / total
    gap[row] = 2 * norm / total


@bare_subkernel
def _star(own_z, own_gap):
    """Put the Fermat point of three terminals into row 3; gives the length, infinite where the point is a terminal."""
    join_to_edge(own_z, own_gap, 3, 0, 1, 2)
    total, shortest = 0.0, np.inf
    for i in range(3):
        length = distance(own_z, own_gap, i, 3)
        total += length
        shortest = min(shortest, length)
    return total if shortest > SHORTEST_EDGE * total else np.inf


@bare_subkernel
def _measure_sides(z, gap, square, side):
    """Note the six sides between four terminals."""
    for i in range(4):
        for j in range(i):
            square[i, j] = square[j, i] = squared_half_chord(z, gap, i, j)
            side[i, j] = side[j, i] = side_length(square[i, j])


@bare_subkernel
def _is_hopeful(square, side, a, b, c, d, most):
    """Whether the sides leave room for a full tree with this pairing that is shorter than `most`.

    Walking around a tree passes each edge twice and is no shorter than a tour of the terminals. And where a terminal
    sees both of the other pair at 120 degrees or more from its partner it sees the Steiner point of these so too, and
    the tree is shortest with its own Steiner point in its place.
    """
    across = max(side[a, c] + side[b, d], side[a, d] + side[b, c])
    if side[a, b] + side[c, d] + across >= 2 * most:
        return False
    return not (
        _is_apart(square, a, b, c, d)
        or _is_apart(square, b, a, c, d)
        or _is_apart(square, c, d, a, b)
        or _is_apart(square, d, c, a, b)
    )


@bare_subkernel
def _is_apart(square, own, partner, i, j):
    """Terminals i and j both lie at 120 degrees or more from the partner, seen from a terminal."""
    b = square[own, partner]
    return _is_wide(square[partner, i], b, square[own, i]) and _is_wide(square[partner, j], b, square[own, j])


@bare_subkernel
def _is_wide(a, b, c):
    """The angle between sides b and c, which faces a, is at least 120 degrees; all are squared half-chords."""
    difference = math.sqrt(b * (1 + c)) - math.sqrt(c * (1 + b))
    return a >= difference * difference + 3 * math.sqrt(b * (1 + b) * c * (1 + c))
