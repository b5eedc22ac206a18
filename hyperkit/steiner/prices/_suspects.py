"""All sets of terminals that a component which is shorter than its price can have: branches, joined bottom-up."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ._prices import spanning_price
from .kernels.branches import closing_terminals, join_branches
from .kernels.cells import PI, Cells
from .kernels.other_trees import Branches
from .kernels.rules import Problem

# Rules that tests switch off one by one; the first, on angles, is what makes the search finite.
RULES = ("angle", "budget", "spanning tree", "lune", "other trees")
# Pairs of branches between two looks at the clock, at most: some hundredths of a second.
_CHUNK = 64


class Enumerated(NamedTuple):
    """What a component that is shorter than its price can be, and how it was found."""

    sets: list[tuple[int, ...]]
    """Sets of three or more terminals, ascending: those of which it must be looked at further."""
    n_branches: list[int]
    """How many branches of 1, 2, ... terminals were left."""
    pruned: NDArray[np.int64]
    """How many cells each rule has ruled out."""


def suspects(
    terminals: NDArray[np.complex128],
    price: NDArray[np.float64],
    progress: Progress,
    deadline: float,
    *,
    slack: float = 0.0,
    without: str | None = None,
) -> Enumerated | None:
    """Sets of terminals among which is one with a tree shorter than its price, if there is any.

    With slack: all that may be components of a shortest tree which are not longer than their price by more than that,
    if none is shorter.

    None: there was not the time, or one pair of branches would have taken too much of it.

    Parameters
    ----------
    terminals : ndarray of shape (n,), complex128
        Points of the Poincaré disk.
    price : ndarray of shape (n, n), float64
        Prices are an ultrametric, at most the distances.
    progress : rich.progress.Progress
    deadline : float
        By ``time.monotonic()``.
    slack : float, default=0
    without : str, optional
        One of `RULES` but the first, which is not used.
    """
    rules = np.array([rule != without for rule in RULES])
    rim = float(np.abs(terminals).max()) * (1 + 1e-9)
    problem = Problem(terminals, price, rim, slack, rules)
    search = _Search(problem)
    size = largest = 1
    task = progress.add_task("Branches", total=None)
    try:
        while size < len(terminals) - 1 and size < 2 * max(largest, 2):
            size += 1
            progress.update(task, description=f"Branches of {size} terminals, after {search.count(size - 1)}")
            if not search.grow(size, deadline):
                return None
            if search.count(size):
                largest = size
    finally:
        progress.remove_task(task)
    return Enumerated(sorted(search.sets), [search.count(k) for k in range(1, size + 1)], search.pruned)


class _Search:
    """Branches of all sizes so far. Branch numbers go up with size."""

    def __init__(self, problem: Problem) -> None:
        n = len(problem.terminals)
        self.n, self.problem = n, problem
        self.pruned = np.zeros(len(RULES), dtype=np.int64)
        self.sets: set[tuple[int, ...]] = set()
        self.starts = [0, 0, n]  # of each size, by number of terminals
        members = np.full((n, n), -1)
        members[:, 0] = np.arange(n)
        none = np.full(n, -1)
        self.branches = Branches(
            np.ones(n, dtype=np.int64), np.arange(n + 1), none, none.copy(), members,
            np.zeros((n, max(n - 1, 1), 2), dtype=np.int64), np.zeros(n),
            np.zeros((n, max(n - 1, 1)), dtype=np.complex128), np.zeros(n, dtype=bool),
        )  # fmt: skip
        self.cells = Cells(
            problem.terminals.copy(), np.zeros(n), np.ones(n, complex), np.full(n, PI), np.zeros(n), np.full(n, -1)
        )
        self.inside = np.eye(n, dtype=bool)
        self.nearest = problem.price.copy()
        self.centre, self.radius = problem.terminals.copy(), np.zeros(n)

    def count(self, size: int) -> int:
        """How many branches there are of a size."""
        return self.starts[size + 1] - self.starts[size]

    def grow(self, size: int, deadline: float) -> bool:
        """Find all branches of a size, of smaller ones, and what they can be components of; False: too long."""
        left, right, counts, cells = [], [], [], []
        for own in range(1, size // 2 + 1):
            for i in range(self.starts[own], self.starts[own + 1]):
                partners = self._partners(i, size - own)
                while len(partners):
                    if time.monotonic() > deadline:
                        return False
                    some = partners[:_CHUNK]
                    number, *found = join_branches(i, some, self.branches, self.cells, self.problem, self.pruned)
                    if number[-1] < 0:
                        return False
                    some, partners = partners[: len(number)], partners[len(number) :]
                    alive = number > 0
                    left.append(np.full(alive.sum(), i))
                    right.append(some[alive])
                    counts.append(number[alive])
                    cells.append(Cells(*found))
        first = len(self.branches.size)
        if any(len(part) for part in left):
            self._append(size, np.concatenate(left), np.concatenate(right), np.concatenate(counts), cells)
        self.starts.append(len(self.branches.size))
        for i in range(first, len(self.branches.size)):
            if time.monotonic() > deadline:
                return False
            members = self.branches.members[i, :size].tolist()
            for q in np.flatnonzero(closing_terminals(i, self.branches, self.cells, self.problem)).tolist():
                self.sets.add(tuple(sorted([*members, q])))
        return True

    def _partners(self, i: int, size: int) -> NDArray[np.int64]:
        """Branches of a size that have no terminal of branch i, and are not too far from it."""
        numbers = np.arange(max(self.starts[size], i + 1), self.starts[size + 1])
        numbers = numbers[~self.inside[numbers][:, self.inside[i]].any(axis=1)]
        longest = np.where(self.inside[numbers], self.nearest[i], np.inf).min(axis=1, initial=np.inf)
        near = _distance(self.centre[i], self.centre[numbers]) <= (
            self.radius[i] + self.radius[numbers] + 2 * (1 + 1e-6) * (longest + self.problem.slack)
        )
        return numbers[near]

    def _append(
        self,
        size: int,
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        counts: NDArray[np.int64],
        cells: list[Cells],
    ) -> None:
        """Note branches of a size, the first halves of which are `left` and the second ones `right`."""
        old, n = self.branches, self.n
        inside = self.inside[left] | self.inside[right]
        members = np.full((len(left), n), -1)
        members[:, :size] = np.nonzero(inside)[1].reshape(-1, size)
        joins = np.zeros((len(left), max(n - 1, 1), 2), dtype=np.int64)
        for k, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            joins[k, : size - 1] = np.concatenate([*self._joins(i, 0), *self._joins(j, int(old.size[i]) - 1), [[0, 0]]])
            joins[k, size - 2] = [self._root(i, 0), self._root(j, int(old.size[i]) - 1)]
        weight = np.array([spanning_price(self.problem.price, tuple(own)) for own in members[:, :size].tolist()])
        first = np.concatenate([old.first, old.first[-1] + np.cumsum(counts)])
        middle = self.problem.terminals[members[:, :size]].mean(axis=1)
        places = np.repeat(middle[:, None], joins.shape[1], axis=1)
        new = (np.full(len(left), size), left, right, members, joins, weight, places, np.zeros(len(left), dtype=bool))
        kept = (old.size, old.left, old.right, old.members, old.joins, old.weight, old.places, old.warm)
        both = [np.concatenate(pair) for pair in zip(kept, new, strict=True)]
        self.branches = Branches(both[0], first, *both[1:])
        self.cells = Cells(*(np.concatenate(parts) for parts in zip(self.cells, *cells, strict=True)))
        self.inside = np.concatenate([self.inside, inside])
        nearest = np.minimum(self.nearest[left], self.nearest[right])
        self.nearest = np.concatenate([self.nearest, nearest])
        starts = first[len(old.size) : -1]
        middle = np.add.reduceat(self.cells.place, starts) / counts
        far = _distance(np.repeat(middle, counts), self.cells.place[starts[0] :]) + self.cells.radius[starts[0] :]
        self.centre = np.concatenate([self.centre, middle])
        self.radius = np.concatenate([self.radius, np.maximum.reduceat(far, starts - starts[0])])

    def _joins(self, i: int, shift: int) -> list[NDArray[np.int64]]:
        own = self.branches.joins[i, : self.branches.size[i] - 1]
        return [np.where(own >= 0, own + shift, own)] if len(own) else []

    def _root(self, i: int, shift: int) -> int:
        size = int(self.branches.size[i])
        return -1 - int(self.branches.members[i, 0]) if size == 1 else shift + size - 2


def _distance(z: NDArray[np.complex128] | complex, w: NDArray[np.complex128]) -> NDArray[np.float64]:
    square = np.abs(w - z) ** 2 / ((1 - np.abs(z) ** 2) * (1 - np.abs(w) ** 2))
    distances: NDArray[np.float64] = 2 * np.arcsinh(np.sqrt(square))
    return distances
