"""The Euclidean Delaunay triangulation of points of the disk and four corners of a square around it.

An empty circle inside the unit circle cannot contain the corners, so they add and remove no hyperbolic edge; but they
make collinear sets triangulable, and no hull needs care: every edge between two points has a triangle on both sides.

The last round of insertion, 7/8 of the points, is shared out in strips, whatever the number of threads. Who fills one
changes no triangle with a corner outside it; the few points that would are inserted at the end.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...predicates import exact_sum
from ._threads import Threads
from .kernels.memory import room
from .kernels.triangulation import insert_points

Int32 = NDArray[np.int32]

_SQUARE = np.array([[-3.0, -3.0], [3.0, -3.0], [3.0, 3.0], [-3.0, 3.0]])
_SQUARE_MESH = np.array([[0, 1, 2, -1, -1, -1, 8, -1], [0, 2, 3, -1, 2, -1, -1, -1]], dtype=np.int32)
# A strip is this many times as wide as a point's share of the square, at n points: fewer leave cores idle, more leave
# more points to insert at the end.
_PART = 200
# A triangle that repeated points have left over: no edge of it is an edge of points.
_NO_TRIANGLE = np.array([0, 0, 0, -1, -1, -1, -1, -1], dtype=np.int32)


def triangulation(
    z: NDArray[np.float64], order: NDArray[np.int64], place: NDArray[np.int64], n_early: int, threads: Threads
) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
    """Triangulate the rows of `z` in this order, with this place on a curve, of which `n_early` precede the last round.

    Returns
    -------
    points : (n + 4, 2) float64 array
        The vertices: the corners of the square, and rows of `z` in `order`.
    mesh : (2 n + 2, 8) int32 array
        See `kernels.triangulation`.
    first : (n + 4,) int32 array
        For a vertex that repeats another, that one; else itself. Repeated ones are in no triangle.
    """
    points = np.empty((len(z) + 4, 2))
    points[:4] = _SQUARE
    np.take(_as_complex(z), order, out=_as_complex(points)[4:], mode="clip")
    mesh = room(8 * (2 * len(z) + 2)).reshape(-1, 8)
    mesh[:2] = _SQUARE_MESH
    first = np.arange(len(points), dtype=np.int32)
    free = np.arange(2, len(mesh), dtype=np.int32)
    ids = np.arange(4, len(points), dtype=np.int32)
    exact_below = exact_sum(z, 4)

    def fill(ids: Int32, free: Int32, parts: NDArray[np.int8], part: int, t: int) -> tuple[Int32, Int32]:
        """Insert `ids` in a part; gives those that are left, and the triangles that are."""
        n_left, n_made, _ = insert_points(points, ids, exact_below, mesh.reshape(-1), free, parts, part, t, first)
        return ids[:n_left], free[n_made:]

    whole = np.zeros(len(points), dtype=np.int8)
    n_parts = min(127, round(len(z) ** 0.5 / _PART))
    if n_parts < 2:
        _, spare = fill(ids, free, whole, 0, 0)
    else:
        early, late = np.split(ids, [n_early])
        _, spare = fill(early, free[: 2 * n_early], whole, 0, 0)
        bounds = [len(late) * part // n_parts for part in range(n_parts + 1)]
        parts = np.empty(len(points), dtype=np.int8)
        parts[:4] = 0
        parts[early] = np.searchsorted(place[n_early:][bounds[1:-1]], place[:n_early], side="right")
        for part, (a, b) in enumerate(pairwise(bounds)):
            parts[late[a:b]] = part
        corners = mesh[: 2 + 2 * n_early - len(spare), :3]
        tasks = []
        for part, (a, b) in enumerate(pairwise(bounds)):
            v = first[4 + np.argmax(parts[early] == part)]
            t = int(np.argmax((corners == v).any(axis=1)))
            tasks.append((late[a:b], free[2 * (n_early + a) : 2 * (n_early + b)], parts, part, t))
        filled = threads.run(fill, tasks)
        left = np.concatenate([part for part, _ in filled])
        spare = np.concatenate([spare, *(part for _, part in filled)])
        _, spare = fill(left, spare, whole, 0, 0)
    mesh[spare] = _NO_TRIANGLE
    return points, mesh, first


def _as_complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    # numpy moves one number ten times as fast as a row of two.
    return points.view(np.complex128)[:, 0]
