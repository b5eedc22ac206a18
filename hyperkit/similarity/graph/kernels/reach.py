"""Breadth-first search from many vertices of one graph, up to a number of steps."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel


@njit
def reach(start, heads, first, found, ends):
    """Vertices around each vertex from `first` on, nearest first, written to `found` until it is full.

    Those within h steps of vertex ``first + k`` are ``found[ends[k, 0]:ends[k, h]]``; it is not among them itself. Gives
    the number of vertices that are done; where `found` becomes full, the vertex is not.
    """
    seen = np.full(len(start) - 1, -1, np.int64)  # the last source that met each vertex
    last = 0
    for k in range(len(ends)):
        source = first + k
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
    return len(ends)


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
