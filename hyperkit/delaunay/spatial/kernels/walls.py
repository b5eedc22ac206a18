"""Which simplices and edges of the Euclidean Delaunay triangulation are hyperbolic: the compiled part.

Seen from a site moved to the origin of the Klein ball, the points nearer to it than to site k are the half-space
``n_k . y <= 1``. A simplex has its circumball inside the unit ball iff the point of equality for all its vertices has
``|y| < 1``, and its edges are then hyperbolic. For every other edge the point of the wall between its two cells that
is nearest to the site tells, by a quadratic program over the site's neighbours in the triangulation. Floats prove
what they can: yes by a strictly feasible point inside the ball, no by a dual bound above 1. The rest is left to
integers.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ...kernels.face import OPTIMAL, nearest_face_point

YES, NO, UNDECIDED, ELSEWHERE = 1, 0, -1, -2

_UNIT_ROUNDOFF = 2.0**-53
# Unit normals and offsets err by less than 40 roundings, most of them in the gap.
_ROW_ERROR = 40 * _UNIT_ROUNDOFF
# Rows are tightened by as many times their error, so that a point on them still holds the true rows.
_TIGHTENING = 8.0
# From this error on a row says nothing.
_HOPELESS = 2.0**-10
_LIMIT = 1.0 + 2.0**-20


@njit
def compact_simplices(z, gaps, simplices):
    """For each simplex whether its circumball is inside the unit ball: YES, NO or UNDECIDED; O(d^3) each."""
    d = z.shape[1]
    verdict = np.full(len(simplices), UNDECIDED, np.int8)
    normals = np.empty((d, d))
    offsets = np.empty(d)
    errors = np.empty(d)
    others = np.empty(d, np.int32)
    table = np.empty((d, 2 * d))
    for t in range(len(simplices)):
        # Near the rim all bisectors look alike from far out; from the innermost vertex they differ most.
        site = 0
        for k in range(1, d + 1):
            if gaps[simplices[t, k]] > gaps[simplices[t, site]]:
                site = k
        for k in range(d):
            others[k] = simplices[t, k if k < site else k + 1]
        for attempt in range(2):
            central = attempt == 1
            _bisectors(z, gaps, simplices[t, site], others, central, normals, offsets, errors)
            low, high = _norm_of_common_point(normals, offsets, errors, table)
            if high < 1.0 or low > 1.0:
                verdict[t] = YES if high < 1.0 else NO
                break
    return verdict


@subkernel
def _bisectors(z, gaps, site, others, central, normals, offsets, errors):
    """Unit rows of ``normals @ y <= offsets``: the points no nearer to `others` than to `site`, and their errors.

    The origin of y is the site, as suits clusters, or, if `central`, the centre of the Poincaré ball: seen from a
    site far out, all that is near the centre is within its gap from the rim.
    """
    d = z.shape[1]
    for k in range(len(others)):
        other = others[k]
        scale = 0.0
        for c in range(d):
            normals[k, c] = z[other, c] - z[site, c]
            scale = max(scale, abs(normals[k, c]))
        squared = 0.0
        for c in range(d):
            normals[k, c] /= scale
            squared += normals[k, c] * normals[k, c]
        offset = scale * squared
        for c in range(d):
            if central:
                # q_a z - q_z a in terms of the difference
                normals[k, c] = gaps[site] * scale * normals[k, c] + (gaps[site] - gaps[other]) * z[site, c]
                offset = gaps[site] - gaps[other]
            else:
                normals[k, c] = gaps[site] * normals[k, c] - offset * z[site, c]
        total = 0.0
        for c in range(d):
            total += normals[k, c] * normals[k, c]
        length = np.sqrt(total)
        for c in range(d):
            normals[k, c] /= length
        offsets[k] = offset / length
        errors[k] = _ROW_ERROR * ((gaps[site] + gaps[other]) / length if central else 1.0)


@subkernel
def _norm_of_common_point(normals, offsets, errors, table):
    """Bounds of |y| for ``normals @ y = offsets``; (0, inf) where the rows are too nearly dependent to tell."""
    d = len(normals)
    worst = 0.0
    for k in range(d):
        worst = max(worst, errors[k])
        for c in range(d):
            table[k, c] = normals[k, c]
            table[k, d + c] = 1.0 if c == k else 0.0
    for c in range(d):
        pivot = c
        for k in range(c + 1, d):
            if abs(table[k, c]) > abs(table[pivot, c]):
                pivot = k
        if abs(table[pivot, c]) < 1e-13:
            return 0.0, np.inf
        for e in range(2 * d):
            table[c, e], table[pivot, e] = table[pivot, e], table[c, e]
        factor = 1.0 / table[c, c]
        for e in range(2 * d):
            table[c, e] *= factor
        for k in range(d):
            if k != c:
                factor = table[k, c]
                for e in range(2 * d):
                    table[k, e] -= factor * table[c, e]
    norm = condition = 0.0
    for c in range(d):
        value = 0.0
        for k in range(d):
            value += table[c, d + k] * offsets[k]
            condition = max(condition, abs(table[c, d + k]))
        table[c, 0] = value
        norm += value * value
    norm = np.sqrt(norm)
    # The inverse itself must be right to a percent.
    if not d * d * d * condition * worst < 0.01:
        return 0.0, np.inf
    error = 0.0
    for c in range(d):
        spread = 0.0
        for k in range(d):
            residual = -offsets[k]
            for e in range(d):
                residual += normals[k, e] * table[e, 0]
            spread += abs(table[c, d + k]) * (abs(residual) + errors[k] * (norm + 1.0))
        error += spread * spread
    error = 1.1 * np.sqrt(error) + _ROW_ERROR * norm
    return norm - error, norm + error


@njit
def neighbor_lists(simplices, compact, n):
    """Neighbours of each point in the triangulation, and which of these edges some compact simplex has.

    Parameters
    ----------
    simplices : (T, d + 1) int array
        Vertices below 0 are no points.
    compact : (T,) bool array
    n : int
        Number of points.

    Returns
    -------
    starts : (n + 1,) int array
        The neighbours of point i are ``neighbors[starts[i] : starts[i + 1]]``.
    neighbors, settled : int arrays of one length
        Longer than ``starts[n]``: what follows is empty.
    """
    corners = simplices.shape[1]
    ends = np.zeros(n + 1, np.int64)
    for t in range(len(simplices)):
        for k in range(corners):
            if simplices[t, k] >= 0:
                ends[simplices[t, k] + 1] += 1
    for i in range(n):
        ends[i + 1] += ends[i]
    star = np.empty(ends[n], np.int32)
    position = np.empty(n, np.int64)
    for i in range(n):
        position[i] = ends[i]
    for t in range(len(simplices)):
        for k in range(corners):
            i = simplices[t, k]
            if i >= 0:
                star[position[i]] = t
                position[i] += 1
    starts = np.zeros(n + 1, np.int64)
    room = 16 * n
    neighbors = np.empty(room, np.int32)
    settled = np.empty(room, np.int32)
    place = np.full(n, -1)
    for i in range(n):
        end = starts[i]
        if end + n > room:
            room = 2 * room + n
            neighbors = _longer(neighbors, room)
            settled = _longer(settled, room)
        for e in range(ends[i], ends[i + 1]):
            t = star[e]
            for k in range(corners):
                j = simplices[t, k]
                if j >= 0 and j != i:
                    if place[j] < starts[i]:
                        place[j] = end
                        neighbors[end] = j
                        settled[end] = 0
                        end += 1
                    if compact[t]:
                        settled[place[j]] = 1
        starts[i + 1] = end
    return starts, neighbors, settled


@subkernel
def _longer(array, length):
    longer = np.empty(length, array.dtype)
    for k in range(len(array)):
        longer[k] = array[k]
    return longer


@njit
def decide_edges(z, gaps, starts, neighbors, settled, first, last):
    """For the entries of `neighbors` of points first <= i < last, whether this edge is hyperbolic.

    Each edge is decided at one of its ends only, `ELSEWHERE` says the other: a settled one at the lower number, any
    other at the end with fewer neighbours, so that the rim around a central point costs no more than linear time.
    """
    d = z.shape[1]
    verdict = np.full(starts[last] - starts[first], ELSEWHERE, np.int8)
    for i in range(first, last):
        low, high = starts[i], starts[i + 1]
        degree = high - low
        rows = _no_rows(d)
        central_rows = rows
        for e in range(low, high):
            j = neighbors[e]
            if settled[e]:
                if i < j:
                    verdict[e - starts[first]] = YES
                continue
            other = starts[j + 1] - starts[j]
            if degree > other or (degree == other and i > j):
                continue
            if len(rows[0]) == 0:
                rows = _rows_about(z, gaps, i, neighbors[low:high], False)
                central_rows = _rows_about(z, gaps, i, neighbors[low:high], True)
            answer = UNDECIDED
            for attempt in range(2):
                if answer == UNDECIDED:
                    answer = _wall_meets_ball(rows if attempt == 0 else central_rows, e - low)
            verdict[e - starts[first]] = answer
    return verdict


@subkernel
def _no_rows(d):
    return np.empty((0, d)), np.empty(0), np.empty(0)


@subkernel
def _rows_about(z, gaps, site, others, central):
    normals = np.empty((len(others), z.shape[1]))
    offsets = np.empty(len(others))
    errors = np.empty(len(others))
    _bisectors(z, gaps, site, others, central, normals, offsets, errors)
    return normals, offsets, errors


@subkernel
def _wall_meets_ball(rows, j):
    """Whether a y with ``|y| < 1`` has equality in row j and `<=` in all others."""
    normals, offsets, errors = rows
    if not errors[j] < _HOPELESS:
        return UNDECIDED
    # No wall is closer than its bisector.
    if abs(offsets[j]) > 1.0 + 2 * errors[j]:
        return NO
    # Tightened rows can prove a yes, and either rows a no.
    for tightening in (_TIGHTENING, 0.0):
        tight = np.empty(len(offsets))
        for k in range(len(offsets)):
            tight[k] = offsets[k] - (tightening * (errors[k] + errors[j]) if k != j else 0.0)
        status, y, active, multipliers = nearest_face_point(normals, tight, j, _LIMIT, 1e-28)
        if status == OPTIMAL and _is_proof(rows, j, y):
            return YES
        if len(active) > 0 and _dual_bound(rows, active, multipliers) > 1.0:
            return NO
    return UNDECIDED


@subkernel
def _off(normals, offsets, k, y):
    value = -offsets[k]
    for c in range(len(y)):
        value += normals[k, c] * y[c]
    return value


@subkernel
def _is_proof(rows, j, y):
    """Whether the true wall has a point inside the ball next to y: within the distance of y from bisector j."""
    normals, offsets, errors = rows
    norm = 0.0
    for c in range(len(y)):
        norm += y[c] * y[c]
    off = 2 * (abs(_off(normals, offsets, j, y)) + 2 * errors[j])
    if not np.sqrt(norm) + off < 1.0 - 4 * _UNIT_ROUNDOFF:
        return False
    for k in range(len(offsets)):
        if k != j and not _off(normals, offsets, k, y) + off + 2 * errors[k] < 0.0:
            return False
    return True


@subkernel
def _dual_bound(rows, active, multipliers):
    """A number that the least squared norm on the wall surely reaches, from multipliers good or bad."""
    normals, offsets, errors = rows
    bound = error = squared = 0.0
    for a in range(len(active)):
        if a > 0 and multipliers[a] < 0:
            return -np.inf
        bound -= 2 * multipliers[a] * offsets[active[a]]
        error += abs(multipliers[a]) * (1 + abs(offsets[active[a]])) * errors[active[a]]
    for c in range(normals.shape[1]):
        total = 0.0
        for a in range(len(active)):
            total += multipliers[a] * normals[active[a], c]
        squared += total * total
    return bound - squared - 2 * error * (1 + np.sqrt(squared) + error)
