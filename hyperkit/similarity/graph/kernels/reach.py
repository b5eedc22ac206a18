"""Breadth-first search from many vertices of one graph up to a number of steps, and the pairs that it finds."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@njit
def reach(start, heads, sources, found, ends):
    """Vertices around each of the `sources`, nearest first, written to `found` until it is full.

    Those within h steps of source k are ``found[ends[k, 0]:ends[k, h]]``; it is not among them itself. Gives the number
    of sources that are done; where `found` becomes full, the source is not.
    """
    seen = np.full(len(start) - 1, -1, np.int64)  # the last source that met each vertex
    last = 0
    for k in range(len(sources)):
        source = sources[k]
        seen[source] = source
        ends[k, 0] = last
        last = _step(start, heads, source, source, seen, found, last)
        ends[k, 1] = last
        for step in range(2, ends.shape[1]):
            for place in range(ends[k, step - 2], ends[k, step - 1]):
                if last < 0:
                    break
                last = _step(start, heads, found[place], source, seen, found, last)
            ends[k, step] = last
        if last < 0:
            return k
    return len(sources)


@subkernel
def _step(start, heads, vertex, source, seen, found, last):
    """Add the neighbours of `vertex` that `source` has not met; -1 if there is no room for one."""
    for arc in range(start[vertex], start[vertex + 1]):
        head = heads[arc]
        if seen[head] != source:
            if last == len(found):
                return -1
            seen[head] = source
            found[last] = head
            last += 1
    return last


@njit
def ascending_pairs(heads, ends, hops):
    """Pairs i < j of vertices within so many steps, in lexicographic order, from the vertices around every vertex.

    The rows of j go by ascending j, each entry to the row of its i: so that the entries of i come in order, unsorted.
    """
    n = len(ends)
    place = np.zeros(n + 1, np.int64)
    for j in range(n):
        for k in range(ends[j, 0], ends[j, hops]):
            if heads[k] < j:
                place[heads[k] + 1] += 1
    for i in range(n):
        place[i + 1] += place[i]
    pairs = np.empty((place[n], 2), np.int64)
    for j in range(n):
        for k in range(ends[j, 0], ends[j, hops]):
            i = heads[k]
            if i < j:
                pairs[place[i], 0] = i
                pairs[place[i], 1] = j
                place[i] += 1
    return pairs
