"""Who is within a few steps of whom in a graph: the scales beyond direct neighbours.

In come the edges of a graph, out come the vertices around each vertex, nearest first, in compressed rows: a
neighbourhood at every scale up to the last is one slice. Found by a search from each vertex that never looks at more
than it finds, and held in 4 bytes a pair and direction. Pairs may be as many as the vertices squared: memory bounds
them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from ..._memory import physical_memory

Int = NDArray[np.int64]

# Steps to start from: of more, twice as many as long as they find something, so that hops beyond the last cost nothing.
_STEPS = 16
# Entries found at a time: a small part of what is held, and much more than a vertex can have among 100,000.
_BLOCK = 2**22
# What a comparison takes at most for each vertex around a vertex (half a pair), measured on 1,000,000 + 1,000,000
# points at 3 hops (18), and the part of the memory of the machine that it may take.
_BYTES = 20
_PART = 0.5


class TooManyPairs(ValueError):
    """More pairs than memory holds."""

    def __init__(self, hops: int, around: float, most: int) -> None:
        super().__init__(
            f"{hops} hops join each point to {around:,.0f} others or more, and all these pairs take more than half of "
            "the memory of this machine; take fewer hops"
        )
        self.hops = hops
        self.n_sites = max(2, int(most / (2 * around)))
        """Vertices whose pairs take half of what may be taken."""


class Shells(NamedTuple):
    """Vertices around vertices of a graph, by the number of steps that lead to them."""

    heads: NDArray[np.int32]
    """Vertices within the last number of steps, source after source, nearest first."""
    ends: Int
    """Those within h steps of source k are ``heads[ends[k, 0]:ends[k, h]]``, shape (number of sources, hops + 1)."""

    @property
    def hops(self) -> int:
        """Steps that were gone: fewer than were asked for, where more find nothing."""
        return self.ends.shape[1] - 1

    def pairs(self, hops: int | None = None) -> Int:
        """Pairs i < j within so many steps, all by default, in lexicographic order, shape (P, 2).

        Of shells around every vertex. Time and memory O(P).
        """
        from .kernels.reach import ascending_pairs

        return np.asarray(ascending_pairs(self.heads, self.ends, self.hops if hops is None else min(hops, self.hops)))


def shells(edges: Int, n: int, hops: int, sources: Int | None = None) -> Shells:
    """Vertices within `hops` steps of each of `n` vertices, or of some of them; at least one step is gone.

    Time O(vertices found x mean degree), 4 bytes for each, whatever the hops. Raises `TooManyPairs`.
    """
    ends_of_edges = np.concatenate([edges, edges[:, ::-1]]).astype(np.int32).T
    graph = coo_array((np.ones(2 * len(edges), dtype=bool), tuple(ends_of_edges)), shape=(n, n)).tocsr()
    start, heads = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    sources = np.arange(n) if sources is None else sources
    steps = min(hops, _STEPS)
    while True:
        found = _within(start, heads, sources, steps)
        if found.hops < steps or steps == hops:
            return found
        steps = min(2 * steps, hops)


def _within(start: Int, neighbors: NDArray[np.int32], sources: Int, steps: int) -> Shells:
    """Vertices within so many steps of the sources, without the last steps that find nothing."""
    from .kernels.reach import reach

    ends = np.empty((len(sources), steps + 1), dtype=np.int64)
    most = int(min(_PART * physical_memory() / _BYTES, 2**62))
    blocks = []
    first = placed = 0
    while first < len(sources):
        room = np.empty(max(_BLOCK, len(start) - 1), dtype=np.int32)
        done = int(reach(start, neighbors, sources[first:], room, ends[first:]))
        found = int(ends[first + done - 1, -1])
        blocks.append(room[:found].copy())
        ends[first : first + done] += placed
        first, placed = first + done, placed + found
        if placed > most:
            raise TooManyPairs(steps, placed / first, most)
    while ends.shape[1] > 2 and (ends[:, -1] == ends[:, -2]).all():
        ends = ends[:, :-1]
    return Shells(np.concatenate(blocks) if blocks else np.empty(0, dtype=np.int32), np.ascontiguousarray(ends))
