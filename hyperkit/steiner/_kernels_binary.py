"""Any tree as a full binary topology, and back.

Vertices of other degrees than 3 become chains of nodes of degree 3 in one place; chains of edges that have collapsed
become one vertex.
"""

from __future__ import annotations

import math

import numpy as np

from .._compilation import njit
from ._kernels_topology import FullTree, measure

# Above this degree neighbours are first paired in the order of their angle in the first two coordinates.
_MOST_COMPARED = 48


@njit
def as_binary(n, edges, z, gap):
    """Any tree over n >= 3 terminals and Steiner points of degree 3 or more, as a full binary topology.

    A vertex of degree k becomes a chain of nodes of degree 3 in its place. Which of its neighbours share a node is
    decided by angle: the two that make the smallest are joined first (`_join_by_angle`).

    Parameters
    ----------
    n : int
    edges : (m - 1, 2) integer array
    z, gap : (m, d) and (m,) arrays
        Terminals first.

    Returns
    -------
    FullTree
        Measured.
    """
    start, heads, twin = _darts(edges, len(z))
    size = 2 * n - 2
    near = np.full((size, 3), -1)
    places = np.empty((size, z.shape[1]))
    gaps = np.empty(size)
    # The node of the binary tree that each dart leaves.
    tail = np.empty(len(heads), np.int64)
    next_node = n
    for v in range(len(z)):
        first = next_node
        darts = slice(start[v], start[v + 1])
        if v < n:
            places[v], gaps[v] = z[v], gap[v]
        if v < n and start[v + 1] - start[v] == 1:
            tail[start[v]] = v
        else:
            next_node = _join_by_angle(v, v if v < n else -1, heads[darts], tail[darts], near, first, z, gap)
        for node in range(first, next_node):
            places[node], gaps[node] = z[v], gap[v]
    for dart in range(len(heads)):
        _add(near, tail[dart], tail[twin[dart]])
    tree = FullTree(near, np.zeros((size, 3)), places, gaps)
    measure(tree)
    return tree


