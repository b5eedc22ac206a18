"""`method="exact"`: the shortest tree, with a proof of as much as can be proven in reasonable time.

Few points: of all trees (`_enumeration`). More: of the trees whose full components have few terminals (`_components`).
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

from rich.progress import Progress

from ..delaunay import ball_spanning_tree
from ..models import BallPoints
from ._bounds import steiner_lower_bound
from ._components import component_network
from ._enumeration import enumerated_tree
from ._kernels_topology import FullTree
from ._network import minimise_full, to_full

# The enumeration takes up to a minute for 14 points of the plane, and for 11 in higher dimension.
_MOST_ENUMERATED, _MOST_ENUMERATED_IN_SPACE = 14, 11
# Up to so many points components may have so many terminals: some 10 s each.
_COMPONENTS = ((25, 6), (60, 5))
_LEAST_COMPONENTS = 4


class ExactResult(NamedTuple):
    """A tree and what is proven of it."""

    tree: FullTree
    proven: bool
    """No tree is shorter by more than 1e-9 of the length, or by what rounding hides, see `lower_bound`."""
    lower_bound: float
    """No tree is shorter, whether or not the search was finished."""
    largest_component: int | None
    """If set, the tree is not proven the shortest of all, but no longer than any whose full components have at most so
    many terminals each. Near the rim, where the shortest trees have components of 10 to 40, that says little."""


def exact_tree(points: BallPoints, upper: FullTree, progress: Progress, time_limit: float | None = None) -> ExactResult:
    """Shortest Steiner tree.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        Distinct; n >= 3.
    upper : FullTree
        The best tree known, which the result is not longer than. The better, the faster.
    progress : rich.progress.Progress
    time_limit : float, optional
        Seconds; then, or when interrupted from the keyboard, the best tree so far is returned.
    """
    n, d = points.z.shape
    mst, lengths = ball_spanning_tree(points)
    if n <= (_MOST_ENUMERATED if d <= 2 else _MOST_ENUMERATED_IN_SPACE):
        found = enumerated_tree(points, upper, progress, time_limit)
        lower = found.lower_bound
        if not found.proven:
            lower = max(lower, steiner_lower_bound(points, math.fsum(lengths)))
        return ExactResult(found.tree, found.proven, lower, None)
    lower = steiner_lower_bound(points, math.fsum(lengths))
    most = next((most for size, most in _COMPONENTS if n <= size), _LEAST_COMPONENTS)
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    try:
        network = component_network(points, mst, lengths, most, progress, deadline)
    except KeyboardInterrupt:
        network = None
    if network is None:
        return ExactResult(upper, False, lower, None)
    tree = to_full(points, network)
    if minimise_full(tree) >= upper.lengths.sum() / 2:
        tree = upper
    return ExactResult(tree, False, lower, most)
