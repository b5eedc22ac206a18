"""A table cut into cells of rows that are near each other, so that what looks for near rows looks at few cells.

In: a table. Out: its rows in the order of cells, and a centre for each cell: k-means on a sample, some 3 sqrt(n) cells.
`_cell_lists` looks for neighbours there, `_bridges` for the way from one component to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ._feature_rows import Table, blocks, dense_rows, squared_norms
from ._searchable import Searchable

Single = NDArray[np.float32]

# Cells to the square root of n, rows a centre is learned from, and rounds of Lloyd's algorithm: more rows or rounds
# changed no result by a thousandth.
_CELLS, _ROWS_A_CENTRE, _ROUNDS = 3.3, 32, 5


@dataclass(frozen=True, eq=False)
class Cells:
    """A table cut into cells: the order of its rows, and the centres, in coordinates of `searchable`."""

    searchable: Searchable
    order: NDArray[np.intp]
    """Row of the user's table that each row in the order of cells is."""
    start: NDArray[np.intp]
    """Cell c has the rows ``order[start[c]:start[c + 1]]``."""
    centres: Single

    @classmethod
    def of(cls, X: Table) -> Cells:
        """Cut `X`, by a sample that is the same each time."""
        searchable, n = Searchable.of(X, centred=True), X.shape[0]
        n_cells = min(n, int(_CELLS * np.sqrt(n)))
        rng = np.random.default_rng(0)
        sample = searchable.gathered(np.sort(rng.choice(n, min(n, _ROWS_A_CENTRE * n_cells), replace=False)))
        centres = dense_rows(sample, np.sort(rng.choice(sample.shape[0], n_cells, replace=False)), np.float32)
        for _ in range(_ROUNDS):
            _move(centres, sample)
        cell = np.concatenate([_nearest_centre(searchable.rows(X[part]), centres) for part in blocks(*X.shape)])
        order = np.argsort(cell, kind="stable")
        return cls(searchable, order, np.searchsorted(cell[order], np.arange(n_cells + 1)), centres)

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Number of rows of each cell."""
        return np.diff(self.start)

    def places(self, some: NDArray[np.intp]) -> NDArray[np.intp]:
        """Places in `order` of the rows of some cells."""
        return np.concatenate([np.arange(self.start[c], self.start[c + 1]) for c in some])

    def cell_of(self) -> NDArray[np.intp]:
        """Cell of each row of the user's table."""
        cell = np.empty(len(self.order), dtype=np.intp)
        cell[self.order] = np.repeat(np.arange(len(self.centres)), self.sizes)
        return cell


def _move(centres: Single, sample: Table) -> None:
    """One round of Lloyd's algorithm: each centre to the mean of the rows that are nearest to it, if there are any."""
    cell = _nearest_centre(sample, centres)
    sizes = np.bincount(cell, minlength=len(centres))[:, None]
    shape = len(centres), len(cell)
    members = csr_array((np.ones(len(cell), np.float32), (cell, np.arange(len(cell)))), shape=shape)
    np.divide(dense_rows(members @ sample, slice(None), np.float32), sizes, out=centres, where=sizes > 0)


def _nearest_centre(table: Table, centres: Single) -> NDArray[np.intp]:
    nearest = np.empty(table.shape[0], dtype=np.intp)
    for part in blocks(table.shape[0], len(centres)):
        nearest[part] = to_centres(table[part], centres).argmin(axis=1)
    return nearest


def to_centres(rows: Table, centres: Single) -> Single:
    """Half the squared distance of each row to each centre, but for what depends on the row alone."""
    return np.asarray(0.5 * squared_norms(centres) - rows @ centres.T)
