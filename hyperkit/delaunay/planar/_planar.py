"""The hyperbolic Delaunay complex of points of the Poincaré disk.

It is the part of the Euclidean Delaunay triangulation whose simplices have an empty circumscribing circle inside the
unit circle (Bogdanov, Devillers, Teillaud, "Hyperbolic Delaunay complexes and Voronoi diagrams made practical", 2014).
Points are put in a good order (`_order`) and triangulated (`_triangulation`); then triangles are tested, and rows named
as in the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._progress import progress_bars
from ...geometry import ball_distance
from ...models import BallPoints
from ...predicates import rim_sides
from ._order import insertion_order
from ._threads import Threads
from ._triangulation import Triangulation
from .kernels.hyperbolic import NO_KEY, edge_keys, hyperbolic_triangles, merge_edges
from .kernels.kept_edges import count_labels, edges_not_longest
from .kernels.memory import room


class Complex(NamedTuple):
    """Edges and top simplices of the hyperbolic Delaunay complex, in rows of the input."""

    edges: NDArray[np.int64]
    """Shape (E, 2), i < j, in lexicographic order."""
    simplices: NDArray[np.int64]
    """Shape (T, d + 1); in the plane counterclockwise."""
    neighbors: NDArray[np.int64]
    """Shape (T, d + 1): the simplex across from vertex k, -1 if there is none."""

    def count_labels(self, labels: NDArray[np.int8], n_labels: int) -> NDArray[np.int64]:
        """Edges by the labels of their ends, 0 to ``n_labels - 1``: (k, l) and (l, k) share those between k and l."""
        one, other = labels[self.edges].T
        pairs = n_labels * one.astype(np.int64) + other
        return np.bincount(pairs, minlength=n_labels**2).reshape(n_labels, n_labels)

    def tree_candidates(self, points: BallPoints) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Edges that hold all minimum spanning trees of the graph, and their lengths by the gaps of `points`."""
        return self.edges, ball_distance(points.take(self.edges[:, 0]), points.take(self.edges[:, 1]))


@dataclass(frozen=True, eq=False)
class PlanarComplex:
    """What `Complex` holds, made of a triangulation when it is first asked for, and then kept."""

    first_row: NDArray[np.int64]
    """Shape (n,): the first row equal to each."""
    _mesh: NDArray[np.int32]
    """Shape (T, 8): see `kernels.triangulation`."""
    _sides: NDArray[np.int8]
    """Shape (T,): the side of a triangle that is no edge because the triangle is not hyperbolic; see `rim_sides`."""
    _rows: NDArray[np.int32]
    """Row of each vertex, -1 for the corners of the square and repeated points."""
    _threads: Threads

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Shape (E, 2), i < j, in lexicographic order."""
        run, parts = self._threads.run, self._threads.parts
        triangles = parts(len(self._sides))
        # At most two of three half-edges of a triangle go up, parts differ by one triangle, n points have 3 n edges.
        most = min(2 * (len(self._sides) // len(triangles)) + 3, 3 * len(self.first_row) + 1)
        keys = room(2 * len(triangles) * most).view(np.int64).reshape(-1, most)
        runs = run(self._sorted_keys, [(*part, keys[job]) for job, part in enumerate(triangles)])
        bounds = [*(a << 32 for a, _ in parts(len(self.first_row))), NO_KEY]
        places = np.column_stack([np.searchsorted(found, bounds) for found in runs])
        n_before = places.sum(axis=1).tolist()
        edges = room(4 * n_before[-1]).view(np.int64).reshape(-1, 2)
        run(
            merge_edges,
            [(keys, begin, edges[a:b]) for begin, (a, b) in zip(places, pairwise(n_before), strict=False)],
        )
        return edges

    def _sorted_keys(self, begin: int, end: int, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The keys of some triangles, sorted; the first ones of `keys`."""
        found = keys[: edge_keys(self._mesh.reshape(-1), self._sides, self._rows, begin, end, keys)]
        found.sort()
        return found

    @property
    def simplices(self) -> NDArray[np.int64]:
        """Shape (T, 3), counterclockwise."""
        return self._triangles[0]

    @property
    def neighbors(self) -> NDArray[np.int64]:
        """Shape (T, 3): the simplex across from vertex k, -1 if there is none."""
        return self._triangles[1]

    @cached_property
    def _triangles(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        kept = np.flatnonzero(self._sides < 0)
        number = np.full(len(self._sides), -1, dtype=np.int32)
        number[kept] = np.arange(len(kept), dtype=np.int32)
        simplices, neighbors = (room(6 * len(kept)).view(np.int64).reshape(-1, 3) for _ in range(2))
        parts = self._threads.parts(len(kept))
        self._threads.run(
            hyperbolic_triangles,
            [(self._mesh.reshape(-1), kept[a:b], number, self._rows, simplices[a:b], neighbors[a:b]) for a, b in parts],
        )
        return simplices, neighbors

    def count_labels(self, labels: NDArray[np.int8], n_labels: int) -> NDArray[np.int64]:
        """As `Complex.count_labels`, without `edges`: a tenth of their time."""
        of_vertices = np.where(self._rows < 0, -1, labels[self._rows])
        return count_labels(self._mesh.reshape(-1), self._sides, of_vertices, n_labels)

    def tree_candidates(self, points: BallPoints) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """As `Complex.tree_candidates`, without `edges`: less than half of them, in no order."""
        of_vertices = points.take(self._rows)
        mesh = self._mesh.reshape(-1)
        edges, half_chords = edges_not_longest(mesh, self._sides, self._rows, of_vertices.z, of_vertices.gap)
        return edges, 2 * np.arcsinh(half_chords)


def planar_complex(points: BallPoints, n_jobs: int | None = None, verbose: bool = False) -> PlanarComplex:
    """Hyperbolic Delaunay complex of points of the disk, shape (n,), in rows of the input.

    O(n log n) expected time, O(n) memory, of points in any order but one made against the hash of rows that draws the
    rounds: a parabola sorted by it takes n^1.6 (80,000 points: 2.5 s). Every number of jobs gives the same.
    """
    z, threads = points.z, Threads(n_jobs)
    with progress_bars(show=verbose) as progress:
        bar = progress.add_task("ordering the points", total=3)
        order = insertion_order(z, threads)
        progress.update(bar, advance=1, description="triangulating")
        plane = Triangulation(z, order, threads)
        rows, first_row = _first_rows(order.rows, plane.first)
        progress.update(bar, advance=1, description="choosing triangles")
        gap = np.zeros(len(plane.points))
        np.take(points.gap, order.rows, out=gap[4:], mode="clip")
        sides = np.concatenate(
            threads.run(rim_sides, [(plane.points, gap, plane.mesh[a:b]) for a, b in threads.parts(len(plane.mesh))])
        )
        progress.update(bar, advance=1)
    return PlanarComplex(first_row, plane.mesh, sides, rows, threads)


def _first_rows(order: NDArray[np.int64], first: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Row of the input for each vertex, the lowest of the rows that coincide there, and for each row that row.

    `first` is the vertex that stands for each vertex. The four corners of the square, which come first, and vertices
    for which another stands have row -1.
    """
    rows = np.full(len(first), -1, dtype=np.int32)
    rows[4:] = order
    first_row = np.arange(len(order))
    repeated = np.flatnonzero(first != np.arange(len(first), dtype=np.int32))
    if len(repeated):
        np.minimum.at(rows, first[repeated], rows[repeated])
        first_row[order] = rows[first[4:]]
        rows[repeated] = -1
    return rows, first_row
