"""The most that four points of a metric space are from lying in a tree: Gromov's four-point delta.

Of the three ways to pair four points, the two with the largest sums of distances differ by twice their delta. All by
force is n^4 / 24 quadruples; here few are looked at, and the rest is ruled out by triangle inequalities.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@subkernel
def _is_inner(distances, x, y, slack):
    """Whether a shortest path from y to x goes on to another point: then that one serves as well as x, or better.

    Points closer than 1000 times `slack` are one, so that of two copies not both are inner.
    """
    for w in range(len(distances)):
        beyond = distances[w, x]
        if distances[w, y] >= distances[x, y] + beyond - slack and beyond > 1e3 * slack:
            return True
    return False


@njit
def search_quadruples(distances, first, second, start, eccentricity, centre, slack, budget, best, witness):
    """Largest delta of quadruples, of two pairs out of a list of pairs in falling order of distance.

    A pair is joined with all before it, which are as long or longer; their delta is at most half of its length, so that
    the search ends where that is no more than the best one found [1]_. Of the others only those count that triangle
    inequalities let exceed the best [2]_: for a pair (x, y), both ends v of the other must be far enough from it, and
    one of them farther from `centre` than from the path between x and y.

    Parameters
    ----------
    distances : ndarray of shape (n, n)
    first, second : ndarray of shape (n_pairs,), integer
        The pairs, the longest first.
    start : ndarray of shape (n + 1,), integer
        Room for the pairs of each point: running sum of how many it has.
    eccentricity : ndarray of shape (n,)
        Largest distance of each point.
    centre : int
        Any point; a central one rules out most.
    slack : float
        Differences that are rounding.
    budget : int
        Steps, each a quadruple or a point beside a pair, after which the search stops.
    best : float
        Where to start from: only larger deltas are found.
    witness : ndarray of shape (4,), integer
        Becomes the quadruple, pairs (0, 1) and (2, 3).

    Returns
    -------
    best : float
    place : int
        Of the first pair that was not looked at, ``len(first)`` if there is none.
    broken : int
        A point for which the pair at `place` breaks the triangle inequality, or -1.

    References
    ----------
    .. [1] Cohen, Coudert and Lancin, "On computing the Gromov hyperbolicity", ACM Journal of Experimental Algorithmics
       20 (2015).
    .. [2] Borassi, Coudert, Crescenzi and Marino, "On computing the hyperbolicity of real-world graphs", ESA 2015.
    """
    n = len(distances)
    mates = np.empty(len(first) * 2, np.int32)
    filled = start.copy()
    seen_by = np.full(n, -1)
    candidates = np.empty(n, np.int64)
    steps = 0
    for place in range(len(first)):
        x, y = first[place], second[place]
        length = distances[x, y]
        if length <= 2 * best:
            return best, len(first), -1
        if steps >= budget:
            return best, place, -1
        steps += n
        if _is_inner(distances, x, y, slack) or _is_inner(distances, y, x, slack):
            continue
        n_candidates = 0
        for v in range(n):
            near, far = distances[x, v], distances[y, v]
            if near + far < length - 1e6 * slack:
                return best, place, v
            if filled[v] > start[v] and length - abs(near - far) > 2 * best:
                surplus = length - near - far
                if eccentricity[v] + surplus / 2 > 2 * best:
                    seen_by[v] = place
                    if 2 * distances[centre, v] + surplus > 2 * best:
                        candidates[n_candidates] = v
                        n_candidates += 1
        for c in range(n_candidates):
            v = candidates[c]
            steps += filled[v] - start[v]
            for e in range(start[v], filled[v]):
                w = mates[e]
                if seen_by[w] == place:
                    other = max(distances[x, v] + distances[y, w], distances[x, w] + distances[y, v])
                    delta = (length + distances[v, w] - other) / 2
                    if delta > best:
                        best = delta
                        witness[0], witness[1], witness[2], witness[3] = x, y, v, w
        mates[filled[x]] = y
        filled[x] += 1
        mates[filled[y]] = x
        filled[y] += 1
    return best, len(first), -1


@njit
def base_delta(distances, base, witness):
    """Largest delta of quadruples with the point `base`, by the (max, min) product of Gromov products; O(n^3).

    With ``(x|y) = (d(x, p) + d(y, p) - d(x, y)) / 2`` it is the largest ``min((x|z), (z|y)) - (x|y)``; the delta of all
    quadruples is at most twice that (Fournier, Ismail and Vigneron, "Computing the Gromov hyperbolicity of a discrete
    metric space", Information Processing Letters 115, 2015). Tiles of 8 rows by 256 columns stay in the first-level
    cache.
    """
    n = len(distances)
    product = np.empty((n, n))
    for x in range(n):
        for y in range(n):
            product[x, y] = (distances[base, x] + distances[base, y] - distances[x, y]) / 2
    widest = np.empty((8, 256))
    best, best_x, best_y = 0.0, base, base
    for left in range(0, n, 256):
        width = min(256, n - left)
        for top in range(0, min(left + width, n), 8):
            height = min(8, n - top)
            for i in range(height):
                for j in range(width):
                    widest[i, j] = -np.inf
            for z in range(n):
                for i in range(height):
                    here = product[top + i, z]
                    for j in range(width):
                        there = product[z, left + j]
                        least = here if here < there else there
                        widest[i, j] = least if least > widest[i, j] else widest[i, j]
            for i in range(height):
                for j in range(width):
                    delta = widest[i, j] - product[top + i, left + j]
                    if delta > best:
                        best, best_x, best_y = delta, top + i, left + j
    if best > 0:
        via, most = base, -np.inf
        for z in range(n):
            least = min(product[best_x, z], product[z, best_y])
            if least > most:
                via, most = z, least
        witness[0], witness[1], witness[2], witness[3] = base, via, best_x, best_y
    return best
