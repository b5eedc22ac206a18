"""The hyperbolic Delaunay complex of distinct points of the Poincaré disk.

It is the part of the Euclidean Delaunay triangulation whose simplices have an empty circumscribing circle inside the
unit circle (Bogdanov, Devillers, Teillaud, "Hyperbolic Delaunay complexes and Voronoi diagrams made practical", 2014).
The triangulation comes from pythoncdt, whose predicates are exact; the choice of triangles and edges is made here.

Four sentinel points outside the unit circle are triangulated along. An empty circle inside the unit circle cannot
contain them, so they add and remove no hyperbolic edge; but they push the library's own super-triangle outside the
circle too (for a small cluster it may reach inside), they make collinear sets triangulable, and no hull needs care:
every edge between two points has a triangle on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pythoncdt
from numpy.typing import NDArray

from ..models import ball_gap
from ..predicates import circumcircle_tests

_SENTINELS = np.array([[-3.0, -3.0], [3.0, -3.0], [3.0, 3.0], [-3.0, 3.0]])
_N_SUPER = 3  # the library puts the corners of its super-triangle first


class Complex(NamedTuple):
    """Edges and triangles of the hyperbolic Delaunay complex."""

    edges: NDArray[np.int64]
    """Shape (E, 2), unordered."""
    simplices: NDArray[np.int64]
    """Shape (T, d + 1); in the plane counterclockwise."""
    neighbors: NDArray[np.int64]
    """Shape (T, d + 1): the simplex across from vertex k, -1 if there is none."""


def planar_complex(z: NDArray[np.float64]) -> Complex:
    """Hyperbolic Delaunay complex of distinct points `z` of shape (n, 2); O(n log n) time, O(n) memory."""
    vertices, across = _triangulate(z)
    finite = np.flatnonzero((vertices >= 0).all(axis=1))
    longest, inside = circumcircle_tests(z, ball_gap(z), vertices[finite])

    # Side k of a triangle runs from vertex k to vertex k + 1; each edge is kept by the lower of its two triangles.
    is_edge = (vertices >= 0) & (np.roll(vertices, -1, axis=1) >= 0)
    is_edge &= np.arange(len(vertices))[:, None] < across
    dropped = finite[~inside]
    side = longest[~inside]
    other = across[dropped, side]
    is_edge[dropped, side] = False
    is_edge[other, np.argmax(across[other] == dropped[:, None], axis=1)] = False
    t, k = np.nonzero(is_edge)
    edges = np.column_stack([vertices[t, k], vertices[t, (k + 1) % 3]])

    kept = finite[inside]
    number = np.full(len(vertices), -1)
    number[kept] = np.arange(len(kept))
    return Complex(edges, vertices[kept], number[np.roll(across[kept], -1, axis=1)])


def _triangulate(z: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Triangles of `z` and the sentinels: vertices (below 0: not a point of `z`) and the triangle across each side."""
    triangulation = pythoncdt.Triangulation(
        pythoncdt.VertexInsertionOrder.AUTO, pythoncdt.IntersectingConstraintEdges.NOT_ALLOWED, 0.0
    )
    # An array is a buffer, which its type cannot say before Python 3.12.
    triangulation.insert_vertices(np.vstack([_SENTINELS, z]))  # type: ignore[call-overload, unused-ignore]
    triangles = triangulation.triangles_array()
    vertices = triangles["vertices"].astype(np.int64) - (_N_SUPER + len(_SENTINELS))
    # Sides of the super-triangle have no triangle beyond; no edge of `z` is among them.
    return vertices, triangles["neighbors"].astype(np.int64)
