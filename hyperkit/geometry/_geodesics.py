"""Geodesics, exponential and logarithm, angles, translations: the public functions along and around geodesics.

Each takes and gives points in the user's model. Tangent vectors are given in the orthonormal frame that parallel
transport along the ray carries from the origin: a vector of norm 1 has hyperbolic length 1 at any point, and the
logarithm at the origin is the point's coordinates in ``model="tangent"``. On request they are given in the chart of the
model, as geoopt and geomstats have them (`_frames`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_choice, check_paired_columns, check_paired_rows, refuse_hidden
from ..models import (
    BallPoints,
    Model,
    ball_to_tangent,
    check_curvature,
    check_points,
    coordinate_model,
    first_bad,
    from_ball,
    require_inside,
    tangent_to_ball,
    to_ball,
)
from ._ball import ball_geodesic, directions, move_from_origin, move_to_origin
from ._frames import FRAMES, Frame, from_chart, to_chart


def geodesic(
    x: ArrayLike, y: ArrayLike, t: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0
) -> NDArray[np.float64]:
    """Points along the geodesic from x to y.

    Parameters
    ----------
    x, y : array-like of shape (..., d)
        End points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first); leading axes broadcast.
    t : float or array-like of shape (k,)
        Fractions of the way, in [0, 1]: 0 gives x, 1 gives y, and equal steps have equal hyperbolic length.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the coordinates live in.

    Returns
    -------
    ndarray of shape (..., k, d), or (..., d) for a single `t`, float64
        Points in `model` coordinates.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.distance`; or a fraction is not in [0, 1].

    Notes
    -----
    ``(sinh((1-t) d) X + sinh(t d) Y) / sinh d`` over hyperboloid points X, Y at distance d, summed in Poincaré
    coordinates and gaps: a translation of one end to the origin would lose the middle of a geodesic of length 70.

    Examples
    --------
    >>> geodesic([-0.5, 0.0], [0.5, 0.0], [0.0, 0.5, 1.0]).round(12)
    array([[-0.5,  0. ],
           [ 0. ,  0. ],
           [ 0.5,  0. ]])
    """
    a, b = _to_pair("x", x, "y", y, model, curvature)
    refuse_hidden("t", t)
    fractions = check_points(np.atleast_1d(np.asarray(t)), "tangent", name="t").reshape(np.shape(t))
    if fractions.ndim > 1 or not ((fractions >= 0) & (fractions <= 1)).all():
        raise ValueError(f"t must be a number or a list of numbers in [0, 1], not {t!r}")
    points = ball_geodesic(a, b, np.atleast_1d(fractions))
    out = from_ball(points, model, curvature=curvature)
    return out if fractions.ndim else out[..., 0, :]


def midpoint(x: ArrayLike, y: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0) -> NDArray[np.float64]:
    """Midpoint of the geodesic between x and y, row by row.

    Parameters
    ----------
    x, y : array-like of shape (..., d)
        Points in `model` coordinates; leading axes broadcast.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0

    Returns
    -------
    ndarray of shape (..., d), float64

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.distance`.

    Examples
    --------
    >>> midpoint([0.0, 0.0], [0.8, 0.0]).round(12)
    array([0.5, 0. ])
    """
    return geodesic(x, y, 0.5, model=model, curvature=curvature)


def exp_map(
    x: ArrayLike, v: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0, frame: Frame = "orthonormal"
) -> NDArray[np.float64]:
    """End point of the geodesic that leaves x along the tangent vector v, of the length of v.

    Parameters
    ----------
    x : array-like of shape (..., d)
        Points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first).
    v : array-like of shape (..., d)
        Tangent vectors at x, in `frame`; ``frame="chart"`` of the hyperboloid: (..., d + 1). Leading axes broadcast.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the coordinates live in.
    frame : {"orthonormal", "chart"}
        What the components of v are. ``"orthonormal"``: those in the orthonormal frame carried from the origin by
        parallel transport along the ray, in every model; the norm is the hyperbolic length, of the curvature given.
        ``"chart"``: the velocity of the coordinates in `model`, as in geoopt and geomstats. In the Poincaré ball
        that is ``(1 - |x|^2) / 2`` times the former (at curvature -1), so that at the origin the same numbers reach
        twice as far: as geoopt's ``expmap0`` does.

    Returns
    -------
    ndarray of shape (..., d) or (..., d + 1), float64
        Points in `model` coordinates.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or the end point lies beyond polar radius 36; or a vector in the chart of
        the hyperboloid is not tangent to it.

    Examples
    --------
    >>> exp_map([0.0, 0.0], [1.0, 0.0], model="klein").round(6)  # tanh(1)
    array([0.761594, 0.      ])
    >>> exp_map([0.0, 0.0], [1.0, 0.0], frame="chart").round(6)  # tanh(1) too: the length is 2
    array([0.761594, 0.      ])
    """
    check_choice("frame", frame, FRAMES)
    check_paired_rows({"x": x, "v": v})
    base = to_ball(x, model, curvature=curvature, name="x")
    vectors = check_points(v, "tangent", name="v")
    wanted = coordinate_model(model).n_columns(base.d) if frame == "chart" else base.d
    if vectors.shape[-1] != wanted:
        raise ValueError(
            f"v has {vectors.shape[-1]} coordinates a row; at points x of dimension {base.d} it has {wanted} "
            f"in the {frame} frame"
        )
    if frame == "chart":
        vectors = from_chart(vectors, base, model, curvature)
    with np.errstate(over="ignore"):
        points = move_from_origin(tangent_to_ball(vectors * np.sqrt(-check_curvature(curvature))), base)
    points = require_inside(points, "the end point of v")
    return from_ball(points, model, curvature=curvature)


def log_map(
    x: ArrayLike, y: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0, frame: Frame = "orthonormal"
) -> NDArray[np.float64]:
    """Tangent vector at x that points at y and is as long as the way there; inverse of :func:`exp_map`.

    Parameters
    ----------
    x, y : array-like of shape (..., d)
        Points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first); leading axes broadcast.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the coordinates live in.
    frame : {"orthonormal", "chart"}
        What the components of the result are. ``"orthonormal"``: those in the orthonormal frame carried from the
        origin by parallel transport along the ray; the norm is the hyperbolic distance, of the curvature given.
        ``"chart"``: the velocity of the coordinates in `model`, as geoopt's and geomstats' logarithms give it.

    Returns
    -------
    ndarray of shape (..., d), float64
        Vectors at x. ``frame="chart"`` of the hyperboloid: (..., d + 1), time first.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.distance`.

    Examples
    --------
    >>> log_map([0.0, 0.0], [0.5, 0.0]).round(6)
    array([1.098612, 0.      ])
    >>> log_map([0.0, 0.0], [0.5, 0.0], frame="chart").round(6)  # half of it: there lengths are 2 |v|
    array([0.549306, 0.      ])
    """
    check_choice("frame", frame, FRAMES)
    a, b = _to_pair("x", x, "y", y, model, curvature)
    vectors = np.asarray(ball_to_tangent(move_to_origin(b, a)) / np.sqrt(-check_curvature(curvature)))
    return vectors if frame == "orthonormal" else to_chart(vectors, a, model, curvature)


def angle(
    vertex: ArrayLike, x: ArrayLike, y: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0
) -> NDArray[np.float64]:
    """Angle at `vertex` between the geodesics to x and to y.

    Parameters
    ----------
    vertex, x, y : array-like of shape (..., d)
        Points in `model` coordinates; leading axes broadcast.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0

    Returns
    -------
    ndarray of shape (...), float64
        Radians, in [0, pi].

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.distance`; or x or y coincides with `vertex`, where there is no angle.

    Examples
    --------
    >>> round(float(angle([0.0, 0.0], [0.5, 0.0], [0.0, 0.1])), 6)
    1.570796
    """
    check_paired_rows({"x": x, "y": y})
    corner, first = _to_pair("vertex", vertex, "x", x, model, curvature)
    _, second = _to_pair("vertex", vertex, "y", y, model, curvature)
    u, w = directions(corner, first), directions(corner, second)
    for name, unit in (("x", u), ("y", w)):
        coincides = ~unit.any(axis=-1)
        if coincides.any():
            _, where = first_bad(coincides, name)
            raise ValueError(f"{where} coincides with vertex; the angle there is not defined")
    # Kahan's form: arccos of the dot product loses half the digits near 0 and pi.
    return 2 * np.arctan2(np.linalg.norm(u - w, axis=-1), np.linalg.norm(u + w, axis=-1))


def translate(
    x: ArrayLike, origin: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0
) -> NDArray[np.float64]:
    """Move x by the isometry that brings `origin` to the origin along their geodesic.

    Parameters
    ----------
    x : array-like of shape (..., d)
        Points in `model` coordinates.
    origin : array-like of shape (d,) or (..., d)
        The point that comes to lie at the origin (half-space: at (0, ..., 0, 1)); broadcasts against `x`.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0

    Returns
    -------
    ndarray of shape (..., d), float64
        Distances between points are those before. To move the origin to a point p instead, translate by the point
        opposite to p (``-p`` in the ball models).

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.distance`; or a moved point lies beyond polar radius 36.

    Examples
    --------
    >>> translate([[0.5, 0.0], [0.0, 0.0]], [0.5, 0.0])
    array([[ 0. ,  0. ],
           [-0.5,  0. ]])
    """
    points, base = _to_pair("x", x, "origin", origin, model, curvature)
    moved = move_to_origin(points, base)
    return from_ball(require_inside(moved, "x moved"), model, curvature=curvature)


def _to_pair(
    x_name: str, x: ArrayLike, y_name: str, y: ArrayLike, model: Model, curvature: float
) -> tuple[BallPoints, BallPoints]:
    check_paired_rows({x_name: x, y_name: y})
    check_paired_columns({x_name: x, y_name: y})
    a = to_ball(x, model, curvature=curvature, name=x_name)
    b = to_ball(y, model, curvature=curvature, name=y_name)
    if a.d != b.d:
        raise ValueError(f"{x_name} has dimension {a.d} and {y_name} has {b.d}; they must agree")
    return a, b
