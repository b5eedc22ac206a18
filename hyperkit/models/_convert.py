"""Conversion between the models, always by way of Poincaré coordinates with their gap.

Inside the package a set of points is a :class:`BallPoints`: Poincaré coordinates ``z`` at curvature -1, and the gap
``q = 1 - |z|^2`` computed from the coordinates the user gave. Near the rim ``z`` alone has lost what ``q`` still
knows (at polar radius 30 a rounded ``z`` gives ``q`` to three digits), so lengths use both; questions of
combinatorics use ``z`` alone, taken as exact.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._check import Model, check_curvature, check_model, check_points, place, sheet_time
from ._gap import ball_gap


class BallPoints(NamedTuple):
    """Points of the unit ball (curvature -1) as they travel inside the package."""

    z: NDArray[np.float64]
    """Poincaré coordinates, shape (..., d)."""
    gap: NDArray[np.float64]
    """``1 - |z|^2`` to full relative precision, shape (...)."""

    def take(self, index: Any) -> BallPoints:
        """Points at `index`, any numpy index of the leading axes."""
        return BallPoints(self.z[index], self.gap[index])

    def joined(self, others: BallPoints) -> BallPoints:
        """These points and then the others, along the first axis."""
        return BallPoints(np.concatenate([self.z, others.z]), np.concatenate([self.gap, others.gap]))


def convert(X: ArrayLike, source: Model, target: Model, *, curvature: float = -1.0) -> NDArray[np.float64]:
    """Coordinates of the same points in another model.

    Parameters
    ----------
    X : array-like of shape (..., d)
        Points in `source` coordinates (``"hyperboloid"``: (..., d + 1), time first; its rows are defined by their
        spatial part, the time coordinate is checked to 1e-6 and recomputed).
    source, target : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        ``"halfspace"`` has its height in the last column; ``"tangent"`` are tangent vectors at the origin in
        orthonormal coordinates, so that the polar radius of a point is the norm of its vector.
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
    check_model(source, "source")
    check_model(target, "target")
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
    c = -check_curvature(curvature)
    with np.errstate(over="ignore", invalid="ignore"):
        z, gap = _TO_BALL[model](points, c)
        # Kernels would be compiled again for another order.
        ball = BallPoints(np.asarray(z, order="C"), gap)
    # Coordinates that are the user's own have been checked.
    return ball if model == "poincare" and c == 1 else require_inside(ball, name)


def require_inside(points: BallPoints, name: str) -> BallPoints:
    """Return points that float64 Poincaré coordinates can hold, or raise ValueError."""
    z, bad = _held(points.z, points.gap)
    if bad.any():
        _, where = place(bad, name)
        raise ValueError(
            f"{where} lies too far out: above polar radius 36 float64 Poincaré coordinates round onto the rim; "
            "scale the data down"
        )
    return points._replace(z=z)


