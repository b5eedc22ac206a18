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
from ..delaunay import ball_spanning_tree
from ..models import BallPoints
from ._given import without_thin_vertices
from ._network import Network, shortest_of_topology, to_full, without_collapsed
from ._proof import exact_tree, is_proven, limits_of_proof
from ._registry import Method
from ._scales import Problem, solve_by_scale
from ._thorough import ThoroughSearch
from .greedy import greedy_tree
from .local import LocalSearch, local_tree

# An enumerated tree must be shorter by this share than the one it started from.
_SHORTER = 1e-12
# Below this mean edge the squares of what is left of an edge once smoothed, 1e-11 of it, underflow.
_SHORTEST = 1e-140
# The most points that "auto" gives to local search: a minute or two. So are few points: "exact" takes half a minute to
# compile.
_MOST_LOCAL = 200_000


def spanning_tree(terminals: BallPoints) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Minimum spanning tree; raises where three or more points are too close together for doubles."""
    mst, lengths = ball_spanning_tree(terminals)
    edges = lengths[lengths > 0]
    if len(edges) > 1 and edges.mean() < _SHORTEST:
        raise ValueError(
            f"X: edges between rows are {edges.mean():.3g} long on average; below {_SHORTEST:g} squares of distances "
            "underflow. Make the rows equal, or scale the data up"
        )
    return mst, lengths


class Options(NamedTuple):
    """Parameters of the estimator that not all methods have."""

    n_restarts: int | None
    time_limit: float | None
    seed: int
    n_jobs: int | None

    def after(self, seconds: float, share: float = 1.0) -> Options:
        """The same with a share of the time, of which so many seconds are over."""
        limit = self.time_limit
        return self if limit is None else self._replace(time_limit=max(share * limit - seconds, 0.0))


class Solution(NamedTuple):
    """A tree, and a proven bound."""

    network: Network
    method: str
    """What the tree is said to be found by: ``"exact"`` if it is proven the shortest, else what less was done."""
    lower_bound: float = 0.0
    """No tree is shorter; 0 where the method proves nothing."""
    largest_component: int | None = None
    """Terminals in the full components of trees that the network is no longer than, where that is what is proven."""


def chosen(method: Method, n: int) -> str:
    """The method that `"auto"` takes for n points; else the method itself, or `"mst"` where trees have no choice."""
    if n < 3:
        return "mst"
    if method != "auto":
        return method
    return "local" if n <= _MOST_LOCAL else "greedy"


class _Search:
    """One method on points without tight clusters; it knows whether any of its searches was stopped."""

    def __init__(self, method: str, n: int, options: Options, progress: Progress) -> None:
        self.method, self.n, self.options, self.progress = method, n, options, progress
        self.stopped = False

    def tree(self, problem: Problem) -> Network:
        """A short tree over the points of `problem`."""
        points, mst, mst_lengths, _ = problem
        n = points.n
        if n < 3:
            return Network(points.take(np.s_[:0]), mst)
        greedy = greedy_tree(points, mst, mst_lengths, self.progress)
        if self.method == "greedy":
            # Above the plane, full trees whose Steiner points are close together are 1e-5 too long at worst.
            return (without_collapsed if points.d <= 2 else shortest_of_topology)(greedy, points)
        local = LocalSearch(points, n_jobs=self.options.n_jobs)
        begin = time.monotonic()
        found = local_tree(local, greedy, self.progress)
        if self.method == "thorough":
            options = self.options.after(time.monotonic() - begin, n / self.n)
            found = ThoroughSearch(local, found, mst, **options._asdict()).run(self.progress)
        self.stopped |= local.stopped
        return found

    def improved(self, network: Network, points: BallPoints) -> Network:
        """A tree over n >= 3 points by local search from the given one, unless the method is greedy."""
        if self.method == "greedy":
            return network
        local = LocalSearch(points, n_jobs=self.options.n_jobs)
        found = local.descend(local.settled(to_full(points, network)), self.progress)[1]
        self.stopped |= local.stopped
        return found


def solve(problem: Problem, method: str, options: Options, progress: Progress) -> Solution:
    """A short tree over the points of `problem`."""
    points, mst, mst_lengths, _ = problem
    if method == "mst":
        return Solution(Network(points.take(np.s_[:0]), mst), method, float(mst_lengths.sum()))
    begin = time.monotonic()
    search = _Search(method, len(points), options, progress)
    found = solve_by_scale(problem, search)
    solution = Solution(found, method)
    if method == "exact":
        limit = options.after(time.monotonic() - begin).time_limit
        exact = exact_tree(points, to_full(points, found), mst, mst_lengths, progress, limit)
        local = LocalSearch(points)
        other = local.descend(exact.tree, progress)[1]
        search.stopped |= local.stopped
        # Differences that rounding explains are no reason to leave a tree whose tight clusters are right.
        better = other.length(points) < (1 - _SHORTER) * found.length(points)
        shortest = other if better else found
        length = shortest.length(points)
        if not is_proven(length, exact.lower_bound):
            method = "local" if exact.largest_component is None else "exact-components"
            if method == "local":
                _warn_of_no_proof(1 - exact.lower_bound / length, points)
        solution = Solution(shortest, method, exact.lower_bound, exact.largest_component)
    if search.stopped:
        _warn_of_bound(len(points))
    return solution


def improve(
    network: Network, points: BallPoints, mst: NDArray[np.int64], method: str, options: Options, progress: Progress
) -> Network:
    """A tree that is no longer than the given one over n >= 3 points, by the local search that starts from it."""
    local = LocalSearch(points, n_jobs=options.n_jobs)
    tree = local.settled(to_full(points, without_thin_vertices(network, local.n)))
    found = local.descend(tree, progress)[1]
    if method == "thorough":
        found = ThoroughSearch(local, found, mst, **options._asdict()).run(progress)
    if local.stopped:
        _warn_of_bound(local.n)
    return found


def grow(network: Network, points: BallPoints, progress: Progress) -> Network:
    """A tree over the points, made of one over the first three or more of them, and changed around the others only."""
    local = LocalSearch(points)
    old = int(network.edges.max()) + 1 - len(network.steiner_points)
    tree, waiting = local.grown(without_thin_vertices(network, old))
    found = local.descend(tree, progress, waiting)[1]
    if local.stopped:
        _warn_of_bound(local.n)
    return found


def _warn_of_bound(n: int) -> None:
    warn_caller(
        f"the search for a short tree over {n} points was stopped at its bound on the number of moves: the tree is "
        "whole, but moves that make it shorter may be left. Rows that differ by little more than rounding are the "
        "likely reason: round them, so that they are the same"
    )


def _warn_of_no_proof(gap: float, points: BallPoints) -> None:
    """Say, of a search for the shortest tree, that it was stopped, or that rounding hides what it found."""
    limits = limits_of_proof(points)
    if limits is None:
        why = (
            "it was stopped, or the coordinates are too coarse. Give more time (time_limit=), or use "
            "method='thorough'; move points that are far from the origin, but close to each other, to it: "
            "hyperkit.translate(X, X[0])"
        )
    else:
        why = (
            f"it was stopped, and of {points.n} points in {points.d} dimensions more time proves no more. "
            f"method='thorough' finds shorter trees; proofs are for {limits}, such as the means of groups"
        )
    warn_caller(f"method='exact' has proven only that no tree is shorter by more than {100 * gap:.2g} %: {why}")
