"""The methods by name: which one `"auto"` takes, and the points in the order that suits them.

In come distinct points; out goes a tree over them. Inside, points are numbered along their spanning tree, so that the
result depends neither on the order of the rows nor, but for rounding and ties, on where in the space the points lie.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from .._warn import warn_caller
from ..models import BallPoints
from ._given import without_thin_vertices
from ._network import Network, depth_first_order, shortest_of_topology, to_full
from ._proof import exact_tree
from ._registry import Method
from ._thorough import ThoroughSearch
from .greedy import greedy_tree
from .local import LocalSearch, local_tree

# The most points that "auto" gives to local search: a minute or two. The kernels of "exact" take a minute to compile,
# so that few points are left to local search too.
_MOST_LOCAL = 200_000
# A tree is proven the shortest if none is shorter by a greater share. Beyond polar radius 26 or so rounding hides more.
PROVEN = 1e-6


class Options(NamedTuple):
    """Parameters of the estimator that not all methods have."""

    n_restarts: int | None
    time_limit: float | None
    seed: int
    n_jobs: int | None

    def after(self, seconds: float) -> Options:
        """What is left of the time after so many seconds."""
        return self if self.time_limit is None else self._replace(time_limit=max(self.time_limit - seconds, 0.0))


class Solution(NamedTuple):
    """A tree, and a proven bound."""

    network: Network
    method: str
    """What the tree is said to be found by: ``"exact"`` if it is proven the shortest, else what less was done."""
    lower_bound: float = 0.0
    """No tree is shorter; 0 where the method proves nothing."""
    largest_component: int | None = None
    """Terminals in the full components of trees that the network is no longer than, where that is what is proven."""


class Problem(NamedTuple):
    """Distinct points, numbered along their minimum spanning tree."""

    points: BallPoints
    mst: NDArray[np.int64]
    mst_lengths: NDArray[np.float64]
    rows: NDArray[np.int64]
    """For each of the points the row it came from."""


def in_order(points: BallPoints, mst: NDArray[np.int64], mst_lengths: NDArray[np.float64]) -> Problem:
    """Number n >= 2 points along their minimum spanning tree."""
    rows = depth_first_order(mst, mst_lengths)
    number = np.empty_like(rows)
    number[rows] = np.arange(len(rows))
    mst = np.sort(number[mst], axis=1)
    order = np.lexsort((mst[:, 1], mst[:, 0]))
    return Problem(points.take(rows), mst[order], mst_lengths[order], rows)


def chosen(method: Method, n: int) -> str:
    """The method that `"auto"` takes for n points; else the method itself, or `"mst"` where trees have no choice."""
    if n < 3:
        return "mst"
    if method != "auto":
        return method
    return "local" if n <= _MOST_LOCAL else "greedy"


def solve(problem: Problem, method: str, options: Options, progress: Progress) -> Solution:
    """A short tree over the points of `problem`."""
    points, mst, mst_lengths, _ = problem
    if method == "mst":
        return Solution(Network(points.take(np.s_[:0]), mst), method, mst_lengths.sum())
    greedy = greedy_tree(points, mst, mst_lengths, progress)
    if method == "greedy":
        # Full trees whose Steiner points are close together come out of the kernel 1e-5 too long at worst.
        return Solution(shortest_of_topology(greedy, points), method)
    local = LocalSearch(points)
    begin = time.monotonic()
    found = local_tree(local, greedy, progress)
    options = options.after(time.monotonic() - begin)
    if method == "thorough":
        found = ThoroughSearch(local, found, mst, **options._asdict()).run(progress)
    solution = Solution(found, method)
    if method == "exact":
        exact = exact_tree(points, to_full(points, found), progress, options.time_limit)
        shortest = min(found, local.descend(exact.tree, progress)[1], key=lambda network: network.length(points))
        if exact.lower_bound < (1 - PROVEN) * shortest.length(points):
            method = "local" if exact.largest_component is None else "exact-components"
        solution = Solution(shortest, method, exact.lower_bound, exact.largest_component)
    _warn_if_stopped(local)
    return solution


def improve(
    network: Network, points: BallPoints, mst: NDArray[np.int64], method: str, options: Options, progress: Progress
) -> Network:
    """A tree that is no longer than the given one over n >= 3 points, by the local search that starts from it."""
    local = LocalSearch(points)
    tree = local.settled(to_full(points, without_thin_vertices(network, local.n)))
    found = local.descend(tree, progress)[1]
    if method == "thorough":
        found = ThoroughSearch(local, found, mst, **options._asdict()).run(progress)
    _warn_if_stopped(local)
    return found


def grow(network: Network, points: BallPoints, progress: Progress) -> Network:
    """A tree over the points, made of one over the first three or more of them, and changed around the others only."""
    local = LocalSearch(points)
    old = int(network.edges.max()) + 1 - len(network.steiner_points.gap)
    tree, waiting = local.grown(without_thin_vertices(network, old))
    found = local.descend(tree, progress, waiting)[1]
    _warn_if_stopped(local)
    return found


def _warn_if_stopped(local: LocalSearch) -> None:
    """Say that a search did not end by itself."""
    if local.stopped:
        warn_caller(
            f"the search for a short tree over {local.n} points was stopped at its bound on the number of moves: the "
            "tree is whole, but moves that make it shorter may be left. Rows that differ by little more than rounding "
            "are the likely reason: round them, so that they are the same"
        )
