"""Planar Delaunay triangulation by incremental insertion (Bowyer 1981, Watson 1981), exact.

A mesh is a flat array of 8 numbers a triangle, half a line of the cache: half-edge e = 8 t + k, k = 0, 1, 2, runs from
vertex ``mesh[e]`` to the next corner of triangle t, counterclockwise, and ``mesh[e + 4]`` is the half-edge on its other
side, -1 on the hull. Vertices and sides in an array each took a fifth longer. ``mesh[8 t + 3]`` is the part that all
corners are in (points 0 to 3 are in any), -1 for a triangle between parts, and ``mesh[8 t + 7]`` is -1, so that pickles
of the same are the same.

Points 0 to 3 are the corners of a square that holds all others strictly inside, so nothing is ever inserted outside the
hull. A point that lies strictly inside a triangle's circumcircle takes the triangle away; those triangles form a disk
without inner vertices that the point sees whole, because the signs are exact, and it is joined to their boundary.
Collinear and cocircular points need no care of their own.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel
from ....predicates.kernels.planar import in_circle, orientation


@njit
def insert_points(points, ids, exact_below, mesh, sides_at, parts, part, starts, first):
    """Insert the points `ids`, in this order; O(1) each if it lies near the one before.

    Other parts are left to others, who may be at work there at the same time: a point that would take away a triangle
    which is not all in this part is not inserted. Triangles between parts are nobody's and stay, and what lies beyond
    them is not looked at, so the outcome does not depend on who comes first.

    Parameters
    ----------
    points : (n, 2) float64 array
    ids : int32 array
        Those that are left to others end up at its beginning, in the same order.
    exact_below : float
        As for :func:`in_circle`.
    mesh : int32 array
        Point p makes two triangles more, 2 p - 6 and 2 p - 5.
    sides_at : (n,) int32 array
        A half-edge from each vertex; of a corner of the square, which several parts may write, whichever came last.
    parts : (n,) int8 array
        The part of each point, -1 for the corners of the square, which are in all.
    part : int
        That to work in, -1 for all.
    starts : int32 array
        Triangles with a corner in this part, along `ids`: from the one there the walk begins, anew where it has met
        other parts. -1 for none.
    first : (n,) int32 array
        For a point that repeats an earlier one gets that one; else itself. Repeated points are in no triangle.

    Returns
    -------
    n_left : int
        How many of `ids` are left.
    """
    stack = np.empty(3 * len(points), np.int32)
    slots = np.empty(2 * len(points), np.int32)
    rim_vertices = np.empty(2 * len(points), np.int32)
    rim_twins = np.empty(2 * len(points), np.int32)
    n_left, t = 0, np.int64(-1)
    for k in range(len(ids)):
        p = np.int64(ids[k])
        if t < 0:
            t = np.int64(starts[k * len(starts) // len(ids)])
        if t >= 0:
            t = _locate(points, mesh, parts, part, t, p)
        n_cavity = n_rim = 0
        if t >= 0:
            corner = _corner_at(points, mesh, t, p)
            if corner >= 0:
                first[p] = corner
                _make_none(mesh, p)
                continue
            n_cavity, n_rim = _cavity(points, exact_below, mesh, part, t, p, stack, slots, rim_vertices, rim_twins)
        if n_rim == 0:
            ids[n_left] = p
            n_left += 1
            continue
        slots[n_cavity], slots[n_cavity + 1] = 2 * p - 6, 2 * p - 5
        _fill(mesh, sides_at, part, p, n_rim, slots, rim_vertices, rim_twins)
        t = np.int64(slots[0])
    return n_left


@subkernel
def next_side(e):
    """The half-edge after e in its triangle."""
    return e - 2 if e & 3 == 2 else e + 1


@subkernel
def _previous(e):
    return e + 2 if e & 3 == 0 else e - 1


@subkernel
def _locate(points, mesh, parts, part, t, p):
    """Triangle that contains point p, its sides included: walk from t over any side that p lies beyond.

    In a Delaunay triangulation such a walk cannot go in circles. Where it would come into other parts it ends: -1.
    """
    px, py = points[p]
    entry = np.int64(-1)
    while True:
        beyond = np.int64(-1)
        for k in range(3):
            e = 8 * t + k
            if e == entry:
                continue
            a, b = mesh[e], mesh[next_side(e)]
            if orientation(points[a, 0], points[a, 1], points[b, 0], points[b, 1], px, py) < 0:
                beyond = e
                break
        if beyond < 0:
            return t
        if not (_is_ours(mesh, part, t) or parts[mesh[beyond]] == part or parts[mesh[next_side(beyond)]] == part):
            return -1
        entry = np.int64(mesh[beyond + 4])
        t = entry >> 3


@subkernel
def _is_ours(mesh, part, t):
    return part < 0 or mesh[8 * t + 3] == part


@subkernel
def _corner_at(points, mesh, t, p):
    """Corner of triangle t with the coordinates of point p, or -1."""
    for e in range(8 * t, 8 * t + 3):
        v = mesh[e]
        if points[v, 0] == points[p, 0] and points[v, 1] == points[p, 1]:
            return v
    return -1


@subkernel
def _cavity(points, exact_below, mesh, part, t, p, stack, slots, rim_vertices, rim_twins):
    """Triangles whose circumcircle has p strictly inside, from t on, and their boundary counterclockwise.

    The triangles go to `slots`, start vertices of the boundary to `rim_vertices`, half-edges beyond it to `rim_twins`.
    No boundary if one of the triangles is not all in this part.
    """
    px, py = points[p]
    if not _is_ours(mesh, part, t):
        return 0, 0
    slots[0] = t
    n_cavity, n_rim, n_stack = 1, 0, 3
    stack[0], stack[1], stack[2] = 8 * t + 2, 8 * t + 1, 8 * t
    while n_stack:
        n_stack -= 1
        e = np.int64(stack[n_stack])
        twin = np.int64(mesh[e + 4])
        if twin >= 0:
            a, b, c = mesh[twin], mesh[next_side(twin)], mesh[_previous(twin)]
            ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
            if in_circle(ax, ay, bx, by, cx, cy, px, py, exact_below) > 0:
                if not _is_ours(mesh, part, twin >> 3):
                    return 0, 0
                slots[n_cavity] = twin >> 3
                n_cavity += 1
                stack[n_stack] = _previous(twin)
                stack[n_stack + 1] = next_side(twin)
                n_stack += 2
                continue
        rim_vertices[n_rim] = mesh[e]
        rim_twins[n_rim] = twin
        n_rim += 1
    return n_cavity, n_rim


@subkernel
def _fill(mesh, sides_at, part, p, n_rim, slots, rim_vertices, rim_twins):
    """Join p to the sides of its cavity; triangle ``slots[k]`` gets side k."""
    before, triangle = np.int64(slots[n_rim - 1]), np.int64(slots[0])
    for k in range(n_rim):
        last = k + 1 == n_rim
        after = np.int64(slots[0 if last else k + 1])
        e = 8 * triangle
        mesh[e] = rim_vertices[k]
        sides_at[rim_vertices[k]] = e
        mesh[e + 1] = rim_vertices[0 if last else k + 1]
        mesh[e + 2], mesh[e + 3] = p, part
        twin = np.int64(rim_twins[k])
        mesh[e + 4] = twin
        if twin >= 0:
            mesh[twin + 4] = e
        mesh[e + 5] = 8 * after + 2
        mesh[e + 6], mesh[e + 7] = 8 * before + 1, -1
        before, triangle = triangle, after
    sides_at[p] = 8 * triangle + 2


@subkernel
def _make_none(mesh, p):
    """Leave point p, a repeated one, triangles of which no side is an edge."""
    for e in range(16 * p - 48, 16 * p - 32):
        mesh[e] = 0 if e & 7 < 3 else -1
