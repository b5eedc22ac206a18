"""The bound of Held and Karp on travelling salesman tours: minimum 1-trees, prices on the points, and ascent."""

from __future__ import annotations

import numpy as np

from ..._compilation import njit, subkernel

# Steps of the ascent, in units of the heights at which clusters merge: at first, halfway and at last.
_STEPS = (1.0, 0.3, 0.003)
# After so many iterations that brought nothing, steps become shorter.
_PATIENCE, _SHORTER = 10, 0.7


@njit
def held_karp(distances, merges, heights, iterations):
    """Lower bound of the length of any closed tour through all n >= 3 points (Held and Karp, 1971).

    With a price p on each point, a tour has at least the length of the shortest 1-tree (a spanning tree of all points
    but one, and the two shortest edges of that one) for ``d(i, j) + p_i + p_j``, less twice the sum of prices. Prices
    rise where the 1-tree has more than two edges a point. Any prices give a valid bound; the best met is returned.

    Points in tight clusters far from each other need prices that differ little within, and much between. So what a
    whole cluster has too much moves the price of all its points, by a step of the size of its surroundings.

    Parameters
    ----------
    distances : (n, n) array
    merges : (n - 1, 2) integer array
        Single linkage: the clusters that merge, in order of height; cluster n + m is made by row m.
    heights : (n - 1,) array
    iterations : int
        O(n^2) each.
    """
    n = len(distances)
    prices = np.zeros(n)
    degree = np.zeros(n, np.int64)
    near, key = np.empty(n, np.int64), np.empty(n)
    waiting = np.empty(n, np.int64)
    surplus, shift, before = np.empty(2 * n - 1), np.empty(2 * n - 1), np.zeros(n)
    size = np.ones(2 * n - 1)
    best, best_prices, stale = 0.0, prices.copy(), 0
    step = _STEPS[0]
    for iteration in range(iterations):
        length = _one_tree(distances, prices, degree, near, key, waiting)
        total = 0.0
        for v in range(n):
            total += prices[v]
            surplus[v] = degree[v] - 2
        stale += 1
        if length - 2 * total > best:
            best, stale = length - 2 * total, 0
            for v in range(n):
                best_prices[v] = prices[v]
        elif stale == _PATIENCE:
            # Astray with steps too long: back to where it was best.
            stale = 0
            step *= _SHORTER
            for v in range(n):
                prices[v] = best_prices[v]
                before[v] = 0.0
            continue
        for m in range(n - 1):
            i, j = merges[m, 0], merges[m, 1]
            surplus[n + m] = surplus[i] + surplus[j]
            size[n + m] = size[i] + size[j]
        shift[2 * n - 2] = 0.0
        for m in range(n - 2, -1, -1):
            for k in range(2):
                c = merges[m, k]
                own = heights[c - n] if c >= n else 0.0
                shift[c] = shift[n + m] + (heights[m] - own) * surplus[c] / size[c]
        for v in range(n):
            # Some of the last direction keeps prices from swinging (Volgenant and Jonker, 1982).
            prices[v] += step * (0.7 * shift[v] + 0.3 * before[v])
            before[v] = shift[v]
        half = 0 if 2 * iteration < iterations else 1
        step *= (_STEPS[half + 1] / _STEPS[half]) ** (2 / iterations)
    return best


@subkernel
def _one_tree(distances, prices, degree, near, key, waiting):
    """Length of the shortest 1-tree with its special point at row 0, by Prim's algorithm; sets degrees."""
    n = len(distances)
    for v in range(n):
        degree[v] = 0
    for m in range(n - 2):
        waiting[m] = m + 2
        key[m + 2] = np.inf
    newest = 1
    length = 0.0
    for left in range(n - 2, 0, -1):
        closest, place = np.inf, 0
        row = distances[newest]
        price = prices[newest]
        for m in range(left):
            v = waiting[m]
            far = row[v] + prices[v] + price
            if far < key[v]:
                key[v] = far
                near[v] = newest
            if key[v] < closest:
                closest = key[v]
                place = m
        newest = waiting[place]
        waiting[place] = waiting[left - 1]
        length += closest
        degree[newest] += 1
        degree[near[newest]] += 1
    first, second = np.inf, np.inf
    i, j = 1, 2
    for v in range(1, n):
        far = distances[0, v] + prices[v] + prices[0]
        if far < first:
            second, j = first, i
            first, i = far, v
        elif far < second:
            second, j = far, v
    degree[0] = 2
    degree[i] += 1
    degree[j] += 1
    return length + first + second
