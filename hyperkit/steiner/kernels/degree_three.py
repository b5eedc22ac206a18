"""Any tree as a full binary topology, and back.

Vertices of other degrees than 3 become chains of nodes of degree 3 in one place; chains of edges that have collapsed
become one vertex.
"""

from __future__ import annotations

import math

import numpy as np

from ..._compilation import njit, subkernel
from ...geometry.kernels.metric import copy_row
from ...geometry.kernels.union_find import find
from .full_tree import walk_outwards

# Above this degree neighbours in the order of the darts are paired; all pairs would take cubic time.
_MOST_COMPARED = 48


@njit
def as_binary(start, heads, twin, seen, z, gap, tree):
    """Make `tree` the full binary topology of any tree over n >= 3 terminals and Steiner points of degree 3 or more.

    A vertex of degree k becomes a chain of nodes of degree 3 in its place. Which of its neighbours share a node is
    decided by angle: the two that make the smallest are joined first (`_join_by_angle`).

    Parameters
    ----------
    start : (m + 1,) integer array
        Darts, edges seen from one end, are grouped by the vertex they leave; those of v begin at ``start[v]``.
    heads, twin : (2m - 2,) integer arrays
        Of each dart, the vertex it leads to and the dart from there.
    seen : (2m - 2, d) array
        Unit directions, overwritten.
    z, gap : (m, d) and (m,) arrays
        Terminals first.
    tree : TreeArrays
        Empty; not measured.
    """
    near = tree.near
    n = (len(near) + 2) // 2
    # The node of the binary tree that each dart leaves.
    tail = np.empty(len(heads), np.int64)
    next_node = n
    for v in range(len(z)):
        first = next_node
        darts = slice(start[v], start[v + 1])
        if v < n:
            copy_row(z, gap, v, tree.z, tree.gap, v)
        if v < n and start[v + 1] - start[v] == 1:
            tail[start[v]] = v
        else:
            next_node = _join_by_angle(v if v < n else -1, tail[darts], seen[darts], near, first)
        for node in range(first, next_node):
            copy_row(z, gap, v, tree.z, tree.gap, node)
    for dart in range(len(heads)):
        _add(near, tail[dart], tail[twin[dart]])


@subkernel
def _add(near, v, w):
    k = 0
    while near[v, k] >= 0:
        k += 1
    near[v, k] = w


@subkernel
def _join_by_angle(own, tail, seen, near, next_node):
    """Nodes of degree 3 that stand for a vertex; `tail` gets the node of each of its darts; gives the next number.

    Directions are joined two by two, those at the smallest angle first; a pair has the sum of its directions. Two
    branches are left in the end, and the leaf `own` if the vertex is a terminal; three at a Steiner point (own = -1).
    """
    k = len(tail)
    # A branch is a dart (~dart) or a node of the binary tree.
    branch = np.empty(k, np.int64)
    for i in range(k):
        branch[i] = ~i
    last = 1 if own >= 0 else 3
    while k > last:
        if k > _MOST_COMPARED:
            # Every other pair of neighbours in the order.
            left = 0
            for i in range(0, k - 1, 2):
                next_node = _join(branch, seen, tail, near, i, i + 1, left, next_node)
                left += 1
            if k % 2:
                _rename(branch, seen, k - 1, left)
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
        _rename(branch, seen, k - 1, other)
        k -= 1
    for i in range(3):
        _hang(branch, tail, near, i, next_node)
    return next_node + 1


@subkernel
def _cosine(seen, i, j):
    product, first, second = 0.0, 0.0, 0.0
    for c in range(seen.shape[1]):
        product += seen[i, c] * seen[j, c]
        first += seen[i, c] ** 2
        second += seen[j, c] ** 2
    return product / math.sqrt(first * second) if first * second > 0 else -1.0


@subkernel
def _hang(branch, tail, near, i, node):
    """Hang branch i on `node`."""
    if branch[i] < 0:
        tail[~branch[i]] = node
    else:
        _add(near, node, branch[i])
        _add(near, branch[i], node)


