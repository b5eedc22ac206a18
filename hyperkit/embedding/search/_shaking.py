"""Out of a local minimum: some objects placed anew, or a branch turned over, and down again.

In: a placement of few objects. Out: one of less stress, mostly. The one idea: what no descent and no jump of single
points changes is where objects hold each other in a wrong place, and in which order branches lie side by side; so a
fifth of the objects is taken away and placed by the others, or all below a node of the tree that the dissimilarities
suggest is turned about the line to its middle. What a short descent does not lower is forgotten.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ._descent import EXACT, Effort, descend, stress_of
from ._place import A_FEW_STEPS, parted, place_all
from ._placement import Placement
from ._target import Target
from ._trees import Tree, has_tree

# Of all tries, those that turn a branch, and the least objects of one. After some forty tries these gained three times
# as much each as those that place objects anew, and as turns of less.
_TURNS, _LEAST_TURNED = 0.85, 4
_TAKEN = 0.2
_TOL, _MOST_ITERATIONS = 1e-2, 100
# A try is given up where so many iterations leave this much more stress; of 1,400 tries that gained, none had more.
_A_GLANCE, _HOPELESS = 20, 1.03
# Tries of a round; shaking ends when one has gained a smaller part than this.
_TRIES, _WORTH = 20, 0.005


def shaken(start: Placement, target: Target, *, free: bool, rounds: int, rng: np.random.RandomState) -> Placement:
    """The best placement that at most so many rounds of tries lead to, with the scale `free` or not."""
    if target.n < 4:
        return start
    effort = Effort(free=free, tol=_TOL, max_iter=_MOST_ITERATIONS)
    glance = replace(effort, max_iter=_A_GLANCE)
    all_branches = Tree.of(target).branches() if has_tree(target, start.u.shape[1]) else []
    branches = [rows for rows in all_branches if len(rows) >= _LEAST_TURNED]
    best = start
    for _ in range(rounds):
        before = best.stress
        for _ in range(_TRIES):
            if not EXACT < best.stress < np.inf:
                return best
            if branches and rng.random_sample() < _TURNS:
                moved = _turned(best, branches[rng.randint(len(branches))])
            else:
                moved = _placed_anew(best, target, rng)
            tried = descend(moved, target, glance, rng).placement
            if tried.stress < _HOPELESS * best.stress:
                best = min(best, descend(tried, target, effort, rng).placement, key=stress_of)
        if best.stress > (1.0 - _WORTH) * before:
            break
    return best


def _turned(placement: Placement, rows: NDArray[np.intp]) -> Placement:
    """The placement with some objects turned half round about their mean direction: in the plane, reflected."""
    u = placement.u.copy()
    middle = (u[rows] / np.maximum(np.linalg.norm(u[rows], axis=1, keepdims=True), 1e-300)).sum(axis=0)
    middle /= max(float(np.linalg.norm(middle)), 1e-300)
    u[rows] = 2.0 * np.outer(u[rows] @ middle, middle) - u[rows]
    return Placement(u, placement.log_scale)


def _placed_anew(placement: Placement, target: Target, rng: np.random.RandomState) -> Placement:
    """The placement with random objects where the others place them."""
    mixed = rng.permutation(target.n)
    n_taken = int(np.ceil(_TAKEN * target.n))
    taken, left = mixed[:n_taken], mixed[n_taken:]
    points = placement.points
    lengths = target.lengths[np.ix_(taken, left)]
    new = place_all(points.take(left), placement.scale, lengths, target, 1, A_FEW_STEPS)
    new = parted(new, placement.scale, rng)
    return Placement.at(points.replaced(taken, new), placement.scale).within()
