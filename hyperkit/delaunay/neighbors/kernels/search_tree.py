"""Searches of a k-d tree by hyperbolic distance: nearest neighbours, and nearest points of other components.

The tree is the one scikit-learn builds over Poincaré coordinates; node t has the children 2 t + 1 and 2 t + 2, holds a
stretch of `order`, and a box. Points are ranked by the squared half chord ``|z - w|^2 / (q_z q_w)``, which grows with
their distance. No point of a node is closer to w than ``|box - w|^2 / (q_max q_w)``, with `q_max` the largest gap among
its points, so nodes are passed over without loss. The same pair has the same half chord to the last bit, whichever of
its points asks.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import squared_half_chord_to
from ....geometry.kernels.union_find import find
from .heap import keep

# Relative rounding of bounds and half chords, far above (d + 3) 2^-53.
_SAFE = 1 - 1e-12
_DEEPEST = 128  # the tree is balanced, and a search keeps two nodes a level


@subkernel
def _bound(low, high, largest, node, w, w_gap):
    """No point of the node has a smaller squared half chord to w, rounding included."""
    squared = 0.0
    for c in range(len(w)):
        outside = max(low[node, c] - w[c], w[c] - high[node, c], 0.0)
        squared += outside * outside
    return squared / (largest[node] * w_gap) * _SAFE


@subkernel
def _put_children(low, high, largest, lowest, node, w, w_gap, nodes, bounds, top):
    """Put both children on the stack, the nearer on top, of equals that with the lowest row; gives the new height."""
    first, second = 2 * node + 1, 2 * node + 2
    first_bound = _bound(low, high, largest, first, w, w_gap)
    second_bound = _bound(low, high, largest, second, w, w_gap)
    if first_bound < second_bound or (first_bound == second_bound and lowest[first] < lowest[second]):
        first, second = second, first
        first_bound, second_bound = second_bound, first_bound
    nodes[top], bounds[top] = first, first_bound
    nodes[top + 1], bounds[top + 1] = second, second_bound
    return top + 2


@njit
def nearest_rows(z, gap, order, stretches, low, high, largest, lowest, queries, query_gap, own, k):
    """The k rows of `z` nearest to each query, in no order, of equals the lowest rows; `own` rows are left out.

    `own` holds for each query a row that does not count, or -1; there are at least k other rows.

    Returns
    -------
    (m, k) array, (m, k) integer array, integer
        Squared half chords, their rows, and how many points were looked at, each as often as it was.
    """
    m = len(queries)
    keys, found = np.full((m, k), np.inf), np.full((m, k), len(z))
    nodes, bounds = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST)
    looked = 0
    for i in range(m):
        w, w_gap = queries[i], query_gap[i]
        best, rows = keys[i], found[i]
        nodes[0], bounds[0] = 0, 0.0
        top = 1
        while top > 0:
            top -= 1
            node = nodes[top]
            # The rows keep sets of many identical points from being looked at whole.
            if bounds[top] > best[0] or (bounds[top] == best[0] and lowest[node] > rows[0]):
                continue
            if 2 * node + 2 < len(stretches):
                top = _put_children(low, high, largest, lowest, node, w, w_gap, nodes, bounds, top)
                continue
            looked += stretches[node, 1] - stretches[node, 0]
            for s in range(stretches[node, 0], stretches[node, 1]):
                row = order[s]
                if row == own[i]:
                    continue
                key = squared_half_chord_to(z, gap, row, w, w_gap)
                if key < best[0] or (key == best[0] and row < rows[0]):
                    keep(best, rows, key, row)
    return keys, found, looked


@njit
def spanning_tree(z, gap, order, stretches, low, high, largest, lowest):
    """Minimum spanning tree by Borůvka's rounds: each component takes the shortest edge that leaves it.

    Edges are ordered by half chord, then by rows, so that no two are equal and the chosen edges close no cycle. A
    point remembers its nearest foreign point: as components only grow, it stays the nearest while it is foreign, and
    its half chord bounds from below what any later search can find.

    Returns
    -------
    (n - 1, 2) integer array
        Pairs of rows, i < j, in no order.
    """
    n = len(z)
    component = np.arange(n)
    edges = np.empty((n - 1, 2), np.int64)
    n_edges = 0
    foreign = np.full(n, -1)
    at_least = np.zeros(n)
    shared = np.empty(len(stretches), np.int64)
    best_key, best_low, best_high = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64)
    nodes, bounds = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST)
    while n_edges < n - 1:
        _shared_component(stretches, order, component, shared)
        best_key[:] = np.inf
        best_low[:] = n
        best_high[:] = n
        for i in range(n):
            if foreign[i] >= 0 and component[foreign[i]] != component[i]:
                _improve(best_key, best_low, best_high, component[i], at_least[i], i, foreign[i])
            else:
                foreign[i] = -1
        for s in range(n):
            i = order[s]
            c = component[i]
            if foreign[i] >= 0 or at_least[i] > best_key[c]:
                continue
            nodes[0], bounds[0] = 0, 0.0
            top = 1
            while top > 0:
                top -= 1
                node = nodes[top]
                if bounds[top] > best_key[c] or shared[node] == c:
                    continue
                if 2 * node + 2 < len(stretches):
                    top = _put_children(low, high, largest, lowest, node, z[i], gap[i], nodes, bounds, top)
                    continue
                for m in range(stretches[node, 0], stretches[node, 1]):
                    row = order[m]
                    if component[row] != c:
                        key = squared_half_chord_to(z, gap, row, z[i], gap[i])
                        if _improve(best_key, best_low, best_high, c, key, i, row):
                            foreign[i] = row
            at_least[i] = best_key[c]
        n_edges = _merge(component, best_low, best_high, edges, n_edges)
    return edges


@subkernel
def _shared_component(stretches, order, component, shared):
    """The component all points of a node belong to, or -1."""
    n_nodes = len(stretches)
    for t in range(n_nodes - 1, -1, -1):
        if 2 * t + 2 < n_nodes:
            shared[t] = shared[2 * t + 1] if shared[2 * t + 1] == shared[2 * t + 2] else -1
        else:
            shared[t] = component[order[stretches[t, 0]]]
            for m in range(stretches[t, 0] + 1, stretches[t, 1]):
                if component[order[m]] != shared[t]:
                    shared[t] = -1


@subkernel
def _improve(best_key, best_low, best_high, c, key, i, j):
    """Make (i, j) the shortest edge that leaves component c, if it is shorter than the one so far."""
    if key > best_key[c]:
        return False
    if i > j:
        i, j = j, i
    if key == best_key[c] and (i > best_low[c] or (i == best_low[c] and j >= best_high[c])):
        return False
    best_key[c], best_low[c], best_high[c] = key, i, j
    return True


@subkernel
def _merge(component, best_low, best_high, edges, n_edges):
    """Join components along their shortest edges, each edge once; a component is named by one of its rows."""
    n = len(component)
    parent = np.arange(n)
    for c in range(n):
        if best_low[c] == n:
            continue
        a, b = find(parent, component[best_low[c]]), find(parent, component[best_high[c]])
        if a != b:
            parent[b] = a
            edges[n_edges, 0], edges[n_edges, 1] = best_low[c], best_high[c]
            n_edges += 1
    for i in range(n):
        component[i] = find(parent, component[i])
    return n_edges
