"""`nearest_neighbors`: for each point the k nearest others, exactly, in any dimension.

In come points in any model, out go rows and distances. A k-d tree over the Poincaré coordinates is searched by
hyperbolic distance (`_search_tree`), so that neither the rim nor the growth of volume towards it asks for a larger
Euclidean search; where it would pass over too few points, all are scanned (`_scan`). Both find the same rows.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run
from ..._validation import check_count, check_n_jobs
from ...geometry import ball_distance
from ...models import BallPoints, Model, curvature_radius, to_ball
from ._scan import ready_to_scan
from ._search_tree import prunes, scale_exponent, scaled, search_tree
from .kernels.search_tree import nearest_rows

_QUERIES_A_TASK = 4096
# Of half chords below this the squares of coordinates may have underflown.
_NO_SQUARES = 1e-200


def nearest_neighbors(
    X: ArrayLike,
    k: int,
    queries: ArrayLike | None = None,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The k nearest points of each query by hyperbolic distance, exactly.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first).
    k : int
        From 1 to n; without `queries` to n - 1.
    queries : array-like of shape (m, d), optional
        Points in `model` coordinates. Default: the rows of `X`, each without itself; a row that repeats another has
        it as a neighbour at distance 0.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the points live in.
    n_jobs : int, optional
        Threads, as in joblib; -1 for all processors. The result does not depend on it.
    verbose : bool
        Show a progress bar on stderr.

    Returns
    -------
    distances : ndarray of shape (m, k), float64
        Hyperbolic lengths, of the curvature given; ascending.
    indices : ndarray of shape (m, k), int64
        Rows of `X`; at equal distance the lower row first.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `k` is out of range; or the dimensions differ.

    Notes
    -----
    A k-d tree over the Poincaré coordinates (Euclidean distances there and the gaps ``1 - |z|^2`` bound hyperbolic
    distances from below) takes about log n steps a query in low dimension [1]_, and looks at most points above some 10.
    The tree is searched up to dimension 3, and above it where a sample of searches passes over enough. Else, and for
    few `queries`, all points are scanned: a product of matrices gives lower bounds of all distances, and what these
    leave in question is measured from the differences of coordinates. Both ways give the same bits. Memory
    O(n d + m k).

    References
    ----------
    .. [1] Friedman, Bentley, Finkel, "An algorithm for finding best matches in logarithmic expected time", ACM
       Transactions on Mathematical Software 3, 1977.

    Examples
    --------
    In the disk the third point looks closer to the second than the first does, but the rim is far away:

    >>> distances, indices = nearest_neighbors([[0.0, 0.0], [0.5, 0.0], [0.96, 0.0]], k=1)
    >>> indices.ravel()
    array([1, 0, 1])
    >>> distances.ravel().round(3)
    array([1.099, 1.099, 2.793])
    """
    check_count("k", k)
    check_n_jobs(n_jobs)
    points = _table(X, model, curvature, "X")
    asked = None if queries is None else _table(queries, model, curvature, "queries")
    _check_neighbor_count(k, len(points), asked is None)
    if asked is not None and asked.d != points.d:
        raise ValueError(f"queries have dimension {asked.d}, but X has {points.d}; give the same")
    distances, rows = ball_nearest(points, int(k), asked, n_jobs=n_jobs, verbose=verbose)
    return distances * curvature_radius(curvature), rows


def ball_nearest(
    points: BallPoints, k: int, queries: BallPoints | None = None, *, n_jobs: int | None = None, verbose: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What :func:`nearest_neighbors` gives, of points of the ball; there are at least k others."""
    query_points = points if queries is None else queries
    exponent = max(scale_exponent(points.z), scale_exponent(query_points.z))
    held = scaled(points, exponent)
    asked = held if queries is None else scaled(queries, exponent)
    own = np.arange(len(held)) if queries is None else np.full(len(asked), -1)
    nearest = partial(nearest_rows, *search_tree(held)) if prunes(held, asked) else ready_to_scan(held).nearest
    parts = [slice(start, start + _QUERIES_A_TASK) for start in range(0, len(asked), _QUERIES_A_TASK)]
    tasks = [delayed(nearest)(asked.z[part], asked.gap[part], own[part], k) for part in parts]
    with one_blas_thread():
        found = run(tasks, n_jobs, verbose, "searching neighbours")
    keys = np.concatenate([np.empty((0, k)), *(part[0] for part in found)])
    rows = np.concatenate([np.empty((0, k), dtype=np.int64), *(part[1] for part in found)])
    distances = 2 * np.arcsinh(np.ldexp(np.sqrt(keys), exponent))
    near = np.nonzero(keys < _NO_SQUARES)
    distances[near] = ball_distance(query_points.take(near[0]), points.take(rows[near]))
    # Rounding may change the order of equals.
    order = np.lexsort((rows, distances))
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(rows, order, axis=1)


def _table(X: ArrayLike, model: Model, curvature: float, name: str) -> BallPoints:
    points = to_ball(X, model, curvature=curvature, name=name)
    if points.z.ndim != 2:
        raise ValueError(f"{name} has shape {np.shape(X)}; give a table of shape (n, d)")
    return points


def _check_neighbor_count(k: int, n: int, without_self: bool) -> None:
    most = max(n - without_self, 0)
    if k > most:
        others = "other rows" if without_self else "rows"
        raise ValueError(f"k={k}, but X has {most} {others}; give a k from 1 to {most}, or more points")
