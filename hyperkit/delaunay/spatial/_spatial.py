"""The hyperbolic Delaunay complex of distinct points of the Poincaré ball in dimension 2 to 6.

It is the part of the Euclidean Delaunay triangulation with an empty circumscribing ball inside the unit ball
(Bogdanov, Devillers, Teillaud, "Hyperbolic Delaunay complexes and Voronoi diagrams made practical", 2014). Compiled
kernels triangulate (`kernels.mesh`) and choose (`kernels.walls`); what they leave undecided is decided here in
integers (`_exact_sites`), so that every sign is right for the given doubles. Of cospherical points one triangulation
comes out, the same one each time.

The corners of a large simplex are triangulated along. They lie outside the closed unit ball, so that they are in no
empty ball inside it and change no hyperbolic edge; but they leave no hull to care for, and no set of points is too
few or too flat to be triangulated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from scipy.spatial import cKDTree

from ..._progress import progress_bars
from ...models import ball_gap
from ...predicates import exact_sum
from ._exact_sites import ExactSites
from .kernels import mesh as kernels
from .kernels import walls as walls

Int = NDArray[np.int64]

# Points and sites that a kernel takes between two looks at the progress bar.
_CHUNK = 1000


class SpatialComplex(NamedTuple):
    """Edges and top simplices of the hyperbolic Delaunay complex, and how they were decided."""

    edges: Int
    """Shape (E, 2), each pair once, unordered."""
    simplices: Int
    """Shape (T, d + 1), those whose circumball lies inside the unit ball; all of one orientation."""
    neighbors: Int
    """Shape (T, d + 1): the simplex across from vertex k, -1 if there is none."""
    n_quadratic: int
    """Edges of the triangulation that no such simplex has, decided by a quadratic program."""
    n_exact: int
    """Those of them that floats could not decide."""


def spatial_complex(z: NDArray[np.float64], verbose: bool = False) -> SpatialComplex:
    """Hyperbolic Delaunay complex of distinct points `z` of shape (n, d), 2 <= d <= 6.

    Time and memory are those of the Euclidean Delaunay triangulation: for points spread evenly about proportional to
    n, with about 7, 32, 190 and 1,300 simplices a point for d = 3 to 6; at worst n^ceil(d/2).

    Parameters
    ----------
    z : ndarray of shape (n, d), float64
        Poincaré coordinates, no row twice; n >= 1.
    verbose : bool
        Show progress bars on standard error.
    """
    n = len(z)
    gaps = ball_gap(z)
    with progress_bars(show=verbose) as progress:
        vertices, neighbors = _triangulate(z, progress)
        finite = np.flatnonzero((vertices >= 0).all(axis=1))
        inside = _compact(z, gaps, vertices[finite])
        kept = finite[inside]
        is_kept = np.zeros(len(vertices), dtype=bool)
        is_kept[kept] = True
        starts, others, settled = walls.neighbor_lists(vertices, is_kept, n)
        others, settled = others[: starts[n]], settled[: starts[n]]
        number = np.full(len(vertices) + 1, -1)  # the last for -1: nothing across
        number[kept] = np.arange(len(kept))
        simplices, across = vertices[kept].astype(np.int64), number[neighbors[kept]]
        del vertices, neighbors
        chosen, n_exact = _choose_edges(z, gaps, starts, others, settled, progress)
    sites = np.repeat(np.arange(n), np.diff(starts))
    edges = np.column_stack([sites[chosen], others[chosen]]).astype(np.int64)
    return SpatialComplex(edges, simplices, across, int(np.count_nonzero(settled == 0)) // 2, n_exact)


def _triangulate(z: NDArray[np.float64], progress: Progress) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Simplices of `z` and the outer corners: vertices (below 0: a corner) and the simplex across from each."""
    d = z.shape[1]
    x = np.concatenate([_outer_corners(d), z])
    exact = ExactSites(x)
    sites = kernels.Sites(x, ball_gap(x), exact_sum(x, d + 2))
    terms = kernels.laplace_terms(d)
    mesh = _first_mesh(d, 1000 + 8 * len(z))
    order = _insertion_order(z) + d + 1
    questions = np.empty(1024, dtype=np.int64)
    bar = progress.add_task("triangulating", total=len(order))
    position = 0
    while position < len(order):
        chunk = order[: position + _CHUNK]
        status, position, n_questions = kernels.insert(mesh, sites, terms, chunk, position, questions)
        if status == kernels.ASK:
            p = int(order[position])
            asked = questions[:n_questions]
            mesh.judged[asked] = p
            answers = [exact.is_in_circumball(simplex, p) for simplex in mesh.vertices[asked].tolist()]
            mesh.verdict[asked] = np.where(answers, kernels.CONFLICT, kernels.NO_CONFLICT)
        elif status == kernels.GROW:
            mesh = _doubled(mesh)
        progress.update(bar, completed=position)
    return _alive(mesh, d + 1)


