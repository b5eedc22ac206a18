"""The hyperbolic part of a planar Delaunay triangulation, in rows of the input.

Vertices near each other in number are near in the plane, rows are not, and jumping through memory is what costs: so
edges are first gathered by vertex, and one pass over the rows picks them up.
"""

from __future__ import annotations

from ...._compilation import njit, subkernel
from .triangulation import next_side

_MANY = 16


@njit
def gather_edges(mesh, sides, rows, begin, end, job, place, higher_rows):
    """Of each hyperbolic edge of triangles begin to end - 1 the higher row, gathered by the vertex of the lower row.

    An edge of the triangulation is hyperbolic unless it is the rim side of a triangle. Of its two half-edges the higher
    one stands for it.

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
        If it is empty, edges are only counted.
    """
    for t in range(begin, end):
        for e in range(8 * t, 8 * t + 3):
            twin = mesh[e + 4]
            if not 0 <= twin < e or sides[t] == e & 3 or sides[twin >> 3] == twin & 3:
                continue
            a, b = mesh[e], mesh[next_side(e)]
            if rows[a] < 0 or rows[b] < 0:
                continue
            lower = a if rows[a] < rows[b] else b
            if len(higher_rows):
                higher_rows[place[lower, job]] = max(rows[a], rows[b])
            place[lower, job] += 1


@njit
def edges_by_row(begin, n_higher, first_row, higher_rows, edges):
    """Edges in lexicographic order: of row ``first_row + i`` to `n_higher[i]` of `higher_rows`, from ``begin[i]`` on.

    A row is far from the one before, and to wait for it costs more than to work: so of a few neighbours each is put in
    its place by counting the lower ones, where to sort them would branch on what has not yet come.
    """
    n = 0
    for i in range(len(begin)):
        m, others = n_higher[i], begin[i]
        if m > _MANY:
            _sort(higher_rows[others : others + m])
        for k in range(m):
            other = higher_rows[others + k]
            place = k
            if m <= _MANY:
                place = 0
                for j in range(m):
                    place += higher_rows[others + j] < other
            edges[n + place, 0], edges[n + place, 1] = first_row + i, other
        n += m


@subkernel
def _sort(values):
    """Sort in place as Shell (1959) did: the thousands of neighbours of a hub in good time."""
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
def hyperbolic_triangles(mesh, kept, number, rows, simplices, neighbors):
    """Triangles `kept` in rows of the input, and for each corner the kept triangle across from it, or -1.

    `number` is the place in the whole list of what is kept of each triangle of the mesh, or -1.
    """
    for t in range(len(kept)):
        e = 8 * kept[t]
        for k in range(3):
            simplices[t, k] = rows[mesh[e + k]]
            neighbors[t, k] = number[mesh[next_side(e + k) + 4] >> 3]
