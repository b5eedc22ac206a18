"""Rays from a site of the hyperbolic Voronoi diagram: which bisector they meet first, and where to send them.

Seen from a site ``a``, moved to the origin of the Klein ball, the points nearer to it than to ``z_k`` are the
half-space ``n_k . y <= 1`` with ``n_k = q_a (z_k - a) / |z_k - a|^2 - a``, and ``|n_k| > 1``. A ray along the unit
vector ``u`` meets that bisector inside the ball iff ``u . n_k > 1``, and first the one with the largest product: its
point is a Delaunay neighbour. Differences of doubles are exact to one rounding, so each ``n_k`` errs by a few units of
``|n_k|`` in the last place, near the rim as well; a winner counts only if it leads by more than all that.

A ray into a known neighbour is wasted, so each ray is aimed (Clarkson, "More output-sensitive geometric algorithms",
FOCS 1994): the neighbours known so far bound a cell that contains the true one. Where a candidate's bisector misses
that cell, the candidate is no neighbour. Where it does not, the ray to the nearest point of its face finds it or
another neighbour, but in any case a new one.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import squared_half_chord
from ...kernels.face import OPTIMAL, OUTSIDE, nearest_face_point

UNKNOWN, FOUND_NEAR, FOUND_FAR, EXCLUDED, UNCLEAR = 0, 1, 2, 3, 4

_EPS = 2.0**-52
# Below it squares of distances underflow.
_SMALLEST_SQUARE = 1e-300
# Faces thinner than this part of their distance are left unclear; the quadratic program is right to about 1e-14.
_THIN = 1e-12
_COLUMNS = 512  # of normals at a time: their products with a ray stay in the cache
_TOLERANCE = 1e-28  # of nearest_face_point, in floats


@njit
def relative_error(d):
    """Bound of the error of ``u . n_k``, relative to ``|n_k|``, from the coordinates on."""
    return 2 * (d + 6) * _EPS


@njit
def half_spaces(z, site_z, site_gap):
    """Normals ``n_k`` as columns, shape (d, n), and their lengths; both 0 for rows equal to the site.

    The third result is a row so close to the site that squares underflow, or -1.
    """
    n, d = z.shape
    columns = np.empty((d, n))
    lengths = np.empty(n)
    too_close = -1
    for k in range(n):
        squared = 0.0
        differs = False
        for c in range(d):
            delta = z[k, c] - site_z[c]
            differs |= delta != 0
            squared += delta * delta
        lengths[k] = 0.0
        if not differs:
            columns[:, k] = 0.0
            continue
        if squared < _SMALLEST_SQUARE:
            too_close = k
            continue
        factor = site_gap / squared
        norm = 0.0
        for c in range(d):
            component = factor * (z[k, c] - site_z[c]) - site_z[c]
            columns[c, k] = component
            norm += component * component
        lengths[k] = np.sqrt(norm)
    return columns, lengths, too_close


@njit
def first_hit(columns, lengths, direction):
    """Bisector that a ray meets first: its column, and the two largest upper bounds of ``u . n_k``; O(n d)."""
    d, n = columns.shape
    error = relative_error(d)
    upper = np.empty(_COLUMNS)
    winner, best, second = -1, -np.inf, -np.inf
    for start in range(0, n, _COLUMNS):
        size = min(_COLUMNS, n - start)
        for k in range(size):
            upper[k] = error * lengths[start + k]
        for c in range(d):
            component = direction[c]
            for k in range(size):
                upper[k] += component * columns[c, start + k]
        for k in range(size):
            if upper[k] > second:
                if upper[k] > best:
                    winner, best, second = start + k, upper[k], best
                else:
                    second = upper[k]
    return winner, best, second


@njit
def is_clear(best, second, length, d):
    """Whether a winner of :func:`first_hit` with a normal of this length leads for sure, and inside the ball."""
    return best - 2 * relative_error(d) * length > max(second, 1.0)


@subkernel
def hides(normals, offsets, n_known):
    """Whether one of the known half-spaces cuts off the nearest point of the candidate's, and how many were asked."""
    candidate, offset = normals[n_known], offsets[n_known]
    for k in range(n_known):
        height = 0.0
        for c in range(len(candidate)):
            height += normals[k, c] * candidate[c]
        if height * offset > offsets[k] + _THIN * (offset + offsets[k]):
            return True, k + 1
    return False, n_known


