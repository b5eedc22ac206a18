"""The Euclidean Delaunay triangulation of points of the disk and four corners of a square around it.

An empty circle inside the unit circle cannot contain the corners, so they add and remove no hyperbolic edge; but they
make collinear sets triangulable, and no hull needs care: every edge between two points has a triangle on both sides.

The last rounds of insertion are done in parts of the curve, which threads share. The parts are the same for any number
of threads, so the order of triangles and the choice among cocircular ones are, too.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...predicates import exact_sum
from ._order import InsertionOrder
from ._threads import Threads
from .kernels.memory import room
from .kernels.triangulation import insert_points

Int32 = NDArray[np.int32]

_SQUARE = np.array([[-3.0, -3.0], [3.0, -3.0], [3.0, 3.0], [-3.0, 3.0]])
_SQUARE_MESH = np.array([[0, 1, 2, -1, -1, -1, 8, -1], [0, 2, 3, -1, 2, -1, -1, -1]], dtype=np.int32)
_ANYWHERE = np.zeros(1, dtype=np.int32)
# So many of the last rounds are shared by threads.
_SHARED = 2
# Points of a part from one place to the next where a walk can begin anew.
_STRETCH = 100
# Two parts from 10,000 points on, and two more for each time that this goes into the root of their number, 4 at a
# million: of these 2 % are so near the bounds that they are inserted at the end.
_PART = 500
_MOST_POINTS = 2**27
_MOST_PARTS = 126  # numbers of one byte


class Triangulation:
    """The points `z` in their order, triangulated.

    Parameters
    ----------
    z : (n, 2) float64 array
    order : InsertionOrder
    threads : Threads
    """

    points: NDArray[np.float64]
    """The vertices, shape (n + 4, 2): the corners of the square, then the rows in order."""
    mesh: Int32
    """Shape (2 n + 2, 8): see `kernels.triangulation`."""
    first: Int32
    """Shape (n + 4,). For a vertex that repeats another, that one; else itself. Repeated ones are in no triangle."""

    def __init__(self, z: NDArray[np.float64], order: InsertionOrder, threads: Threads) -> None:
        n = len(z) + 4
        if n > _MOST_POINTS:
            raise ValueError(f"{len(z)} points; the mesh numbers sides up to 2^31, which is {_MOST_POINTS - 4} points")
        self.points = np.empty((n, 2))
        self.points[:4] = _SQUARE
        np.take(_as_complex(z), order.rows, out=_as_complex(self.points)[4:], mode="clip")
        self.mesh = room(8 * (2 * n - 6)).reshape(-1, 8)
        self.mesh[:2] = _SQUARE_MESH
        self._sides_at = np.empty(n, dtype=np.int32)  # a half-edge from each vertex
        self.first = np.arange(n, dtype=np.int32)
        self._parts = np.full(n, -1, dtype=np.int8)
        self._exact_below = exact_sum(z, 4)
        self._threads = threads
        rounds = order.rounds
        self._insert(np.arange(4, rounds[-_SHARED - 1] + 4, dtype=np.int32))
        for k in range(len(rounds) - _SHARED - 1, len(rounds) - 1):
            ids = np.arange(rounds[k] + 4, rounds[k + 1] + 4, dtype=np.int32)
            n_parts = min(_MOST_PARTS, 2 * int(rounds[k + 1] ** 0.5 / _PART + 0.8))
            if n_parts and 0 < rounds[k] < rounds[k + 1]:
                ids = self._insert_in_parts(ids, order.places, rounds[k - 1], n_parts)
            self._insert(ids)

    def _insert(self, ids: Int32, part: int = -1, starts: Int32 = _ANYWHERE) -> Int32:
        """Insert what can be in a part; gives what is left of `ids`."""
        mesh = self.mesh.reshape(-1)
        n_left = insert_points(
            self.points, ids, self._exact_below, mesh, self._sides_at, self._parts, part, starts, self.first
        )
        return ids[:n_left]

    def _insert_in_parts(self, ids: Int32, places: NDArray[np.int64], round_before: int, n_parts: int) -> Int32:
        """Insert a round in parts of the curve, which threads share; gives those left, near bounds of parts."""
        begin, per_part = int(ids[0]) - 4, max(1, len(ids) // (n_parts * _STRETCH))
        stretches = np.arange(n_parts * per_part + 1, dtype=np.int64) * len(ids) // (n_parts * per_part)
        bounds = stretches[::per_part]
        self._divide(begin + bounds, places)
        # Of the round before the first point in each stretch, and a triangle there.
        near = np.searchsorted(places[round_before:begin], places[begin + stretches[:-1]])
        near = np.minimum(round_before + near, begin - 1) + 4
        is_inside = self._parts[near].reshape(n_parts, -1) == np.arange(n_parts)[:, None]
        starts = np.where(is_inside, self._sides_at[self.first[near]].reshape(n_parts, -1) >> 3, -1)
        tasks = [(ids[a:b], part, starts[part]) for part, (a, b) in enumerate(pairwise(bounds))]
        return np.concatenate(self._threads.run(self._insert, tasks))

    def _divide(self, bounds: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        """Divide the plane into parts of the curve, between the points `bounds`, and say which triangles are in one."""
        begin, parts = int(bounds[0]), self._parts[4:]
        parts[:begin] = np.searchsorted(places[bounds[1:-1]], places[:begin], side="right")
        parts[begin : bounds[-1]] = np.repeat(np.arange(len(bounds) - 1, dtype=np.int8), np.diff(bounds))
        one, two, three = (self._parts[corners] for corners in self.mesh[: 2 * begin + 2, :3].T)
        highest = np.maximum(np.maximum(one, two), three)
        lowest = np.minimum(np.minimum(one.view(np.uint8), two.view(np.uint8)), three.view(np.uint8))  # -1 is 255
        self.mesh[: 2 * begin + 2, 3] = np.where(highest == lowest, highest, -1)


def _as_complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    # numpy moves one number ten times as fast as a row of two.
    return points.view(np.complex128)[:, 0]
