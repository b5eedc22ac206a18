"""Dijkstra's algorithm with a heap of four children a node, whose keys can fall.

Vertices and their edges are in compressed rows: those of v are ``heads[start[v]:start[v + 1]]``, with `lengths` >= 0.
The heap holds each reached vertex once, so that it never outgrows the graph; a vertex that has left it is final.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel

FINAL = -2
UNSEEN = -1


@njit
def paths_from(start, heads, lengths, sources, column, out):
    """Write into ``out[s, column[v]]`` the length of the shortest path from ``sources[s]`` to v; inf where none is.

    Sums are taken in float64, whatever `out` holds.
    """
    n = len(start) - 1
    distance = np.empty(n)
    place = np.empty(n, np.int32)
    heap = np.empty(n, np.int32)
    keys = np.empty(n)
    for s in range(len(sources)):
        for v in range(n):
            distance[v] = np.inf
            place[v] = UNSEEN
        distance[sources[s]] = 0.0
        size = 1
        heap[0], keys[0] = sources[s], 0.0
        place[sources[s]] = 0
        while size > 0:
            tail, reached = heap[0], keys[0]
            place[tail] = FINAL
            size -= 1
            if size > 0:
                sink(heap, keys, place, size, heap[size], keys[size])
            for edge in range(start[tail], start[tail + 1]):
                head = heads[edge]
                length = reached + lengths[edge]
                if length < distance[head]:
                    distance[head] = length
                    if place[head] == UNSEEN:
                        place[head] = size
                        size += 1
                    rise(heap, keys, place, place[head], head, length)
        for v in range(n):
            out[s, column[v]] = distance[v]


@subkernel
def rise(heap, keys, place, hole, vertex, key):
    """Put `vertex` into the heap at `hole` or above, where its `key` belongs."""
    while hole > 0:
        parent = (hole - 1) >> 2
        if keys[parent] <= key:
            break
        heap[hole], keys[hole] = heap[parent], keys[parent]
        place[heap[hole]] = hole
        hole = parent
    heap[hole], keys[hole] = vertex, key
    place[vertex] = hole


@subkernel
def sink(heap, keys, place, size, vertex, key):
    """Put `vertex` into a heap of `size` vertices whose top is free, where its `key` belongs."""
    hole = 0
    while True:
        child = 4 * hole + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if keys[other] < keys[least]:
                least = other
        if keys[least] >= key:
            break
        heap[hole], keys[hole] = heap[least], keys[least]
        place[heap[hole]] = hole
        hole = least
    heap[hole], keys[hole] = vertex, key
    place[vertex] = hole
