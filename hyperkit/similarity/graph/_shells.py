"""Who is within a few steps of whom in a graph: the scales beyond direct neighbours.

In come the edges of a graph, out come the vertices around each vertex, nearest first, in compressed rows: a neighbourhood
at every scale up to the last is one slice. Found by a search from each vertex that never looks at more than it finds, and
held in 4 bytes a pair and direction.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

Int = NDArray[np.int64]

# Pairs found at a time: a small part of what is held, and much more than a vertex can have among 100,000.
_BLOCK = 2**22


class Shells(NamedTuple):
    """Vertices around each vertex of a graph, by the number of steps that lead to them."""

    heads: NDArray[np.int32]
    """Vertices within the last number of steps, vertex after vertex, nearest first."""
    ends: Int
    """Those within h steps of vertex i are ``heads[ends[i, 0]:ends[i, h]]``, shape (n, hops + 1)."""

    def pairs(self) -> Int:
        """Pairs i < j within the last number of steps, in lexicographic order, shape (P, 2)."""
        i = np.repeat(np.arange(len(self.ends), dtype=np.int32), self.ends[:, -1] - self.ends[:, 0])
        above = i < self.heads
        pairs = np.column_stack([i[above], self.heads[above]]).astype(np.int64)
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def shells(edges: Int, n: int, hops: int) -> Shells:
    """Vertices within `hops` steps of each of `n` vertices. Time O(pairs found x mean degree), 4 bytes a pair found."""
    from .kernels.reach import reach

    ends_of_edges = np.concatenate([edges, edges[:, ::-1]]).astype(np.int32).T
    graph = coo_array((np.ones(2 * len(edges), dtype=bool), tuple(ends_of_edges)), shape=(n, n)).tocsr()
    start, heads = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    ends = np.empty((n, hops + 1), dtype=np.int64)
    blocks = []
    first = placed = 0
    while first < n:
        room = np.empty(max(_BLOCK, n), dtype=np.int32)
        done = int(reach(start, heads, first, room, ends[first:]))
        found = int(ends[first + done - 1, -1])
        blocks.append(room[:found].copy())
        ends[first : first + done] += placed
        first, placed = first + done, placed + found
    return Shells(np.concatenate(blocks), ends)
