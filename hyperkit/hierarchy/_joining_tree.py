"""Hierarchies by neighbour joining."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..geometry import neighbor_joins
from ..models import Model, check_curvature
from ._distances_of_rows import RowMetric, distances_of_rows, names_of_rows
from ._hierarchy import Hierarchy
from ._parents import in_preorder

# The matrix that is joined, and what making it takes beside.
_N_MATRICES = 3


def neighbor_joining(
    X: ArrayLike,
    *,
    metric: RowMetric = "hyperbolic",
    names: Sequence[Any] | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
) -> Hierarchy:
    """Tree of which all rows are leaves, by neighbour joining [1]_ of their distances.

    It finds the tree exactly where distances are those along a tree, or within half its shortest edge of these. Where
    ancestors are among the rows it cannot name them: `HyperSteiner` does.

    Parameters
    ----------
    X : array-like of shape (n, d), or (n, n) for ``metric="precomputed"``
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first), or distances: finite, symmetric, not
        negative, with a zero diagonal.
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
        Its root is the node of the last join, which says nothing about ancestry: see `Hierarchy.root_at`.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `X` is no matrix of distances, or too large for the memory of this machine.

    Notes
    -----
    The rule is followed exactly, with bounds that spare most of the search. O(n^2) memory: 24 n^2 bytes at the peak.
    The method gives some lengths below 0 where distances are no tree's: these become 0, and the branch beside takes
    what is left of the distance of the two [2]_. The topology does not change.

    References
    ----------
    .. [1] Saitou, Nei, "The neighbor-joining method", Molecular Biology and Evolution 4, 1987.
    .. [2] Kuhner, Felsenstein, "A simulation comparison of phylogeny algorithms", Molecular Biology and Evolution 11,
       1994.

    Examples
    --------
    >>> from hyperkit.hierarchy import neighbor_joining
    >>> tree = neighbor_joining([[0, 3, 8, 8], [3, 0, 9, 9], [8, 9, 0, 4], [8, 9, 4, 0]], metric="precomputed")
    >>> tree.names.tolist(), tree.length.tolist()
    (['', '2', '3', '', '0', '1'], [0.0, 2.0, 2.0, 5.0, 1.0, 2.0])
    """
    unit_curvature = check_curvature(curvature)
    distances = distances_of_rows(X, metric, model, curvature, _N_MATRICES)
    labels = names_of_rows(X, names, len(distances))
    return joined(distances, labels, unit_curvature)


def joined(distances: NDArray[np.float64], names: NDArray[np.object_], curvature: float) -> Hierarchy:
    """Neighbour joining of n >= 1 rows by their distances, which are overwritten."""
    n = len(distances)
    if n < 3:
        halves = np.full((n - 1, 2), distances[0, -1] / 2)
        return _from_joins(np.arange(2 * (n - 1)).reshape(-1, 2), halves, names, curvature, is_rooted=True)
    joins, lengths = neighbor_joins(distances)
    whole = np.maximum(lengths.sum(axis=1), 0.0)
    lengths[:, 0] = np.clip(lengths[:, 0], 0.0, whole)
    lengths[:, 1] = whole - lengths[:, 0]
    # The last two are neighbours: one hangs on the other, which is the node of the last join but that of no leaf.
    joins[-1] = np.sort(joins[-1])
    return _from_joins(joins, lengths, names, curvature, is_rooted=False)


def _from_joins(
    joins: NDArray[np.int64],
    lengths: NDArray[np.float64],
    names: NDArray[np.object_],
    curvature: float,
    *,
    is_rooted: bool,
) -> Hierarchy:
    """Hierarchy of joins in their order: row k joins two of the n rows and earlier joins to node n + k.

    Unless it `is_rooted` the last row is no node: it names a node and the root that it hangs on.
    """
    n = len(names)
    size = n + len(joins) - (not is_rooted)
    parent, length = np.full(size, -1), np.zeros(size)
    made = joins if is_rooted else joins[:-1]
    parent[made] = n + np.arange(len(made))[:, None]
    length[made] = lengths[: len(made)]
    if not is_rooted:
        below, root = joins[-1]
        parent[below], length[below] = root, lengths[-1].sum()
    row = np.where(np.arange(size) < n, np.arange(size), -1)
    labels = np.append(names, np.full(size - n, "", dtype=object))
    return in_preorder(parent, length, row, labels, curvature=curvature)
