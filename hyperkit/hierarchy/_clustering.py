"""`SteinerClustering`: clusters of rows, cut from the hierarchy of their Steiner tree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csgraph
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from .._sparse import sparse_graph
from .._validation import check_count
from ..models import Model
from ..steiner import HyperSteiner, Method
from ._hierarchy import Hierarchy
from ._sources import from_steiner


class SteinerClustering(ClusterMixin, BaseEstimator):
    """Clusters of points of hyperbolic space: the pieces that their Steiner tree falls into when edges are cut.

    Parameters
    ----------
    n_clusters : int >= 1, default=2
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the points.
    curvature : float < 0, default=-1.0
        Curvature of the space the points live in. Clusters do not depend on it.
    root : int, str or {"min_variance", "midpoint", "frechet"}, default="min_variance"
        Where `hierarchy_` is rooted, as in `Hierarchy.root_at`. Clusters do not depend on it, but for their numbers.
    min_size : int >= 1, default=1
        Least number of rows of a cluster.
    method, leaves
        As in `HyperSteiner`.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int64
        Cluster of each row, from 0 to n_clusters - 1, in depth-first order of `hierarchy_`.
    hierarchy_ : Hierarchy
        The rooted tree of the rows.
    steiner_ : HyperSteiner
        The fitted tree.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If X has column names.

    Raises
    ------
    TypeError, ValueError
        In ``fit``: as `HyperSteiner.fit`; or there are too few rows for so many clusters of this size.

    See Also
    --------
    Hierarchy.cut : How edges are chosen.

    Examples
    --------
    >>> from hyperkit.hierarchy import SteinerClustering
    >>> points = [[0.8, 0.1], [0.8, -0.1], [-0.8, 0.1], [-0.8, -0.1]]
    >>> clustering = SteinerClustering(2).fit(points)
    >>> (clustering.labels_ == clustering.labels_[0]).tolist()
    [True, True, False, False]
    >>> (clustering.predict([[0.9, 0.0], [-0.9, 0.0]]) == clustering.labels_[0]).tolist()
    [True, False]
    """

    hierarchy_: Hierarchy
    labels_: NDArray[np.int64]

    def __init__(
        self,
        n_clusters: int = 2,
        *,
        model: Model = "poincare",
        curvature: float = -1.0,
        root: int | str = "min_variance",
        min_size: int = 1,
        method: Method = "auto",
        leaves: bool = False,
    ) -> None:
        self.n_clusters = n_clusters
        self.model = model
        self.curvature = curvature
        self.root = root
        self.min_size = min_size
        self.method = method
        self.leaves = leaves

    def fit(self, X: ArrayLike, y: Any = None) -> SteinerClustering:
        """Fit a tree to the rows of `X`, and cut it.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first).
        y : ignored

        Returns
        -------
        self
        """
        n_clusters = check_count("n_clusters", self.n_clusters)
        min_size = check_count("min_size", self.min_size)
        self.steiner_ = HyperSteiner(self.model, curvature=self.curvature, method=self.method, leaves=self.leaves).fit(
            X
        )
        n = self.steiner_.tree_.n_terminals
        if n < n_clusters * min_size:
            raise ValueError(f"n_samples={n} while n_clusters={n_clusters} of min_size={min_size} rows need more")
        self.n_features_in_ = self.steiner_.n_features_in_
        self.__dict__.pop("feature_names_in_", None)  # of an earlier fit
        if hasattr(self.steiner_, "feature_names_in_"):
            self.feature_names_in_ = self.steiner_.feature_names_in_
        names: Any = X if hasattr(X, "columns") else None
        self.hierarchy_ = from_steiner(self.steiner_.tree_, names=names).root_at(self.root)
        self.labels_ = self.hierarchy_.cut(n_clusters, min_size=min_size)
        self._nearest = _nearest_rows(self.hierarchy_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Cluster of new rows: that of the fitted row which is nearest along the tree, from its nearest point.

        Parameters
        ----------
        X : array-like of shape (m, d)
            Points in `model` coordinates.

        Returns
        -------
        ndarray of shape (m,), int64
            Rows that were fitted get the cluster that they have.
        """
        check_is_fitted(self)
        place = self.hierarchy_.transform(self.steiner_._to_table(X, reset=False))
        row, distance = self._nearest
        upper = np.maximum(self.hierarchy_.parent[place.node], 0)
        left = self.hierarchy_.length[place.node] - place.above
        is_below = distance[place.node] + place.above <= distance[upper] + left
        return self.labels_[row[np.where(is_below, place.node, upper)]]


def _nearest_rows(tree: Hierarchy) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each node the row nearest along the tree, and how far it is."""
    n, nodes = len(tree), tree.node_of_rows
    edges = sparse_graph(n, np.column_stack([np.arange(1, n), tree.parent[1:]]), tree.length[1:])
    distance, _, node = csgraph.dijkstra(edges, directed=False, indices=nodes, min_only=True, return_predecessors=True)
    return tree.row[node], distance
