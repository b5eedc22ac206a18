"""The Euclidean Delaunay triangulation of points of the disk and four corners of a square around it.

An empty circle inside the unit circle cannot contain the corners, so they add and remove no hyperbolic edge; but they
make collinear sets triangulable, and no hull needs care: every edge between two points has a triangle on both sides.

The last round of insertion, 7/8 of the points, is done in parts of the curve, which threads share. The parts are the
same for any number of threads, so the order of triangles and the choice among cocircular ones are, too.
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
# A triangle that repeated points have left over: no edge of it is an edge of points.
_NO_TRIANGLE = np.array([0, 0, 0, -1, -1, -1, -1, -1], dtype=np.int32)
# There are two parts for each time that this goes into the root of the number of points, 4 at a million: of these 2 %
# are so near the bounds that they are inserted at the end.
_PART = 500
_MOST_POINTS = 2**27
_MOST_PARTS = 126  # numbers of one byte


class Triangulation:
    """The rows of `z` in `order`, triangulated.

    Parameters
    ----------
    z : (n, 2) float64 array
    order, place : (n,) int64 arrays
        As from :func:`insertion_order`.
    n_early : int
        Points before the last round.
    threads : Threads
    """

    points: NDArray[np.float64]
    """The vertices, shape (n + 4, 2): the corners of the square, then the rows in `order`."""
    mesh: Int32
    """Shape (2 n + 2, 8): see `kernels.triangulation`."""
    first: Int32
    """Shape (n + 4,). For a vertex that repeats another, that one; else itself. Repeated ones are in no triangle."""

    def __init__(
        self,
        z: NDArray[np.float64],
        order: NDArray[np.int64],
        place: NDArray[np.int64],
        n_early: int,
        threads: Threads,
    ) -> None:
        n = len(z) + 4
        if n > _MOST_POINTS:
            raise ValueError(f"{len(z)} points; the mesh numbers sides up to 2^31, which is {_MOST_POINTS - 4} points")
        self.points = np.empty((n, 2))
        self.points[:4] = _SQUARE
        np.take(_as_complex(z), order, out=_as_complex(self.points)[4:], mode="clip")
        self.mesh = room(8 * (2 * n - 6)).reshape(-1, 8)
        self.mesh[:2] = _SQUARE_MESH
        self.first = np.arange(n, dtype=np.int32)
        self._parts = np.full(n, -1, dtype=np.int8)
        self._exact_below = exact_sum(z, 4)
        ids = np.arange(4, n, dtype=np.int32)
        triangles = np.arange(2, 2 * n - 6, dtype=np.int32)
        n_parts = min(_MOST_PARTS, 2 * round(len(z) ** 0.5 / _PART))
        if n_parts and n_early:
            _, spare = self._insert(ids[:n_early], triangles[: 2 * n_early], -1, 0)
            bounds = [n_early + (len(z) - n_early) * part // n_parts for part in range(n_parts + 1)]
            starts = self._divide(place, bounds, 2 + 2 * n_early - len(spare))
            filled = threads.run(
                self._insert,
                [
                    (ids[a:b], triangles[2 * a : 2 * b], part, t)
                    for part, ((a, b), t) in enumerate(zip(pairwise(bounds), starts, strict=True))
                ],
            )
            ids = np.concatenate([left for left, _ in filled])
            triangles = np.concatenate([spare, *(spare for _, spare in filled)])
        _, spare = self._insert(ids, triangles, -1, 0)
        self.mesh[spare] = _NO_TRIANGLE

    def _insert(self, ids: Int32, triangles: Int32, part: int, t: int | None) -> tuple[Int32, Int32]:
        """Insert what can be in a part, from triangle t on; gives what is left of `ids` and of `triangles`."""
        if t is None:
            return ids, triangles
        n_left, n_made = insert_points(
            self.points, ids, self._exact_below, self.mesh.reshape(-1), triangles, self._parts, part, t, self.first
        )
        return ids[:n_left], triangles[n_made:]

    def _divide(self, place: NDArray[np.int64], bounds: list[int], n_made: int) -> list[int | None]:
        """Divide the curve into parts; gives for each a triangle with a corner in it, None if none has."""
        parts, n_early = self._parts[4:], bounds[0]
        parts[:n_early] = np.searchsorted(place[bounds[1:-1]], place[:n_early], side="right")
        for part, (a, b) in enumerate(pairwise(bounds)):
            parts[a:b] = part
        corners = self.mesh[:n_made, :3].T
        one, two, three = self._parts[corners]
        self.mesh[:n_made, 3] = np.where((one == two) & (two == three), one, -1)
        starts: list[int | None] = []
        for part in range(len(bounds) - 1):
            inside = parts[:n_early] == part
            v = self.first[4 + int(inside.argmax())]
            at = (corners[0] == v) | (corners[1] == v) | (corners[2] == v)
            starts.append(int(at.argmax()) if inside.any() else None)
        return starts


def _as_complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    # numpy moves one number ten times as fast as a row of two.
    return points.view(np.complex128)[:, 0]
