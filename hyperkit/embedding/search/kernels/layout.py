"""A tree with lengths laid out around the origin."""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit


@njit
def root_at_centroid(joins, lengths):
    """The tree of the joins of n >= 3 leaves, rooted at a node of which no part holds more than half of them.

    Gives each node's parent (-1 of the root), the length of the branch to it, at least 0, the number of leaves from
    there on, and an order of the 2 n - 2 nodes in which parents come first.
    """
    n = len(joins) + 1
    size = 2 * n - 2
    parent, length = np.full(size, -1), np.zeros(size)
    leaves, order = np.zeros(size, np.int64), np.empty(size, np.int64)
    for k in range(n - 1):
        for side in range(2):
            if k < n - 2:
                parent[joins[k, side]] = n + k
                length[joins[k, side]] = max(lengths[k, side], 0.0)
    last = size - 1  # it was made last, so it is in the last join
    other = joins[n - 2, 0] + joins[n - 2, 1] - last
    parent[other], length[other] = last, max(lengths[n - 2, 0], 0.0)
    for x in range(size):  # parts have lower numbers
        if x < n:
            leaves[x] = 1
        if x != last:
            leaves[parent[x]] += leaves[x]
    root = n
    while 2 * leaves[root] < n:
        root += 1
    # Up from there everything is turned round.
    below, above, step = -1, parent[root], 0.0
    x, n_turned = root, 0
    while x >= 0:
        above = parent[x]
        parent[x], length[x], step = below, step, length[x]
        order[n_turned] = x
        n_turned += 1
        below, x = x, above
    for k in range(n_turned - 1, 0, -1):
        leaves[order[k]] = n - leaves[order[k - 1]]
    leaves[root] = n
    is_turned = np.zeros(size, np.bool_)
    for k in range(n_turned):
        is_turned[order[k]] = True
    for x in range(size - 1, -1, -1):
        if not is_turned[x]:
            order[n_turned] = x
            n_turned += 1
    return parent, length, leaves, order


@njit
def lay_out(parent, length, leaves, order, scale, across, u):
    """Put the leaves into `u` (n, d), vectors at the origin in units of the lengths, of which `scale` is one of 1.

    A node has the polar radius of its way from the root, and a wedge of directions, which its parts share by their
    leaves, side by side along `across` (2 n - 2, d), which is overwritten. Two far points at the angle t are as far
    apart as their radii together and ``2 log sin(t / 2)``, which is negative; in a tree, as their radii together less
    ``2 r``, r being that of the node where they part. So parts of a node are to be ``2 exp(-r)`` apart: no wedge is
    wider than ``4 exp(-r)``.
    """
    n, d = u.shape
    direction = np.zeros((len(order), d))
    radius, wedge, shared = np.zeros(len(order)), np.empty(len(order)), np.zeros(len(order))
    for x in order:
        above = parent[x]
        if above < 0:
            direction[x, 0], wedge[x] = 1.0, 2.0 * math.pi
        else:
            share = wedge[above] * leaves[x] / leaves[above]
            angle = shared[above] + (share - wedge[above]) / 2.0
            shared[above] += share
            radius[x] = radius[above] + scale * length[x]
            wedge[x] = min(share, 4.0 * math.exp(-radius[x]))
            square = 0.0
            for c in range(d):
                direction[x, c] = math.cos(angle) * direction[above, c] + math.sin(angle) * across[above, c]
                square += direction[x, c] ** 2
            for c in range(d):
                direction[x, c] /= math.sqrt(square)
        along = square = 0.0
        for c in range(d):
            along += across[x, c] * direction[x, c]
        for c in range(d):
            across[x, c] -= along * direction[x, c]
            square += across[x, c] ** 2
        for c in range(d):
            across[x, c] /= math.sqrt(square)
        if x < n:
            for c in range(d):
                u[x, c] = radius[x] / scale * direction[x, c]