def _held(
    x: NDArray[np.float64], gap: NDArray[np.float64], curvature: float = -1.0
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ball coordinates of points with these gaps, and the rows that float64 cannot hold.

    The roundings on the way add up to some 4e-16 along a ray, half the gap of polar radius 36; moved back along it, a
    point is off by the last rounding only, 1e-16.
    """
    lost = _lost(x, gap, curvature)
    if not lost.any():
        return x, lost
    x = x.copy()
    x[lost] += x[lost] * ((ball_gap(x[lost], curvature) - gap[lost]) / 2)[..., None]
    return x, _lost(x, gap, curvature)


def _lost(x: NDArray[np.float64], gap: NDArray[np.float64], curvature: float = -1.0) -> NDArray[np.bool_]:
    """Rows of ball coordinates whose rounding has changed the gap by half or more: onto the rim, or well off it."""
    with np.errstate(over="ignore", invalid="ignore"):
        return ~((np.abs(ball_gap(x, curvature) - gap) < gap / 2) & (gap > 0))


def from_ball(points: BallPoints, model: Model = "poincare", *, curvature: float = -1.0) -> NDArray[np.float64]:
    """Coordinates in `model` of points that travelled as :class:`BallPoints`; inverse of :func:`to_ball`.

    Raises
    ------
    ValueError
        Float64 coordinates of the model cannot hold a point: it would round onto the rim.
    """
    check_model(model)
    c = -check_curvature(curvature)
    out: NDArray[np.float64] = _FROM_BALL[model](*points) / (1.0 if model == "halfspace" else np.sqrt(c))
    if model in ("poincare", "klein"):
        gap = points.gap if model == "poincare" else np.square(points.gap / (2 - points.gap))
        out, bad = _held(out, gap, -c)
        if bad.any():
            index, where = place(bad, "result")
            radius = float(polar_radius(points)[index])
            raise ValueError(
                f"{where} is at polar radius {radius:.4g}, where float64 {model} coordinates round onto the rim; "
                "use model='hyperboloid' or model='tangent'"
            )
    return out


def polar_radius(points: BallPoints) -> NDArray[np.float64]:
    """Hyperbolic distance from the origin, shape (...)."""
    radius: NDArray[np.float64] = np.arcsinh(2 * np.linalg.norm(points.z, axis=-1) / points.gap)
    return radius


def native_height(points: NDArray[np.float64], model: Model, curvature: float = -1.0) -> NDArray[np.float64]:
    """The number that, with the coordinates, fixes a point's place: what each model knows best near the rim.

    Klein: ``sqrt(1 - |k|^2)``; hyperboloid: the time coordinate over the spatial part; both at curvature -1.
    """
    if model == "klein":
        return np.sqrt(ball_gap(points, curvature))
    return sheet_time(points[..., 1:], curvature) * np.sqrt(-curvature)


def tangent_to_ball(v: NDArray[np.float64]) -> BallPoints:
    """End points of the geodesics that leave the origin along `v`; beyond radius 36 ``z`` rounds onto the rim."""
    radius = np.linalg.norm(v, axis=-1)
    factor = np.divide(np.tanh(radius / 2), radius, out=np.full_like(radius, 0.5), where=radius > 0)
    return BallPoints(v * factor[..., None], 1 / np.square(np.cosh(radius / 2)))


def _from_poincare(x: NDArray[np.float64], c: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return x * np.sqrt(c), ball_gap(x, -c)


def _from_klein(x: NDArray[np.float64], c: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    s = native_height(x, "klein", -c)
    return x * np.sqrt(c) / (1 + s)[..., None], 2 * s / (1 + s)


def _from_hyperboloid(x: NDArray[np.float64], c: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    time = native_height(x, "hyperboloid", -c)
    return x[..., 1:] * np.sqrt(c) / (1 + time)[..., None], 2 / (1 + time)


def _from_halfspace(x: NDArray[np.float64], c: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, t = x[..., :-1], x[..., -1]
    y_squared = np.square(y).sum(axis=-1)
    denominator = y_squared + (1 + t) ** 2
    last = y_squared + (t - 1) * (t + 1)  # t^2 - 1 without cancellation near the point (0, 1), which is the origin
    return np.concatenate([2 * y, last[..., None]], axis=-1) / denominator[..., None], 4 * t / denominator


def _from_tangent(x: NDArray[np.float64], c: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return tangent_to_ball(x * np.sqrt(c))


def _to_klein(z: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * z / (2 - gap)[..., None]


def _to_hyperboloid(z: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([(2 - gap)[..., None], 2 * z], axis=-1) / gap[..., None]


def _to_halfspace(z: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    y, last = z[..., :-1], z[..., -1]
    y_squared = np.square(y).sum(axis=-1)
    # 1 - last, which cancels above the origin: (1 - last)(1 + last) = gap + |y|^2.
    below = np.where(last > 0, (gap + y_squared) / (1 + np.abs(last)), 1 - last)
    denominator = y_squared + below**2
    return np.concatenate([2 * y, gap[..., None]], axis=-1) / denominator[..., None]


def ball_to_tangent(z: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tangent vectors at the origin that end at the points; the distance is arcsinh(2 |z| / gap)."""
    norm = np.linalg.norm(z, axis=-1)
    factor = np.divide(np.arcsinh(2 * norm / gap), norm, out=np.full_like(norm, 2.0), where=norm > 0)
    return z * factor[..., None]


_TO_BALL = {
    "poincare": _from_poincare,
    "klein": _from_klein,
    "hyperboloid": _from_hyperboloid,
    "halfspace": _from_halfspace,
    "tangent": _from_tangent,
}
_FROM_BALL = {
    "poincare": lambda z, gap: z,
    "klein": _to_klein,
    "hyperboloid": _to_hyperboloid,
    "halfspace": _to_halfspace,
    "tangent": ball_to_tangent,
}
