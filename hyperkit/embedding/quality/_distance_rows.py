"""Distances from some rows to all rows, whatever the rows are: points, features, entries of a matrix, or vertices.

In: a user's table, matrix or graph and the word that says how to read it. Out: `DistanceRows`, checked once, which
gives the distances of the rows asked for; what is too large as a matrix is never one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array, issparse
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances

from ..._sparse import sparse_graph
from ..._warn import warn_caller
from ...geometry import native_distance_matrix, native_points
from ...models import MODELS, check_points, check_table
from .._dissimilarities import check_range, distinct_rows, geodesic_distances, symmetric_matrix

Float = NDArray[np.float64]
Index = NDArray[np.intp]
Metric = str | Callable[[Float, Float], float]


@dataclass(frozen=True, eq=False)
class DistanceRows:
    """Something whose rows have distances."""

    n: int
    rows: Callable[[Index], Float]
    """Distances from these rows to all, shape (m, n): a new array, 0 from each row to itself, all finite."""
    neighbors: tuple[Index, Index] | None = None
    """Of a graph, `start` and `heads` of the neighbours of each vertex."""


def read_distances(table: Any, metric: Metric, name: str, *, curvature: float, n_neighbors: int) -> DistanceRows:
    """Read `table` as `metric` says: a model, ``"euclidean"``, ``"geodesic"``, ``"precomputed"``, or another metric.

    Graphs, of networkx or as sparse matrices of lengths, are known by their type, and `metric` is not looked at.
    """
    if issparse(table) or (hasattr(table, "nodes") and hasattr(table, "edges")):
        return _of_graph(table, name)
    if metric == "precomputed":
        check_table(table, name=name)
        return _of_matrix(symmetric_matrix(np.asarray(table, dtype=np.float64), name))
    if isinstance(metric, str) and metric in MODELS:
        return _of_points(table, metric, curvature, name)
    return _of_features(table, metric, n_neighbors, name)


def _of_matrix(distances: Float) -> DistanceRows:
    return DistanceRows(len(distances), lambda rows: distances[rows])


def _of_points(table: Any, model: Any, curvature: float, name: str) -> DistanceRows:
    points = check_points(table, model, curvature=curvature, name=name)
    _check_two_dimensional(points, name)
    native = native_points(points, model, curvature, name)

    def rows(index: Index) -> Float:
        return native_distance_matrix(replace(native, x=native.x[index], height=native.height[index]), native)

    return DistanceRows(len(points), rows)


def _of_features(table: Any, metric: Metric, n_neighbors: int, name: str) -> DistanceRows:
    X = check_points(table, "tangent", name=name)
    _check_two_dimensional(X, name)
    if len(X) > 0:
        check_range(float((X.max(axis=0) - X.min(axis=0)).max()))
    if metric == "euclidean":
        return DistanceRows(len(X), lambda rows: cdist(X[rows], X))
    if metric == "geodesic":
        _warn_of_matrix(X, name)
        first, copy_of = distinct_rows(X)
        distances = geodesic_distances(X[first], min(n_neighbors, len(first) - 1))
        return DistanceRows(len(X), lambda rows: distances[np.ix_(copy_of[rows], copy_of)])

    def rows(index: Index) -> Float:
        try:
            distances = np.array(pairwise_distances(X[index], X, metric=metric), dtype=np.float64)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f'metric={metric!r} cannot be computed; choose "geodesic", "euclidean", "precomputed", a model, a '
                f"callable or a metric of sklearn.metrics.pairwise_distances that fits the data: {error}"
            ) from error
        distances[np.arange(len(index)), index] = 0.0
        bad = ~(np.isfinite(distances) & (distances >= 0))
        if bad.any():
            i, j = (int(k) for k in np.argwhere(bad)[0])
            raise ValueError(f"metric={metric!r} gives {distances[i, j]:.6g} for rows {index[i]} and {j} of {name}")
        return distances

    return DistanceRows(len(X), rows)


def _warn_of_matrix(X: Float, name: str) -> None:
    if len(X) == X.shape[1] > 2 and not np.diagonal(X).any() and X.min() >= 0 and np.allclose(X, X.T):
        warn_caller(
            f"{name} looks like a matrix of distances and is read as a table of features; if it holds distances, say so "
            'by metric="precomputed"'
        )


def _check_two_dimensional(table: Float, name: str) -> None:
    if table.ndim != 2:
        raise ValueError(f"{name} has shape {table.shape}; give a table with one row for each object")


def _of_graph(graph: Any, name: str) -> DistanceRows:
    lengths = _sparse_lengths(graph, name) if issparse(graph) else networkx_lengths(graph, name)
    bad = ~(np.isfinite(lengths.data) & (lengths.data >= 0))
    if bad.any():
        i, j = (int(part[bad][0]) for part in lengths.tocoo().coords)
        raise ValueError(f"{name}: the edge of rows {i} and {j} has length {lengths[i, j]:.6g}; lengths are >= 0")
    n_parts, part = csgraph.connected_components(lengths, directed=False)
    if n_parts > 1:
        other = int(np.flatnonzero(part != part[0])[0])
        raise ValueError(
            f"{name}: the graph has {n_parts} components, and no path joins rows 0 and {other}; take one component, or "
            "join them by edges"
        )
    unweighted = bool(np.all(lengths.data == 1))

    def rows(index: Index) -> Float:
        distances: Float = csgraph.dijkstra(lengths, directed=False, indices=index, unweighted=unweighted)
        return distances

    return DistanceRows(lengths.shape[0], rows, _both_ways(lengths))


def _sparse_lengths(graph: Any, name: str) -> csr_array:
    if graph.ndim != 2 or graph.shape[0] != graph.shape[1]:
        raise ValueError(f"{name}: a sparse matrix of shape {graph.shape} is no graph; it needs a column for each row")
    if graph.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {graph.dtype}; give lengths of edges as real numbers")
    entries = graph.tocoo()
    edges = np.column_stack(entries.coords)
    return sparse_graph(graph.shape[0], edges, entries.data.astype(np.float64))


def networkx_lengths(graph: Any, name: str) -> csr_array:
    """Lengths of edges, by their attribute "length", else "weight", else 1; vertices 0 ... n - 1 are rows."""
    if graph.is_multigraph():
        raise TypeError(f"{name} is a multigraph; give networkx.Graph({name}), with one edge for each pair")
    nodes = list(graph.nodes)
    row_of = {node: row for row, node in enumerate(nodes)}
    if set(nodes) == set(range(len(nodes))):
        row_of = {node: node for node in nodes}
    edges = np.array([(row_of[a], row_of[b]) for a, b in graph.edges], dtype=np.intp).reshape(-1, 2)
    for attribute in ("length", "weight"):
        values = [value for _, _, value in graph.edges(data=attribute)]
        if any(value is not None for value in values):
            if None in values:
                edge = list(graph.edges)[values.index(None)]
                raise ValueError(f"{name}: edge {edge} has no {attribute!r}, which other edges have")
            return sparse_graph(len(nodes), edges, np.array(values, dtype=np.float64))
    return sparse_graph(len(nodes), edges, np.ones(len(edges)))


def _both_ways(lengths: csr_array) -> tuple[Index, Index]:
    """Neighbours of each vertex, in compressed rows: each once, and none its own."""
    entries = lengths.tocoo()
    tail, head = (part.astype(np.int64) for part in entries.coords)
    n = lengths.shape[0]
    pairs = np.unique(np.concatenate([tail * n + head, head * n + tail])[np.tile(tail != head, 2)])
    return np.searchsorted(pairs // n, np.arange(n + 1)), pairs % n
