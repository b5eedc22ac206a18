"""`method="thorough"`: local search from many starts, with a way out of local optima, and the best of all parts.

Each chain starts from a tree of its own (the first from the result of `"local"`, the others from spanning trees of
distances with noise), escapes from local optima until nothing has helped for long, and leaves its components in a pool.
The best tree that the pool can make is the start of a last chain. Chains know nothing of each other, so that their
number and the seed decide the result, however many run at once. It may be stopped at any time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import joblib
import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray
from rich.progress import Progress

from ..delaunay import spanning_tree_edges
from ..geometry import ball_distance
from ..models import BallPoints
from ._full_tree import FullTree
from ._network import Network, to_full
from .components import Pool
from .local import LocalSearch

_RESTARTS = 8
# A chain ends when so many rounds a terminal have not helped.
_PATIENCE = 4
# At so many rounds a terminal it is stopped; those that end by themselves make 4 to 7.
_MOST_ROUNDS = 100
_CHUNK = 20
_CHUNK_OF_NODES = 2000
# Distances are multiplied by 1 to 1 + this for the spanning trees that chains start from.
_NOISE = 0.5
# Recombining takes memory for all components times as many cuts as there are terminals.
_MOST_POOLED = 2000
# Of a time limit the chains get this share, the concatenation half of what is left then.
_SHARE = 0.8


class ThoroughSearch:
    """What the chains share.

    Parameters
    ----------
    local : LocalSearch
    start : Network
        A local optimum, the start of the first chain.
    mst : ndarray of shape (n - 1, 2), int64
    n_restarts : int, optional
        Chains after the first; without it 8, or as many as the time allows.
    time_limit : float, optional
        Seconds.
    seed : int
    n_jobs : int, optional
    """

    def __init__(
        self,
        local: LocalSearch,
        start: Network,
        mst: NDArray[np.int64],
        *,
        n_restarts: int | None,
        time_limit: float | None,
        seed: int,
        n_jobs: int | None,
    ) -> None:
        self.local, self.start = local, start
        self.n_jobs = n_jobs
        self._edges, self._lengths = _graph(local.points, local.close, mst)
        self._seeds = SeedSequence(seed)
        self._chains = _RESTARTS if n_restarts is None and time_limit is None else n_restarts
        now = time.monotonic()
        self._end = np.inf if time_limit is None else now + time_limit
        self._chains_end = np.inf if time_limit is None else now + _SHARE * time_limit
        self._stop = Event()
        self._running: set[SeedSequence] = set()
        self._ended: list[tuple[Network, float]] = []
        self._pool = Pool(local.points)
        # Whatever the chains leave, the pool makes a tree.
        self._pool.add(Network(local.points.take(np.s_[:0]), mst))

    def run(self, progress: Progress) -> Network:
        """The shortest tree found, after all chains, at the end of the time or at Ctrl-C."""
        best, least = self.start, self.start.length(self.local.points)
        task = progress.add_task("Thorough search", total=self._chains)
        try:
            for found, length in self._all_chains():
                self._pool.add(found)
                if length < least:
                    best, least = found, length
                progress.update(task, advance=1, description=f"Thorough search: length {least:.6g}")
            if self._stop.is_set() or time.monotonic() >= self._end or self.local.n > _MOST_POOLED:
                return best
            left = None if self._end == np.inf else max((self._end - time.monotonic()) / 2, 0.0)
            merged = to_full(self.local.points, self._pool.best(left))
            found, length = self._escape(self.local, merged, default_rng(self._seeds.spawn(1)[0]), self._end)
            if length < least:
                best = found
        except KeyboardInterrupt:
            self._stop.set()
            # Chains in other threads end within a chunk, and what they have found counts.
            while self._running:
                time.sleep(0.01)
            best, _ = min([(best, least), *self._ended], key=lambda found: found[1])
        finally:
            progress.remove_task(task)
        return best

    def _all_chains(self) -> Iterator[tuple[Network, float]]:
        jobs = joblib.Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")
        yield from jobs(joblib.delayed(self._chain)(seed, first) for seed, first in self._tasks())

    def _tasks(self) -> Iterator[tuple[SeedSequence, bool]]:
        """Seeds of the chains, the first from the start, as long as there is time."""
        count = 0
        while self._chains is None or count <= self._chains:
            if time.monotonic() >= self._chains_end or self._stop.is_set():
                return
            yield self._seeds.spawn(1)[0], count == 0
            count += 1

    def _chain(self, seed: SeedSequence, first: bool) -> tuple[Network, float]:
        self._running.add(seed)
        try:
            found = self._search(seed, first)
            self._ended.append(found)
            return found
        finally:
            self._running.remove(seed)

    def _search(self, seed: SeedSequence, first: bool) -> tuple[Network, float]:
        rng = default_rng(seed)
        local = LocalSearch(self.local.points, self.local.close)
        if first:
            tree = to_full(local.points, self.start)
        else:
            lengths = self._lengths * rng.uniform(1, 1 + _NOISE, size=len(self._lengths))
            edges = self._edges[spanning_tree_edges(local.n, self._edges, lengths)]
            none = BallPoints(np.empty((0, local.points.d)), np.empty(0))
            tree = local.settled(to_full(local.points, Network(none, edges)))
            waiting = np.ones(len(tree), dtype=bool)
            for _ in local.improve(tree, waiting, _CHUNK_OF_NODES):
                if time.monotonic() >= self._chains_end or self._stop.is_set():
                    break
        return self._escape(local, tree, rng, self._chains_end)

    def _escape(self, local: LocalSearch, tree: FullTree, rng: Generator, end: float) -> tuple[Network, float]:
        """Escape from local optima until nothing has helped for long; gives the tree at its minimum, and its length."""
        idle = rounds = 0
        try:
            while idle < _PATIENCE * local.n and local.n > 4 and time.monotonic() < end and not self._stop.is_set():
                better = local.escape(tree, _CHUNK, rng)
                idle = 0 if better else idle + _CHUNK
                rounds += _CHUNK
                if rounds >= _MOST_ROUNDS * local.n:
                    local.stopped = True
                    break
        except KeyboardInterrupt:
            # What this chain has found counts; between two chunks the tree is whole.
            self._stop.set()
        length, network = local.descend(tree, Progress(disable=True))
        self.local.stopped |= local.stopped
        return network, length


def _graph(
    points: BallPoints, close: NDArray[np.int64], mst: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Edges to near points and those of the spanning tree, each once, and their lengths."""
    near = np.column_stack([np.repeat(np.arange(len(close)), close.shape[1]), close.ravel()])
    edges = np.unique(np.sort(np.concatenate([near, mst]), axis=1), axis=0)
    return edges, ball_distance(points.take(edges[:, 0]), points.take(edges[:, 1]))
