"""Minimum spanning trees: of hyperbolic points in any dimension, and of graphs.

The tree does not depend on the order of edges, nor on how it was found: edges are ordered by length, then by their
rows. In the plane the hyperbolic Delaunay graph contains a minimum spanning tree; above it the graph grows faster than
its use, and the tree is grown directly: over all pairs (`kernels.prim`), or by searches (`kernels.search_tree`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...geometry import ball_distance
from ...models import BallPoints, Model, curvature_radius, to_ball
from .._ball_delaunay import ball_delaunay, check_exact, first_identical_row
from ._search_tree import prunes, scale_exponent, scaled, search_tree
from .kernels.kruskal import joining_edges
from .kernels.prim import prim
from .kernels.search_tree import spanning_tree

# Up to so many points all pairs are at least as fast as a search of the tree, from dimension 3 on.
_FEW = 10_000


def minimum_spanning_tree(
    X: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Minimum spanning tree of points by hyperbolic distance, exactly, in any dimension.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the points live in.

    Returns
    -------
    edges : ndarray of shape (n - 1, 2), int64
        Rows of `X`, i < j, in lexicographic order. A row that repeats earlier ones hangs on the first of them. Of
        trees of equal length the one whose edges come first in the order of lengths, then rows.
    lengths : ndarray of shape (n - 1,), float64
        Hyperbolic lengths, of the curvature given.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `X` is not a table with at least one row; or, in the plane, as
        :class:`hyperkit.HyperbolicDelaunay`.

    Notes
    -----
    Up to the plane: through the hyperbolic Delaunay graph, O(n log n). Above: Borůvka's algorithm, each round a search
    of a k-d tree [1]_, about O(n log^2 n), for more than 10,000 points among which a sample of searches passes over
    enough; else Prim's algorithm over all pairs, O(n^2). Memory O(n). Both give the same tree.

    References
    ----------
    .. [1] March, Ram, Gray, "Fast Euclidean minimum spanning tree: algorithm, analysis, and applications", KDD 2010.

    Examples
    --------
    >>> edges, lengths = minimum_spanning_tree([[0.0, 0.0], [0.5, 0.0], [0.0, -0.8]])
    >>> edges
    array([[0, 1],
           [0, 2]])
    >>> lengths.round(3)
    array([1.099, 2.197])
    """
    points = to_ball(X, model, curvature=curvature)
    if points.z.ndim != 2 or len(points) == 0:
        raise ValueError(f"X has shape {np.shape(X)}; give a table of shape (n, d) with n >= 1")
    check_exact(points, "auto", "X")
    edges, lengths = ball_spanning_tree(points)
    return edges, lengths * curvature_radius(curvature)


def ball_spanning_tree(points: BallPoints) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges of the minimum spanning tree of `points`, and lengths at curvature -1; those of length 0 join copies."""
    if points.d <= 2:
        graph = ball_delaunay(points)
        candidates, lengths = graph.complex.tree_candidates(points)
        rows = spanning_tree_edges(points.n, candidates, lengths)
        tree, lengths, duplicates = candidates.take(rows, axis=0), lengths[rows], graph.duplicates
    else:
        inverse = first_identical_row(points.z)
        is_first = inverse == np.arange(len(inverse))
        first, repeated = np.flatnonzero(is_first), np.flatnonzero(~is_first)
        tree = first[_tree_of_distinct(points.take(first))]
        lengths = ball_distance(points.take(tree[:, 0]), points.take(tree[:, 1]))
        duplicates = np.column_stack([repeated, inverse[repeated]])
    edges = np.concatenate([tree, duplicates[:, ::-1]])
    order = np.argsort(edges[:, 0] * points.n + edges[:, 1])  # a tenth of the time of a sort by two keys
    return edges.take(order, axis=0), np.concatenate([lengths, np.zeros(len(duplicates))])[order]


def _tree_of_distinct(points: BallPoints) -> NDArray[np.int64]:
    """Edges of the minimum spanning tree of points of which no two are the same."""
    near = scaled(points, scale_exponent(points.z))
    if len(near) > _FEW and prunes(near, near):
        return spanning_tree(*search_tree(near))
    return prim(np.ascontiguousarray(near.z.T), near.gap)


def spanning_tree_edges(n_points: int, edges: NDArray[np.int64], lengths: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which of `edges` form a minimum spanning tree (a forest, if the graph is not connected).

    Parameters
    ----------
    n_points : int
    edges : ndarray of shape (E, 2), int64
        Pairs of points, i < j, no pair twice.
    lengths : ndarray of shape (E,), float64
        Ties are broken by the pair of points, so the tree does not depend on the order of the edges.

    Returns
    -------
    ndarray, intp
        Rows of `edges`, ascending. O(E log E).
    """
    order = np.argsort(lengths)
    along = lengths[order]
    tied = np.flatnonzero(along[1:] == along[:-1])
    if len(tied):
        tied = np.union1d(tied, tied + 1)
        among = order[tied]
        order[tied] = among[np.lexsort((edges[among, 1], edges[among, 0], lengths[among]))]
    return np.sort(order[joining_edges(n_points, edges.take(order, axis=0))])
