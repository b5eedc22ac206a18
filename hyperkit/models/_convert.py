"""Conversion between the models, always by way of Poincaré coordinates with their gap.

Points come in here and go out here, and travel as :class:`BallPoints` in between.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._ball_points import BallPoints, polar_radius
from ._check import check_curvature, check_points
from ._coordinate_model import first_bad
from ._gap import ball_gap
from ._registry import Model, coordinate_model

# Rounding changes the gap of Poincaré coordinates by a few 1e-16: above this none can be lost.
_SURELY_HELD = 1e-9


def convert(X: ArrayLike, source: Model, target: Model, *, curvature: float = -1.0) -> NDArray[np.float64]:
    """Coordinates of the same points in another model.

    Parameters
    ----------
    X : array-like of shape (..., d)
        Points in `source` coordinates (``"hyperboloid"``: (..., d + 1), time first; its rows are defined by their
        spatial part, the time coordinate is checked to 1e-6 and recomputed).
    source, target : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        ``"halfspace"`` has its height in the last column; ``"tangent"`` are tangent vectors at the origin in
        orthonormal coordinates, so that the polar radius of a point is the norm of its vector (geoopt's
        ``expmap0(v)`` at curvature -1 goes to ``2 |v|``).
    curvature : float < 0
        Curvature of the space, of `source` and `target` alike. Ball, hyperboloid and tangent coordinates scale by
        ``1 / sqrt(-curvature)``, half-space coordinates do not.

    Returns
    -------
    ndarray of shape (..., d) or (..., d + 1), float64
        A new array.

    Raises
    ------
    TypeError, ValueError
        As :func:`check_points`; also if float64 coordinates of the target (or the Poincaré coordinates on the way)
        cannot hold a point: Klein coordinates end at polar radius 18, Poincaré coordinates at 36.

    References
    ----------
    .. [1] Cannon, Floyd, Kenyon, Parry, "Hyperbolic geometry", in: Flavors of Geometry, 1997, section 7.

    Examples
    --------
    >>> convert([[0.5, 0.0]], "poincare", "klein")
    array([[0.8, 0. ]])
    """
    coordinate_model(source, "source")
    coordinate_model(target, "target")
    return from_ball(to_ball(X, source, curvature=curvature), target, curvature=curvature)


def to_ball(X: ArrayLike, model: Model = "poincare", *, curvature: float = -1.0, name: str = "X") -> BallPoints:
    """Validate points and give their Poincaré coordinates and gaps at curvature -1.

    Parameters
    ----------
    X : array-like of shape (..., d)
        Points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first).
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space `X` lives in.
    name : str
        What error messages call the array.

    Returns
    -------
    BallPoints
        ``z`` of shape (..., d) and ``gap`` of shape (...), new arrays.

    Raises
    ------
    TypeError, ValueError
        As :func:`check_points`, or a point lies so far out that its Poincaré coordinates round onto the rim.
    """
    points = check_points(X, model, curvature=curvature, name=name)
    return checked_to_ball(points, model, curvature=curvature, name=name)


def checked_to_ball(
    points: NDArray[np.float64], model: Model, *, curvature: float = -1.0, name: str = "X"
) -> BallPoints:
    """What :func:`to_ball` gives of points that :func:`check_points` has given out."""
    coordinates, c = coordinate_model(model), -check_curvature(curvature)
    with np.errstate(over="ignore", invalid="ignore"):
        ball = coordinates.to_ball(points, coordinates.height(points, c), c)
    # Kernels would be compiled again for another order.
    ball = BallPoints(np.asarray(ball.z, order="C"), ball.gap, is_exact=ball.is_exact)
    # Exact coordinates are the user's own, and have been checked.
    return ball if ball.is_exact else require_inside(ball, name)


def require_inside(points: BallPoints, name: str) -> BallPoints:
    """Return points that float64 Poincaré coordinates can hold, or raise ValueError."""
    z, bad = _held(points.z, points.gap)
    if bad.any():
        _, where = first_bad(bad, name)
        raise ValueError(
            f"{where} lies too far out: above polar radius 36 float64 Poincaré coordinates round onto the rim; "
            "scale the data down"
        )
    return points if z is points.z else BallPoints(z, points.gap)


def _held(
    x: NDArray[np.float64], gap: NDArray[np.float64], c: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ball coordinates of points with these gaps, and the rows that float64 cannot hold.

    The roundings on the way add up to some 4e-16 along a ray, half the gap of polar radius 36; moved back along it, a
    point is off by the last rounding only, 1e-16.
    """
    lost = _lost(x, gap, c)
    if not lost.any():
        return x, lost
    x = x.copy()
    x[lost] += x[lost] * ((ball_gap(x[lost], curvature=-c) - gap[lost]) / 2)[..., None]
    return x, _lost(x, gap, c)


def _lost(x: NDArray[np.float64], gap: NDArray[np.float64], c: float = 1.0) -> NDArray[np.bool_]:
    """Rows of ball coordinates whose rounding has changed the gap by half or more: onto the rim, or well off it."""
    lost = np.asarray(~(gap > _SURELY_HELD))
    if lost.any():
        with np.errstate(over="ignore", invalid="ignore"):
            own = np.asarray(gap)[lost]
            lost[lost] = ~((np.abs(ball_gap(x[lost], curvature=-c) - own) < own / 2) & (own > 0))
    return lost


def from_ball(
    points: BallPoints, model: Model = "poincare", *, curvature: float = -1.0, name: str = "result"
) -> NDArray[np.float64]:
    """Coordinates in `model` of points that travelled as :class:`BallPoints`; inverse of :func:`to_ball`.

    Errors call the points `name`.

    Raises
    ------
    ValueError
        Float64 coordinates of the model cannot hold a point: it would round onto the rim.
    """
    coordinates, c = coordinate_model(model), -check_curvature(curvature)
    out = coordinates.from_ball(points, c)
    if coordinates.rim_gap is not None:
        out, bad = _held(out, coordinates.rim_gap(points), c)
        if bad.any():
            index, where = first_bad(bad, name)
            radius = float(polar_radius(points)[index])
            raise ValueError(
                f"{where} is at polar radius {radius:.4g}, where float64 {model} coordinates round onto the rim; "
                "use model='hyperboloid' or model='tangent'"
            )
    return out