@subkernel
def _rename(branch, seen, i, to):
    """Branch i becomes branch `to`."""
    branch[to] = branch[i]
    for c in range(seen.shape[1]):
        seen[to, c] = seen[i, c]


@subkernel
def _join(branch, seen, tail, near, i, j, to, node):
    """Hang branches i and j on `node`, which becomes branch `to`."""
    _hang(branch, tail, near, i, node)
    _hang(branch, tail, near, j, node)
    branch[to] = node
    for c in range(seen.shape[1]):
        seen[to, c] = seen[i, c] + seen[j, c]
    return node + 1


@njit
def number_by_terminals(tree, to):
    """Copy a full tree into `to`, with numbers and neighbours in an order that its terminals decide alone.

    Seen from terminal 0, a Steiner node has two branches. The higher of their lowest terminals is no other node's, and
    numbers it. Its neighbours are the one towards terminal 0, then the branch with the lower, then the other.
    """
    near = tree.near
    size = len(near)
    n = (size + 2) // 2
    order, parent = np.empty(size, np.int64), np.empty(size, np.int64)
    lowest, number = np.empty(size, np.int64), np.empty(size, np.int64)
    walk_outwards(near, order, parent)
    for at in range(size - 1, -1, -1):
        v = order[at]
        lowest[v] = number[v] = v
        if v < n:
            continue
        low, high = size, 0
        for k in range(3):
            w = near[v, k]
            if w != parent[v]:
                low, high = min(low, lowest[w]), max(high, lowest[w])
        lowest[v], number[v] = low, n - 2 + high
    for v in range(size):
        copy_row(tree.z, tree.gap, v, to.z, to.gap, number[v])
        for k in range(3):
            w = near[v, k]
            if w >= 0:
                place = 0 if v < n or w == parent[v] else (1 if lowest[w] == lowest[v] else 2)
                to.near[number[v], place] = number[w]


@njit
def contract(tails, heads, lengths, short, share, n, size):
    """Shrink edges of a tree one after the other, but never two terminals, 0..n-1, into one.

    Shrunk are `short` edges that are no longer than a `share` of the edge that leads from them to a second terminal.
    Of all edges, in order of length, gives for each of `size` nodes the one it becomes one with: a terminal where there
    is one.
    """
    # Parts grow edge by edge. The one that brings a second terminal is the scale of what was there before.
    part, parent = np.arange(size), np.arange(size)
    scale = np.full(size, np.inf)
    for e in range(len(tails)):
        v, w = find(part, tails[e]), find(part, heads[e])
        low, high = min(v, w), max(v, w)
        part[high] = parent[high] = low
        # Terminals have the lowest numbers.
        if high < n or scale[low] < np.inf:
            scale[low], scale[high] = min(scale[low], lengths[e]), min(scale[high], lengths[e])
    for v in range(size):
        if scale[v] == np.inf:
            scale[v] = scale[parent[v]]
    into = np.arange(size)
    for e in range(len(tails)):
        v, w = find(into, tails[e]), find(into, heads[e])
        if short[e] and lengths[e] <= share * scale[tails[e]] and max(v, w) >= n:
            into[max(v, w)] = min(v, w)
    for v in range(size):
        into[v] = find(into, v)
    return into


@njit
def walk_tree(root, start, heads):
    """Vertices in depth-first order; of the darts of a vertex the first is followed first."""
    count = len(start) - 1
    order = np.empty(count, np.int64)
    seen = np.zeros(count, np.bool_)
    stack = np.empty(count, np.int64)
    stack[0] = root
    seen[root] = True
    top, at = 1, 0
    while top > 0:
        top -= 1
        v = stack[top]
        order[at] = v
        at += 1
        for dart in range(start[v + 1] - 1, start[v] - 1, -1):
            if not seen[heads[dart]]:
                seen[heads[dart]] = True
                stack[top] = heads[dart]
                top += 1
    return order
