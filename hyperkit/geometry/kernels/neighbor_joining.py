"""Trees from distances by joining two nodes at a time.

An order of joins is an (n - 1, 2) array: row k joins two nodes to node n + k, the nodes being the n leaves and earlier
joins. The last row is the root of a rooted tree; without it the two nodes it names are neighbours, and the tree is a
full topology in which all neighbours of a node but one come before it, and all of the last. Lengths of the branches
that are joined stand in an array of the same shape.
"""

from __future__ import annotations

import numpy as np

from ..._compilation import njit, subkernel


@njit
def join_neighbors(distances):
    """Joins of Saitou and Nei's neighbour joining, exactly, and their lengths; `distances` (n, n) is overwritten.

    Joined is the pair with the least ``d_ij - u_i - u_j``, u being the sum of a node's distances over the number of
    nodes less 2. Kept for each row is a lower bound of its ``d_ij - u_j``: from one join to the next it falls by no
    more than the largest rise of any u, so only the rows whose bound is below the best pair are searched again. Active
    nodes fill the first slots; in a tie the lower slot is joined. Lengths are as the method gives them, some below 0
    where the distances are no tree's; of the last join the first is that of the one branch between the two.
    """
    n = len(distances)
    joins, lengths = np.empty((n - 1, 2), np.int64), np.zeros((n - 1, 2))
    node = np.empty(n, np.int64)
    sums, mean, bound = np.empty(n), np.empty(n), np.empty(n)
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += distances[i, j]
        node[i], sums[i], mean[i], bound[i] = i, total, total / max(n - 2, 1), -np.inf
        distances[i, i] = np.inf
    for step in range(n - 2):
        m = n - step
        drift = -np.inf
        for i in range(m):
            new_mean = sums[i] / (m - 2)
            drift = max(drift, new_mean - mean[i])
            mean[i] = new_mean
        # The row with the lowest bound likely has the best pair, which spares the search of others.
        first = 0
        for i in range(m):
            bound[i] -= drift
            if bound[i] - mean[i] < bound[first] - mean[first]:
                first = i
        bound[first], mate = _row_minimum(distances, mean, first, m)
        best, a, b = bound[first] - mean[first], min(first, mate), max(first, mate)
        for i in range(m):
            if bound[i] - mean[i] < best:
                bound[i], j = _row_minimum(distances, mean, i, m)
                value = bound[i] - mean[i]
                if value < best:
                    best, a, b = value, min(i, j), max(i, j)
        joins[step, 0], joins[step, 1] = node[a], node[b]
        lengths[step, 0] = (distances[a, b] + mean[a] - mean[b]) / 2
        lengths[step, 1] = distances[a, b] - lengths[step, 0]
        node[a] = n + step
        _join_slots(distances, sums, mean, bound, a, b, m)
        node[b] = node[m - 1]
    joins[n - 2, 0], joins[n - 2, 1] = node[0], node[1]
    lengths[n - 2, 0] = distances[0, 1]
    return joins, lengths


@subkernel
def _row_minimum(distances, mean, i, m):
    """Least ``d_ij - u_j`` of row i and its lowest slot; the diagonal is infinite."""
    row = distances[i]
    low, at = np.inf, 0
    for j in range(m):
        value = row[j] - mean[j]
        if value < low:
            low, at = value, j
    return low, at


@subkernel
def _join_slots(distances, sums, mean, bound, a, b, m):
    """Put the join of slots a < b of m into slot a, and the last slot into b; sums and bounds follow."""
    own = distances[a, b]
    total, low = 0.0, np.inf
    for k in range(m):
        if k in (a, b):
            continue
        length = (distances[a, k] + distances[b, k] - own) / 2
        sums[k] += length - distances[a, k] - distances[b, k]
        distances[a, k] = length
        distances[k, a] = length
        total += length
        low = min(low, length - mean[k])
    sums[a] = total
    mean[a] = total / (m - 2)
    bound[a] = low
    for k in range(m):
        if k != a and k != b:
            bound[k] = min(bound[k], distances[a, k] - mean[a])
    last = m - 1
    if b != last:
        sums[b], mean[b], bound[b] = sums[last], mean[last], bound[last]
        for k in range(last):
            if k != b:
                distances[b, k] = distances[last, k]
                distances[k, b] = distances[last, k]