@subkernel
def is_outside(normals, offsets, active, multipliers):
    """Whether the multipliers prove that the face misses the ball; none are given if the face is empty."""
    if len(active) == 0:
        return True
    d = normals.shape[1]
    bound = 0.0
    point = np.zeros(d)
    for a in range(len(active)):
        weight = multipliers[a] if a == 0 else max(multipliers[a], 0.0)
        bound -= 2 * weight * offsets[active[a]]
        for c in range(d):
            point[c] += weight * normals[active[a], c]
    for c in range(d):
        bound -= point[c] * point[c]
    return bound > 1 + _THIN


@subkernel
def aim(normals, offsets, n_known):
    """Direction to a candidate's face, in row `n_known`, seen past the `n_known` neighbours above it.

    Returns a state (``UNKNOWN``: shoot, ``EXCLUDED``: it has no face in the ball, ``UNCLEAR``), the direction, and
    the number of half-spaces looked at.
    """
    d = normals.shape[1]
    rows = n_known + 1
    status, y, active, multipliers = nearest_face_point(
        normals[:rows], offsets[:rows], n_known, 1 + 2 * _THIN, _TOLERANCE
    )
    cost = rows * (1 + 2 * len(active))
    if status == OUTSIDE:
        outside = is_outside(normals, offsets, active, multipliers)
        return (EXCLUDED if outside else UNCLEAR), y, cost
    if status != OPTIMAL:
        return UNCLEAR, y, cost
    norm = np.sqrt(np.sum(y * y))
    if len(active) > 1:
        # The active neighbours meet the ray at the same point: step off their bisectors by more than rounding.
        tightened = np.empty(rows)
        for k in range(n_known):
            tightened[k] = offsets[k] - _THIN * norm * (1 + offsets[k] / offsets[n_known])
        tightened[n_known] = offsets[n_known]
        status, inner, active, multipliers = nearest_face_point(
            normals[:rows], tightened, n_known, 1 + 4 * _THIN, _TOLERANCE
        )
        cost += rows * (1 + 2 * len(active))
        if status == OPTIMAL:
            y = inner
            norm = np.sqrt(np.sum(y * y))
    for c in range(d):
        y[c] /= norm
    return UNKNOWN, y, cost


@njit
def search_site(columns, lengths, nearest_first, second_order, budget, least):
    """Delaunay neighbours of one site among the points behind `columns`.

    First the Gabriel neighbours, nearest first, with a ray straight at each candidate that no known neighbour hides;
    then all other candidates, each by the quadratic program.

    Parameters
    ----------
    columns : (d, n) array; lengths : (n,) array
        As :func:`half_spaces` gives them.
    nearest_first, second_order : (n,) integer arrays
        All columns by falling length, and in the order in which the second part takes them.
    budget : float
        The second part stops when this many half-spaces have been looked at, in the first part or the second; but not
        before it has taken `least` candidates.
    least : int

    Returns
    -------
    states : (n,) int8 array
        ``FOUND_NEAR`` or ``FOUND_FAR``: neighbours, by part; ``EXCLUDED``: proven not to be neighbours; ``UNCLEAR``:
        too close to call; ``UNKNOWN``: not reached, or the site itself.
    rays : (m, d) array; neighbors : (m,) array
        The rays that found the neighbours.
    n_looked : float
        Half-spaces looked at.
    n_taken : int
        Columns of `second_order` whose turn came; n if the site was searched to the end.
    """
    d, n = columns.shape
    states = np.zeros(n, np.int8)
    # Half-spaces of the neighbours found, with unit normals, and one row more for the candidate at hand.
    normals, offsets = np.empty((n + 1, d)), np.empty(n + 1)
    rays, neighbors = np.empty((n, d)), np.empty(n, np.int64)
    found = (normals, offsets, rays, neighbors)
    m, n_looked = _find_near(columns, lengths, nearest_first, states, found)
    m, n_looked, n_taken = _find_far(columns, lengths, second_order, budget, least, states, found, m, n_looked)
    return states, rays[:m].copy(), neighbors[:m].copy(), n_looked, n_taken


