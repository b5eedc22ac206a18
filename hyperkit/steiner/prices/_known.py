"""Components known so far, and the shortest tree that they make."""

from __future__ import annotations

import math
import time
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...delaunay import spanning_tree_edges
from ...geometry import ball_distance_matrix
from ...models import BallPoints
from .._full_tree import FullTree
from .._network import Network, to_network
from ..components import Pool, concatenate, shortest_part
from ._prices import prices, spanning_price

# The enumeration takes memory for all subsets of a set: 2^20 numbers.
_LARGEST_SET = 20
# Components grow by one of so many nearest terminals of a member, up to so many terminals, where they are longer than
# they cost by at most this share.
_NEAREST, _LARGEST_GROWN, _NEARLY = 6, 8, 0.02


class Shortest(NamedTuple):
    """The shortest tree of a set of terminals."""

    length: float
    lower_bound: float
    tree: FullTree


class Known:
    """Lengths of components, by their terminals, and the shortest trees of sets that were looked at.

    Parameters
    ----------
    points : BallPoints of shape (n,)
    network : Network
        A tree over them. Its components are known, and all pairs.
    """

    def __init__(self, points: BallPoints, network: Network) -> None:
        self.points = points
        self.distances = ball_distance_matrix(points, points)
        self.pool = Pool(points)
        self.pool.add(network)
        # Whatever else there is, the pool makes a tree.
        i, j = np.triu_indices(points.n, 1)
        spanning = spanning_tree_edges(points.n, np.column_stack([i, j]), self.distances[i, j])
        self._add_pairs(np.column_stack([i, j])[spanning])
        self.lengths = of_pairs(self.distances) | self.pool.lengths()
        self.trees: dict[tuple[int, ...], Shortest] = {}

    def minimise(self, sets: list[tuple[int, ...]], deadline: float) -> bool:
        """Find the shortest tree of each set; False: no time, or a set too large.

        Raises
        ------
        KeyboardInterrupt
        """
        for one in sets:
            if len(one) > _LARGEST_SET:
                return False
            if one not in self.trees:
                found = shortest_part(self.points, np.array(one), max(deadline - time.monotonic(), 0.0))
                if not found.proven:
                    return False
                self.trees[one] = Shortest(float(found.tree.lengths.sum() / 2), found.lower_bound, found.tree)
        return True

    def note(self, one: tuple[int, ...]) -> None:
        """Let a set whose shortest tree was found count as a component."""
        self.lengths[one] = min(self.trees[one].length, self.lengths.get(one, math.inf))

    def grow(self, deadline: float) -> None:
        """Make components known that are near their prices: those that are, with one terminal more, and so on.

        Nothing depends on it but how many searches there are: with them prices are hardly ever too high.
        """
        n = self.points.n
        near = np.argsort(self.distances, axis=1, kind="stable")[:, 1 : 1 + _NEAREST].tolist()
        grown = sorted({(min(i, j), max(i, j)) for i, row in enumerate(near) for j in row})
        while grown and len(grown[0]) < min(_LARGEST_GROWN, n):
            sets = sorted({tuple(sorted({*one, t})) for one in grown for i in one for t in near[i] if t not in one})
            if not self.minimise(sets, deadline):
                return
            sets = [one for one in sets if _is_full(self.trees[one].tree)]
            for one in sets:
                self.note(one)
            price = prices(n, self.lengths, deadline)
            over = {one: self.lengths[one] / max(spanning_price(price, one), 1e-300) for one in sets}
            # Where all ways to divide tie, as in regular polygons, there is no end to them.
            grown = sorted((one for one in sets if over[one] <= 1 + _NEARLY), key=over.__getitem__)[:n]

    def shortest(self, seconds: float) -> Network:
        """The shortest tree of components, as far as it was found in so many seconds."""
        members = [np.array(one) for one in self.lengths]
        chosen = concatenate(self.points.n, members, np.array(list(self.lengths.values())), seconds).chosen
        sets = [tuple(members[k].tolist()) for k in chosen]
        for one in sets:
            if one in self.trees:
                self.pool.add(_part(self.points, np.array(one), self.trees[one].tree))
        if pairs := [one for one in sets if len(one) == 2]:
            self._add_pairs(np.array(pairs))
        return self.pool.best(seconds)

    def _add_pairs(self, pairs: NDArray[np.int64]) -> None:
        self.pool.add(Network(self.points.take(np.s_[:0]), pairs))


def of_pairs(matrix: NDArray[np.float64]) -> dict[tuple[int, ...], float]:
    """What a symmetric matrix says of each pair, as of sets of terminals."""
    return {(i, j): float(matrix[i, j]) for i, j in combinations(range(len(matrix)), 2)}


def _is_full(tree: FullTree) -> bool:
    """Whether no edge has collapsed."""
    lengths = tree.lengths[tree.near >= 0]
    return bool(lengths.min() > 1e-7 * lengths.max())


def _part(points: BallPoints, terminals: NDArray[np.int64], tree: FullTree) -> Network:
    """A tree over some of the points, which keep their numbers."""
    part = to_network(tree, points.take(terminals))
    number = np.concatenate([terminals, points.n + np.arange(len(part.steiner_points))])
    return Network(part.steiner_points, number[part.edges])
