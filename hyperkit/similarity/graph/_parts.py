"""Parts of the joint graph of many sets: what of it lies among the members of two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ._members import MemberGraph


def parts_of_pairs(graph: MemberGraph, pairs: Sequence[tuple[int, int]]) -> Iterator[MemberGraph]:
    """The graph among the members of each pair of sets, as a graph of two sets."""
    k = int(graph.row_sets[-1]) + 1
    kinds = graph.sets[graph.edges] @ [k, 1]  # members ascend by set: the first end is in the lower one
    by_kind = np.argsort(kinds, kind="stable")
    bounds = np.searchsorted(kinds[by_kind], np.arange(k * k + 1))
    starts = np.searchsorted(graph.sets, np.arange(k + 1))
    for i, j in pairs:
        edges = np.concatenate(
            [graph.edges[by_kind[bounds[kind] : bounds[kind + 1]]] for kind in (i * k + i, i * k + j, j * k + j)]
        )
        edges = edges[np.argsort(edges[:, 0], kind="stable")]
        members = np.r_[starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
        number = np.empty(len(graph.ball), dtype=np.int64)
        number[members] = np.arange(len(members))
        rows = (graph.row_sets == i) | (graph.row_sets == j)
        yield MemberGraph(
            ball=graph.ball.take(members),
            sets=(graph.sets[members] == j).astype(np.int64),
            edges=number[edges],
            members=number[graph.members[rows]],
            row_sets=(graph.row_sets[rows] == j).astype(np.int64),
            points=graph.points[members],
        )
