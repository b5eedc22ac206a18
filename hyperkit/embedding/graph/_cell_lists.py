"""Nearest rows of large tables: those of the cells around each row, of as many as a sample of rows asks for.

In: a table of more rows than can be compared pair by pair. Out: for each row the nearest ones that were found. The one
idea: neighbours are looked for in the cells whose centres are nearest, by one matrix product a cell (inverted files, as
Jégou et al. [1]_ have them). How many cells that takes depends on the data: a few where they lie on a tree, all of them
in noise of many dimensions. So it is asked of a sample of rows, whose neighbours are found exactly.

References
----------
.. [1] Jégou, Douze and Schmid, "Product quantization for nearest neighbor search", IEEE Transactions on Pattern
   Analysis and Machine Intelligence 33 (2011).
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.parallel import delayed

from ..._jobs import one_thread, run
from ..._warn import warn_caller
from ._cells import Cells, Single, to_centres
from ._exact import SPARE, Lists, exact_lists, nearest_first
from ._feature_rows import Float, Table, blocks, dense_rows, pair_lengths, squared_norms

# Share of the sample's neighbours that must be in the cells around them. What is lost first are the edges that hold a
# graph together: with .99 the graph of a branching diffusion (98,298 rows) fell into 249 parts, with .999 into the 58
# that it has.
_RECALL = 0.999
_SAMPLE = 1024
# If more than this share of the cells is needed, comparing all pairs is as fast, and exact.
_MOST_CELLS = 0.1
# Seconds that nobody waits for without being told.
_LONG = 60.0
# Tasks, a fixed number, so that no result depends on the number of jobs; entries of a block of scores: 16 MiB.
_TASKS, _ENTRIES = 64, 2**22


def lists_by_cells(X: Table, n_neighbors: int, n_jobs: int | None) -> Lists:
    """The `n_neighbors` nearest rows of `X` for each of its rows but for itself: 999 in 1000 of them."""
    n = X.shape[0]
    with one_thread():
        cells = Cells.of(X)
        begin = time.perf_counter()
        n_cells = _cells_needed(X, cells, n_neighbors)
        seconds = (time.perf_counter() - begin) * n / _SAMPLE
    if n_cells > _MOST_CELLS * len(cells.centres):
        if seconds > _LONG:
            warn_caller(
                f"X: all pairs of {n} rows are compared, about {seconds / 60:.0f} min of one core, as neighbours are "
                f"spread widely in {X.shape[1]} dimensions; fewer features (by PCA, say) take less"
            )
        return exact_lists(X, n_neighbors, None, n_jobs)
    table = cells.searchable.gathered(cells.order)
    lengths = np.empty((n, n_neighbors))
    nearest = np.empty((n, n_neighbors), dtype=np.int32)

    def search(some: NDArray[np.intp]) -> None:
        with one_thread():
            for cell in some:
                _search_cell(X, cells, table, cell, n_cells, lengths, nearest)

    tasks = np.array_split(np.flatnonzero(cells.sizes), _TASKS)
    with one_thread():
        run([delayed(search)(some) for some in tasks], n_jobs, False, "Neighbours", in_place=True)
    return lengths, nearest


def _cells_needed(X: Table, cells: Cells, n_neighbors: int) -> int:
    """How many cells around a row hold 999 in 1000 neighbours of a sample of rows."""
    sample = np.sort(np.random.default_rng(1).choice(X.shape[0], min(X.shape[0], _SAMPLE), replace=False))
    # of each sampled row itself is one of the neighbours
    _, near = exact_lists(X, n_neighbors + 1, X[sample], None)
    cell_of = cells.cell_of()
    ranks = np.empty(near.shape, dtype=np.intp)
    for part in blocks(len(sample), len(cells.centres)):
        away = to_centres(cells.searchable.rows(X[sample[part]]), cells.centres)
        holding = np.take_along_axis(away, cell_of[near[part]], axis=1)
        for column in range(near.shape[1]):
            ranks[part, column] = (away < holding[:, [column]]).sum(axis=1)
    return 1 + int(np.quantile(ranks, _RECALL, method="higher"))


def _around(cells: Cells, rows: Single, cell: int, n_cells: int, n_candidates: int) -> NDArray[np.intp]:
    """The cells that are among the nearest to any of the `rows` of a cell, enough to hold the candidates of all."""
    away = to_centres(rows, cells.centres)
    while True:
        nearest = np.argpartition(away, n_cells - 1, axis=1)[:, :n_cells]
        around = np.union1d(cell, nearest)
        if cells.sizes[around].sum() > n_candidates:
            return around
        n_cells = min(2 * n_cells, len(cells.centres))


def _search_cell(
    X: Table, cells: Cells, table: Table, cell: int, n_cells: int, lengths: Float, nearest: NDArray[np.int32]
) -> None:
    """Write the lists of the rows of one cell; `table` has its rows in the order of cells."""
    own = slice(cells.start[cell], cells.start[cell + 1])
    k = lengths.shape[1]
    n_candidates = min(k + SPARE, X.shape[0] - 1)
    places = cells.places(_around(cells, dense_rows(table, own, np.float32), cell, n_cells, n_candidates))
    first = int(np.searchsorted(places, own.start))
    # Around the centre: what is near it loses least in float32.
    others = table[places] if issparse(X) else table[places] - cells.centres[cell]
    half = 0.5 * squared_norms(others)
    for part in blocks(own.stop - own.start, len(places), _ENTRIES):
        own_places = np.arange(first + part.start, first + part.stop)
        scores = half - (others @ dense_rows(others, own_places, np.float32).T).T
        scores[np.arange(len(own_places)), own_places] = np.inf
        chosen = np.argpartition(scores, n_candidates - 1, axis=1)[:, :n_candidates]
        candidates = cells.order[places[chosen]]
        rows = cells.order[own][part]
        found = pair_lengths(X, np.repeat(rows, n_candidates), X, candidates.reshape(-1)).reshape(candidates.shape)
        found, ordered = nearest_first(found, candidates)
        lengths[rows], nearest[rows] = found[:, :k], ordered[:, :k]