@njit
def _darts(edges, count):
    """Both directions of each edge, grouped by the vertex they leave: where a group starts, heads, and other ends."""
    start = np.zeros(count + 1, np.int64)
    for e in range(len(edges)):
        start[edges[e, 0] + 1] += 1
        start[edges[e, 1] + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    heads = np.empty(2 * len(edges), np.int64)
    twin = np.empty(2 * len(edges), np.int64)
    for e in range(len(edges)):
        u, v = edges[e, 0], edges[e, 1]
        heads[fill[u]], heads[fill[v]] = v, u
        twin[fill[u]], twin[fill[v]] = fill[v], fill[u]
        fill[u] += 1
        fill[v] += 1
    return start, heads, twin


@njit
def _add(near, v, w):
    k = 0
    while near[v, k] >= 0:
        k += 1
    near[v, k] = w


@njit
def _join_by_angle(v, own, heads, tail, near, next_node, z, gap):
    """Nodes of degree 3 that stand for vertex v; `tail` gets the node of each dart, `own` a leaf if it is a terminal.

    Directions seen from v are joined two by two, those at the smallest angle first; a pair has the sum of its
    directions. Two branches are left in the end, or three at a Steiner point.
    """
    k, d = len(heads), z.shape[1]
    seen = np.empty((k, d))
    for i in range(k):
        w = heads[i]
        squared = 0.0
        for c in range(d):
            squared += (z[w, c] - z[v, c]) ** 2
        norm = 0.0
        for c in range(d):
            seen[i, c] = gap[v] * (z[w, c] - z[v, c]) - squared * z[v, c]
            norm += seen[i, c] ** 2
        norm = math.sqrt(norm)
        for c in range(d):
            seen[i, c] = seen[i, c] / norm if norm > 0 else 0.0
    # A branch is a dart (~dart) or a node of the binary tree.
    branch = np.empty(k, np.int64)
    order = np.arange(k)
    if k > _MOST_COMPARED:
        order = np.argsort(np.arctan2(seen[:, 1], seen[:, 0])) if d > 1 else np.argsort(seen[:, 0])
        seen = seen[order]
    for i in range(k):
        branch[i] = ~order[i]
    last = 1 if own >= 0 else 3
    while k > last:
        if k > _MOST_COMPARED:
            # Every other pair of neighbours in the order.
            left = 0
            for i in range(0, k - 1, 2):
                next_node = _join(branch, seen, tail, near, i, i + 1, left, next_node)
                left += 1
            if k % 2:
                branch[left] = branch[k - 1]
                seen[left] = seen[k - 1]
                left += 1
            k = left
            continue
        best, at, other = -2.0, 0, 1
        for i in range(k):
            for j in range(i + 1, k):
                cosine = _cosine(seen, i, j)
                if cosine > best:
                    best, at, other = cosine, i, j
        if own >= 0 and k == 2:
            # The terminal itself is the third branch of the last node.
            _hang(branch, tail, near, 0, next_node)
            _hang(branch, tail, near, 1, next_node)
            _add(near, next_node, own)
            _add(near, own, next_node)
            return next_node + 1
        next_node = _join(branch, seen, tail, near, at, other, at, next_node)
        branch[other] = branch[k - 1]
        seen[other] = seen[k - 1]
        k -= 1
    for i in range(3):
        _hang(branch, tail, near, i, next_node)
    return next_node + 1


@njit
def _cosine(seen, i, j):
    product, first, second = 0.0, 0.0, 0.0
    for c in range(seen.shape[1]):
        product += seen[i, c] * seen[j, c]
        first += seen[i, c] ** 2
        second += seen[j, c] ** 2
    return product / math.sqrt(first * second) if first * second > 0 else -1.0


@njit
def _hang(branch, tail, near, i, node):
    """Hang branch i on `node`."""
    if branch[i] < 0:
        tail[~branch[i]] = node
    else:
        _add(near, node, branch[i])
        _add(near, branch[i], node)


@njit
def _join(branch, seen, tail, near, i, j, to, node):
    """Hang branches i and j on `node`, which becomes branch `to`."""
    _hang(branch, tail, near, i, node)
    _hang(branch, tail, near, j, node)
    branch[to] = node
    for c in range(seen.shape[1]):
        seen[to, c] = seen[i, c] + seen[j, c]
    return node + 1


@njit
def contract(tree, n, shortest):
    """Shrink the edges no longer than `shortest`, the shortest first, but never two terminals into one.

    Gives for each node the one it becomes one with: a terminal where there is one, itself if it keeps its place.
    """
    size = len(tree.near)
    into = np.arange(size)
    slots = np.flatnonzero(tree.lengths.ravel() <= shortest)
    slots = slots[np.argsort(tree.lengths.ravel()[slots], kind="mergesort")]
    for entry in slots:
        v, w = entry // 3, tree.near[entry // 3, entry % 3]
        if w < v:
            continue
        v, w = _top(into, v), _top(into, w)
        # Terminals have the lowest numbers.
        if v != w and max(v, w) >= n:
            into[max(v, w)] = min(v, w)
    for v in range(size):
        into[v] = _top(into, v)
    return into


@njit
def _top(into, v):
    while into[v] != v:
        into[v] = into[into[v]]
        v = into[v]
    return v


@njit
def depth_first_order(edges, lengths):
    """Vertices of a tree in depth-first order, the nearest branch first, from the quieter end of its longest edge.

    Numbered so, points near each other have numbers near each other, and no isometry, nor the order in which the points
    came, changes the numbers: but for ties only lengths decide.
    """
    start, heads, _ = _darts(edges, len(edges) + 1)
    reach = np.empty(len(heads))
    around = np.zeros(len(edges) + 1)
    fill = start[:-1].copy()
    for e in range(len(edges)):
        for v in edges[e]:
            reach[fill[v]] = lengths[e]
            around[v] += lengths[e]
            fill[v] += 1
    u, v = edges[np.argmax(lengths)]
    root = u if around[u] <= around[v] else v
    order = np.empty(len(edges) + 1, np.int64)
    seen = np.zeros(len(edges) + 1, np.bool_)
    stack = np.empty(len(edges) + 1, np.int64)
    stack[0], top, count = root, 1, 0
    seen[root] = True
    while top > 0:
        top -= 1
        v = stack[top]
        order[count] = v
        count += 1
        darts = start[v] + np.argsort(-reach[start[v] : start[v + 1]], kind="mergesort")
        for dart in darts:
            if not seen[heads[dart]]:
                seen[heads[dart]] = True
                stack[top] = heads[dart]
                top += 1
    return order
