"""Hydra: a placement of points in hyperbolic space from one eigendecomposition.

In: dissimilarities in hyperbolic length. Out: one tangent vector at the origin per object. The one idea: for points of
the hyperboloid cosh(d_ij) = x_i0 x_j0 - x_i . x_j, a matrix with one positive eigenvalue whose eigenvector holds the
x_i0 and d negative ones whose eigenvectors hold the x_i; of data that are no such points we keep the best d + 1 of each
sign (least strain). It is the start of `HyperbolicMDS`; `_refine` takes it from there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, eigsh

Float = NDArray[np.float64]

# A dense decomposition of 1000 points takes 0.15 s and grows with n^3; above that Lanczos iterations, n^2 each.
_DENSE = 1000


def hydra(distances: Float, n_components: int, random_state: np.random.RandomState) -> Float:
    """Strain-minimising hyperbolic embedding, radii by the paper's formula.

    Parameters
    ----------
    distances : ndarray of shape (n, n), float64
        Symmetric, zero diagonal, in hyperbolic length at curvature -1.
    n_components : int
        Dimension of the hyperbolic space.
    random_state : RandomState
        Start of the Lanczos iterations, and the direction of points that the eigenvectors leave at the origin.

    Returns
    -------
    ndarray of shape (n, n_components), float64
        Tangent vectors at the origin; their lengths are polar radii.

    Notes
    -----
    With x0 the leading eigenvector times the root of its eigenvalue and x_min = min(1, min x0), the Poincaré radius is
    ``sqrt((x0 - x_min) / (x0 + x_min))`` [1]_: a polar radius of arccosh(x0 / x_min). The rows (x0, x) of the
    eigenvectors do not lie on the sheet, so the length of x says nothing about the radius; its direction is kept. The 1
    in the minimum (left out by the R package) is what recovers points of hyperbolic space exactly.

    References
    ----------
    .. [1] Keller-Ressel and Nargang, "Hydra: a method for strain-minimizing hyperbolic embedding of network- and
       distance-based data", Journal of Complex Networks 8 (2020), Algorithm 1.
    """
    n = len(distances)
    top = float(distances.max())
    # cosh(d) e^(-top), which cannot overflow; top returns as a logarithm below
    gram, falling = distances - top, -distances - top
    gram = np.exp(gram, out=gram)
    gram += np.exp(falling, out=falling)
    gram *= 0.5
    del falling
    (value,), (leading,), low_values, low = _extreme_eigenpairs(gram, min(n_components, n), random_state)
    log_x0 = np.log(np.maximum(np.abs(leading) * np.sqrt(max(value, 0.0)), np.finfo(float).tiny)) + top / 2
    log_ratio = log_x0 - min(0.0, float(log_x0.min()))
    # arccosh(e^t) without overflow
    radius = log_ratio + np.log1p(np.sqrt(-np.expm1(-2 * log_ratio)))
    x = np.zeros((n, n_components))
    x[:, : len(low)] = low.T * np.sqrt(np.maximum(-low_values, 0.0))
    length = np.linalg.norm(x, axis=1)
    lost = length == 0
    x[lost] = random_state.standard_normal((int(lost.sum()), n_components))
    length[lost] = np.linalg.norm(x[lost], axis=1)
    return x * (radius / length)[:, None]


def _extreme_eigenpairs(
    matrix: Float, n_low: int, random_state: np.random.RandomState
) -> tuple[Float, Float, Float, Float]:
    """Largest eigenvalue (1,) and vector (1, n); the `n_low` smallest, ascending, (n_low,) and (n_low, n).

    The sign of a vector is the one that makes its entry of largest modulus positive.
    """
    n = len(matrix)
    # drawn in any case, so that what follows does not depend on the solver
    start = random_state.uniform(0.5, 1.0, n)
    if n > max(_DENSE, 2 * n_low + 2):
        try:
            high = eigsh(matrix, k=1, which="LA", v0=start, tol=1e-6)
            low = eigsh(matrix, k=n_low, which="SA", v0=start, tol=1e-6)
        except ArpackError:  # eigenvalues too close for the iteration; the dense solver does not mind
            high, low = _dense_pairs(matrix, n_low)
    else:
        high, low = _dense_pairs(matrix, n_low)
    ascending = np.argsort(low[0], kind="stable")
    return high[0], _signed(high[1].T), low[0][ascending], _signed(low[1].T[ascending])


def _dense_pairs(matrix: Float, n_low: int) -> tuple[tuple[Float, Float], tuple[Float, Float]]:
    n = len(matrix)
    return eigh(matrix, subset_by_index=(n - 1, n - 1)), eigh(matrix, subset_by_index=(0, n_low - 1))


def _signed(vectors: Float) -> Float:
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    return np.where(largest < 0, -vectors, vectors)
