"""Out of a local minimum: some objects at a time are taken away and placed anew by the others.

In: a placement of few objects. Out: one of less stress, mostly. The one idea: what sits in a wrong place is held there
by its own neighbours, which jumps of single points do not break; with a fifth of all taken away, the others move on.
"""

from __future__ import annotations

import numpy as np

from ...models import BallPoints
from ._descent import EXACT, Effort, descend
from ._place import A_FEW_STEPS, parted, place_all
from ._placement import Placement
from ._target import Target

_SHARE = 0.2
_TOL, _MOST_ITERATIONS = 1e-2, 100
# Shaking ends where so many tries have gained less than this part of the stress.
_ROUND, _WORTH = 10, 0.01


def shaken(start: Placement, target: Target, free: bool, most: int, rng: np.random.RandomState) -> Placement:
    """The best placement that some tries lead to."""
    effort = Effort(free=free, tol=_TOL, max_iter=_MOST_ITERATIONS)
    n_gone = int(np.ceil(_SHARE * target.n))
    best = start
    for _ in range(0, most, _ROUND):
        before = best.stress
        for _ in range(_ROUND):
            if not EXACT < best.stress < np.inf or target.n - n_gone < 3:
                return best
            mixed = rng.permutation(target.n)
            placed = _placed_anew(best, target, mixed[:n_gone], mixed[n_gone:], rng).centred(target)
            best = min(best, descend(placed, target, effort, rng).placement, key=lambda placement: placement.stress)
        if best.stress > (1.0 - _WORTH) * before:
            break
    return best


def _placed_anew(placement: Placement, target: Target, gone, kept, rng: np.random.RandomState) -> Placement:
    """The placement with some objects where the others place them."""
    points = placement.points
    lengths = target.lengths[np.ix_(gone, kept)]
    new = place_all(points.take(kept), placement.scale, lengths, target, 1, A_FEW_STEPS)
    new = parted(new, placement.scale, rng)
    z, gap = points.z.copy(), points.gap.copy()
    z[gone], gap[gone] = new.z, new.gap
    return Placement.at(BallPoints(z, gap), placement.scale).within()
