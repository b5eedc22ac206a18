"""Many objects cell by cell: what near ones are to each other, which landmarks far off do not tell.

In: points placed by landmarks. Out: better places. The one idea: objects of one branch have the same distances to all
landmarks beyond it, so landmarks alone leave branches of 100,000 objects unresolved (400 of them: of the nearest 15,
.3 to .5 were within two edges of a true tree). The distances within a cell of some sixty objects say what is where in
it, and those to landmarks hold the cell in its place; cells do not wait for each other.
"""

from __future__ import annotations

import numpy as np

from ...models import BallPoints
from ._descent import jumped_from, lower, stress_of
from ._place import parted
from ._placement import Placement
from ._sweeps import sweep_pairs
from ._target import Target

# Stochastic gradient descent unfolds what lies in one place; of 50 landmarks each object is reminded.
_SWEEPS, _FIRST_STEP, _LAST_STEP = 5, 0.3, 0.1
_N_REMINDED = 50
# Iterations of L-BFGS before and after points jump.
_ITERATIONS = 20


def refine_cell(inside: BallPoints, landmarks: BallPoints, scale: float, target: Target, seed: int) -> BallPoints:
    """Places of the objects of a cell by their dissimilarities to each other and to landmarks, which stand still.

    The rows of `target` are the objects inside, its columns these and then the landmarks.
    """
    m = len(inside)
    rng = np.random.RandomState(seed)
    unfolded = _unfolded(parted(inside, scale, rng), landmarks, scale, target, rng)
    placement = Placement.at(unfolded.joined(landmarks), scale).within().measured(target)
    if not placement.stress > 0:
        return inside
    lowered = _lowered(placement, target, m)
    jumped = jumped_from(lowered, target, rng, m)
    if jumped is not None:
        jumped = _lowered(jumped.within().measured(target), target, m)
        lowered = min(lowered, jumped, key=stress_of)
    return lowered.points.take(np.s_[:m])


def _unfolded(
    inside: BallPoints, landmarks: BallPoints, scale: float, target: Target, rng: np.random.RandomState
) -> BallPoints:
    """The objects inside after sweeps over all their pairs, and those with some landmarks."""
    m = len(inside)
    near = rng.permutation(len(landmarks))[:_N_REMINDED]
    still = landmarks.take(near)
    lengths = np.zeros((m, m + len(near)))
    lengths[:, :m] = target.lengths[:, :m]
    lengths[:, m:] = target.lengths[:, m + near]
    steps = np.geomspace(_FIRST_STEP, _LAST_STEP, _SWEEPS)
    swept = sweep_pairs(inside.joined(still), scale * lengths, target.weights(lengths), steps, rng)
    return swept.take(np.s_[:m])


def _lowered(placement: Placement, target: Target, n_moving: int) -> Placement:
    lowered, _ = lower(placement, target, free=False, max_iter=_ITERATIONS, n_moving=n_moving)
    return lowered.measured(target)
