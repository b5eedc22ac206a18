"""Planar Delaunay triangulation by incremental insertion (Bowyer 1981, Watson 1981), exact, and its hyperbolic part.

Half-edge e = 3 t + k runs from ``vertices[e]`` to the next corner of triangle t, counterclockwise; ``twins[e]`` is the
half-edge on its other side, -1 on the hull. Points 0 to 3 are the corners of a square that holds all others strictly
inside, so nothing is ever inserted outside the hull. A point that lies strictly inside a triangle's circumcircle takes
the triangle away; those triangles form a disk without inner vertices that the point sees whole, because the signs are
exact, and it is joined to their boundary. Collinear and cocircular points need no care of their own.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....predicates.kernels.planar import in_circle, orientation

# The two triangles of the square.
_SQUARE_VERTICES = np.array([0, 1, 2, 0, 2, 3], dtype=np.int32)
_SQUARE_TWINS = np.array([-1, -1, 3, 2, -1, -1], dtype=np.int32)
_HILBERT_BITS = 31
# By orientation of the curve in a square and quarter of the square, 2 x + y: place of the quarter along the curve, and
# the curve's orientation in it.
_PLACE = np.array([0, 1, 3, 2, 0, 3, 1, 2, 2, 1, 3, 0, 2, 3, 1, 0], dtype=np.int64)
_ORIENTATION = np.array([1, 0, 2, 0, 0, 3, 1, 1, 2, 2, 0, 3, 3, 1, 3, 2], dtype=np.int64)


@njit
def hilbert_index(points, low_x, low_y, width):
    """Place of each point along a Hilbert curve through a square of that corner and width (31 bits an axis), int64."""
    unit = (2.0**_HILBERT_BITS - 1) / width if width > 0.0 else 0.0
    index = np.empty(len(points), np.int64)
    for p in range(len(points)):
        x, y = np.int64((points[p, 0] - low_x) * unit), np.int64((points[p, 1] - low_y) * unit)
        place = turn = 0
        for bit in range(_HILBERT_BITS - 1, -1, -1):
            quarter = 4 * turn + 2 * ((x >> bit) & 1) + ((y >> bit) & 1)
            place = 4 * place + _PLACE[quarter]
            turn = _ORIENTATION[quarter]
        index[p] = place
    return index


@njit
def triangulate(points, exact_below):
    """Triangulate `points` of shape (n, 2) in the order given; O(n) if each lies near the one before, mostly.

    `exact_below` is that of :func:`in_circle`.

    Returns
    -------
    vertices, twins : (6 n - 18,) int32 arrays
        Half-edges; without the repeated points there are fewer, and the arrays are as much shorter.
    first : (n,) int32 array, from 4 on
        For a point that repeats an earlier one, that one; else itself. Repeated points are in no triangle.
    """
    n = len(points)
    vertices = np.empty(6 * n - 18, np.int32)
    twins = np.empty(6 * n - 18, np.int32)
    first = np.empty(n, np.int32)
    for e in range(6):
        vertices[e], twins[e] = _SQUARE_VERTICES[e], _SQUARE_TWINS[e]
    n_triangles = 2
    stack = np.empty(3 * n, np.int32)
    slots = np.empty(2 * n, np.int32)
    rim_vertices = np.empty(2 * n, np.int32)
    rim_twins = np.empty(2 * n, np.int32)
    t = np.int64(0)
    for p in range(4, n):
        t = _locate(points, vertices, twins, t, p)
        corner = _corner_at(points, vertices, t, p)
        first[p] = p if corner < 0 else corner
        if corner >= 0:
            continue
        n_cavity, n_rim = _cavity(points, exact_below, vertices, twins, t, p, stack, slots, rim_vertices, rim_twins)
        for k in range(n_cavity, n_rim):
            slots[k] = n_triangles
            n_triangles += 1
        _fill(vertices, twins, p, n_rim, slots, rim_vertices, rim_twins)
        t = np.int64(slots[0])
    return vertices[: 3 * n_triangles], twins[: 3 * n_triangles], first


@subkernel
def _next(e):
    return e - 2 if e % 3 == 2 else e + 1


@subkernel
def _previous(e):
    return e + 2 if e % 3 == 0 else e - 1


@subkernel
def _locate(points, vertices, twins, t, p):
    """Triangle that contains point p, its sides included: walk from t over any side that p lies beyond.

    In a Delaunay triangulation such a walk cannot go in circles.
    """
    px, py = points[p]
    entry = -1
    while True:
        beyond = -1
        for k in range(3):
            e = 3 * t + k
            if e == entry:
                continue
            a, b = vertices[e], vertices[_next(e)]
            if orientation(points[a, 0], points[a, 1], points[b, 0], points[b, 1], px, py) < 0:
                beyond = e
                break
        if beyond < 0:
            return t
        entry = twins[beyond]
        t = entry // 3


@subkernel
def _corner_at(points, vertices, t, p):
    """Corner of triangle t with the coordinates of point p, or -1."""
    for e in range(3 * t, 3 * t + 3):
        v = vertices[e]
        if points[v, 0] == points[p, 0] and points[v, 1] == points[p, 1]:
            return v
    return -1


@subkernel
def _cavity(points, exact_below, vertices, twins, t, p, stack, slots, rim_vertices, rim_twins):
    """Triangles whose circumcircle has p strictly inside, from t on, and their boundary counterclockwise.

    The triangles go to `slots`, start vertices of the boundary to `rim_vertices`, half-edges beyond it to `rim_twins`.
    """
    px, py = points[p]
    slots[0] = t
    n_cavity, n_rim, n_stack = 1, 0, 3
    stack[0], stack[1], stack[2] = 3 * t + 2, 3 * t + 1, 3 * t
    while n_stack:
        n_stack -= 1
        e = stack[n_stack]
        twin = twins[e]
        if twin >= 0:
            a, b, c = vertices[twin], vertices[_next(twin)], vertices[_previous(twin)]
            ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
            if in_circle(ax, ay, bx, by, cx, cy, px, py, exact_below) > 0:
                slots[n_cavity] = twin // 3
                n_cavity += 1
                stack[n_stack] = _previous(twin)
                stack[n_stack + 1] = _next(twin)
                n_stack += 2
                continue
        rim_vertices[n_rim] = vertices[e]
        rim_twins[n_rim] = twin
        n_rim += 1
    return n_cavity, n_rim


@subkernel
def _fill(vertices, twins, p, n_rim, slots, rim_vertices, rim_twins):
    """Join p to the sides of its cavity; triangle ``slots[k]`` gets side k."""
    for k in range(n_rim):
        after = k + 1 if k + 1 < n_rim else 0
        before = k - 1 if k else n_rim - 1
        e = 3 * slots[k]
        vertices[e] = rim_vertices[k]
        vertices[e + 1] = rim_vertices[after]
        vertices[e + 2] = p
        twin = rim_twins[k]
        twins[e] = twin
        if twin >= 0:
            twins[twin] = e
        twins[e + 1] = 3 * slots[after] + 2
        twins[e + 2] = 3 * slots[before] + 1


@njit
def hyperbolic_edges(vertices, twins, longest, rows, n_rows):
    """Hyperbolic Delaunay edges between rows of the input, i < j, in lexicographic order.

    An edge of the triangulation is kept unless it is the longest side of a triangle whose circumcircle is not inside
    the unit circle. Vertices near each other in number are near in the plane, rows are not, and jumping through memory
    is what costs: so edges are first gathered by vertex, and one pass over the rows picks them up.

    Parameters
    ----------
    vertices, twins : (3 T,) arrays
        As from `triangulate`.
    longest : (T,) int8 array
        The longest side of a triangle that is not hyperbolic, else -1.
    rows : (n,) array
        Row of the input of each vertex, no row twice; below 0 for the corners of the square and repeated points.
    n_rows : int
    """
    lower_vertex, higher_row = _kept_edges(vertices, twins, longest, rows)
    start = np.zeros(len(rows) + 1, np.int32)
    for v in lower_vertex:
        start[v + 1] += 1
    for v in range(len(rows)):
        start[v + 1] += start[v]
    end = start[:-1].copy()
    higher_rows = np.empty(len(higher_row), np.int32)
    for e in range(len(higher_row)):
        v = lower_vertex[e]
        higher_rows[end[v]] = higher_row[e]
        end[v] += 1
    return _by_row(start, higher_rows, rows, n_rows)


@subkernel
def _kept_edges(vertices, twins, longest, rows):
    """For each hyperbolic edge the vertex with the lower row, and the row of the other."""
    lower_vertex = np.empty(len(vertices) // 2, np.int32)
    higher_row = np.empty(len(vertices) // 2, np.int32)
    n = 0
    for t in range(len(longest)):
        for k in range(3):
            e = 3 * t + k
            twin = twins[e]
            a, b = vertices[e], vertices[3 * t + (k + 1) % 3]
            if twin < e or longest[t] == k or rows[a] < 0 or rows[b] < 0 or longest[twin // 3] == twin % 3:
                continue
            lower_vertex[n] = a if rows[a] < rows[b] else b
            higher_row[n] = max(rows[a], rows[b])
            n += 1
    return lower_vertex[:n], higher_row[:n]


@subkernel
def _by_row(start, higher_rows, rows, n_rows):
    """Edges in lexicographic order from the other ends ``higher_rows[start[v] : start[v + 1]]`` of each vertex v."""
    vertex_of = np.full(n_rows, -1, np.int32)
    for v in range(len(rows)):
        if rows[v] >= 0:
            vertex_of[rows[v]] = v
    edges = np.empty((len(higher_rows), 2), np.int64)
    n = 0
    for i in range(len(vertex_of)):
        v = vertex_of[i]
        if v < 0:
            continue
        others = higher_rows[start[v] : start[v + 1]]
        _sort(others)
        for other in others:
            edges[n, 0], edges[n, 1] = i, other
            n += 1
    return edges


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
def hyperbolic_triangles(vertices, twins, kept, rows):
    """Triangles `kept` in rows of the input, and for each corner the kept triangle across from it, or -1."""
    number = np.full(len(vertices) // 3, -1, np.int32)
    for t in range(len(kept)):
        number[kept[t]] = t
    simplices = np.empty((len(kept), 3), np.int64)
    neighbors = np.empty((len(kept), 3), np.int64)
    for t in range(len(kept)):
        for k in range(3):
            simplices[t, k] = rows[vertices[3 * kept[t] + k]]
            neighbors[t, k] = number[twins[3 * kept[t] + (k + 1) % 3] // 3]
    return simplices, neighbors
