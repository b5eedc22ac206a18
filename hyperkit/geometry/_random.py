"""Random points of hyperbolic space: uniform in a ball, and wrapped normal."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from .._validation import check_count, check_number, refuse_hidden
from ..models import (
    BallPoints,
    Model,
    check_curvature,
    coordinate_model,
    from_ball,
    require_inside,
    tangent_to_ball,
    to_ball,
)
from ._ball import move_from_origin


def random_uniform_ball(
    n_samples: int,
    n_dimensions: int = 2,
    *,
    radius: float = 1.0,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = None,
) -> NDArray[np.float64]:
    """Points uniform by hyperbolic volume in the ball about the origin.

    Parameters
    ----------
    n_samples, n_dimensions : int
    radius : float > 0
        Radius of the ball (hyperbolic length, of the curvature given).
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        Coordinates of the result.
    curvature : float < 0
    random_state : int, RandomState or None

    Returns
    -------
    ndarray of shape (n_samples, n_dimensions), float64
        ``"hyperboloid"``: (n_samples, n_dimensions + 1), time first.

    Raises
    ------
    ValueError
        A count or the radius is not positive, or the radius reaches beyond 36 (at curvature -1), where float64 Poincaré
        coordinates end (Klein: 18).

    Notes
    -----
    The radius has density proportional to ``sinh(r)^(d-1)``; drawn by rejection from the Euclidean density
    ``r^(d-1)`` or, for large balls, from ``exp((d-1) r)``. In the plane by inversion: ``sinh^2(r/2)`` is uniform.

    Examples
    --------
    >>> random_uniform_ball(3, radius=5.0, random_state=0).shape
    (3, 2)
    """
    n, d = check_count("n_samples", n_samples), check_count("n_dimensions", n_dimensions)
    reach = float(np.sqrt(-check_curvature(curvature)))
    farthest = coordinate_model(model).farthest
    allowed = f"a positive length of at most {farthest / reach:g}"
    radius = check_number("radius", radius, allowed, lambda r: 0 < r * reach <= farthest * (1 + 1e-12))
    rng = check_random_state(random_state)
    directions = rng.normal(size=(n, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = _radii(n, d, radius * reach, rng)
    points = require_inside(tangent_to_ball(radii[:, None] * directions), "sample")
    return from_ball(points, model, curvature=curvature)


def _radii(n: int, d: int, radius: float, rng: RandomState) -> NDArray[np.float64]:
    if d == 2:
        return np.asarray(2 * np.arcsinh(np.sqrt(rng.uniform(size=n)) * np.sinh(radius / 2)))
    radii = np.empty(0)
    while len(radii) < n:
        u, accept = rng.uniform(size=(2, n))
        if radius < 2.5:  # where the Euclidean proposal is the better one in most dimensions
            r = radius * u ** (1 / d)
            log_odds = (d - 1) * (np.log(np.sinh(r) / r) - np.log(np.sinh(radius) / radius))
        else:
            rate = max(d - 1, 1e-12)
            r = radius + np.log(u + (1 - u) * np.exp(-rate * radius)) / rate if d > 1 else radius * u
            log_odds = (d - 1) * np.log1p(-np.exp(-2 * r))
        radii = np.concatenate([radii, r[np.log(accept) <= log_odds]])
    return radii[:n]


def random_wrapped_normal(
    n_samples: int,
    mean: ArrayLike | None = None,
    *,
    scale: ArrayLike = 1.0,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = None,
) -> NDArray[np.float64]:
    """Points of a wrapped normal distribution: a normal tangent vector, transported to the mean and followed there.

    Parameters
    ----------
    n_samples : int
    mean : array-like of shape (d,), optional
        In `model` coordinates (``"hyperboloid"``: (d + 1,)); it gives the dimension. Default: the plane's origin.
    scale : float, array-like of shape (d,) or (d, d)
        Standard deviation (hyperbolic length, of the curvature given): one for all axes, one each, or a covariance
        matrix, in the orthonormal frame carried from the origin to the mean by parallel transport along the ray
        (components in the chart, as peers have them, are ``(1 - |mean|^2) / 2`` times these in the Poincaré ball: see
        :func:`exp_map`).
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        Coordinates of `mean` and of the result.
    curvature : float < 0
    random_state : int, RandomState or None

    Returns
    -------
    ndarray of shape (n_samples, d), float64
        ``"hyperboloid"``: (n_samples, d + 1), time first.

    Raises
    ------
    ValueError
        `scale` is negative or no covariance, or a sample lies beyond what `model` can hold.

    References
    ----------
    .. [1] Nagano et al., "A wrapped normal distribution on hyperbolic space for gradient-based learning", ICML 2019.

    Examples
    --------
    >>> random_wrapped_normal(100, [0.3, 0.0, 0.0], scale=0.5, random_state=0).shape
    (100, 3)
    """
    if mean is None:
        base = BallPoints(np.zeros(2), np.ones(()))
    else:
        base = to_ball(mean, model, curvature=curvature, name="mean")
    if base.z.ndim != 1:
        raise ValueError(f"mean has shape {base.z.shape}; it is one point, of shape (d,)")
    n, d = check_count("n_samples", n_samples), base.z.shape[0]
    root = _covariance_root(scale, d) * float(np.sqrt(-check_curvature(curvature)))
    vectors = check_random_state(random_state).normal(size=(n, d)) @ root.T
    points = require_inside(move_from_origin(tangent_to_ball(vectors), base), "sample")
    return from_ball(points, model, curvature=curvature)


def _covariance_root(scale: ArrayLike, d: int) -> NDArray[np.float64]:
    refuse_hidden("scale", scale)
    s = np.asarray(scale, dtype=np.float64)
    if not np.isfinite(s).all():
        raise ValueError(f"scale={scale!r} must be finite")
    if s.shape in ((), (d,)):
        if (s < 0).any():
            raise ValueError(f"scale={scale!r} must not be negative")
        return np.diag(np.broadcast_to(s, (d,)))
    if s.shape != (d, d) or not np.allclose(s, s.T):
        raise ValueError(f"scale has shape {s.shape}; give a number, {d} numbers, or a symmetric ({d}, {d}) covariance")
    values, axes = np.linalg.eigh(s)
    if values[0] < -1e-12 * abs(values[-1]):
        raise ValueError(f"scale is no covariance matrix: its least eigenvalue is {values[0]:.3g}")
    return np.asarray(axes * np.sqrt(np.maximum(values, 0)))
