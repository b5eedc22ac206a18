"""The hyperbolic part of a planar Delaunay triangulation, in rows of the input.

Vertices near each other in number are near in the plane, rows are not, and jumping through memory is what costs: so
edges become numbers, which numpy sorts. To gather them by vertex, and pick these up by row, took 2.5 times as long.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit
from .triangulation import next_side

# Above all keys.
NO_KEY = 2**63 - 1
_HIGHER_ROW = 2**32 - 1


@njit
def edge_keys(mesh, sides, rows, begin, end, keys):
    """Of each hyperbolic edge of triangles begin to end - 1 a number, 2^32 times its lower row and its higher row.

    An edge of the triangulation is hyperbolic unless it is the rim side of a triangle. Its half-edge from the lower to
    the higher row stands for it. Half of all do, and to guess which costs more than to write each.

    Parameters
    ----------
    mesh : int32 array
        As in `triangulation`.
    sides : int8 array
        As from :func:`rim_sides`.
    rows : (n,) int32 array
        Row of the input of each vertex, no row twice; below 0 for the corners of the square and repeated points.
    begin, end : int
    keys : int64 array
        At least ``2 * (end - begin) + 1`` long; after the last gets `NO_KEY`.

    Returns
    -------
    n_keys : int
    """
    n = 0
    for t in range(begin, end):
        side = sides[t]
        row = rows[mesh[8 * t]]
        first = row
        for k in range(3):
            e = 8 * t + k
            other = first if k == 2 else rows[mesh[e + 1]]
            twin = mesh[e + 4]
            keys[n] = np.int64(row) << 32 | np.int64(other)
            n += (side != k) & (sides[twin >> 3] != twin & 3) & (row >= 0) & (row < other)
            row = other
    keys[n] = NO_KEY
    return n


@njit
def merge_edges(keys, begin, edges):
    """The next edges in order, of the sorted keys in row k of `keys` from ``begin[k]`` on; `begin` is overwritten."""
    if len(keys) == 2:  # what two threads do; in local variables it takes a third of the time
        i, j = begin
        for n in range(len(edges)):
            one, other = keys[0, i], keys[1, j]
            key = min(one, other)
            i += one == key
            j += other == key
            edges[n, 0], edges[n, 1] = key >> 32, key & _HIGHER_ROW
        return
    for n in range(len(edges)):
        least = 0
        for k in range(1, len(keys)):
            if keys[k, begin[k]] < keys[least, begin[least]]:
                least = k
        key = keys[least, begin[least]]
        begin[least] += 1
        edges[n, 0], edges[n, 1] = key >> 32, key & _HIGHER_ROW


@njit
def hyperbolic_triangles(mesh, kept, number, rows, simplices, neighbors):
    """Triangles `kept` in rows of the input, and for each corner the kept triangle across from it, or -1.

    `number` is the place in the whole list of what is kept of each triangle of the mesh, or -1.
    """
    for t in range(len(kept)):
        e = 8 * kept[t]
        for k in range(3):
            simplices[t, k] = rows[mesh[e + k]]
            neighbors[t, k] = number[mesh[next_side(e + k) + 4] >> 3]
