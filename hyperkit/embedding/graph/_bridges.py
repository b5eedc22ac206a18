"""The shortest bridges between the parts of a table, without looking at all pairs of rows.

Borůvka's algorithm: each part but the largest finds its nearest row outside, the bridges found are laid from the
shortest on where they join two parts, and so on until one part is left. What a row has found holds until that row is
in its own part, and is a lower bound ever after; so few rows search twice. A search goes from cell to cell (`_cells`)
and ends where no row of a cell can be nearer than what its part has found, by the triangle inequality: exact, whatever
the cells are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.parallel import delayed

from ..._jobs import one_thread, run
from ._cells import Cells
from ._feature_rows import Float, Table, blocks, pair_lengths, squared_norms

# Rows that search together, and rows that they are compared with at first and at most: 8 MiB of float64.
_QUERIES, _FIRST, _MOST = 128, 1024, 8192
# What rounding may take off a distance between cells, relative.
_ROUNDING = 1e-9


def shortest_bridges(X: Table, part: NDArray[np.integer], *, n_jobs: int | None = None) -> NDArray[np.intp]:
    """Minimum spanning tree of the parts, each pair of parts as far apart as its two nearest rows.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n, n_features)
    part : ndarray of shape (n,), integer
        Part of each row, 0 to n_parts - 1, none empty.
    n_jobs : int, optional
        Threads; the bits of the result do not depend on it.

    Returns
    -------
    ndarray of shape (n_parts - 1, 2)
        The two rows that each bridge joins.
    """
    n_parts = int(part.max()) + 1
    with one_thread():
        search = _Search(Cells.of(X))
    joined = np.arange(n_parts)  # the part that stands for those it has been joined with
    outside, length = np.full(len(part), -1), np.zeros(len(part))  # -1: not nearer than `length`
    bridges: list[tuple[int, int]] = []
    while len(bridges) < n_parts - 1:
        group = joined[part]
        searching = np.flatnonzero(group != np.bincount(group).argmax())
        known = searching[(outside[searching] >= 0) & (group[outside[searching]] != group[searching])]
        best = np.full(n_parts, np.inf)
        np.minimum.at(best, group[known], length[known])
        unknown = np.setdiff1d(searching, known, assume_unique=True)
        again = unknown[length[unknown] < best[group[unknown]]]
        seen, floor = search.nearest_outside(again, group, n_jobs)
        sure = again[floor == np.inf]
        outside[again], length[again] = np.where(floor == np.inf, seen, -1), floor
        length[sure] = pair_lengths(X, sure, X, outside[sure])
        bridges += _laid(np.concatenate([known, sure]), outside, length, part, joined)
    return np.array(bridges, dtype=np.intp).reshape(-1, 2)


def _laid(
    rows: NDArray[np.intp],
    outside: NDArray[np.intp],
    length: Float,
    part: NDArray[np.integer],
    joined: NDArray[np.intp],
) -> list[tuple[int, int]]:
    """Lay each group's shortest bridge, from the shortest on, where it joins two groups; `joined` follows."""
    group = joined[part[rows]]
    order = rows[np.lexsort((rows, length[rows], group))]
    _, first = np.unique(joined[part[order]], return_index=True)
    shortest = order[first]
    laid = []
    for row in shortest[np.lexsort((shortest, length[shortest]))]:
        a, b = joined[part[row]], joined[part[outside[row]]]
        if a != b:
            joined[joined == a] = b
            laid.append((int(row), int(outside[row])))
    return laid


class _Search:
    """Search for the nearest rows of other groups, in a table cut into cells."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.centres = cells.centres.astype(np.float64)
        self.radius = np.full(len(self.centres), -np.inf)  # of cells without rows: nobody goes there
        for cell in np.flatnonzero(cells.sizes):
            rows = cells.order[cells.start[cell] : cells.start[cell + 1]]
            for part in blocks(len(rows), self.centres.shape[1]):
                away = cells.searchable.coordinates(rows[part]) - self.centres[cell]
                self.radius[cell] = max(self.radius[cell], float(np.sqrt(squared_norms(away).max())))

    def nearest_outside(
        self, rows: NDArray[np.intp], group: NDArray[np.intp], n_jobs: int | None
    ) -> tuple[NDArray[np.intp], Float]:
        """For each row the nearest of another group, with inf; or one that was seen, and no other is nearer than this.

        Of each group the row that is nearest to others is among those with inf.
        """
        order = np.lexsort((self.cells.cell_of()[rows], group[rows]))  # rows that are near each other search together

        def search(some: slice) -> tuple[NDArray[np.intp], Float]:
            with one_thread():
                return self._search(rows[order[some]], group)

        with one_thread():
            tasks = [delayed(search)(some) for some in blocks(len(rows), 1, _QUERIES)]
            found = run(tasks, n_jobs, False, "Bridges")
        nearest, floor = np.empty(len(rows), dtype=np.intp), np.empty(len(rows))
        nearest[order] = np.concatenate([np.empty(0, dtype=np.intp), *(rows for rows, _ in found)])
        floor[order] = np.concatenate([np.empty(0), *(lengths for _, lengths in found)])
        return nearest, floor

    def _search(self, some: NDArray[np.intp], group: NDArray[np.intp]) -> tuple[NDArray[np.intp], Float]:
        queries = self.cells.searchable.coordinates(some)
        own = squared_norms(queries)[:, None]
        squares = own + squared_norms(self.centres) - 2 * (queries @ self.centres.T)
        floor = np.sqrt(np.maximum(squares, 0)) * (1 - _ROUNDING) - self.radius
        lowest = floor.min(axis=0)
        order = np.argsort(lowest, kind="stable")
        _, member = np.unique(group[some], return_inverse=True)
        least, nearest = np.full(len(some), np.inf), np.full(len(some), -1)
        best = np.full(member.max() + 1, np.inf)
        visited = 0
        for cells in _batches(order, self.cells.sizes):
            if lowest[cells[0]] > best.max():
                break
            visited += len(cells)
            rows = self.cells.order[self.cells.places(cells)]
            squares = self._squares(queries, rows) + own
            np.copyto(squares, np.inf, where=group[some, None] == group[rows])
            place = squares.argmin(axis=1)
            lengths = np.sqrt(np.maximum(squares[np.arange(len(some)), place], 0))
            nearer = lengths < least
            least[nearer], nearest[nearer] = lengths[nearer], rows[place[nearer]]
            np.minimum.at(best, member, least)
        unseen = floor[:, order[visited:]].min(axis=1, initial=np.inf)
        return nearest, np.where(least <= unseen, np.inf, unseen * self.cells.searchable.scale)

    def _squares(self, queries: Float, rows: NDArray[np.intp]) -> Float:
        """Squared distances to `rows` of the table, but for the squares of the queries."""
        searchable = self.cells.searchable
        if issparse(searchable.X):
            others = searchable.X[rows].astype(np.float64)
            return np.asarray(squared_norms(others) - 2 * (others @ queries.T).T)
        others = searchable.coordinates(rows)
        return np.asarray(squared_norms(others) - 2 * (queries @ others.T))


def _batches(order: NDArray[np.intp], sizes: NDArray[np.integer]) -> Iterator[NDArray[np.intp]]:
    """Cells in their `order`, some at a time: few rows at first, as the first ones may be enough."""
    held = np.cumsum(sizes[order])
    begin, most = 0, _FIRST
    while begin < len(order):
        end = max(begin + 1, int(np.searchsorted(held, (held[begin - 1] if begin else 0) + most, side="right")))
        yield order[begin:end]
        begin, most = end, min(2 * most, _MOST)
