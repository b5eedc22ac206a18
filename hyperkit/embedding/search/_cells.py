"""Many objects cell by cell: what near ones are to each other, which landmarks far off do not tell.

In: points placed by landmarks. Out: better places. The one idea: objects of one branch have the same distances to all
landmarks beyond it, so 400 landmarks leave branches of 100,000 objects unresolved (of the nearest 15, .3 to .5 were
within two edges of a true tree). The distances within a cell of some hundred objects say what is where in it, and those
to a hundred landmarks hold the cell in its place; cells do not wait for each other.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...models import BallPoints
from ._descent import jumped_from, lower
from ._placement import Placement
from ._target import Target

# Iterations of L-BFGS before and after points jump. 25 and another round gain .04 of the neighbours in twice the time.
_ITERATIONS = 15


def refine_cell(inside: BallPoints, landmarks: BallPoints, scale: float, target: Target, seed: int) -> BallPoints:
    """Places of the objects of a cell by their dissimilarities to each other and to landmarks, which stand still.

    The rows of `target` are the objects inside, its columns these and then the landmarks.
    """
    m = len(inside)
    placement = _measured(Placement.at(inside.joined(landmarks), scale).within(), target)
    if not placement.stress > 0:
        return inside
    lowered = _lowered(placement, target, m)
    jumped = jumped_from(lowered, target, np.random.RandomState(seed), m)
    if jumped is not None:
        jumped = _lowered(_measured(jumped.within(), target), target, m)
        lowered = min(lowered, jumped, key=lambda candidate: candidate.stress)
    return lowered.points.take(np.s_[:m])


def _lowered(placement: Placement, target: Target, n_moving: int) -> Placement:
    lowered, _ = lower(placement, target, free=False, max_iter=_ITERATIONS, n_moving=n_moving)
    return _measured(lowered, target)


def _measured(placement: Placement, target: Target) -> Placement:
    return replace(placement, stress=target.stress(placement.u, placement.log_scale))
