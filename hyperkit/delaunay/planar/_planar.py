"""The hyperbolic Delaunay complex of points of the Poincaré disk.

It is the part of the Euclidean Delaunay triangulation whose simplices have an empty circumscribing circle inside the
unit circle (Bogdanov, Devillers, Teillaud, "Hyperbolic Delaunay complexes and Voronoi diagrams made practical", 2014).
The kernels triangulate and gather; here points are put in a good order, signs in doubt are decided in integers, and
rows are named as in the input.

Four corners of a square around the unit circle are triangulated along. An empty circle inside the unit circle cannot
contain them, so they add and remove no hyperbolic edge; but they make collinear sets triangulable, and no hull needs
care: every edge between two points has a triangle on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._progress import progress_bars
from ...geometry import ball_distance
from ...models import BallPoints
from ...predicates import circumcircle_tests, exact_sum
from .kernels.kept_edges import count_labels, edges_not_longest
from .kernels.triangulation import hilbert_index, hyperbolic_edges, hyperbolic_triangles, triangulate

_SQUARE = np.array([[-3.0, -3.0], [3.0, -3.0], [3.0, 3.0], [-3.0, 3.0]])
# Each round inserts this many times as many points as all before it: 8 beat 4 and a single round, by 5 to 20 %.
_ROUND_RATIO = 8.0
# What stands for the longest side of triangles that are hyperbolic, and of those with a corner of the square.
_HYPERBOLIC, _AT_SQUARE = -1, 3
# So many points in any order are soon walked through.
_CROWD = 256


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
    _vertices: NDArray[np.int32]
    _twins: NDArray[np.int32]
    _longest: NDArray[np.int8]
    _rows: NDArray[np.int32]

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Shape (E, 2), i < j, in lexicographic order."""
        return hyperbolic_edges(self._vertices, self._twins, self._longest, self._rows, len(self.first_row))

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
        kept = np.flatnonzero(self._longest == _HYPERBOLIC)
        return hyperbolic_triangles(self._vertices, self._twins, kept, self._rows)

    def count_labels(self, labels: NDArray[np.int8], n_labels: int) -> NDArray[np.int64]:
        """As `Complex.count_labels`, without `edges`: a tenth of their time."""
        of_vertices = np.where(self._rows < 0, -1, labels[self._rows])
        return count_labels(self._vertices, self._twins, self._longest, of_vertices, n_labels)

    def tree_candidates(self, points: BallPoints) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """As `Complex.tree_candidates`, without `edges`: less than half of them, in no order."""
        along = points.take(self._rows)
        mesh = self._vertices, self._twins, self._longest
        edges, half_chords = edges_not_longest(*mesh, self._rows, along.z, along.gap)
        return edges, 2 * np.arcsinh(half_chords)


def planar_complex(points: BallPoints, verbose: bool = False) -> PlanarComplex:
    """Hyperbolic Delaunay complex of points of the disk, shape (n,), in rows of the input.

    O(n log n) time, O(n) memory.
    """
    z = points.z
    with progress_bars(show=verbose) as progress:
        bar = progress.add_task("ordering the points", total=3)
        order = insertion_order(z)
        inserted = z[order]
        progress.update(bar, advance=1, description="triangulating")
        vertices, twins, first = triangulate(np.concatenate([_SQUARE, inserted]), exact_sum(z, 4))
        rows, first_row = _first_rows(order, first[4:] - 4)
        progress.update(bar, advance=1, description="choosing triangles")
        corners = vertices.reshape(-1, 3)
        finite = np.flatnonzero((corners[:, 0] >= 4) & (corners[:, 1] >= 4) & (corners[:, 2] >= 4))
        side, inside = circumcircle_tests(inserted, points.gap[order], corners[finite] - 4)
        longest = np.full(len(corners), _AT_SQUARE, dtype=np.int8)
        longest[finite] = np.where(inside, _HYPERBOLIC, side)
        progress.update(bar, advance=1)
    return PlanarComplex(first_row, vertices, twins, longest, rows)


def insertion_order(z: NDArray[np.float64]) -> NDArray[np.intp]:
    """Order in which to insert points: along a Hilbert curve, in random rounds of growing size.

    The curve makes neighbours follow each other; the rounds (Amenta, Choi, Rote, "Incremental constructions con BRIO",
    2003) keep long thin triangles rare.
    """
    draws = np.random.default_rng(0).random(len(z))
    rounds = (np.log(draws + 2.0**-53) / np.log(_ROUND_RATIO)).astype(np.int8)
    return _along_curve(z)[np.argsort(rounds, kind="stable")]


def _along_curve(z: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows along a Hilbert curve; where a square of its last level holds a crowd, along one through that crowd.

    A far cluster is small enough for that: without it two of 50,000 points at polar radius 30 took 14 times as long.
    """
    low, high = z.min(axis=0), z.max(axis=0)
    width = (high - low).max()
    place = hilbert_index(z, low[0], low[1], width)
    along = np.argsort(place, kind="stable")
    place = place[along]
    bounds = np.concatenate([[0], np.flatnonzero(place[1:] != place[:-1]) + 1, [len(z)]])
    for crowd in np.flatnonzero(np.diff(bounds) > _CROWD) if width > 0 else ():
        rows = along[bounds[crowd] : bounds[crowd + 1]]
        rows[:] = rows[_along_curve(z[rows])]
    return along


def _first_rows(order: NDArray[np.intp], first: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Row of the input for each vertex, the lowest of the rows that coincide there, and for each row that row.

    `first` is the vertex that stands for each inserted point. The four corners of the square, which come first, and
    vertices for which another stands have row -1.
    """
    lowest = order.copy()
    np.minimum.at(lowest, first, order)
    first_row = np.empty_like(order)
    first_row[order] = lowest[first]
    lowest[first != np.arange(len(first))] = -1
    return np.concatenate([np.full(4, -1), lowest]).astype(np.int32), first_row
