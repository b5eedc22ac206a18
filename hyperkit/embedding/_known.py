"""What a fitted model keeps of the data: as much as it takes to say how new objects lie to fitted ones, and no more.

In: new objects, as the user gives them. Out: `NewObjects`. Of a matrix of distances nothing is kept but its size, of a
graph the distances to landmarks; of features the rows, as the nearest to a new row is looked for among all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ._dissimilarities import check_lengths
from ._features import check_reach
from ._metrics import FittedMetric
from .graph import distances_through, neighbor_lists, places_among

Float = NDArray[np.float64]

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class NewObjects:
    """What is known of objects that were not fitted."""

    to_landmarks: Float
    """Dissimilarities to the landmarks, (m, n_landmarks)."""
    nearest: NDArray[np.integer]
    """Nearest fitted objects, the first the very nearest, (m, k); k may be 1."""
    to_nearest: Float
    """Dissimilarity to the very nearest, (m,)."""
    is_copy: NDArray[np.bool_]
    """Whether that is the same, and its place is that of the new object."""


class Known(Protocol):
    """What is kept of n objects, and of the landmarks among them."""

    @property
    def farthest(self) -> float:
        """Dissimilarity of neighbours that is large here: a new object with a larger one to all is far from others."""

    def new(self, X: Any) -> NewObjects:
        """What is known of new objects."""


@dataclass(frozen=True, eq=False)
class KnownMatrix:
    """Of a matrix of dissimilarities: how many objects there were, and which are landmarks."""

    n: int
    landmarks: NDArray[np.intp]
    farthest: float = np.inf

    def new(self, X: NDArray[Any]) -> NewObjects:
        """Of rows that hold the dissimilarities to all fitted objects, or to the landmarks."""
        lengths = np.asarray(X, dtype=np.float64)
        check_lengths(lengths, "X")
        known = np.arange(self.n)
        if lengths.shape[1] == len(self.landmarks) != self.n:
            known = self.landmarks
        elif lengths.shape[1] != self.n:
            raise ValueError(
                f"X has {lengths.shape[1]} columns; give the distances to the {self.n} fitted objects, in their order, "
                f"or to the {len(self.landmarks)} of `landmarks_`"
            )
        closest = lengths.argmin(axis=1)
        to_nearest = lengths[np.arange(len(lengths)), closest]
        to_landmarks = lengths if known is self.landmarks else lengths[:, self.landmarks]
        return NewObjects(to_landmarks, known[closest][:, None], to_nearest, to_nearest == 0)


@dataclass(frozen=True, eq=False)
class KnownGraph:
    """Of a graph: lengths of the shortest paths from the landmarks to all objects."""

    to_landmarks: NDArray[np.floating]
    farthest: float

    def new(self, X: csr_array) -> NewObjects:
        """Of rows of a sparse array, each of which holds its distances to some of the fitted objects."""
        n_each = np.diff(X.indptr)
        lengths = np.full((X.shape[0], n_each.max()), np.inf)
        rows = np.zeros(lengths.shape, dtype=np.intp)
        place = np.arange(X.nnz) - np.repeat(X.indptr[:-1], n_each)
        row = np.repeat(np.arange(X.shape[0]), n_each)
        lengths[row, place], rows[row, place] = X.data, X.indices
        order = lengths.argsort(axis=1, kind="stable")
        return _through(np.take_along_axis(lengths, order, 1), np.take_along_axis(rows, order, 1), self.to_landmarks)


@dataclass(frozen=True, eq=False)
class KnownNeighbors:
    """Of the graph of nearest neighbours: the rows of features too."""

    table: Any
    n_neighbors: int
    n_jobs: int | None
    to_landmarks: NDArray[np.floating]
    farthest: float

    def new(self, X: Any) -> NewObjects:
        """Of rows of features, by way of their nearest fitted rows."""
        check_reach(X, self.table)
        k = min(max(self.n_neighbors, 1), self.table.shape[0])
        lengths, rows = neighbor_lists(self.table, k, queries=X, n_jobs=self.n_jobs)
        return _through(lengths, rows, self.to_landmarks)


def _through(lengths: Float, rows: NDArray[np.integer], to_landmarks: NDArray[np.floating]) -> NewObjects:
    through = distances_through(lengths, rows, to_landmarks).astype(np.float64)
    return NewObjects(through, rows, lengths[:, 0], lengths[:, 0] == 0)


@dataclass(frozen=True, eq=False)
class MetricRows:
    """Rows of features and their metric: all that there is to know, when they are fitted and afterwards."""

    table: Any
    metric: FittedMetric
    origin: Float | None
    """What is taken off rows where they are measured; never off the table as a whole, which would copy it."""

    def at(self, rows: Any) -> Any:
        """Some rows, ready to be measured."""
        return self.centred(self.table[rows])

    def centred(self, X: Any) -> Any:
        """Rows of any table, ready to be measured."""
        return X if self.origin is None else X - self.origin


@dataclass(frozen=True, eq=False)
class KnownRows:
    """Of rows of features with a metric: the rows."""

    rows: MetricRows
    landmarks: NDArray[np.intp]
    farthest: float = np.inf

    def new(self, X: Any) -> NewObjects:
        """Of rows of features."""
        check_reach(X, self.rows.table)
        known, moved = self.rows, self.rows.centred(X)
        lengths = known.metric.as_if_alone(moved, known.at(self.landmarks))
        nearest, to_nearest = np.zeros(X.shape[0], dtype=np.intp), np.full(X.shape[0], np.inf)
        for i in range(0, known.table.shape[0], _ROWS_AT_ONCE):
            closest, apart = known.metric.nearest(moved, known.at(slice(i, i + _ROWS_AT_ONCE)))
            nearer = apart < to_nearest
            nearest[nearer], to_nearest[nearer] = i + closest[nearer], apart[nearer]
        # not the nearest: of rows in one direction each is as near by "cosine", and rounding may favour any of two
        same = places_among(X, known.table)
        nearest = np.where(same >= 0, same, nearest)
        return NewObjects(lengths, nearest[:, None], to_nearest, same >= 0)
