"""Points on their way: tangent vectors in units of the dissimilarities, and the scale they are at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_frechet_mean, move_to_origin
from ...models import BallPoints, ball_to_tangent, tangent_to_ball
from ._target import Target

Float = NDArray[np.float64]

# Polar radius at which a trial step of the line search counts as lost; float64 Poincaré coordinates end at 36.
FAR = 35.0
# That to which what is beyond is shortened: no rounding leads out again, from where no step would be taken.
_WITHIN = (1.0 - 1e-12) * FAR
# Polar radius beyond which a placement at a fixed scale leans on that limit: its stress is the limit's, not the data's.
# Searches that lean on it came to rest at 34.1 to 34.9.
RIM = 34.0
# Part of the points' mean distance from their Fréchet mean by which this is off where it counts as found.
MEAN = 1e-8


@dataclass(frozen=True, eq=False)
class Placement:
    """Points are the ends of the tangent vectors ``scale * u`` at the origin."""

    u: Float
    """Shape (n, d), in units of the largest dissimilarity."""
    log_scale: float
    stress: float = np.inf

    @classmethod
    def at(cls, points: BallPoints, scale: float) -> Placement:
        """The placement of these points, not yet measured."""
        return cls(ball_to_tangent(points) / scale, float(np.log(scale)))

    @property
    def scale(self) -> float:
        """Hyperbolic length of the largest dissimilarity."""
        return float(np.exp(self.log_scale))

    @property
    def radius(self) -> float:
        """Largest polar radius."""
        return self.scale * float(np.linalg.norm(self.u, axis=1).max())

    @property
    def points(self) -> BallPoints:
        """The points."""
        return tangent_to_ball(self.scale * self.u)

    def within(self) -> Placement:
        """The placement with vectors that lead beyond `FAR` shortened to end just before."""
        r = self.scale * np.linalg.norm(self.u, axis=1, keepdims=True)
        return replace(self, u=self.u * np.minimum(1.0, _WITHIN / np.maximum(r, 1.0)))

    def measured(self, target: Target) -> Placement:
        """The placement with its stress."""
        return replace(self, stress=target.stress(self.u, self.log_scale))

    def centred(self, target: Target, near: float = MEAN) -> Placement:
        """The placement with its Fréchet mean at the origin, its stress anew; infinite if a point is beyond `FAR`.

        That keeps the points off the rim. `near` is the part of their mean distance by which the mean may be off.
        """
        points = self.points
        moved = Placement.at(move_to_origin(points, ball_frechet_mean(points, tol=near)), self.scale)
        if not moved.radius <= FAR:
            return moved
        return moved.measured(target)
