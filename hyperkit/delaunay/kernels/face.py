"""The point of a Voronoi face nearest to its site, by a dual active-set method.

Seen from site i, moved to the origin of the Klein ball, the points nearer to i than to k are a half-space
``normals[k] . y <= offsets[k]``, and the face between i and j is where the row of j is an equality and all others
hold. The face meets the open unit ball, so that i and j are hyperbolic Delaunay neighbours, iff its point of least
norm has norm below 1. The method (Goldfarb, Idnani, "A numerically stable dual method for solving strictly convex
quadratic programs", Mathematical Programming 27, 1983, with the identity as Hessian) lets in the most violated row at
each step; the norm only grows, so that each step gives a lower bound. Nothing takes a square root, so that the same
steps, called from Python on object arrays of fractions, are exact.
"""

from __future__ import annotations

import numpy as np

from ..._compilation import subkernel

OPTIMAL, OUTSIDE, UNDECIDED = 0, 1, 2


@subkernel
def nearest_face_point(normals, offsets, equality, limit, tolerance):
    """Least-norm point of ``{y : normals @ y <= offsets, with equality in row `equality`}``; O(d m) a step.

    Parameters
    ----------
    normals : (m, d) array; offsets : (m,) array
        In floats the normals should have about unit length.
    equality : int
        Its normal is not 0.
    limit : number
        Stop once the squared norm exceeds this.
    tolerance : number >= 0
        A row is violated if ``(normals[k] . y - offsets[k])^2 > tolerance |y|^2``, and normals are dependent if what
        is left of one, squared, is below `tolerance`; 1e-28 suits floats, 0 fractions.

    Returns
    -------
    status : int
        ``OPTIMAL``; ``OUTSIDE`` (the least squared norm exceeds `limit`, or no point satisfies all rows);
        ``UNDECIDED`` (rounding keeps the search going in circles; never in fractions).
    y : (d,) array
        The point, if ``OPTIMAL``.
    active : (p,) integer array; multipliers : (p,) array
        The rows that hold `y` in place, `equality` first: ``y = -multipliers @ normals[active]``, all multipliers but
        the first nonnegative. By duality any such multipliers bound the least squared norm from below by
        ``-2 multipliers @ offsets[active] - |multipliers @ normals[active]|^2``.
    """
    m, d = normals.shape
    zero = normals[equality, 0] * 0
    squared = zero
    for c in range(d):
        squared += normals[equality, c] * normals[equality, c]
    y = np.empty(d, normals.dtype)
    for c in range(d):
        y[c] = normals[equality, c] * offsets[equality] / squared
    active = np.empty(d, np.int64)
    multipliers = np.empty(d, normals.dtype)
    basis = np.empty((d + 1, d), normals.dtype)
    shares = np.empty((d + 1, d), normals.dtype)
    active[0] = equality
    multipliers[0] = -offsets[equality] / squared
    n_active = 1
    status = UNDECIDED
    for _ in range(20 * (d + 2)):
        norm = zero
        for c in range(d):
            norm += y[c] * y[c]
        if norm > limit:
            status = OUTSIDE
            break
        entering = -1
        worst = zero
        for k in range(m):
            violation = -offsets[k]
            for c in range(d):
                violation += normals[k, c] * y[c]
            if violation > worst and k != equality:
                entering, worst = k, violation
        if entering < 0 or worst * worst <= tolerance * norm:
            status = OPTIMAL
            break
        n_active = _let_in(normals, entering, worst, tolerance, y, active, multipliers, n_active, basis, shares)
        if n_active == 0:
            status = OUTSIDE
            break
    return status, y, active[:n_active], multipliers[:n_active]


@subkernel
def _let_in(normals, entering, violation, tolerance, y, active, multipliers, n_active, basis, shares):
    """Make row `entering` active, and drop rows whose multiplier reaches 0 on the way; 0 if that cannot be done."""
    d = normals.shape[1]
    zero = violation * 0
    weight = zero
    while True:
        squared = _resolve(normals, entering, active, n_active, basis, shares)
        share = shares[n_active]
        can_move = n_active < d and squared > tolerance
        step = zero
        dropped = -1
        for a in range(1, n_active):
            if share[a] > 0 and (dropped < 0 or multipliers[a] < step * share[a]):
                step, dropped = multipliers[a] / share[a], a
        if not can_move and dropped < 0:
            return 0
        if can_move:
            if dropped < 0 or violation <= step * squared:
                step, dropped = violation / squared, -1
            for c in range(d):
                y[c] -= step * basis[n_active, c]
            violation -= step * squared
        for a in range(n_active):
            multipliers[a] -= step * share[a]
        weight += step
        if dropped < 0:
            active[n_active] = entering
            multipliers[n_active] = weight
            return n_active + 1
        n_active -= 1
        for a in range(dropped, n_active):
            active[a] = active[a + 1]
            multipliers[a] = multipliers[a + 1]


@subkernel
def _resolve(normals, entering, active, n_active, basis, shares):
    """Write normal `entering` as ``shares[n_active] @ normals[active]`` plus a rest orthogonal to all of them.

    The rest goes to ``basis[n_active]``; its squared length is returned. Gram and Schmidt without roots: the rows of
    `basis` are orthogonal, not unit.
    """
    d = normals.shape[1]
    zero = normals[entering, 0] * 0
    square = zero
    for a in range(n_active + 1):
        row = active[a] if a < n_active else entering
        for c in range(d):
            basis[a, c] = normals[row, c]
        for b in range(a):
            product = square = zero
            for c in range(d):
                product += basis[a, c] * basis[b, c]
                square += basis[b, c] * basis[b, c]
            shares[a, b] = product / square
            for c in range(d):
                basis[a, c] -= shares[a, b] * basis[b, c]
    # From the orthogonal rows back to the normals: the triangle of shares has ones on its diagonal.
    for b in range(n_active - 1, -1, -1):
        for a in range(b):
            shares[n_active, a] -= shares[n_active, b] * shares[b, a]
    square = zero
    for c in range(d):
        square += basis[n_active, c] * basis[n_active, c]
    return square
