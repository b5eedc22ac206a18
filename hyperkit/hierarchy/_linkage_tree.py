"""Hierarchies by agglomerative clustering on hyperbolic distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from .._validation import check_choice
from ..models import Model, check_curvature
from ._distances_of_rows import RowMetric, distances_of_rows, names_of_rows
from ._hierarchy import Hierarchy
from ._sources import from_linkage

Linkage = Literal["single", "complete", "average", "weighted", "ward"]

# The matrix, half of it as scipy takes it, and scipy's copy of that.
_N_MATRICES = 2


def linkage(
    X: ArrayLike,
    method: Linkage = "average",
    *,
    metric: RowMetric = "hyperbolic",
    names: Sequence[Any] | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
) -> Hierarchy:
    """Rooted tree of which all rows are leaves, by joining the two nearest clusters, over and over.

    Parameters
    ----------
    X : array-like of shape (n, d), or (n, n) for ``metric="precomputed"``
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first), or distances: finite, symmetric, not
        negative, with a zero diagonal.
    method : {"single", "complete", "average", "weighted", "ward"}
        How far two clusters are apart: by their nearest or farthest rows, by the mean over all pairs (UPGMA), by the
        mean of the two parts of a cluster (WPGMA), or by their e-distance (see Notes).
    metric : {"hyperbolic", "precomputed"}
        What `X` holds: points, or distances.
    names : sequence of length n, optional
        Names of the rows; by default the labels of a frame, else their numbers.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        Coordinates of points.
    curvature : float < 0
        Curvature of the space the points live in.

    Returns
    -------
    Hierarchy
        All leaves are equally far from the root: a node lies half as high as its two clusters are apart.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `X` is no matrix of distances, or too large for the memory of this machine.

    Notes
    -----
    Ward's method wants squared Euclidean distances. Hyperbolic distances are such, of points of a Hilbert space [1]_:
    Ward's method there joins the clusters with the least e-distance ``n m / (n + m) (2 E d(a, b) - E d(a, a') -
    E d(b, b'))``, for clusters of n and m rows [2]_, a length like the distances. ``"centroid"`` and ``"median"`` would
    put clusters in places of that space that are no points of the hyperbolic one: they are not offered.

    References
    ----------
    .. [1] Faraut, Harzallah, "Distances hilbertiennes invariantes sur un espace homogène", Annales de l'Institut
       Fourier 24, 1974.
    .. [2] Székely, Rizzo, "Hierarchical clustering via joint between-within distances", Journal of Classification 22,
       2005.

    Examples
    --------
    >>> from hyperkit.hierarchy import linkage
    >>> tree = linkage([[0, 2, 6], [2, 0, 8], [6, 8, 0]], metric="precomputed")
    >>> tree.names.tolist(), tree.length.tolist()
    (['', '2', '', '0', '1'], [0.0, 3.5, 2.5, 1.0, 1.0])
    """
    check_choice("method", method, ("single", "complete", "average", "weighted", "ward"))
    unit_curvature = check_curvature(curvature)
    distances = distances_of_rows(X, metric, model, curvature, _N_MATRICES)
    n = len(distances)
    labels = names_of_rows(X, names, n)
    merges = np.empty((0, 4))  # a single row, which scipy does not know
    if n > 1:
        pairs = squareform(distances, checks=False)
        del distances
        merges = hierarchy.linkage(np.sqrt(pairs) if method == "ward" else pairs, method)
    if method == "ward":
        merges[:, 2] **= 2
    return replace(from_linkage(merges, names=labels.tolist()), curvature=unit_curvature)
