"""Isometries of the ball, and small changes of one."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ...geometry import move_from_origin, move_to_origin
from ...models import BallPoints, length, tangent_to_ball


class Isometry(NamedTuple):
    """x goes to the origin as `source` does, is turned by `rotation`, and goes where the origin becomes `target`."""

    source: BallPoints
    rotation: NDArray[np.float64]
    target: BallPoints

    def __call__(self, points: BallPoints) -> BallPoints:
        """Move points of the ball."""
        return move_from_origin(self.centred(points), self.target)

    def centred(self, points: BallPoints) -> BallPoints:
        """Move points of the ball, and see them from the target."""
        centred = move_to_origin(points, self.source)
        return BallPoints(centred.z @ self.rotation.T, centred.gap)

    def nudged(self, step: NDArray[np.float64]) -> Self:
        """The isometry that, seen from the target, also turns by the later entries of `step`, and moves by the first d.

        These are the tangent vector where the origin goes, those the upper triangle of a skew matrix.
        """
        d = len(self.rotation)
        skew = np.zeros((d, d))
        skew[np.triu_indices(d, 1)] = step[d:]
        shift = tangent_to_ball(step[:d])
        turn = _turn_of_sum(self.target.z, shift.z) @ expm(skew - skew.T)
        return self._replace(rotation=turn @ self.rotation, target=move_from_origin(shift, self.target))


def _turn_of_sum(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation after which one translation from 0 does what those to `b` and then to `a`, of the ball, do.

    In the plane of the two, complex numbers with `a` along the first axis, it is ``(1 + a conj(b)) / (1 + conj(a) b)``
    (Ungar, "Analytic hyperbolic geometry", 2005).
    """
    turn, reach = np.eye(len(a)), float(length(a))
    along = a / reach if reach > 0 else a
    across = b - (b @ along) * along
    rest = float(length(across))
    if reach > 0 and rest > 0:
        plane = np.column_stack([along, across / rest])
        angle = -2 * np.arctan2(reach * rest, 1 + reach * (b @ along))
        cosine, sine = np.cos(angle) - 1, np.sin(angle)
        turn += plane @ np.array([[cosine, -sine], [sine, cosine]]) @ plane.T
    return turn
