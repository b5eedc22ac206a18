"""Delaunay neighbours of chosen sites among more points than fit in memory.

The cell of a site is bounded by few points, mostly near ones. So the search of :mod:`._rays` runs on a small pool of
candidates, and the neighbours it finds there bound a cell that contains the true one. Then all points pass by, block by
block: a point whose half-space misses that cell is no neighbour, the others join the pool, and the search starts
again. Once a pass leaves nothing over, the cell is proven. In the same pass the rays that found the neighbours meet
every point, as the first hit is a maximum over blocks; only what they hit first is given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import gen_batches
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ..._repr import KeyFigures
from ..._validation import check_count, check_n_jobs, refuse_hidden
from ...models import BallPoints, Model, ball_gap, check_table, to_ball
from ._rays import refuse_too_close
from .kernels.ray_search import (
    EXCLUDED,
    FOUND_FAR,
    FOUND_NEAR,
    first_hit,
    half_spaces,
    is_clear,
    not_excluded,
    search_site,
)

# Candidates a site starts with, and at most so many more a pass.
_POOL = 256
# Sites that share a pass over the points.
_SITES = 64

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class RayNeighbors(KeyFigures):
    """Delaunay neighbours of chosen sites, as :func:`ray_neighbors` gives them: `pairs` and `settled`."""

    pairs: NDArray[np.int64]
    """Shape (P, 2): a site and a neighbour of it, rows of `points`, in the order of `sites`, neighbours ascending."""
    settled: NDArray[np.bool_]
    """Shape (S,): sites whose neighbours are proven to be all there are, up to rounding."""

    def _key_figures(self) -> dict[str, object]:
        return {"sites": len(self.settled), "pairs": len(self.pairs), "settled": int(self.settled.sum())}


def ray_neighbors(
    points: ArrayLike,
    sites: ArrayLike,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    n_rays: int = 16384,
    block_size: int = 100_000,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> RayNeighbors:
    """Hyperbolic Delaunay neighbours of chosen points, in any dimension and without a triangulation.

    Only blocks of `points` are in memory: a ``numpy.memmap`` may be larger than it.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); an array or memmap is read in
        slices, anything else is made an array first.
    sites : array-like of shape (S,), int
        Rows of `points` whose neighbours are wanted.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the points live in.
    n_rays : int >= 1
        Budget of a site: the search ends when as many half-spaces have been looked at as this many rays meet,
        ``n_rays * n``.
    block_size : int >= 1
        Rows read at a time; the result does not depend on it.
    n_jobs : int or None
        As in joblib; jobs share the sites in groups of 64, and each reads the points by itself.
    verbose : bool
        Show a progress bar on stderr.

    Returns
    -------
    RayNeighbors
        `pairs`, none of them false, and which sites are `settled`. Of identical rows the first stands for all.

    Raises
    ------
    TypeError, ValueError
        A site is no row of `points`, or an argument is out of range; or, as :func:`hyperkit.check_points`, a row is
        no point: the message names the block, ``points[start:stop]``, and the row in it.

    Notes
    -----
    Time O(n) a site and pass, with two to five passes for most sites; memory O(block_size d). A point whose share of
    the cell's boundary is within rounding is left out, and the site is then not settled.

    References
    ----------
    .. [1] Clarkson, "More output-sensitive geometric algorithms", FOCS 1994.

    Examples
    --------
    >>> points = [[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]]
    >>> ray_neighbors(points, [1]).pairs
    array([[1, 0],
           [1, 2]])
    """
    check_n_jobs(n_jobs)
    check_table(points, name="points")
    table = points if isinstance(points, np.ndarray) else np.asarray(points)
    rows = _check(table, sites, n_rays, block_size)
    return _search(_Table(table, model, curvature), rows, n_rays, block_size, n_jobs, verbose)


def ball_ray_neighbors(
    points: BallPoints, sites: Int, *, n_rays: int = 16384, n_jobs: int | None = None, verbose: bool = False
) -> RayNeighbors:
    """What :func:`ray_neighbors` gives, of points of the ball."""
    return _search(_Ball(points), sites, n_rays, len(points), n_jobs, verbose)


def _search(
    table: _Table | _Ball, rows: Int, n_rays: int, block_size: int, n_jobs: int | None, verbose: bool
) -> RayNeighbors:
    groups = [rows[first : first + _SITES] for first in range(0, len(rows), _SITES)]
    search = delayed(_search_group)
    tasks = [search(table, group, n_rays, block_size) for group in groups]
    found = run(tasks, n_jobs, verbose, "shooting rays")
    none = np.empty((0, 2), dtype=np.int64)
    pairs = np.concatenate([none, *(block.pairs for block in found)])
    return RayNeighbors(pairs, np.concatenate([np.empty(0, dtype=bool), *(block.settled for block in found)]))


def _check(table: NDArray, sites: ArrayLike, n_rays: int, block_size: int) -> Int:
    """Rows of the sites, or an error that names the argument."""
    check_count("n_rays", n_rays)
    check_count("block_size", block_size)
    if table.ndim != 2 or len(table) == 0:
        raise ValueError(f"points has shape {table.shape}; give a table of shape (n, d) with n >= 1")
    refuse_hidden("sites", sites)
    rows = np.asarray(sites)
    if rows.ndim != 1 or not (np.issubdtype(rows.dtype, np.integer) or rows.size == 0):
        raise TypeError(f"sites has shape {rows.shape} and dtype {rows.dtype}; give a list of rows of points, as ints")
    bad = (rows < 0) | (rows >= len(table))
    if bad.any():
        raise ValueError(f"sites: {rows[bad][0]} is no row of points, which has rows 0 to {len(table) - 1}")
    return rows.astype(np.int64)


class _Table(NamedTuple):
    """The user's points, looked at a slice at a time."""

    rows: NDArray
    model: Model
    curvature: float

    def ball_points(self, part: slice) -> BallPoints:
        """Points of some rows, validated."""
        name = f"points[{part.start}:{part.stop}]"
        return to_ball(self.rows[part], self.model, curvature=self.curvature, name=name)

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.rows)


