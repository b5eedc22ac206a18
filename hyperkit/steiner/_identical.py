"""Identical rows: a tree is looked for over the first of each kind, and the others hang on these, at length 0.

Rows that hang on the first of their kind come after it; the minimum spanning tree has them as its edges of length 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ..models import BallPoints
from ._methods import Options, Solution, chosen, grow, solve
from ._network import Network
from ._registry import Method
from ._scales import in_order


def solve_rows(
    terminals: BallPoints,
    mst: NDArray[np.int64],
    lengths: NDArray[np.float64],
    method: Method,
    options: Options,
    progress: Progress,
) -> Solution:
    """A tree over all rows, of which `mst` and `lengths` are the minimum spanning tree."""
    n = len(terminals)
    apart = lengths > 0
    first = np.setdiff1d(np.arange(n), mst[~apart, 1])
    what = chosen(method, len(first))
    if len(first) == 1:
        return Solution(Network(terminals.take(np.s_[:0]), mst), what)
    problem = in_order(terminals.take(first), np.searchsorted(first, mst[apart]), lengths[apart])
    solution = solve(problem, what, options, progress)
    steiner_points, edges = solution.network
    rows = np.concatenate([first[problem.rows], n + np.arange(len(steiner_points))])
    return solution._replace(network=Network(steiner_points, np.concatenate([rows[edges], mst[~apart]])))


def grow_rows(
    fitted: Network, terminals: BallPoints, identical: NDArray[np.int64], old: int, progress: Progress
) -> Network:
    """The fitted tree with the terminals from `old` on; those `identical` to earlier ones hang on these."""
    hanging = identical[identical[:, 1] >= old]
    rows = np.setdiff1d(np.arange(len(terminals)), hanging[:, 1])
    steiner_points, edges = grow(fitted, terminals.take(rows), progress)
    rows = np.concatenate([rows, len(terminals) + np.arange(len(steiner_points))])
    return Network(steiner_points, np.concatenate([rows[edges], hanging]))
