"""Nearest rows of large tables: those of the cells around a row's own, of as many as a sample of rows asks for.

In: a table of more rows than can be compared pair by pair. Out: for each row the nearest ones that were found. The
one idea: k-means on a sample cuts the table into some 3 sqrt(n) cells, and neighbours are looked for in the cells
whose centres are nearest, by one matrix product a cell (inverted files, as Jegou et al. [1]_ have them). How many cells
that takes depends on the data: a few where they lie on a tree, many in noise of many dimensions. So it is asked of a
sample of rows whose neighbours are found exactly.

References
----------
.. [1] Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", IEEE Transactions on Pattern
   Analysis and Machine Intelligence 33 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.utils.parallel import delayed
from threadpoolctl import threadpool_limits

from ..._jobs import run
from ._exact import SPARE, Lists, exact_lists, nearest_first
from ._feature_rows import Float, Table, blocks, dense_rows, pair_lengths, squared_norms
from ._searchable import centred_float32, mean_row

Single = NDArray[np.float32]

# Share of the sample's neighbours that must be in the cells looked at: recall, but for what the sample misses.
_RECALL = 0.999
_SAMPLE = 1024
# Rows a centre is learned from, and rounds of Lloyd's algorithm: more of either changed no recall by .001.
_ROWS_A_CENTRE, _ROUNDS = 32, 5
# Tasks, a fixed number, so that no result depends on the number of jobs.
_TASKS = 64
_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Cells:
    """A table cut into cells: its rows in their order."""

    table: Table
    """Rows in the order of cells, float32."""
    order: NDArray[np.intp]
    """Row of the user's table that each of them is."""
    start: NDArray[np.intp]
    """Cell c has the rows ``start[c]:start[c + 1]`` of `table`."""
    centres: Single

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Number of rows of each cell."""
        return np.diff(self.start)

    def nearest_to(self, rows: Single, n_cells: int) -> NDArray[np.intp]:
        """The cells whose centres are nearest to each of the `rows` (as `table` has them), in no order."""
        return np.argpartition(_to_centres(rows, self.centres), n_cells - 1, axis=1)[:, :n_cells]


def lists_by_cells(X: Table, n_neighbors: int, n_jobs: int | None) -> Lists:
    """The `n_neighbors` nearest rows of `X` for each of its rows but for itself: 99 in 100 of them, or more."""
    with threadpool_limits(1):
        cells = _cut(X)
        n_cells = _cells_needed(X, cells, n_neighbors)
        lengths = np.empty((X.shape[0], n_neighbors))
        nearest = np.empty((X.shape[0], n_neighbors), dtype=np.int32)

        def search(some: NDArray[np.intp]) -> None:
            with threadpool_limits(1):
                for cell in some:
                    _search_cell(X, cells, cell, n_cells, lengths, nearest)

        run(
            [delayed(search)(some) for some in np.array_split(np.arange(len(cells.centres)), _TASKS)], n_jobs, False, ""
        )
    return lengths, nearest


def _cut(X: Table) -> Cells:
    """Cells of `X`, by k-means on a sample that is the same each time."""
    n = X.shape[0]
    table = X if issparse(X) else centred_float32(X, mean_row(X), 1.0)
    n_cells = int(3.3 * np.sqrt(n))
    rng = np.random.default_rng(0)
    sample = table[np.sort(rng.choice(n, min(n, _ROWS_A_CENTRE * n_cells), replace=False))]
    centres = dense_rows(sample, np.sort(rng.choice(sample.shape[0], n_cells, replace=False)), np.float32)
    for _ in range(_ROUNDS):
        cell = _nearest_centre(sample, centres)
        sizes = np.bincount(cell, minlength=n_cells)
        members = csr_array((np.ones(len(cell), np.float32), (cell, np.arange(len(cell)))), shape=(n_cells, len(cell)))
        sums = dense_rows(members @ sample, slice(None), np.float32)
        centres[sizes > 0] = sums[sizes > 0] / sizes[sizes > 0, None]
    cell = _nearest_centre(table, centres)
    order = np.argsort(cell, kind="stable")
    return Cells(table[order], order, np.searchsorted(cell[order], np.arange(n_cells + 1)), centres)


def _nearest_centre(table: Table, centres: Single) -> NDArray[np.intp]:
    nearest = np.empty(table.shape[0], dtype=np.intp)
    for part in blocks(table.shape[0], len(centres)):
        nearest[part] = _to_centres(table[part], centres).argmin(axis=1)
    return nearest


def _to_centres(rows: Table, centres: Single) -> Single:
    """Half the squared distance of each row to each centre, but for what depends on the row alone."""
    return np.asarray(0.5 * squared_norms(centres) - rows @ centres.T)


def _cells_needed(X: Table, cells: Cells, n_neighbors: int) -> int:
    """How many cells around a row's own hold 99 in 100 neighbours of a sample of rows."""
    n, n_cells = X.shape[0], len(cells.centres)
    sample = np.sort(np.random.default_rng(1).choice(n, _SAMPLE, replace=False))
    # of each sampled row itself is one of the neighbours
    _, near = exact_lists(X, n_neighbors + 1, X[sample], None)
    cell_of = np.empty(n, dtype=np.intp)
    cell_of[cells.order] = np.repeat(np.arange(n_cells), np.diff(cells.start))
    place = np.empty(n, dtype=np.intp)
    place[cells.order] = np.arange(n)
    ranks = np.empty(near.shape, dtype=np.intp)
    for part in blocks(_SAMPLE, n_cells):
        away = _to_centres(cells.table[place[sample[part]]], cells.centres)
        held_by = np.take_along_axis(away, cell_of[near[part]], axis=1)
        for column in range(near.shape[1]):
            ranks[part, column] = (away < held_by[:, [column]]).sum(axis=1)
    return 1 + int(np.quantile(ranks, _RECALL, method="higher"))


def _search_cell(X: Table, cells: Cells, cell: int, n_cells: int, lengths: Float, nearest: NDArray[np.int32]) -> None:
    """Write the lists of the rows of one cell."""
    own = slice(cells.start[cell], cells.start[cell + 1])
    if own.start == own.stop:
        return
    n_candidates = lengths.shape[1] + SPARE
    around = np.union1d(cell, cells.nearest_to(dense_rows(cells.table, own, np.float32), n_cells))
    while cells.sizes[around].sum() <= n_candidates:
        n_cells *= 2
        around = np.union1d(cell, cells.nearest_to(dense_rows(cells.table, own, np.float32), n_cells))
    places = np.concatenate([np.arange(cells.start[c], cells.start[c + 1]) for c in around])
    first = int(np.searchsorted(places, own.start))
    # Around the centre: what is near it loses least in float32.
    others = cells.table[places] if issparse(X) else cells.table[places] - cells.centres[cell]
    half = 0.5 * squared_norms(others)
    for part in blocks(own.stop - own.start, len(places), _ENTRIES):
        queries = dense_rows(others, slice(first + part.start, first + part.stop), np.float32)
        scores = half - (others @ queries.T).T
        scores[np.arange(len(queries)), np.arange(len(queries)) + first + part.start] = np.inf
        chosen = np.argpartition(scores, n_candidates - 1, axis=1)[:, :n_candidates]
        candidates = cells.order[places[chosen]]
        rows = cells.order[own][part]
        found = pair_lengths(X, np.repeat(rows, n_candidates), X, candidates.reshape(-1)).reshape(candidates.shape)
        ordered, order_rows = nearest_first(found, candidates)
        lengths[rows], nearest[rows] = ordered[:, : lengths.shape[1]], order_rows[:, : lengths.shape[1]]
