"""All pairs of a placement, with their residuals: what whole branches are worth where they are, and elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance_matrix
from ...models import BallPoints
from ._placement import Placement
from ._target import Target

Float = NDArray[np.float64]


@dataclass(eq=False)
class Board:
    """Points with their distances and the weighted squares of their residuals, all pairs."""

    target: Target
    scale: float
    points: BallPoints
    weights: Float
    apart: Float
    squares: Float

    @classmethod
    def of(cls, placement: Placement, target: Target) -> Board:
        """The board of a placement of a square target."""
        points = placement.points
        weights = target.weights(target.lengths)
        apart = ball_distance_matrix(points, points)
        return cls(
            target, placement.scale, points, weights, apart, weights * (apart - placement.scale * target.lengths) ** 2
        )

    def total(self) -> float:
        """Sum over all pairs."""
        return float(self.squares.sum()) / 2

    def inside(self, branch: slice) -> float:
        """Sum over the pairs of the branch."""
        return float(self.squares[branch, branch].sum()) / 2

    def touching(self, branch: slice) -> float:
        """Sum over the pairs with an end in the branch."""
        return float(self.squares[branch].sum()) - self.inside(branch)

    def tried(self, branch: slice, points: BallPoints) -> Trial:
        """What the pairs of the branch would be, were its points in these places."""
        everywhere = BallPoints(self.points.z.copy(), self.points.gap.copy())
        everywhere.z[branch], everywhere.gap[branch] = points.z, points.gap
        apart = ball_distance_matrix(points, everywhere)
        squares = self.weights[branch] * (apart - self.scale * self.target.lengths[branch]) ** 2
        return Trial(branch, everywhere, apart, squares)

    def take(self, trial: Trial) -> None:
        """Move the branch, in place."""
        self.points = trial.everywhere
        self.apart[trial.branch], self.apart[:, trial.branch] = trial.apart, trial.apart.T
        self.squares[trial.branch], self.squares[:, trial.branch] = trial.squares, trial.squares.T


@dataclass(frozen=True, eq=False)
class Trial:
    """A branch elsewhere: all points then, and the pairs with an end in it."""

    branch: slice
    everywhere: BallPoints
    apart: Float
    squares: Float

    @property
    def inside(self) -> float:
        """Sum over the pairs of the branch."""
        return float(self.squares[:, self.branch].sum()) / 2

    @property
    def touching(self) -> float:
        """Sum over the pairs with an end in the branch."""
        return float(self.squares.sum()) - self.inside
