"""What one row sees in two spaces: who is near it in both, and which of two others is the nearer one.

In come distances from some rows to all n, of a reference and of an embedding, with the order of each; the row itself
comes first. Where the reference holds two others equally far, any order of them is right; where only the embedding
does, the order counts as wrong: ties of the reference are broken by the embedding, those of the embedding against the
reference, and those of both the same way in both. So nothing depends on the order of the rows, two equal tables agree
in everything, and an embedding that puts all points into one place in nothing.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@subkernel
def _first_places(distances, order, first):
    """For each other row its place, from 0, or that of the first of those that are as far."""
    for place in range(len(order) - 1):
        j = order[place + 1]
        tied = place > 0 and distances[j] == distances[order[place]]
        first[j] = first[order[place]] if tied else place


@subkernel
def _ranks(order, first, other_first, taken, by_rank, rank, other_rank):
    """Ranks from 1 in both orders: `order` and `other_first` are those of the embedding, `first` is the reference's."""
    m = len(order) - 1
    for place in range(m):
        taken[place] = 0
    for place in range(m):
        j = order[place + 1]
        rank[j] = first[j] + taken[first[j]] + 1
        taken[first[j]] += 1
        by_rank[rank[j] - 1] = j
    for place in range(m):
        taken[place] = 0
    end = m
    while end > 0:
        begin = first[by_rank[end - 1]]
        for place in range(begin, end):
            j = by_rank[place]
            other_rank[j] = other_first[j] + taken[other_first[j]] + 1
            taken[other_first[j]] += 1
        end = begin


@subkernel
def _average_precision(order, first, is_neighbor):
    """Mean over the neighbours of the share of neighbours among all that are as near as it; -1 where there are none."""
    m = len(order) - 1
    found, total, begin = 0, 0.0, 0
    while begin < m:
        end, hits = begin, 0
        while end < m and first[order[end + 1]] == begin:
            hits += is_neighbor[order[end + 1]]
            end += 1
        found += hits
        total += hits * (found / end)
        begin = end
    return total / found if found > 0 else -1.0


@njit
def tally_ranks(reference, embedded, by_reference, by_embedded, start, heads, k, shared):
    """Count shared neighbours of the rows of a block; gives what else is summed over them.

    Parameters
    ----------
    reference, embedded : ndarray of shape (b, n)
        Distances from the rows of the block to all.
    by_reference, by_embedded : ndarray of shape (b, n)
        All rows from near to far, the row itself first.
    start, heads : ndarray
        Neighbours of row i are ``heads[start[i]:start[i + 1]]``; or, if `start` is empty, the k nearest of the
        reference with all that are as far as the k-th.
    k : int
        Neighbourhood of trustworthiness and continuity.
    shared : ndarray of shape (n - 1,), integer
        Adds to entry K - 1 the others whose larger rank in the two orders is K.

    Returns
    -------
    tuple
        How far intruders among the k nearest of the embedding rank beyond k in the reference; how far the missing ones
        among those of the reference rank beyond k in the embedding; sum of average precisions, and its rows.
    """
    b, n = reference.shape
    first, other_first = np.zeros(n, np.int64), np.zeros(n, np.int64)
    rank, other_rank = np.zeros(n, np.int64), np.zeros(n, np.int64)
    taken, by_rank = np.zeros(n, np.int64), np.zeros(n, np.int64)
    is_neighbor = np.zeros(n, np.int64)
    intruding, missing, precision, with_neighbors = 0, 0, 0.0, 0
    for row in range(b):
        _first_places(reference[row], by_reference[row], first)
        _first_places(embedded[row], by_embedded[row], other_first)
        _ranks(by_embedded[row], first, other_first, taken, by_rank, rank, other_rank)
        me = by_reference[row, 0]
        for j in range(n):
            if j != me:
                here, there = rank[j], other_rank[j]
                shared[max(here, there) - 1] += 1
                if there <= k < here:
                    intruding += here - k
                if here <= k < there:
                    missing += there - k
                is_neighbor[j] = len(start) == 0 and first[j] < k
        if len(start) > 0:
            for e in range(start[me], start[me + 1]):
                is_neighbor[heads[e]] = 1
        average = _average_precision(by_embedded[row], other_first, is_neighbor)
        if average >= 0:
            precision += average
            with_neighbors += 1
    return intruding, missing, precision, with_neighbors


@njit
def tally_triplets(reference, embedded, by_reference, by_embedded):
    """Of pairs of others that the reference holds differently far from a row: those in the same order, and all.

    A Fenwick tree counts, for each other row, those nearer in both; time is O(n log n) a row.
    """
    b, n = reference.shape
    m = n - 1
    first = np.zeros(n, np.int64)
    nearer = np.zeros(n, np.int64)
    right, compared = 0, 0
    for row in range(b):
        order = by_reference[row]
        _first_places(embedded[row], by_embedded[row], first)
        for place in range(n):
            nearer[place] = 0
        begin = 0
        while begin < m:
            end = begin
            while end < m and reference[row, order[end + 1]] == reference[row, order[begin + 1]]:
                place = first[order[end + 1]]
                while place > 0:
                    right += nearer[place]
                    place -= place & -place
                end += 1
            compared += begin * (end - begin)
            for member in range(begin, end):
                place = first[order[member + 1]] + 1
                while place <= m:
                    nearer[place] += 1
                    place += place & -place
            begin = end
    return right, compared
