"""`method="local"`: start from simple trees, improve their topology move by move, then find the shortest tree of it.

In come distinct points and their greedy tree, from which the search starts; up to 1,000 points it starts from neighbour
joining as well, of more it takes some terminals out and puts them back. Out goes the better result.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import joblib
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from rich.progress import Progress

from ...delaunay import ball_nearest
from ...models import BallPoints
from .._full_tree import FullTree, empty_tree
from .._network import Network, are_narrow, shortest_of_topology, to_full, to_network
from ..kernels.full_tree import settle
from ._joining import neighbor_joining
from ._regions import Region, beside_others, regions
from .kernels.escape import escape, hang
from .kernels.local_search import local_search
from .kernels.patch import workspace

# Regrafting beyond this many nodes, or trying more than the best few places, changes lengths by less than 0.002 %.
_DEPTH = 30
_TRIES = 4
_ESCAPE_DEPTH = 12
# Fewer terminals taken out find their places again.
_FEWEST_OUT = 4
# Ends of reconnected edges: with 6 instead of 12 near terminals trees are 0.01 % longer.
_CLOSE = 12
# Parts of more terminals are not reconnected as a whole.
_LARGEST_PART = 1000
# Neighbour joining takes as long as the rest. Up to so many points its tree is the better start now and then, and the
# result .01 % shorter; from there on so many rounds of escape, over the number of points, do more in half the time.
_MOST_JOINED, _ESCAPES = 1000, 60_000
_SETTLING_SWEEPS, _SETTLED = 20, 1e-4
# Nodes looked at between two looks at the progress bar.
_CHUNK = 20_000
# A search ends when it has looked at so many nodes a point, and made so many rounds. Those that end by themselves look
# at 4 to 80, in one to five rounds.
_MOST_LOOKS, _MOST_ROUNDS = 1000, 10
# A further round of search must make a tree shorter by this share.
_SHORTER = 1e-12
_STEPS_AROUND = 3
# Nodes of a region; what lies between regions is searched in regions so many times as large, and in the end the whole.
_REGION, _GROWTH = 10_000, 4
# Greedy trees become shorter by less than this where their Steiner points find their places.
_LAID_OUT = 1e-4


def is_large(n_points: int) -> bool:
    """Whether trees over so many points have one start and rounds of escape, and perhaps regions."""
    return n_points > _MOST_JOINED


class LocalSearch:
    """Local search over trees of the same points.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        n >= 3.
    close : ndarray of shape (n, k), int64, optional
        Points near each point; by default the nearest 12.
    n_jobs : int, optional
        Regions of a large tree that are searched at once, as in joblib; the tree is the same for any number.

    Attributes
    ----------
    stopped : bool
        A search has come to its bound, with moves left to make.
    """

    def __init__(self, points: BallPoints, close: NDArray[np.int64] | None = None, n_jobs: int | None = None) -> None:
        self.points, self.n_jobs = points, n_jobs
        self.n, d = points.n, points.d
        self.close = ball_nearest(points, min(_CLOSE, self.n - 1))[1] if close is None else close
        self._work = workspace(2 * self.n - 2, d, _TRIES, self.close.shape[1])
        self.stopped = False

    @cached_property
    def _spare(self) -> FullTree:
        """Room for a copy of a tree."""
        return empty_tree(self.n, self.points.d)

    def settled(self, tree: FullTree) -> FullTree:
        """The tree, its Steiner nodes moved in place to about where they belong."""
        settle(tree.arrays, self.n, _SETTLING_SWEEPS, _SETTLED)
        return tree

    def improve(self, tree: FullTree, waiting: NDArray[np.bool_], chunk: int) -> Iterator[None]:
        """Make moves in place until no node is waiting, with a pause whenever `chunk` nodes were looked at."""
        left = _MOST_LOOKS * self.n
        while waiting.any() and left > 0:
            most = min(chunk, left)
            left -= local_search(tree.arrays, self.n, self.close, waiting, _DEPTH, _LARGEST_PART, most, self._work)
            yield
        self.stopped |= bool(waiting.any())

    def escape(self, tree: FullTree, rounds: int, rng: Generator) -> int:
        """Take random terminals out with those near them, and put them back, in place; gives how many rounds helped."""
        most = min(self.close.shape[1] + 1, self.n - 3)
        centre = rng.integers(self.n, size=rounds)
        chosen = np.column_stack([centre, self.close[centre]])[:, :most]
        count = rng.integers(min(_FEWEST_OUT, most), most + 1, size=rounds)
        chosen[np.arange(most) >= count[:, None]] = -1
        chosen = rng.permuted(chosen, axis=1)
        most = _MOST_LOOKS * self.n
        better, looked = escape(
            tree.arrays, self._spare.arrays, self.n, self.close, chosen, _ESCAPE_DEPTH, _LARGEST_PART, most, self._work
        )
        self.stopped |= looked >= most
        return int(better)

    def grown(self, network: Network) -> tuple[FullTree, NDArray[np.bool_]]:
        """A tree over the first of the points, with the others put in; and which nodes that has touched."""
        old = int(network.edges.max()) + 1 - len(network.steiner_points)
        small = to_full(self.points.take(np.s_[:old]), network)
        # Numbers of nodes: new terminals come after the old ones, new Steiner nodes last.
        number = np.arange(len(small)) + (np.arange(len(small)) >= old) * (self.n - old)
        tree = empty_tree(self.n, small.d)
        tree.near[number] = np.where(small.near >= 0, number[small.near], -1)
        tree.lengths[number], tree.z[number], tree.gap[number] = small.lengths, small.z, small.gap
        tree.z[: self.n], tree.gap[: self.n] = self.points.z, self.points.gap
        waiting = np.zeros(len(tree), dtype=bool)
        hang(tree.arrays, self.n, old, self.close, waiting, self._work)
        return tree, waiting

    def descend(
        self, tree: FullTree, progress: Progress, waiting: NDArray[np.bool_] | None = None
    ) -> tuple[float, Network]:
        """Improve a full tree, in place, until no move makes it shorter; gives the length, and the tree at its minimum.

        A vertex where edges meet at less than 120 degrees can be split: such trees are improved once more from there.
        Only what is around nodes that are `waiting` is looked at, by default everything.
        """
        least, best = self._minimum(tree, progress, np.ones(len(tree), dtype=bool) if waiting is None else waiting)
        narrow = self._narrow(best)
        for _ in range(_MOST_ROUNDS * self.n):
            if not len(narrow):
                return least, best
            tree = self.settled(to_full(self.points, best))
            length, network = self._minimum(tree, progress, _around(tree, narrow))
            left = self._narrow(network)
            # Where edges are 1e-12 of the longest, the length does not show what splitting a vertex brings.
            if length > least or (length >= least * (1 - _SHORTER) and len(left) >= len(narrow)):
                return least, best
            least, best, narrow = length, network, left
        self.stopped = True
        return least, best

    def _narrow(self, network: Network) -> NDArray[np.intp]:
        """The vertices of the network at which edges meet at less than 120 degrees."""
        return np.flatnonzero(are_narrow(network.vertices(self.points), network.edges))

    def _minimum(self, tree: FullTree, progress: Progress, waiting: NDArray[np.bool_]) -> tuple[float, Network]:
        """Improve a full tree, in place, around what is waiting; gives the length, and the tree at its minimum."""
        if len(tree) > 2 * _REGION and waiting.all():
            waiting = self._improve_regions(tree, progress)
        task = progress.add_task("Local search", total=len(waiting))
        for _ in self.improve(tree, waiting, _CHUNK):
            progress.update(task, completed=len(waiting) - int(waiting.sum()))
        progress.remove_task(task)
        network = shortest_of_topology(to_network(self.settled(tree), self.points), self.points)
        return network.length(self.points), network

    def _improve_regions(self, tree: FullTree, progress: Progress) -> NDArray[np.bool_]:
        """Improve a large full tree, in place, in ever larger regions; gives what is left to be looked at."""
        waiting = np.ones(len(tree), dtype=bool)
        most = _REGION
        while 2 * most < len(tree):
            parts = regions(tree, most)
            # Threads, as each writes rows of its own; the search has its bars, and `_jobs.run` would open more.
            jobs = joblib.Parallel(n_jobs=self.n_jobs, require="sharedmem", return_as="generator_unordered")
            task = progress.add_task("Local search in regions", total=len(parts))
            for stopped in jobs(joblib.delayed(self._improve_region)(part, tree, waiting) for part in parts):
                self.stopped |= stopped
                progress.advance(task)
            progress.remove_task(task)
            waiting = beside_others(tree, parts, self.close)
            most *= _GROWTH
        return waiting

    def _improve_region(self, region: Region, tree: FullTree, waiting: NDArray[np.bool_]) -> bool:
        """Improve what is waiting in one region of a full tree, in place; True if that has come to its bound."""
        part = region.cut_out(tree)
        search = LocalSearch(BallPoints(part.z[: part.n], part.gap[: part.n]), region.close(self.close))
        for _ in search.improve(part, waiting[region.nodes], _CHUNK):
            pass
        region.put_back(part, tree)
        return search.stopped


def _around(tree: FullTree, vertices: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Nodes that some vertices of a network may have become; all if one of the vertices is a Steiner point."""
    waiting = np.zeros(len(tree), dtype=bool)
    waiting[vertices[vertices < tree.n]] = True
    for _ in range(_STEPS_AROUND):
        beside = tree.near[waiting]
        waiting[beside[beside >= 0]] = True
    return waiting if (vertices < tree.n).all() else np.ones_like(waiting)


def local_tree(search: LocalSearch, greedy: Network, progress: Progress) -> Network:
    """Short tree by local search from the greedy tree, and from another start or by some rounds of escape."""
    points = search.points
    length, found = search.descend(search.settled(to_full(points, greedy)), progress)
    if not is_large(search.n):
        other = search.descend(search.settled(neighbor_joining(points)), progress)
        length, found = min((length, found), other, key=lambda tree: tree[0])
    elif search.n <= _ESCAPES:
        length, found = min((length, found), _escaped(search, found, progress), key=lambda tree: tree[0])
    if length < (1 - _LAID_OUT) * greedy.length(points):
        return found
    # From polar radius 30 or so rounding may eat up all that the search has gained.
    return min(found, shortest_of_topology(greedy, points), key=lambda network: network.length(points))


def _escaped(search: LocalSearch, found: Network, progress: Progress) -> tuple[float, Network]:
    """The length and the tree after a few rounds of escape from a local optimum."""
    rounds = _ESCAPES // search.n
    tree = to_full(search.points, found)
    if not search.escape(tree, rounds, default_rng(0)):
        return found.length(search.points), found
    # Each round ends with a search around what it has changed.
    return search.descend(tree, progress, np.zeros(len(tree), dtype=bool))
