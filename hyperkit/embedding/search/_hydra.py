"""Hydra: a placement of few points in hyperbolic space from one eigendecomposition.

In: dissimilarities in hyperbolic length. Out: one tangent vector at the origin for each object. The one idea: for
points of the hyperboloid cosh(d_ij) = x_i0 x_j0 - x_i . x_j, a matrix with one positive eigenvalue whose eigenvector
holds the x_i0 and d negative ones whose eigenvectors hold the x_i; of data that are no such points the best d + 1 of
each sign are kept (least strain). It is the one start that finds points of hyperbolic space exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

Float = NDArray[np.float64]


def hydra(distances: Float, n_components: int, rng: np.random.RandomState) -> Float:
    """Strain-minimising hyperbolic embedding, radii by the paper's formula.

    Parameters
    ----------
    distances : ndarray of shape (n, n), float64
        Symmetric, zero diagonal, in hyperbolic length at curvature -1.
    n_components : int
        Dimension of the hyperbolic space.
    rng : RandomState
        Gives points that the eigenvectors leave at the origin a direction.

    Returns
    -------
    ndarray of shape (n, n_components), float64
        Tangent vectors at the origin; their lengths are polar radii.

    Notes
    -----
    With x0 the leading eigenvector times the root of its eigenvalue and x_min = min(1, min x0), the Poincaré radius is
    ``sqrt((x0 - x_min) / (x0 + x_min))`` [1]_: a polar radius of arccosh(x0 / x_min). The rows (x0, x) of the
    eigenvectors do not lie on the sheet, so the length of x says nothing about the radius; its direction is kept. The 1
    in the minimum (left out by the R package) is what recovers points of hyperbolic space exactly. O(n^3) time.

    References
    ----------
    .. [1] Keller-Ressel and Nargang, "Hydra: a method for strain-minimizing hyperbolic embedding of network- and
       distance-based data", Journal of Complex Networks 8 (2020), Algorithm 1.
    """
    n = len(distances)
    n_low = min(n_components, n)
    top = float(distances.max())
    # cosh(d) e^(-top), which cannot overflow; top returns as a logarithm below
    gram = 0.5 * (np.exp(distances - top) + np.exp(-distances - top))
    (value,), leading = eigh(gram, subset_by_index=(n - 1, n - 1))
    low_values, low = eigh(gram, subset_by_index=(0, n_low - 1))
    log_x0 = np.log(np.maximum(np.abs(leading[:, 0]) * np.sqrt(max(value, 0.0)), np.finfo(float).tiny)) + top / 2
    log_ratio = log_x0 - min(0.0, float(log_x0.min()))
    # arccosh(e^t) without overflow
    radius = log_ratio + np.log1p(np.sqrt(-np.expm1(-2 * log_ratio)))
    x = np.zeros((n, n_components))
    x[:, :n_low] = _signed(low) * np.sqrt(np.maximum(-low_values, 0.0))
    length = np.linalg.norm(x, axis=1)
    lost = length == 0
    x[lost] = rng.standard_normal((int(lost.sum()), n_components))
    length[lost] = np.linalg.norm(x[lost], axis=1)
    return x * (radius / length)[:, None]


def _signed(vectors: Float) -> Float:
    """Columns with the sign that makes the entry of largest modulus positive."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    return np.where(largest < 0, -vectors, vectors)