def _outer_corners(d: int) -> NDArray[np.float64]:
    """Corners of a simplex that contains the unit ball with room, ordered so that weights are positive inside."""
    corners = np.full((d + 1, d), -2.0)
    corners[np.arange(d), np.arange(d)] = 2.0 * d + 2
    if d % 2 == 1:
        corners[[0, 1]] = corners[[1, 0]]
    return corners


def _insertion_order(z: NDArray[np.float64]) -> Int:
    """Rows in random rounds, each twice as long as all before and in the order of a k-d tree (Amenta et al. 2003).

    In that order each point is near the one before, and the simplices it meets are still at hand; the rounds keep
    away the bad cases of any fixed order.
    """
    n = len(z)
    rank = np.empty(n, dtype=np.int64)
    rank[cKDTree(z).indices] = np.arange(n)
    shuffled = np.random.default_rng(0).permutation(n)
    ends = [n]
    while ends[-1] > 64:
        ends.append(ends[-1] // 2)
    rounds = (shuffled[low:high] for low, high in itertools.pairwise([0, *reversed(ends)]))
    return np.concatenate([rows[np.argsort(rank[rows])] for rows in rounds])


def _first_mesh(d: int, capacity: int) -> kernels.Mesh:
    mesh = kernels.Mesh(
        vertices=np.full((capacity, d + 1), -1, dtype=np.int32),
        neighbors=np.full((capacity, d + 1), -1, dtype=np.int32),
        judged=np.full(capacity, -1, dtype=np.int64),
        verdict=np.zeros(capacity, dtype=np.int8),
        visited=np.zeros(capacity, dtype=np.int64),
        free=np.empty(capacity, dtype=np.int32),
        cavity=np.empty(capacity, dtype=np.int32),
        facets=np.empty(capacity, dtype=np.int64),
        counters=np.array([1, 0, 0, 0]),
    )
    mesh.vertices[0] = np.arange(d + 1)
    return mesh


def _doubled(mesh: kernels.Mesh) -> kernels.Mesh:
    return kernels.Mesh._make(
        [*(np.concatenate([array, np.full_like(array, -1)]) for array in mesh[:-1]), mesh.counters]
    )


def _alive(mesh: kernels.Mesh, n_corners: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Vertices and neighbours of the simplices that there are, renumbered; corners get negative vertices."""
    alive = np.flatnonzero(mesh.vertices[: mesh.counters[0], 0] >= 0)
    number = np.full(mesh.counters[0] + 1, -1, dtype=np.int32)
    number[alive] = np.arange(len(alive))
    return mesh.vertices[alive] - np.int32(n_corners), number[mesh.neighbors[alive]]


def _compact(z: NDArray[np.float64], gaps: NDArray[np.float64], simplices: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which simplices have their circumball inside the unit ball."""
    verdict = walls.compact_simplices(z, gaps, simplices)
    undecided = np.flatnonzero(verdict == walls.UNDECIDED)
    exact = ExactSites(z)
    verdict[undecided] = [exact.is_compact(simplex) for simplex in simplices[undecided].tolist()]
    return verdict == walls.YES


def _choose_edges(
    z: NDArray[np.float64],
    gaps: NDArray[np.float64],
    starts: Int,
    others: NDArray[np.int32],
    settled: NDArray[np.int32],
    progress: Progress,
) -> tuple[NDArray[np.bool_], int]:
    """Which entries of `others` are hyperbolic edges, each edge at one end, and how many needed integers."""
    verdict = np.empty(len(others), dtype=np.int8)
    for first, last in _blocks(len(z), progress):
        verdict[starts[first] : starts[last]] = walls.decide_edges(z, gaps, starts, others, settled, first, last)
    undecided = np.flatnonzero(verdict == walls.UNDECIDED)
    exact = ExactSites(z)
    for entry in progress.track(undecided.tolist(), description="deciding in integers"):
        site = int(np.searchsorted(starts, entry, side="right")) - 1
        around = others[starts[site] : starts[site + 1]].tolist()
        verdict[entry] = exact.wall_meets_ball(site, int(others[entry]), around)
    return verdict == walls.YES, len(undecided)


def _blocks(n: int, progress: Progress) -> Iterator[tuple[int, int]]:
    for first in progress.track(range(0, n, _CHUNK), description="choosing edges"):
        yield first, min(first + _CHUNK, n)
