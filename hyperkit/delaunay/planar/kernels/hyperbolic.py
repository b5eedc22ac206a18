"""The hyperbolic part of a planar Delaunay triangulation, in rows of the input.

Vertices near each other in number are near in the plane, rows are not, and jumping through memory is what costs: so
edges are first gathered by vertex, and one pass over the rows picks them up.
"""

from __future__ import annotations

from ...._compilation import njit, subkernel
from .triangulation import next_side


@njit
def gather_edges(mesh, sides, rows, begin, end, job, place, higher_rows):
    """Of each hyperbolic edge of triangles begin to end - 1 the higher row, gathered by the vertex of the lower row.

    An edge of the triangulation is hyperbolic unless it is the rim side of a triangle. Its half-edge from the lower to
    the higher row stands for it. Half of all do, and to guess which costs more than to write each, the others out of
    the way.

    Parameters
    ----------
    mesh : int32 array
        As in `triangulation`.
    sides : int8 array
        As from :func:`rim_sides`.
    rows : (n,) int32 array
        Row of the input of each vertex, no row twice; below 0 for the corners of the square and repeated points.
    begin, end, job : int
    place : (n, n_jobs) int32 array
        For each vertex where in `higher_rows` its next one goes, of this job; moved on.
    higher_rows : int32 array
        The last place is for what is no edge. If it is empty, edges are only counted.
    """
    nowhere = len(higher_rows) - 1
    for t in range(begin, end):
        for e in range(8 * t, 8 * t + 3):
            a, twin = mesh[e], mesh[e + 4]
            row, other = rows[a], rows[mesh[next_side(e)]]
            is_kept = (sides[t] != e & 3) & (sides[twin >> 3] != twin & 3)
            is_edge = is_kept & (row >= 0) & (row < other)
            at = place[a, job]
            if nowhere >= 0:
                higher_rows[nowhere + is_edge * (at - nowhere)] = other
            place[a, job] = at + is_edge


@njit
def sort_each(begin, end, values):
    """Sort ``values[begin[v] : end[v]]`` for each v."""
    for v in range(len(begin)):
        _sort(values[begin[v] : end[v]])


@subkernel
def _sort(values):
    """Sort in place as Shell (1959) did: a few by insertion, and the thousands of neighbours of a hub in good time."""
    leap = 1
    while 9 * leap < len(values):
        leap = 3 * leap + 1
    while leap > 0:
        for k in range(leap, len(values)):
            value, place = values[k], k
            while place >= leap and values[place - leap] > value:
                values[place] = values[place - leap]
                place -= leap
            values[place] = value
        leap //= 3


@njit
def edges_by_row(begin, end, first_row, higher_rows, edges):
    """Edges from row ``first_row + i`` to ``higher_rows[begin[i] : end[i]]``."""
    n = 0
    for i in range(len(begin)):
        for k in range(begin[i], end[i]):
            edges[n, 0], edges[n, 1] = first_row + i, higher_rows[k]
            n += 1


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
