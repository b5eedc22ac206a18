"""How `HyperbolicMDS` reads its X: a matrix, a graph or features, as its parameters say, when fitted and afterwards.

In: the estimator, for its parameters, and what the user gave. Out: the checked table, and of that the `Source` of
dissimilarities.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from ._dissimilarities import warn_of_matrix
from ._features import checked_features, checked_matrix, checked_new_edges
from ._metrics import FittedMetric
from ._sources import GraphSource, MatrixSource, MetricSource, NeighborSource, Source, distinct
from .graph import as_graph


def read_fitted(mds: Any, X: Any) -> Any:
    """X of ``fit``, checked."""
    if mds.metric == "precomputed":
        return checked_matrix(mds, X, reset=True)
    if mds.metric == "precomputed_graph":
        graph = as_graph(X, name="X")
        mds.n_features_in_ = graph.shape[0]
        return graph
    return checked_features(mds, X, reset=True)


def read_new(mds: Any, X: Any) -> Any:
    """X of ``transform``, checked."""
    if mds.metric == "precomputed":
        return checked_matrix(mds, X, reset=False)
    if mds.metric == "precomputed_graph":
        return checked_new_edges(X, mds.n_features_in_)
    return checked_features(mds, X, reset=False)


def source_of(mds: Any, table: Any) -> tuple[Source, NDArray[np.intp]]:
    """Dissimilarities of all samples, and for each sample its object there."""
    if mds.metric == "precomputed":
        return MatrixSource(table), np.arange(len(table))
    if mds.metric == "precomputed_graph":
        return GraphSource(table, mds.n_jobs), np.arange(table.shape[0])
    if not issparse(table):
        warn_of_matrix(table, "X")
    rows, inverse = distinct(table)
    if mds.metric != "geodesic":
        return MetricSource(rows, FittedMetric.of(table, mds.metric)), inverse
    return NeighborSource(rows, min(int(mds.n_neighbors), rows.shape[0] - 1), mds.n_jobs), inverse
