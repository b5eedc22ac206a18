"""Distances between the distributions that two sets are drawn from: energy distance and maximum mean discrepancy.

Both compare mean values over pairs within the sets and between them, so they need all distances and no optimisation;
blocks of rows keep the memory bounded. Hyperbolic distance is of strongly negative type, which makes both a metric on
distributions. Distances between the sets as sets of points are in `_set_distances`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import gen_batches

from ..._validation import check_number
from ...geometry import NativePoints, native_distance_matrix
from ...models import Model
from ._set_distances import native_sets

# Rows that the default bandwidth is the median distance of.
_FOR_BANDWIDTH = 1000
_AT_ONCE = 2**18  # distances, 2 MB: small blocks cost 30 us each, 5 ms of 1,000 and 1,500 rows


def energy_distance(A: ArrayLike, B: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0) -> float:
    """Energy distance: how much farther apart points of different sets are than points of the same set.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns, time first
        The two sets, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in.

    Returns
    -------
    float
        ``sqrt(2 E d(a, b) - E d(a, a') - E d(b, b'))`` in [0, inf), the root of a length, with means over all pairs of
        rows, a row with itself among them. On a line it is :func:`scipy.stats.energy_distance`.

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model.

    Notes
    -----
    A metric on distributions, because hyperbolic space is of strongly negative type [2]_. Time O((n + m)^2), memory
    O(n + m) and one block.

    References
    ----------
    .. [1] Szekely and Rizzo, "Energy statistics: a class of statistics based on distances", Journal of Statistical
       Planning and Inference 143, 2013.
    .. [2] Lyons, "Hyperbolic space has strong negative type", Illinois Journal of Mathematics 58, 2014.

    Examples
    --------
    >>> round(energy_distance([[0.0, 0.0]], [[0.5, 0.0]]) ** 2, 6)
    2.197225
    """
    return _root_of_contrast(*native_sets(A, B, model, curvature), np.negative)


def mmd(
    A: ArrayLike,
    B: ArrayLike,
    *,
    bandwidth: float | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
) -> float:
    """Maximum mean discrepancy with the hyperbolic Laplace kernel ``exp(-d(x, y) / bandwidth)``.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns, time first
        The two sets, in `model` coordinates.
    bandwidth : float > 0, optional
        A hyperbolic length, in units of `curvature`. By default the median distance between different points of the two
        sets together; of more than 1,000 rows, of 1,000 evenly spaced ones.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in.

    Returns
    -------
    float
        ``sqrt(E k(a, a') + E k(b, b') - 2 E k(a, b))`` in [0, sqrt(2)], with means over all pairs of rows, a row with
        itself among them.

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, a row is not in the model, or `bandwidth` is not positive.

    Notes
    -----
    The kernel is positive definite in hyperbolic space for every bandwidth, and characteristic; the Gaussian one,
    ``exp(-d^2)``, is not positive definite [2]_. Time O((n + m)^2), memory O(n + m) and one block.

    References
    ----------
    .. [1] Gretton et al., "A kernel two-sample test", Journal of Machine Learning Research 13, 2012.
    .. [2] Feragen, Lauze, Hauberg, "Geodesic exponential kernels: when curvature and linearity conflict", CVPR 2015.

    Examples
    --------
    >>> round(mmd([[0.0, 0.0]], [[0.5, 0.0]], bandwidth=1.0) ** 2, 6)
    1.333333
    """
    a, b = native_sets(A, B, model, curvature)
    if bandwidth is None:
        bandwidth = _median_distance(a, b)
    allowed = "a positive length, or None for the median distance"
    width = check_number("bandwidth", bandwidth, allowed, lambda width: 0 < width < np.inf)
    return _root_of_contrast(a, b, lambda distances: np.exp(distances / -width))


def _root_of_contrast(
    a: NativePoints, b: NativePoints, kernel: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> float:
    """Root of ``E k(a, a') + E k(b, b') - 2 E k(a, b)``, which rounding may bring below 0 for equal sets."""
    return float(np.sqrt(max(_mean_within(a, kernel) + _mean_within(b, kernel) - 2 * _mean_between(a, b, kernel), 0.0)))


def _mean_between(
    a: NativePoints, b: NativePoints, kernel: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> float:
    """Mean of a kernel over all pairs."""
    parts = gen_batches(len(a), max(_AT_ONCE // len(b), 1))
    return sum(float(kernel(native_distance_matrix(a.take(part), b)).sum()) for part in parts) / (len(a) * len(b))


def _mean_within(a: NativePoints, kernel: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> float:
    """Mean of a kernel over all pairs of one set; those of different parts are measured once, and count twice."""
    total = 0.0
    for part in gen_batches(len(a), max(_AT_ONCE // len(a), 1)):
        values = kernel(native_distance_matrix(a.take(part), a.take(slice(part.start, None))))
        total += 2 * float(values.sum()) - float(values[:, : len(values)].sum())
    return total / len(a) ** 2


def _median_distance(a: NativePoints, b: NativePoints) -> float:
    """Median distance between different points of both sets, 1 if all are equal."""
    n = len(a) + len(b)
    rows = np.linspace(0, n - 1, min(n, _FOR_BANDWIDTH)).round().astype(np.int64)
    some = replace(a, x=np.concatenate([a.x, b.x])[rows], height=np.concatenate([a.height, b.height])[rows])
    distances = native_distance_matrix(some, some)
    positive = distances[np.tri(len(rows), dtype=bool) & (distances > 0)]
    return float(np.median(positive)) if len(positive) else 1.0
