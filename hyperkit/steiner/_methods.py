"""The methods by name: which one `"auto"` takes, and the points in the order that suits them.

In come distinct points; out goes a tree over them. Inside, points are numbered along their spanning tree, so that the
result depends neither on the order of the rows nor, but for rounding, on where in the space the points lie.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ..models import BallPoints
from ._greedy import greedy_tree
from ._local import LocalSearch, local_tree
from ._network import Network, depth_first_order
from ._thorough import ThoroughSearch

Method = Literal["auto", "greedy", "local", "thorough", "exact"]
METHODS = ("auto", "greedy", "local", "thorough", "exact")
# The most points that "auto" gives to the method.
_MOST_EXACT, _MOST_LOCAL = 7, 200_000


class Options(NamedTuple):
    """Parameters of the estimator that not all methods have."""

    n_restarts: int | None
    time_limit: float | None
    seed: int
    n_jobs: int | None


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
    return "exact" if n <= _MOST_EXACT else "local" if n <= _MOST_LOCAL else "greedy"


def solve(problem: Problem, method: str, options: Options, progress: Progress) -> Network:
    """A short tree over the points of `problem`."""
    points, mst, mst_lengths, _ = problem
    if method == "mst":
        return Network(BallPoints(np.empty((0, points.z.shape[1])), np.empty(0)), mst)
    greedy = greedy_tree(points, mst, mst_lengths, progress)
    if method == "greedy":
        return greedy
    local = LocalSearch(points)
    found = local_tree(local, greedy, progress)
    if method == "thorough":
        found = ThoroughSearch(local, found, mst, **options._asdict()).run(progress)
    return found
