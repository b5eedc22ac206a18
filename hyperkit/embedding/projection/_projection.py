"""`project_to_disk`: points of any hyperbolic space as points of the plane, and how far distances are off.

Both methods begin at the Fréchet mean, which becomes the middle of the disk. What they do from there is `_horopca`'s,
or one line of principal components; here are the checks, the models, and the distortion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from ..._repr import KeyFigures
from ..._validation import check_choice
from ...geometry import ball_distance, ball_frechet_mean, move_to_origin
from ...models import (
    BallPoints,
    Model,
    ball_to_tangent,
    check_points,
    checked_to_ball,
    from_ball,
    require_inside,
    tangent_to_ball,
    to_ball,
)
from .._pairs import some_pairs
from ._horopca import Horospheres, fit_horospheres
from ._principal_axes import principal_axes

Method = Literal["tangent", "horopca"]
METHODS = ("tangent", "horopca")
Float = NDArray[np.float64]

_PAIRS = 200_000  # the mean of their relative errors has a standard error below 0.1 %


class PlaneMap(NamedTuple):
    """A projection to the plane: to the middle, onto horospheres or not, and along the axes of what is then there."""

    middle: BallPoints | None
    """The point that becomes the middle; None leaves points of at most two dimensions where they are."""
    horospheres: Horospheres | None
    axes: Float
    """Axes of the plane in columns."""

    def __call__(self, points: BallPoints) -> BallPoints:
        """Project points of the ball."""
        if self.middle is None:
            return BallPoints(points.z @ self.axes, points.gap)
        points = move_to_origin(points, self.middle)
        if self.horospheres is not None:
            points = self.horospheres(points)
        return tangent_to_ball(ball_to_tangent(points) @ self.axes)


@dataclass(frozen=True, eq=False, repr=False)
class DiskProjection(KeyFigures):
    """Points in the plane that stand for points in a space of more dimensions.

    Attributes
    ----------
    points : ndarray of shape (n, 2), or (n, 3) for ``model="hyperboloid"``, float64
        The points in the plane, in `model` coordinates at `curvature`; row i is that of row i.
    distortion : float
        Mean of ``|d' - d| / d`` over pairs of rows, for distances d before and d' after; 0 is none. Pairs that
        coincide are left out.
    explained_variance : float
        Sum of the squared distances after over that before. At most 1 for ``"horopca"``, which makes no distance
        longer.
    method : str or None
        How it was done; None where the points had no more than two dimensions, and nothing was to be done.
    n_dimensions : int
        Of the space that the points came from.
    model : str
        Coordinates of the points.
    curvature : float
        Curvature of both spaces.
    """

    points: Float
    distortion: float
    explained_variance: float
    method: Method | None
    n_dimensions: int
    model: Model
    curvature: float
    _to_plane: PlaneMap

    def _key_figures(self) -> dict[str, object]:
        return {
            "distortion": self.distortion,
            "explained_variance": self.explained_variance,
            "method": self.method,
            "n": len(self.points),
            "n_dimensions": self.n_dimensions,
            "model": self.model,
            "curvature": self.curvature,
        }

    def transform(self, X: ArrayLike) -> Float:
        """Other points of the space by the same projection.

        Parameters
        ----------
        X : array-like of shape (m, d); ``model="hyperboloid"``: (m, d + 1)
            Points in `model` coordinates at `curvature`.

        Returns
        -------
        ndarray of shape (m, 2) or (m, 3), float64
            Points of the plane, in the same coordinates.

        Raises
        ------
        TypeError, ValueError
            As :func:`hyperkit.check_points`; or `X` has another dimension.
        """
        points = _rows(to_ball(X, self.model, curvature=self.curvature), "X")
        if points.d != self.n_dimensions:
            raise ValueError(f"X has dimension {points.d}, but the projection is of {self.n_dimensions} dimensions")
        return _coordinates(self._to_plane(points), self.model, self.curvature)


def project_to_disk(
    points: ArrayLike,
    *,
    method: Method = "tangent",
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = 0,
) -> DiskProjection:
    """Project points of hyperbolic space to the plane, for a picture, and say how far distances are off.

    Parameters
    ----------
    points : array-like of shape (n, d); ``model="hyperboloid"``: (n, d + 1)
        Points in `model` coordinates.
    method : {"tangent", "horopca"}, default="tangent"
        ``"tangent"``: principal components of the tangent vectors at the Fréchet mean; directions and distances from
        the middle come out well, distances between points far out may grow. ``"horopca"``: HoroPCA [1]_, horospherical
        projection to the plane that keeps most of the squared distances; no distance grows.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of `points`, and of the result.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in.
    random_state : int, RandomState or None, default=0
        For the pairs of rows that are looked at, where there are too many to look at all.

    Returns
    -------
    DiskProjection
        With the `points` in the plane, and the `distortion`. The Fréchet mean is in the middle, and the first axis is
        the longer one. Points of the plane come back as they are, points of the line with a second coordinate.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `points` is no table, or lies beyond polar radius 36 from its Fréchet mean.

    Notes
    -----
    Points that lie in a geodesic plane come out as they lie there, by either method.

    HoroPCA is given by two ideal points, and folds what lies behind the geodesic between them. The authors' code keeps
    the two at a right angle; here their angle is searched for too, down to 0, where nothing is folded and which most
    data prefer. On three embeddings of graphs that come with that code (10 dimensions) this explains .84 to .91 of the
    squared distances, the authors' code .83 to .86, ``"tangent"`` .60 to .78.

    Time O(n d^2) for ``"tangent"``; ``"horopca"`` looks at up to 30,000 pairs of rows, which takes 0.1 to 1 s. The
    distortion is that of all pairs up to 632 rows, of 200,000 random ones above.

    References
    ----------
    .. [1] Chami, Gu, Nguyen, Ré, "HoroPCA: hyperbolic dimensionality reduction via horospherical projections", ICML
       2021 (arXiv 2106.03306).

    Examples
    --------
    Points of space that lie in a plane lose nothing:

    >>> from hyperkit import random_uniform_ball, translate
    >>> flat = np.column_stack([random_uniform_ball(50, radius=3.0, random_state=0), np.zeros(50)])
    >>> projection = project_to_disk(translate(flat, [0.1, 0.3, 0.5]))
    >>> projection.points.shape, round(projection.distortion, 9)
    ((50, 2), 0.0)
    """
    check_choice("method", method, METHODS)
    rng = check_random_state(random_state)
    table = check_points(points, model, curvature=curvature, name="points")
    ball = _rows(checked_to_ball(table, model, curvature=curvature, name="points"), "points")
    to_plane = ball_plane_map(ball, method, rng)
    plane = to_plane(ball)
    distortion, explained_variance = ball_distortion(ball, plane, rng)
    return DiskProjection(
        points=table.copy() if ball.d == 2 else _coordinates(plane, model, curvature),
        distortion=distortion,
        explained_variance=explained_variance,
        method=method if ball.d > 2 else None,
        n_dimensions=ball.d,
        model=model,
        curvature=float(curvature),
        _to_plane=to_plane,
    )


def ball_plane_map(points: BallPoints, method: Method, rng: RandomState) -> PlaneMap:
    """The projection that :func:`project_to_disk` finds for points of the ball, n >= 1."""
    if points.d <= 2:
        return PlaneMap(None, None, np.eye(points.d, 2))
    mean = ball_frechet_mean(points)
    centred = move_to_origin(points, mean)
    horospheres = None
    if method == "horopca" and len(points) > 1:
        horospheres = fit_horospheres(centred, rng)
        centred = horospheres(centred)
    return PlaneMap(mean, horospheres, principal_axes(ball_to_tangent(centred))[:, :2])


def ball_distortion(before: BallPoints, after: BallPoints, rng: RandomState) -> tuple[float, float]:
    """Mean relative error of the distances of pairs, and the sum of their squares over that before."""
    i, j = some_pairs(len(before), _PAIRS, rng).T
    old, new = (ball_distance(points.take(i), points.take(j)) for points in (before, after))
    apart = old > 0
    old, new = old[apart], new[apart]
    if not len(old):
        return 0.0, 1.0
    return float(np.mean(np.abs(new - old) / old)), float(new @ new / (old @ old))


def _rows(points: BallPoints, name: str) -> BallPoints:
    if points.z.ndim != 2 or not len(points):
        raise ValueError(f"{name} has shape {points.z.shape}; give a table with one point a row, and one row at least")
    return points


def _coordinates(plane: BallPoints, model: Model, curvature: float) -> Float:
    return from_ball(require_inside(plane, "points in the plane"), model, curvature=curvature)