@subkernel
def _find_near(columns, lengths, order, states, found):
    """First part of :func:`search_site`: the number of neighbours, and of half-spaces looked at."""
    d, n = columns.shape
    normals, offsets, _, _ = found
    n_looked = 0.0
    m = 0
    for k in order:
        if lengths[k] == 0:
            break
        if states[k] != UNKNOWN:
            continue
        _set_half_space(normals, offsets, m, columns, lengths, k)
        hidden, n_asked = hides(normals, offsets, m)
        n_looked += n_asked
        if hidden:
            continue
        ray = normals[m].copy()
        winner, best, second = first_hit(columns, lengths, ray)
        n_looked += n
        if not is_clear(best, second, lengths[winner], d):
            states[k] = UNCLEAR
        elif states[winner] != FOUND_NEAR:
            states[winner] = FOUND_NEAR
            m = _add(found, m, columns, lengths, winner, ray)
    return m, n_looked


@subkernel
def _find_far(columns, lengths, order, budget, least, states, found, m, n_looked):
    """Second part of :func:`search_site`: each candidate in turn, until it is found, excluded or unclear."""
    d, n = columns.shape
    normals, offsets, _, _ = found
    n_candidates = 0
    for turn in range(n):
        k = order[turn]
        if lengths[k] == 0 or states[k] == FOUND_NEAR:
            continue
        n_candidates += 1
        fallback = states[k]
        if states[k] == UNCLEAR:
            states[k] = UNKNOWN
        while states[k] == UNKNOWN:
            if n_looked > budget and n_candidates > least:
                states[k] = fallback
                return m, n_looked, turn
            _set_half_space(normals, offsets, m, columns, lengths, k)
            states[k], ray, cost = aim(normals, offsets, m)
            n_looked += cost
            if states[k] != UNKNOWN:
                break
            winner, best, second = first_hit(columns, lengths, ray)
            n_looked += n
            known = states[winner] == FOUND_NEAR or states[winner] == FOUND_FAR
            if known or not is_clear(best, second, lengths[winner], d):
                states[k] = UNCLEAR
            else:
                states[winner] = FOUND_FAR
                m = _add(found, m, columns, lengths, winner, ray)
    return m, n_looked, n


@subkernel
def _set_half_space(normals, offsets, row, columns, lengths, k):
    """Write half-space `k` with a unit normal into `row`."""
    for c in range(columns.shape[0]):
        normals[row, c] = columns[c, k] / lengths[k]
    offsets[row] = 1 / lengths[k]


@subkernel
def _add(found, m, columns, lengths, k, ray):
    """Append neighbour `k` and the ray that found it; the new number of neighbours."""
    normals, offsets, rays, neighbors = found
    _set_half_space(normals, offsets, m, columns, lengths, k)
    rays[m] = ray
    neighbors[m] = k
    return m + 1


@njit
def not_excluded(columns, lengths, neighbors_columns, neighbors_lengths):
    """Columns whose half-space cuts the cell that the given neighbours bound, and the number of half-spaces looked at.

    Columns of length 0 are passed over. If none is left, the cell is the true one and its neighbours are all there are.
    """
    d, n = columns.shape
    m = len(neighbors_lengths)
    normals = np.empty((m + 1, d))
    offsets = np.empty(m + 1)
    for k in range(m):
        _set_half_space(normals, offsets, k, neighbors_columns, neighbors_lengths, k)
    cutting = np.zeros(n, np.bool_)
    n_looked = 0.0
    for k in range(n):
        if lengths[k] == 0:
            continue
        _set_half_space(normals, offsets, m, columns, lengths, k)
        status, _, active, multipliers = nearest_face_point(normals, offsets, m, 1 + 2 * _THIN, _TOLERANCE)
        n_looked += (m + 1) * (1 + 2 * len(active))
        cutting[k] = status != OUTSIDE or not is_outside(normals, offsets, active, multipliers)
    return cutting, n_looked


@njit
def gabriel_sign(z, gap, i, k, order):
    """> 0 if all other points are outside the ball with diameter from i to k, < 0 if one is inside, 0 if in doubt.

    The length of the median of a triangle gives: m is inside iff ``s_im^2 + s_km^2 < s_ik^2``, s = sinh(d / 2).
    """
    error = (z.shape[1] + 12) * _EPS
    top = squared_half_chord(z, gap, i, k)
    sign = 1
    for m in order:
        if m in (i, k):
            continue
        total = squared_half_chord(z, gap, i, m) + squared_half_chord(z, gap, k, m)
        if total < (1 - 2 * error) * top:
            return -1
        if total <= (1 + 2 * error) * top:
            sign = 0
    return sign
