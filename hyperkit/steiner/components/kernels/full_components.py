"""All full components of few terminals that the shortest tree can have, by inserting terminals into partial trees.

Terminals go in by rank, and ranks put terminals that are far from each other first: what is too long shows early.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ...exact.kernels.convexity import bounded_minimum, first_nodes
from ...kernels.fermat import join_to_edge
from ...kernels.full_tree import dissolve, insert, measure

# As for partial trees in `steiner.exact.kernels.topologies`; lengths are right to about this share of the mean edge.
_EPS = 1e-6
# A tree with an edge shorter than this share of its length is not full: smaller components make it up.
_SHORTEST_EDGE = 1e-5


@njit
def full_components(first, second, third, tree, n, bounds, bottleneck, most):
    """Full components of 3 to `most` terminals whose first terminals by rank are these three; ranks are row numbers.

    If the shortest tree has a component F on the terminals S, taking it out leaves a part for each of S. Edges of the
    minimum spanning tree join the parts again, and cost no more than a spanning tree of S by bottleneck distance
    (the longest edge on the path in the minimum spanning tree). So F is no longer than that. Bottleneck distances are
    ultrametric: one more terminal adds its least distance to the others.

    Parameters
    ----------
    first, second, third : int
        Ascending.
    tree : TreeArrays
        n + most - 2 rows, the terminals in their places; scratch.
    n : int
    bounds : Bounds
    bottleneck : (n, n) array
    most : int

    Returns
    -------
    members : (m, most) integer array
        Filled with -1. A set of terminals may come several times, with different topologies.
    lengths : (m,) array
    """
    d = tree.z.shape[1]
    members = np.full((64, most), -1)
    lengths = np.empty(64)
    found = 0
    # Level k has k terminals. What is inserted at level k is `chosen[k]`, on edge `edge[k]`.
    chosen, edge = np.full(most + 1, -1), np.zeros(most + 1, np.int64)
    ends = np.zeros((2 * most, 2), np.int64)
    places = np.zeros((most + 1, most, d + 1))
    spanning = np.zeros(most + 1)
    later = np.zeros(n)
    for i in range(3):
        t = first if i == 0 else (second if i == 1 else third)
        chosen[i] = t
        tree.near[n, i], tree.near[t, 0] = t, n
        ends[i, 0], ends[i, 1] = t, n
    join_to_edge(tree.z, tree.gap, n, first, second, third)
    spanning[3] = bottleneck[first, second] + min(bottleneck[first, third], bottleneck[second, third])
    k = 3
    arrived = True
    while k >= 3:
        if arrived:
            # A new partial tree of k terminals: keep it if it may be part of a component.
            part = first_nodes(tree, n + k - 2)
            limit = spanning[k] + _most_added(bottleneck, chosen, k, n, most - k, later)
            lower = bounded_minimum(part, n, bounds, _EPS, limit, 0.0)
            if lower < limit:
                length = measure(part)
                if length < spanning[k] and _is_full(part, n, _SHORTEST_EDGE * length):
                    if found == len(lengths):
                        members = np.concatenate((members, np.full((found, most), -1)))
                        lengths = np.concatenate((lengths, np.empty(found)))
                    for i in range(k):
                        members[found, i] = chosen[i]
                    lengths[found] = length
                    found += 1
            if lower < limit and k < most:
                for v in range(k - 2):
                    for c in range(d):
                        places[k, v, c] = tree.z[n + v, c]
                    places[k, v, d] = tree.gap[n + v]
                chosen[k], edge[k] = chosen[k - 1] + 1, -1
            else:
                chosen[k], edge[k] = n, -1
            arrived = False
        # The next place of the next terminal.
        if edge[k] >= 0:
            _take_out(tree, n, ends, k, chosen[k], edge[k])
        edge[k] += 1
        if edge[k] == 2 * k - 3:
            chosen[k] += 1
            edge[k] = 0
        if chosen[k] >= n:
            k -= 1
            continue
        t = chosen[k]
        for v in range(k - 2):
            for c in range(d):
                tree.z[n + v, c] = places[k, v, c]
            tree.gap[n + v] = places[k, v, d]
        _put_in(tree, n, ends, k, t, edge[k])
        least = np.inf
        for i in range(k):
            least = min(least, bottleneck[t, chosen[i]])
        spanning[k + 1] = spanning[k] + least
        k += 1
        arrived = True
    for i in range(3):
        tree.near[chosen[i], 0] = -1
    return members[:found], lengths[:found]


@subkernel
def _put_in(tree, n, ends, k, t, e):
    """Insert terminal t into edge e of a partial tree of k terminals."""
    a, b = ends[e, 0], ends[e, 1]
    v = n + k - 2
    join_to_edge(tree.z, tree.gap, v, t, a, b)
    tree.near[v, 0], tree.near[v, 1], tree.near[v, 2] = t, -1, -1
    tree.near[t, 0] = v
    insert(tree, v, t, a, b)
    ends[e, 1] = v
    ends[2 * k - 3, 0], ends[2 * k - 3, 1] = v, b
    ends[2 * k - 2, 0], ends[2 * k - 2, 1] = v, t


@subkernel
def _take_out(tree, n, ends, k, t, e):
    """Undo `_put_in`; Steiner nodes stay where they are."""
    dissolve(tree, n + k - 2, t)
    ends[e, 1] = ends[2 * k - 3, 1]
    tree.near[t, 0] = -1


@subkernel
def _most_added(bottleneck, chosen, k, n, count, later):
    """The most that `count` further terminals of higher rank add to the spanning tree by bottleneck distance."""
    size = 0
    for t in range(chosen[k - 1] + 1, n):
        least = np.inf
        for i in range(k):
            least = min(least, bottleneck[t, chosen[i]])
        # The largest `count` in descending order.
        m = min(size, count)
        if m < count or (m > 0 and later[m - 1] < least):
            m = min(m, count - 1)
            while m > 0 and later[m - 1] < least:
                later[m] = later[m - 1]
                m -= 1
            later[m] = least
            size += 1
    total = 0.0
    for m in range(min(size, count)):
        total += later[m]
    return total


@subkernel
def _is_full(tree, n, shortest):
    for v in range(n, len(tree.near)):
        for k in range(3):
            if tree.lengths[v, k] < shortest:
                return False
    return True
