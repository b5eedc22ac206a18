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
from ._trees import Tree

_SHARE = 0.2
TURN = 0.5
CNT = np.zeros((2, 3))
BIG = 0.0
_TOL, _MOST_ITERATIONS = 1e-2, 100
# Shaking ends where so many tries have gained less than this part of the stress.
_ROUND, _WORTH = 10, 0.01



def shaken(start: Placement, target: Target, free: bool, most: int, rng: np.random.RandomState) -> Placement:
    """The best placement that some tries lead to."""
    effort = Effort(free=free, tol=_TOL, max_iter=_MOST_ITERATIONS)
    n_gone = int(np.ceil(_SHARE * target.n))
    best = start
    tree = Tree.of(target)
    for _ in range(0, most, _ROUND):
        before = best.stress
        for _ in range(_ROUND):
            if not EXACT < best.stress < np.inf or target.n - n_gone < 3:
                return best
            if rng.random_sample() < TURN:
                placed = _turned(best, tree, rng).centred(target)
                kind = 1
            else:
                mixed = rng.permutation(target.n)
                placed = _placed_anew(best, target, mixed[:n_gone], mixed[n_gone:], rng).centred(target)
                kind = 0
            new = descend(placed, target, effort, rng).placement
            CNT[kind] += [1, new.stress < best.stress * .999, max(0, 1 - new.stress / best.stress)]
            best = min(best, new, key=lambda placement: placement.stress)
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


def _turned(placement, tree, rng):
    n = tree.n
    while True:
        node = rng.randint(n, 2 * n - 2)
        if tree.leaves[node] <= n / 2:
            break
    inside = np.zeros(2 * n - 2, bool)
    inside[node] = True
    for x in tree.order[1:]:
        inside[x] |= inside[tree.parent[x]]
    rows = np.flatnonzero(inside[:n])
    u = placement.u.copy()
    e = (u[rows] / np.maximum(np.linalg.norm(u[rows], axis=1, keepdims=True), 1e-12)).sum(axis=0)
    e /= max(np.linalg.norm(e), 1e-12)
    u[rows] = 2 * (u[rows] @ e)[:, None] * e - u[rows]
    return Placement(u, placement.log_scale)