class _Ball(NamedTuple):
    """Points that are in memory, and need no more checks."""

    points: BallPoints

    def ball_points(self, part: slice) -> BallPoints:
        """Points of some rows."""
        return self.points.take(part)

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.points)


def _blocks(table: _Table | _Ball, size: int) -> Iterator[tuple[int, BallPoints]]:
    """First row and points of each block."""
    for block in gen_batches(table.n, size):
        yield block.start, table.ball_points(block)


def _search_group(table: _Table | _Ball, rows: Int, n_rays: int, block_size: int) -> RayNeighbors:
    """Neighbours of sites that share their passes over the points."""
    budget = float(n_rays) * table.n
    cells = [_Cell(row, table.ball_points(slice(row, row + 1)), budget) for row in rows.tolist()]
    for start, block in _blocks(table, block_size):
        for cell in cells:
            cell.take_nearest(start, block)
    cutting = cells
    while cutting:
        for cell in cutting:
            cell.search()
        for start, block in _blocks(table, block_size):
            for cell in cutting:
                cell.meet(start, block)
        cutting = [cell for cell in cutting if cell.grow()]
    neighbors = [cell.neighbors() for cell in cells]
    owners = np.repeat(rows, [len(row) for row in neighbors])
    return RayNeighbors(
        np.column_stack([owners, np.concatenate(neighbors)]), np.array([cell.is_settled() for cell in cells])
    )


class _Candidates(NamedTuple):
    """Points with their rows and the lengths of their normals, which grow towards the site."""

    points: BallPoints
    rows: Int
    lengths: Float

    def nearest(self, other: _Candidates, most: int) -> _Candidates:
        """The at most `most` nearest distinct points of both, nearest first; of identical points the first row."""
        both = _Candidates(
            self.points.joined(other.points),
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.lengths, other.lengths]),
        )
        both = both.take(np.argsort(both.rows))
        both = both.take(np.unique(both.points.z, axis=0, return_index=True)[1])
        return both.take(np.lexsort((both.rows, -both.lengths))[:most])

    def take(self, index: NDArray) -> _Candidates:
        """Candidates at `index`."""
        return _Candidates(self.points.take(index), self.rows[index], self.lengths[index])


