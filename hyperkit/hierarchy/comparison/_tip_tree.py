"""`TipTree`: a hierarchy brought down to the names that are compared, every one of them a tip.

The one idea: the tips have an order, that of the nodes, and every clade is an interval of it. What two trees share is
then a question about intervals and about one permutation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from .._hierarchy import Hierarchy
from .._nodes import frozen
from ..kernels.preorder import sizes, sums_from_root

Int = NDArray[np.int64]
Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TipTree:
    """A rooted tree whose tips are the taxa 0, ..., n - 1, and whose inner nodes have two children or more."""

    parent: Int
    length: Float
    where: Int
    """Node of each tip, in order."""
    taxa: Int
    """Taxon of each tip, in order."""

    def shuffled(self, rng: RandomState) -> TipTree:
        """The same tree with the names of its tips at random: what a comparison gives by chance."""
        return replace(self, taxa=rng.permutation(self.taxa))

    @property
    def n_tips(self) -> int:
        return len(self.taxa)

    @cached_property
    def _intervals(self) -> tuple[Int, Int]:
        """First and last + 1 of the tips below each node."""
        before = np.zeros(len(self.parent) + 1, dtype=np.int64)
        before[self.where + 1] = 1
        before = np.cumsum(before)
        return before[:-1], before[np.arange(len(self.parent)) + sizes(self.parent)]

    @property
    def first(self) -> Int:
        return self._intervals[0]

    @property
    def last(self) -> Int:
        return self._intervals[1]

    @cached_property
    def place(self) -> Int:
        """Place of each taxon in the order of tips."""
        place = np.empty(self.n_tips, dtype=np.int64)
        place[self.taxa] = np.arange(self.n_tips)
        return place

    @cached_property
    def clades(self) -> Int:
        """Inner nodes other than the root."""
        size = self.last - self.first
        return np.flatnonzero((size > 1) & (size < self.n_tips))

    @cached_property
    def heights(self) -> Float:
        """Distance from the root of each tip, in order."""
        distances: Float = sums_from_root(self.parent, self.length)[self.where]
        return distances

    @cached_property
    def meeting_depths(self) -> Int:
        """Edges from the root to where each tip and the next one meet; of others it is the least in between."""
        depth: Int = sums_from_root(self.parent, np.ones(len(self.parent), dtype=np.int64))
        return depth[self._meetings]

    @cached_property
    def meeting_heights(self) -> Float:
        """Distance from the root to where each tip and the next one meet; of others it is the least in between."""
        distance: Float = sums_from_root(self.parent, self.length)
        return distance[self._meetings]

    @property
    def _meetings(self) -> Int:
        # What follows a tip in depth-first order is a child of the node at which it meets the next tip.
        return self.parent[self.where[:-1] + 1]


def tip_tree(tree: Hierarchy, nodes: Int) -> TipTree:
    """The tree that `nodes` span, with taxon i at node ``nodes[i]``."""
    from .kernels.restriction import restrict

    taxon = np.full(len(tree), -1, dtype=np.int64)
    taxon[nodes] = np.arange(len(nodes))
    parent, length, taxa = restrict(tree.parent, tree.length, taxon)
    where = np.flatnonzero(taxa >= 0)
    return TipTree(frozen(parent), frozen(length), where, taxa[where])


class LeastBetween:
    """Least value of any stretch of an array, in constant time after a table of n log n."""

    def __init__(self, values: NDArray[np.int64] | NDArray[np.float64]) -> None:
        self._table = [values]
        while 2 << (len(self._table) - 1) <= len(values):
            half, width = self._table[-1], 1 << (len(self._table) - 1)
            self._table.append(np.minimum(half[:-width], half[width:]))

    def __call__(self, start: Int, stop: Int) -> NDArray[np.int64] | NDArray[np.float64]:
        """Least of ``values[start:stop]``, element by element; start < stop."""
        found = self._table[0][start]
        level = np.frexp((stop - start).astype(np.float64))[1] - 1
        for each, row in enumerate(self._table):
            here = np.flatnonzero(level == each)
            found[here] = np.minimum(row[start[here]], row[stop[here] - (1 << each)])
        return found
