"""The published algorithm: replace edges of the minimum spanning tree by small full trees, the best ratio first.

García-Castellanos et al., "HyperSteiner: Computing heuristic hyperbolic Steiner minimal trees" (arXiv 2409.05671), is
the hyperbolic form of Smith, Lee, Liebman (1981). In come points with their spanning tree; out goes a tree no
longer than it. The paper stays in the plane; nothing here has to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ...models import BallPoints, ball_gap
from .._network import Network
from ._candidates import N_KINDS, Candidates, candidates


def greedy_tree(
    points: BallPoints, mst: NDArray[np.int64], mst_lengths: NDArray[np.float64], progress: Progress
) -> Network:
    """Steiner tree by greedy concatenation of full trees on 3 and 4 terminals; O(n log n).

    Parameters
    ----------
    points : BallPoints of shape (n,)
    mst : ndarray of shape (M, 2), int64
        Edges of the minimum spanning tree.
    mst_lengths : ndarray of shape (M,), float64
    progress : rich.progress.Progress
        Shows the search for full trees, which takes most of the time.
    """
    kinds = list(progress.track(candidates(points, mst, mst_lengths), total=N_KINDS, description="Full trees"))
    chosen = _choose(kinds, len(mst))
    keep = np.ones(len(mst), dtype=bool)
    edges = [mst]
    d = points.d
    z = []
    next_number = len(points)
    for kind, rows in zip(kinds, chosen, strict=True):
        keep[kind.replaced[rows]] = False
        n_steiner = kind.steiner_points.gap.shape[1]
        numbers = next_number + np.arange(len(rows) * n_steiner).reshape(len(rows), n_steiner)
        nodes = np.concatenate([kind.terminals[rows], numbers], axis=1)
        edges.append(nodes[:, kind.tree_edges].reshape(-1, 2))
        z.append(kind.steiner_points.z[rows].reshape(-1, d))
        next_number += numbers.size
    edges[0] = mst[keep]
    rounded = np.concatenate(z)
    return Network(BallPoints(rounded, ball_gap(rounded)), np.concatenate(edges))


def _choose(kinds: list[Candidates], n_mst: int) -> list[NDArray[np.intp]]:
    """Rows of the candidates that the greedy takes: in order of ratio, each whose MST edges are all still there.

    A candidate conflicts with an earlier one iff they share an MST edge, so Kruskal's cycle test is a flag an edge.
    All candidates that come first on each of their edges are taken at once; a few such rounds take them all.
    """
    ratio = np.concatenate([c.ratio for c in kinds])
    kind = np.repeat(np.arange(len(kinds)), [len(c.ratio) for c in kinds])
    row = np.concatenate([np.arange(len(c.ratio)) for c in kinds])
    # Three-terminal trees leave their third slot on a place of their own.
    edges = np.concatenate(
        [np.pad(c.replaced, ((0, 0), (0, 3 - c.replaced.shape[1])), constant_values=n_mst) for c in kinds]
    )
    waiting = np.lexsort((row, kind, ratio))
    free = np.ones(n_mst + 1, dtype=bool)
    taken = []
    while len(waiting):
        place = np.arange(len(waiting))
        first = np.full(n_mst + 1, len(waiting))
        np.minimum.at(first, edges[waiting], place[:, None])
        first[n_mst] = len(waiting)
        wins = (edges[waiting] == n_mst) | (first[edges[waiting]] == place[:, None])
        best = wins.all(axis=1)
        taken.append(waiting[best])
        free[edges[waiting[best]]] = False
        free[n_mst] = True
        waiting = waiting[~best]
        waiting = waiting[free[edges[waiting]].all(axis=1)]
    chosen = np.sort(np.concatenate(taken)) if taken else np.empty(0, dtype=np.intp)
    return [row[chosen[kind[chosen] == k]] for k in range(len(kinds))]