class _Cell:
    """A site, the pool of candidates that bound its cell, and the rays that hit the neighbours among them.

    Nothing here depends on where blocks begin: the pool is chosen by nearness, then by row.
    """

    def __init__(self, row: int, site: BallPoints, budget: float) -> None:
        self._row, self._z, self._gap = row, site.z[0], float(ball_gap(site.z)[0])
        self._budget = budget
        self._n_looked = 0.0
        self._pool = self._waiting = _Candidates(site.take(slice(0)), np.empty(0, dtype=np.int64), np.empty(0))

    def _half_spaces(self, start: int, block: BallPoints) -> tuple[Float, Float]:
        columns, lengths, too_close = half_spaces(block.z, self._z, self._gap)
        refuse_too_close(self._row, start + too_close if too_close >= 0 else -1)
        return columns, lengths

    def take_nearest(self, start: int, block: BallPoints) -> None:
        """Let the nearest points of a block into the pool."""
        lengths = self._half_spaces(start, block)[1]
        # Identical points have one length, so the distinct lengths leave no distinct point out.
        distinct = np.unique(lengths[lengths > 0])[-_POOL:]
        near = np.flatnonzero((lengths > 0) & (lengths >= distinct[0])) if len(distinct) else np.empty(0, dtype=int)
        self._pool = self._pool.nearest(_Candidates(block.take(near), start + near, lengths[near]), _POOL)

    def search(self) -> None:
        """Find the neighbours in the pool, and let their rays meet the pool."""
        columns, lengths, _ = half_spaces(self._pool.points.z, self._z, self._gap)
        order = np.argsort(-lengths, kind="stable")
        budget = self._budget - self._n_looked
        states, self._rays, found, n_looked, _ = search_site(columns, lengths, order, order, budget, 0)
        self._n_looked += n_looked
        self._open = bool(((states != FOUND_NEAR) & (states != FOUND_FAR) & (states != EXCLUDED)).any())
        self._columns, self._lengths = np.ascontiguousarray(columns[:, found]), lengths[found]
        self._hits = np.full(len(found), -1, dtype=np.int64)
        self._hit_lengths = np.ones(len(found))
        self._best, self._second = np.full((2, len(found)), -np.inf)
        self._shoot(columns, lengths, self._pool.rows)

    def _shoot(self, columns: Float, lengths: Float, rows: Int) -> None:
        for ray, direction in enumerate(self._rays):
            winner, best, second = first_hit(columns, lengths, direction)
            if best > self._best[ray]:
                self._hits[ray], self._hit_lengths[ray] = rows[winner], lengths[winner]
            low, high = sorted((best, self._best[ray]))
            self._best[ray], self._second[ray] = high, max(low, second, self._second[ray])

    def meet(self, start: int, block: BallPoints) -> None:
        """Let the points of a block that are not in the pool meet the rays; keep those that cut the cell."""
        columns, lengths = self._half_spaces(start, block)
        known = self._in_pool(block.z, lengths)
        columns[:, known] = 0
        lengths[known] = 0
        self._shoot(columns, lengths, np.arange(start, start + len(lengths)))
        cuts, n_looked = not_excluded(columns, lengths, self._columns, self._lengths)
        self._n_looked += n_looked
        cutting = np.flatnonzero(cuts)
        if len(cutting):
            new = _Candidates(block.take(cutting), start + cutting, lengths[cutting])
            self._waiting = self._waiting.nearest(new, _POOL)

    def _in_pool(self, z: Float, lengths: Float) -> Int:
        """Rows equal to a point of the pool."""
        pool = {point.tobytes() for point in self._pool.points.z + 0.0}  # turns -0 into 0
        maybe = np.flatnonzero(np.isin(lengths, self._pool.lengths))
        return maybe[[point.tobytes() in pool for point in z[maybe] + 0.0]] if len(maybe) else maybe

    def grow(self) -> bool:
        """Whether the search must start again, with the points that cut the cell in the pool."""
        self._open |= len(self._waiting.rows) > 0
        if len(self._waiting.rows) == 0 or self._n_looked > self._budget:
            return False
        self._pool = self._pool.nearest(self._waiting, len(self._pool.rows) + len(self._waiting.rows))
        self._waiting = self._waiting.take(np.arange(0))
        return True

    def _clear(self) -> NDArray[np.bool_]:
        d = len(self._z)
        hits = zip(self._best, self._second, self._hit_lengths, strict=True)
        return np.array([is_clear(*hit, d) for hit in hits], dtype=bool)

    def neighbors(self) -> Int:
        """Rows that a ray hit first, by more than rounding."""
        return np.unique(self._hits[self._clear()])

    def is_settled(self) -> bool:
        """Whether no further neighbour can be."""
        return not self._open and bool(self._clear().all())
