"""HoroPCA: the horospherical projection onto a plane that keeps most of the variance of distances.

Points come centred, and their plane goes through the origin and two ideal points. A point is turned about the geodesic
between these, the spine, until it lies in the plane, on the side of the spine where the origin is: that keeps its
horospheres about both ideal points, and makes no distance longer.

The one idea here is to look at it from the first ideal point, in half-space coordinates (y, t) with that point at
infinity: the spine is then the vertical line over ``y = -e / k``, for a unit vector e along the plane, and turning
about it gives the plane's coordinates ``(|y + e / k| - 1 / k, t)``. Written as

    x = (2 y.e + k |y|^2) / (1 + |e + k y|)

nothing cancels, however far away the spine is, and ``k = 0`` is the limit where the two ideal points meet:
``x = y.e``. Ideal points at a right angle, as the authors' code has them, are ``k = 1``. There a point of the plane
behind the spine is folded back onto the others; so k is searched for as well, and points that lie in a plane come out
as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..._jobs import one_blas_thread
from ...models import BallPoints, ball_to_tangent, coordinate_model
from .._pairs import Pairs, some_pairs
from ._principal_axes import principal_axes

Float = NDArray[np.float64]

_PAIRS_AT_START = 2_000
_PAIRS = 30_000  # two samples of so many differ by some 0.5 % in the variance, and 0.01 radians in the plane
_AXES = 3  # principal axes that starts are made of
_REFINED = 3  # starts that are followed to their end


class Horospheres(NamedTuple):
    """The projection: an ideal point, a direction of the plane at right angles to it, and where the spine is."""

    ideal: Float
    """Unit vector, shape (d,)."""
    along: Float
    """Unit vector at right angles to `ideal`, shape (d,)."""
    bend: float
    """k: ``tan(a / 2)`` for ideal points at an angle a seen from the origin, at least 0."""

    @classmethod
    def of(cls, parameters: Float) -> Self:
        """The projection of 2 d + 1 free numbers: any two vectors, made orthonormal, and k."""
        first, second = np.split(parameters[:-1], 2)
        ideal = first / np.linalg.norm(first)
        second = second - (second @ ideal) * ideal
        return cls(ideal, second / np.linalg.norm(second), float(parameters[-1]))

    def __call__(self, points: BallPoints) -> BallPoints:
        """Points of the plane, in coordinates (along `along`, along `ideal`)."""
        x, t, _ = self._half_plane(points)
        halfspace = coordinate_model("halfspace")
        return halfspace.to_ball(np.column_stack([x, t]), t, 1.0)

    def _half_plane(self, points: BallPoints) -> tuple[Float, Float, tuple[Float, ...]]:
        """Coordinates (x, t), and what they were made of."""
        towards = points.z @ self.ideal
        squared = np.square(points.z - self.ideal).sum(axis=1)
        flat = points.z - towards[:, None] * self.ideal
        u = 2 * (points.z @ self.along) / squared
        v = 4 * np.square(flat).sum(axis=1) / squared**2
        spread = np.hypot(1 + self.bend * u, self.bend * np.sqrt(np.maximum(v - u * u, 0)))
        return (2 * u + self.bend * v) / (1 + spread), points.gap / squared, (towards, squared, u, v, spread)

    def variance(self, points: BallPoints, pairs: Pairs) -> tuple[float, Float]:
        """Sum of the squared distances of the pairs after the projection, and its gradient in the free numbers."""
        x, t, (towards, squared, u, v, spread) = self._half_plane(points)
        i, j = pairs.T
        dx, dt, scale = x[i] - x[j], t[i] - t[j], 4 * t[i] * t[j]
        s = (dx**2 + dt**2) / scale  # sinh^2 of half the distance
        distance = 2 * np.arcsinh(np.sqrt(s))
        slope = np.full_like(s, 4.0)  # of the squared distance in s
        np.divide(2 * distance, np.sqrt(s * (1 + s)), out=slope, where=s > 1e-200)
        n = len(x)
        pull = 2 * slope * dx / scale
        by_x = np.bincount(i, pull, n) - np.bincount(j, pull, n)
        lift = 2 * dt / scale
        by_t = np.bincount(i, slope * (lift - s / t[i]), n) + np.bincount(j, slope * (-lift - s / t[j]), n)

        spread = np.maximum(spread, 1e-300)  # 0 on the spine, where the fold has no slope
        by_u, by_v = by_x / spread, by_x * self.bend / (2 * spread)
        by_bend = float(by_x @ ((v - u * x) / (spread * (1 + spread))))
        by_squared = -(by_u * u + 2 * by_v * v + by_t * t) / squared
        by_ideal = -2 * (by_squared @ (points.z - self.ideal)) - 8 * ((by_v * towards / squared**2) @ points.z)
        by_along = 2 * (by_u / squared) @ points.z
        return float(distance @ distance), np.concatenate([*self._free(by_ideal, by_along), [by_bend]])

    def _free(self, by_ideal: Float, by_along: Float) -> tuple[Float, Float]:
        """The gradient in two free vectors that are orthonormal now, from that in `ideal` and `along`."""
        by_along = by_along - (by_along @ self.along) * self.along
        by_second = by_along - (by_along @ self.ideal) * self.ideal
        by_ideal = by_ideal - (by_along @ self.ideal) * self.along
        return by_ideal - (by_ideal @ self.ideal) * self.ideal, by_second


def fit_horospheres(points: BallPoints, rng: RandomState) -> Horospheres:
    """The projection that keeps most of the sum of squared distances, found by L-BFGS from many starts.

    Parameters
    ----------
    points : BallPoints
        n >= 2 points of more than two dimensions around the origin, not all at one place.
    rng : RandomState
        For the pairs that are looked at, if all are too many.
    """
    few, many = (some_pairs(len(points), most, rng) for most in (_PAIRS_AT_START, _PAIRS))
    with one_blas_thread():  # scipy's L-BFGS-B solves tiny systems, over which threads of BLAS wait for each other
        ends = [_climbed(start, points, few, 15) for start in _starts(points)]
        ends.sort(key=lambda end: -end[0])
        best = max((_climbed(start, points, many, 300) for _, start in ends[:_REFINED]), key=lambda end: end[0])
    return Horospheres.of(best[1])


def _climbed(start: Float, points: BallPoints, pairs: Pairs, max_iter: int) -> tuple[float, Float]:
    """Largest variance found from `start`, and where."""
    rows, pairs = np.unique(pairs, return_inverse=True)
    points, pairs = points.take(rows), pairs.reshape(-1, 2)
    whole = Horospheres.of(start).variance(points, pairs)[0] or 1.0

    def loss(parameters: Float) -> tuple[float, Float]:
        value, gradient = Horospheres.of(parameters).variance(points, pairs)
        return -value / whole, -gradient / whole

    bounds = [(None, None)] * (len(start) - 1) + [(0, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": max_iter})
    projection = Horospheres.of(found.x)
    return -float(found.fun) * whole, np.concatenate([projection.ideal, projection.along, [projection.bend]])


def _starts(points: BallPoints) -> Iterator[Float]:
    """Planes of two principal axes, seen from each end of them; the spine far away, or as the authors have it."""
    axes = principal_axes(ball_to_tangent(points)).T[:_AXES]
    for ideal, along in permutations(axes, 2):
        for towards in (1, -1):
            yield np.concatenate([towards * ideal, along, [0.0]])
            for side in (1, -1):
                yield np.concatenate([towards * ideal, side * along, [1.0]])
