"""`method="exact"`: the shortest tree, with a proof of as much as can be proven in reasonable time.

Few points: of all trees (`exact`). More in the plane: by prices (`prices`), as much as the time allows. Else: of the
trees whose full components have few terminals (`components`).
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ..models import BallPoints
from ._full_tree import FullTree
from ._interrupt import INTERRUPTS, is_interrupt
from ._lower_bound import steiner_lower_bound
from ._network import minimise_full, to_full, to_network
from .components import component_network
from .exact import enumerated_tree
from .prices import certified_tree

# The enumeration takes up to a minute for 14 points of the plane, and for 11 in higher dimension.
_MOST_ENUMERATED, _MOST_ENUMERATED_IN_SPACE = 14, 11
# Prices prove 25 points of the plane in some seconds, 50 in a quarter or half a minute, and sometimes 100 in half a
# minute. Without a time limit they are given so many seconds, and above this number of points none. With one, memory
# sets the bound, .8 GB for 300: it goes with the third power of the number.
_PATIENCE, _MOST_PRICED, _MOST_PRICED_IN_TIME = 300.0, 100, 300
# A tree is proven the shortest if none is shorter by a greater share. Beyond polar radius 18 or so rounding hides more.
_PROVEN = 1e-9
# Up to so many points components may have so many terminals: some 10 s each.
_COMPONENTS = ((25, 6), (60, 5))
_LEAST_COMPONENTS = 4


class ExactResult(NamedTuple):
    """A tree and what is proven of it."""

    tree: FullTree
    lower_bound: float
    """No tree is shorter, whether or not the search was finished."""
    largest_component: int | None
    """If set, the tree is not proven the shortest of all, but no longer than any whose full components have at most so
    many terminals each. Near the rim, where the shortest trees have components of 10 to 40, that says little."""

    @property
    def proven(self) -> bool:
        """Whether the tree is the shortest."""
        return is_proven(float(self.tree.lengths.sum() / 2), self.lower_bound)


def enumerates(n_points: int, n_dimensions: int) -> bool:
    """Whether of so many points all trees are looked at."""
    return n_points <= (_MOST_ENUMERATED if n_dimensions <= 2 else _MOST_ENUMERATED_IN_SPACE)


def limits_of_proof(points: BallPoints) -> str | None:
    """What sets are small enough for a proof, however long it takes, if `points` are too many for one; else None."""
    if enumerates(points.n, points.d) or (points.d == 2 and points.n <= _MOST_PRICED_IN_TIME):
        return None
    return f"up to {_MOST_PRICED_IN_TIME} points of the plane, {_MOST_ENUMERATED_IN_SPACE} in more dimensions"


def is_proven(length: float, lower_bound: float) -> bool:
    """Whether a tree is the shortest, as far as that is ever said."""
    return lower_bound >= (1 - _PROVEN) * length


def exact_tree(
    points: BallPoints,
    upper: FullTree,
    mst: NDArray[np.int64],
    mst_lengths: NDArray[np.float64],
    progress: Progress,
    time_limit: float | None = None,
) -> ExactResult:
    """Shortest Steiner tree.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        Distinct; n >= 3.
    upper : FullTree
        The best tree known, which the result is not longer than. The better, the faster.
    mst, mst_lengths : ndarray of shape (n - 1, 2), int64, and (n - 1,), float64
        Edges of the minimum spanning tree.
    progress : rich.progress.Progress
    time_limit : float, optional
        Seconds; then, or when interrupted from the keyboard, the best tree so far is returned.
    """
    lower = steiner_lower_bound(points, math.fsum(mst_lengths))
    try:
        return _prove(points, upper, mst, mst_lengths, lower, progress, time_limit)
    except INTERRUPTS as stop:
        if not is_interrupt(stop):
            raise
        return ExactResult(upper, lower, None)


def _prove(
    points: BallPoints,
    upper: FullTree,
    mst: NDArray[np.int64],
    mst_lengths: NDArray[np.float64],
    lower: float,
    progress: Progress,
    time_limit: float | None,
) -> ExactResult:
    n, d = points.n, points.d
    if enumerates(n, d):
        found = enumerated_tree(points, upper, progress, time_limit)
        return ExactResult(found.tree, max(lower, found.lower_bound), None)
    begin = time.monotonic()
    if d == 2 and n <= (_MOST_PRICED if time_limit is None else _MOST_PRICED_IN_TIME):
        patience = _PATIENCE if time_limit is None else time_limit
        certified = certified_tree(points, to_network(upper, points), progress, begin + patience)
        lower = max(lower, certified.lower_bound)
        tree = to_full(points, certified.network)
        upper = tree if minimise_full(tree) < upper.lengths.sum() / 2 else upper
        if certified.lower_bound > 0:
            return ExactResult(upper, lower, None)
    most = next((most for size, most in _COMPONENTS if n <= size), _LEAST_COMPONENTS)
    deadline = math.inf if time_limit is None else begin + time_limit
    network = component_network(points, mst, mst_lengths, most, progress, deadline)
    if network is None:
        return ExactResult(upper, lower, None)
    tree = to_full(points, network)
    return ExactResult(tree if minimise_full(tree) < upper.lengths.sum() / 2 else upper, lower, most)
