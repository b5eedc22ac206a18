"""The isometry near a given one that brings pairs of points closest together: Newton's method on the group.

Half the sum of squared distances is a function on the isometries. At each of them its derivatives are taken along the
``d (d + 1) / 2`` one-parameter groups of moves and turns about the target. Points are seen from there, so that nothing
depends on where in the ball the sets lie. Gauss-Newton steps would do for pairs that match: where distances are large
they leave out what bends the function most, and end a thousand steps later, or nowhere near.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...geometry import ball_distance, move_to_origin
from ...models import BallPoints, ball_to_tangent, length
from ._isometry import Isometry

_MOST_STEPS = 200  # some 25 do for sets that have nothing in common
_CLOSE = 1e-14  # share of the sum that the last step is expected to take away
_LEAST_SHARE = 1e-4  # of what a step should take away by its slope
_LEAST_BEND = 1e-14  # of the largest: directions in which nothing changes


def refined(isometry: Isometry, a: BallPoints, b: BallPoints) -> Isometry:
    """The isometry with the least mean squared distance from a, moved, to b, row by row, in the valley of the given."""
    generators = _generators(a.d)
    value = _half_squares(isometry, a, b)
    for _ in range(_MOST_STEPS):
        slopes, bends = derivatives(isometry, a, b, generators)
        sizes, axes = np.linalg.eigh(bends)
        sizes = np.maximum(np.abs(sizes), _LEAST_BEND * np.abs(sizes).max())  # uphill bends lead downhill, too
        step = -axes @ np.divide(axes.T @ slopes, sizes, out=np.zeros_like(sizes), where=sizes > 0)
        gain = -float(slopes @ step)
        if gain <= _CLOSE * value:
            return isometry.nudged(step)
        found = _shorter(isometry, step, gain, value, a, b)
        if found is None:
            break
        isometry, value = found
    return isometry


def _shorter(
    isometry: Isometry, step: NDArray[np.float64], gain: float, value: float, a: BallPoints, b: BallPoints
) -> tuple[Isometry, float] | None:
    """The isometry after the step, halved until it gains enough, with its half sum of squares; None if none does."""
    for share in 0.5 ** np.arange(40):
        nudged = isometry.nudged(share * step)
        new = _half_squares(nudged, a, b)
        if new < value - _LEAST_SHARE * share * gain:
            return nudged, new
    return None


def _half_squares(isometry: Isometry, a: BallPoints, b: BallPoints) -> float:
    return float(np.square(ball_distance(isometry(a), b)).sum() / 2)


def derivatives(
    isometry: Isometry, a: BallPoints, b: BallPoints, generators: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and second derivatives of half the sum of squared distances by the entries of `Isometry.nudged`.

    A distance r has ``cosh r = -<q, p>`` on the hyperboloid, and p moves by ``exp(sum t_k X_k)``. So ``(cosh r)''`` is
    ``-<q, (X_j X_k + X_k X_j) p> / 2``, which sums over the pairs to one small matrix; slopes of r itself are those of
    the direction away from q along each move and turn, where no digit cancels.
    """
    p, q = isometry.centred(a), move_to_origin(b, isometry.target)
    away = -ball_to_tangent(move_to_origin(q, p))
    r = length(away)
    slopes = _slopes(p, np.divide(away, r[:, None], out=np.zeros_like(away), where=r[:, None] > 0))
    flat = np.divide(r, np.sinh(r), out=np.ones_like(r), where=r > 0)
    steep = np.divide(r, np.tanh(r), out=np.ones_like(r), where=r > 0)
    in_front, behind = _on_hyperboloid(p) * flat[:, None], _on_hyperboloid(q)
    behind[:, 0] *= -1
    moved = generators @ (in_front.T @ behind)
    bends = -np.einsum("jab,kba->jk", generators, moved, optimize=True)
    return r @ slopes, (bends + bends.T) / 2 + (slopes * (1 - steep)[:, None]).T @ slopes


def _slopes(p: BallPoints, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """How fast points seen from the origin go in the directions at each of them, by moves and turns about the origin.

    Row by row; first moves along the axes, then turns in the planes of two axes.
    """
    reach = length(p.z)[:, None]
    ray = np.divide(p.z, reach, out=np.zeros_like(p.z), where=reach > 0)
    radial = (directions * ray).sum(axis=1)[:, None] * ray
    moves = radial + (directions - radial) * ((2 - p.gap) / p.gap)[:, None]
    j, k = np.triu_indices(p.d, 1)
    turns = (directions[:, j] * p.z[:, k] - directions[:, k] * p.z[:, j]) * (2 / p.gap)[:, None]
    return np.hstack([moves, turns])


def _generators(d: int) -> NDArray[np.float64]:
    """Matrices of the moves along the axes, and the turns in the planes of two axes, on the hyperboloid."""
    j, k = np.triu_indices(d, 1)
    move, turn = np.arange(d), d + np.arange(len(j))
    matrices = np.zeros((d + len(j), d + 1, d + 1))
    matrices[move, 0, move + 1] = matrices[move, move + 1, 0] = 1
    matrices[turn, j + 1, k + 1], matrices[turn, k + 1, j + 1] = 1, -1
    return matrices


def _on_hyperboloid(p: BallPoints) -> NDArray[np.float64]:
    """Coordinates on the hyperboloid, time first."""
    return np.column_stack([2 - p.gap, 2 * p.z]) / p.gap[:, None]
