"""The Fréchet mean: the point with the least weighted sum of squared distances to given points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning

from .._validation import check_count, check_number, check_paired_rows, refuse_hidden
from .._warn import warn_caller
from ..models import BallPoints, Model, ball_to_tangent, check_points, from_ball, tangent_to_ball, to_ball
from ._ball import move_from_origin, move_to_origin

_MAX_HALVINGS = 60
# Of the mean length of the vectors: below this a gradient may be rounding, which grows with the points' radii.
_ROUNDING = 1e-6
# Of sinh of the mean's distance from the origin: closer to it points coincide, and the vectors to them are rounding.
_POINT = 1e-14


def frechet_mean(
    X: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    tol: float = 1e-12,
    max_iter: int = 100,
) -> NDArray[np.float64]:
    """Fréchet (Karcher) mean of points: it minimises the weighted sum of squared hyperbolic distances.

    The mean exists and is unique, since hyperbolic space has no positive curvature.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first).
    weights : array-like of shape (n,), optional
        Nonnegative, not all zero; equal by default.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
    tol : float > 0
        Stop when the weighted mean of the vectors to the points is shorter than `tol` times their mean length.
    max_iter : int
        Newton steps at most; a handful is usual.

    Returns
    -------
    ndarray of shape (d,) or (d + 1,), float64
        The mean, in `model` coordinates.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `X` is empty, a weight is negative or not finite, or `tol` or
        `max_iter` is out of its range.

    Warns
    -----
    ConvergenceWarning
        The gradient did not reach `tol`; the best point found is returned.

    Notes
    -----
    Riemannian Newton steps with backtracking. With u the direction to a point at distance r, half its squared distance
    has gradient ``-r u`` and Hessian ``u u^T + r coth(r) (I - u u^T)`` [1]_. Time O(n d^2 + d^3) a step.

    References
    ----------
    .. [1] Pennec, "Hessian of the Riemannian squared distance", 2017, section 4.

    Examples
    --------
    >>> frechet_mean([[0.5, 0.0], [-0.5, 0.0], [0.0, 0.0]]).round(12)
    array([0., 0.])
    """
    check_number("tol", tol, "a positive number", lambda tol: 0 < tol < np.inf)
    check_count("max_iter", max_iter)
    points = to_ball(X, model, curvature=curvature)
    if points.z.ndim != 2 or len(points) == 0:
        raise ValueError(f"X has shape {points.z.shape}; the mean needs a table of shape (n, d) with n >= 1")
    check_paired_rows({"X": X, "weights": weights})
    mean = ball_frechet_mean(points, _shares(weights, len(points)), tol=tol, max_iter=max_iter)
    return from_ball(mean, model, curvature=curvature)


def ball_frechet_mean(
    points: BallPoints, shares: NDArray[np.float64] | None = None, *, tol: float = 1e-12, max_iter: int = 100
) -> BallPoints:
    """What :func:`frechet_mean` gives, of n >= 1 points of the ball with weights that sum to 1, by default equal."""
    shares = _shares(None, len(points)) if shares is None else shares
    mean = _centroid(points, shares)
    vectors = ball_to_tangent(move_to_origin(points, mean))
    smallest = np.inf
    for _ in range(max_iter):
        lengths = np.linalg.norm(vectors, axis=1)
        descent = shares @ vectors
        gradient = float(np.linalg.norm(descent))
        # Newton's gradients shrink at every step near the mean, until what is left is rounding.
        at_rounding = gradient > smallest / 2 and gradient <= _ROUNDING * (shares @ lengths)
        at_one_point = lengths.max() <= _POINT * np.linalg.norm(mean.z) / float(mean.gap)
        if gradient <= tol * (shares @ lengths) or at_rounding or at_one_point:
            break
        smallest = min(smallest, gradient)
        step = _newton_step(vectors, lengths, shares, descent)
        slope = float(descent @ step)
        value = float(shares @ lengths**2) / 2
        for halving in range(_MAX_HALVINGS):
            trial = move_from_origin(tangent_to_ball(step * 0.5**halving), mean)
            trial_vectors = ball_to_tangent(move_to_origin(points, trial))
            # Near the mean the decrease drowns in the rounding of the value.
            bound = value * (1 + 1e-14) - 1e-4 * 0.5**halving * slope
            if float(shares @ (trial_vectors**2).sum(axis=1)) / 2 <= bound:
                break
        mean, vectors = trial, trial_vectors
    else:
        warn_caller(
            f"frechet_mean did not converge: the mean vector to the points still has length "
            f"{np.linalg.norm(shares @ vectors):.3g}; raise max_iter",
            ConvergenceWarning,
        )
    return mean


def _shares(weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if weights is None:
        return np.full(n, 1 / n)
    refuse_hidden("weights", weights)
    if np.shape(weights) != (n,):
        raise ValueError(f"weights has shape {np.shape(weights)}; X has {n} rows, so it needs shape ({n},)")
    w = check_points(np.reshape(weights, (n, 1)), "tangent", name="weights")[:, 0]
    bad = w < 0
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(f"weights: entry {row} is {w[row]}; weights must be finite and not negative")
    if not w.any():
        raise ValueError("weights are all zero; at least one must be positive")
    return np.asarray(w / w.max() / (w / w.max()).sum())


def _centroid(points: BallPoints, shares: NDArray[np.float64]) -> BallPoints:
    """Normalised hyperboloid centroid: minimises the mean of cosh(distance), a start that no isometry can spoil."""
    parts = shares / points.gap
    parts /= parts.sum()
    time = parts @ (2 - points.gap)
    spatial = 2 * parts @ points.z
    # |time^2 - |spatial|^2| by differences to the heaviest point would be exact; for a start a floor will do.
    norm = np.sqrt(max(time**2 - spatial @ spatial, 1e-12 * time**2))
    z = spatial / (norm + time)
    return BallPoints(z, np.asarray(2 * norm / (norm + time)))


def _newton_step(
    vectors: NDArray[np.float64],
    lengths: NDArray[np.float64],
    shares: NDArray[np.float64],
    descent: NDArray[np.float64],
) -> NDArray[np.float64]:
    safe = np.where(lengths > 0, lengths, 1.0)
    across = np.where(lengths > 1e-8, safe / np.tanh(safe), 1.0)
    units = vectors / safe[:, None]
    hessian = (shares @ across) * np.eye(vectors.shape[1]) + (units * (shares * (1 - across))[:, None]).T @ units
    return np.asarray(np.linalg.solve(hessian, descent))
