"""Concatenation: the shortest set of full components that together make a tree over all terminals.

A Steiner tree is the union of its full components, which meet at terminals alone. Given any pool of components, which
of them to take is the minimum spanning tree problem of a hypergraph: a 0/1 program with a cut for every set of
terminals (Warme, 1998). Its linear relaxation is nearly always whole already, so cuts are found there first, exactly,
by minimum cuts; branching is left to HiGHS. Who fills the pool decides what the result is worth.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csgraph

from ..._sparse import sparse_graph

# Cuts that are violated by less are not worth a row; HiGHS itself is right to 1e-7.
_VIOLATED = 1e-5
# Lengths are scaled so that the optimum is about this: HiGHS stops at an absolute gap of 1e-6.
_SCALE = 1e4
# Capacities of the flows are whole numbers.
_FLOW_UNIT = 1e6


class Concatenation(NamedTuple):
    """A spanning hypertree, and what is known about shorter ones."""

    chosen: NDArray[np.int64]
    """Numbers of the components taken, ascending."""
    length: float
    bound: float
    """No spanning hypertree of the pool is shorter (to HiGHS's tolerances, about 1e-9 of the length)."""
    proven: bool
    """The length is the least one."""


def concatenate(
    n: int, members: Sequence[NDArray[np.int64]], lengths: NDArray[np.float64], time_limit: float | None = None
) -> Concatenation:
    """Choose components that make a tree over all terminals, of least total length.

    Deterministic, unless the time limit strikes. Seconds for 300 terminals and some thousands of components.

    Parameters
    ----------
    n : int
        Number of terminals, n >= 2.
    members : sequence of integer arrays
        The terminals of each component, two or more distinct ones. The pairs among them must connect all terminals: the
        edges of a spanning tree, say.
    lengths : ndarray of shape (len(members),), float64
        At least 0.
    time_limit : float, optional
        Seconds, after which the best known is returned.
    """
    deadline = None if time_limit is None else time.monotonic() + time_limit
    return _Program(n, members, lengths).solve(deadline)


class Dual(NamedTuple):
    """The dual of the linear relaxation: what sets of terminals are worth.

    No component T is shorter than the total times ``|T| - 1``, less each share times ``max(|T & S| - 1, 0)``, and of
    all terminals that is the optimum.
    """

    total: float
    sets: list[NDArray[np.bool_]]
    shares: NDArray[np.float64]


def dual_of_relaxation(
    n: int, members: Sequence[NDArray[np.int64]], lengths: NDArray[np.float64], deadline: float
) -> Dual:
    """What sets of terminals are worth by the linear relaxation, or less at the deadline, by ``time.monotonic()``.

    Other parameters are those of `concatenate`.
    """
    program = _Program(n, members, lengths)
    program.solve_relaxation(deadline)
    total, shares = program.dual
    # Rows of single terminals are those of all others, less the row of all.
    return Dual(total + float(shares[:n].sum()), program.sets[: len(shares)], shares)


class _Program:
    """The 0/1 program: ``sum_k (|T_k| - 1) x_k = n - 1`` and ``sum_k max(|T_k & S| - 1, 0) x_k <= |S| - 1``."""

    def __init__(self, n: int, members: Sequence[NDArray[np.int64]], lengths: NDArray[np.float64]) -> None:
        self.n = n
        self.sizes = np.array([len(terminals) for terminals in members])
        starts = np.concatenate([[0], np.cumsum(self.sizes)])
        terminals = np.concatenate(list(members))
        self.incidence = scipy.sparse.csr_array(
            (np.ones(len(terminals)), terminals, starts), shape=(len(self.sizes), n)
        )
        self.terminals = [np.asarray(one) for one in members]
        self.lengths = np.asarray(lengths, dtype=np.float64)
        self.best, self.upper = np.empty(0, dtype=np.int64), np.inf
        # Pairs first: they make a tree, whatever the rest. What is joined on the way makes good first cuts.
        by_pairs = self._join(np.lexsort((self.lengths, self.sizes > 2)))
        by_ratio = self._join(np.argsort(self.lengths / (self.sizes - 1), kind="stable"))
        self.factor = _SCALE / self.upper if self.upper > 0 else 1.0
        self.lower = 0.0
        # Every terminal is in a component: the cuts of all terminals but one.
        self.rows = [-self.incidence.T.tocsr()]
        self.limits = [-np.ones(n)]
        self.sets = list(~np.eye(n, dtype=bool))
        self.dual = 0.0, np.zeros(0)
        self._cut(by_pairs + by_ratio)

    def solve(self, deadline: float | None) -> Concatenation:
        """Cut until the linear relaxation obeys every cut, then branch until a whole solution does."""
        reduced_costs = self._relax(deadline)
        if reduced_costs is not None:
            self._branch(reduced_costs, deadline)
        # Below this HiGHS cannot tell.
        proven = self.upper - self.lower <= 1e-8 * self.upper
        return Concatenation(self.best, self.upper, min(self.lower, self.upper), proven)

    def solve_relaxation(self, deadline: float) -> None:
        """Cut until the linear relaxation obeys every cut; its dual is in `dual`."""
        self._relax(deadline)

    def _relax(self, deadline: float | None) -> NDArray[np.float64] | None:
        """Solve the linear relaxation; gives its reduced costs, or None where nothing is left to do or no time."""
        while True:
            left = _seconds_left(deadline)
            if left == 0:
                return None
            result = linprog(
                self.factor * self.lengths,
                scipy.sparse.vstack(self.rows, format="csr"),
                np.concatenate(self.limits),
                (self.sizes - 1.0)[None, :],
                [self.n - 1.0],
                method="highs",
                options={"time_limit": left},
            )
            if result.status != 0:
                return None
            self.lower = max(self.lower, result.fun / self.factor)
            self.dual = float(result.eqlin.marginals[0]) / self.factor, -result.ineqlin.marginals / self.factor
            joined = self._join(np.lexsort((self.lengths / (self.sizes - 1), -np.round(result.x, 6))))
            if self.upper - self.lower <= 1e-10 * self.upper:
                return None
            if not self._cut(self._worth(result.x, joined) + self._violated(result.x)):
                return np.asarray(result.lower.marginals) / self.factor

    def _branch(self, reduced_costs: NDArray[np.float64], deadline: float | None) -> None:
        """Solve the 0/1 program, with a cut for every part of a solution that falls apart."""
        while True:
            left = _seconds_left(deadline)
            if left == 0:
                return
            # What would cost more than the best known tree cannot be in a better one.
            useful = self.lower + reduced_costs <= self.upper * (1 + 1e-9)
            result = milp(
                self.factor * self.lengths,
                integrality=np.ones(len(self.lengths)),
                bounds=Bounds(0, useful.astype(np.float64)),
                constraints=[
                    LinearConstraint(scipy.sparse.vstack(self.rows, format="csr"), ub=np.concatenate(self.limits)),
                    LinearConstraint((self.sizes - 1.0)[None, :], self.n - 1, self.n - 1),
                ],
                options={"time_limit": left, "mip_rel_gap": 0.0},
            )
            if result.mip_dual_bound is not None:
                self.lower = max(self.lower, result.mip_dual_bound / self.factor)
            if result.x is None:
                return
            x = np.round(result.x)
            parts = self._parts(x)
            if len(parts) == 1:
                self._improve(np.flatnonzero(x))
            if result.status != 0 or not self._cut(self._worth(x, parts)):
                return

    def _cut(self, sets: list[NDArray[np.bool_]]) -> bool:
        """Add the cuts of these sets of terminals; False if there are none."""
        if not sets:
            return False
        chosen = np.unique(np.array(sets), axis=0)
        inside = self.incidence @ chosen.T.astype(np.float64)
        self.sets.extend(chosen)
        self.rows.append(scipy.sparse.csr_array(np.maximum(inside - 1, 0).T))
        self.limits.append(chosen.sum(axis=1) - 1.0)
        return True

    def _worth(self, x: NDArray[np.float64], sets: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
        """Those of the sets whose cuts `x` violates."""
        if not sets:
            return []
        inside = self.incidence @ np.array(sets).T.astype(np.float64)
        excess = x @ np.maximum(inside - 1, 0) - (np.array([one.sum() for one in sets]) - 1)
        return [one for one, more in zip(sets, excess, strict=True) if more > _VIOLATED]

    def _parts(self, x: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
        """The connected parts of the components with positive `x`, as sets of terminals."""
        chosen = self.incidence[np.flatnonzero(x > 1e-9)]
        return [part for part in _connected(chosen) if part.any()]

    def _violated(self, x: NDArray[np.float64]) -> list[NDArray[np.bool_]]:
        """Sets of terminals whose cuts `x` violates; some if there are any."""
        # The total is n - 1, so of several parts one has too much.
        found = self._parts(x)
        support = np.flatnonzero(x > 1e-9)
        incidence = self.incidence[support]
        active = np.ones(self.n, dtype=bool)
        while True:
            active = _core(incidence, x[support], active)
            if not active.any():
                return self._worth(x, found)
            root = int(np.argmax(active))
            found.append(_fullest(incidence, x[support], active, root))
            active[root] = False

    def _join(self, order: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
        """Take components in this order, each that joins as many parts as it has terminals; note the tree they make.

        Gives the sets of terminals that were joined on the way.
        """
        part = np.arange(self.n)
        chosen, sets = [], []
        for k in order:
            touched = part[self.terminals[k]]
            if len(set(touched.tolist())) < self.sizes[k]:
                continue
            joined = (part[:, None] == touched).any(axis=1)
            part[joined] = touched[0]
            chosen.append(k)
            if joined.all():
                self._improve(np.sort(np.array(chosen)))
                break
            sets.append(joined)
        return sets

    def _improve(self, chosen: NDArray[np.int64]) -> None:
        length = float(self.lengths[chosen].sum())
        if length < self.upper:
            self.best, self.upper = chosen, length


def _seconds_left(deadline: float | None) -> float:
    return 1e9 if deadline is None else max(deadline - time.monotonic(), 0.0)


def _connected(incidence: scipy.sparse.csr_array) -> list[NDArray[np.bool_]]:
    """Connected parts of a hypergraph, as sets of vertices."""
    n_edges, n = incidence.shape
    edge, vertex = incidence.nonzero()
    pairs = np.column_stack([edge, n_edges + vertex])
    count, label = csgraph.connected_components(sparse_graph(n_edges + n, pairs), directed=False)
    return [label[n_edges:] == part for part in range(count)]


def _core(incidence: scipy.sparse.csr_array, x: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out, again and again, terminals whose components add up to no more than 1 in what is left.

    Leaving one out makes no cut less violated.
    """
    while True:
        shared = incidence @ active.astype(np.float64) >= 2
        fewer = active & (incidence.T @ (x * shared) > 1 + 1e-7)
        if (fewer == active).all():
            return active
        active = fewer


def _fullest(
    incidence: scipy.sparse.csr_array, x: NDArray[np.float64], active: NDArray[np.bool_], root: int
) -> NDArray[np.bool_]:
    """The set of active terminals, `root` among them, whose cut is violated most (Warme, 1998).

    With b_t the sum of x over the components of t, the left side less |S| is ``sum_(t in S) (b_t - 1)`` less the sum of
    x over components that S touches: a closure problem, which is a minimum cut.
    """
    rows = np.flatnonzero(incidence @ active.astype(np.float64) >= 2)
    columns = np.flatnonzero(active)
    part = scipy.sparse.coo_array(incidence[rows][:, columns])
    units = np.round(x[rows] * _FLOW_UNIT)
    profit = part.T @ units - _FLOW_UNIT
    profit[np.searchsorted(columns, root)] += 2 * _FLOW_UNIT
    n, m = len(columns), len(rows)
    source, sink = n + m, n + m + 1
    tail = np.concatenate([np.full(n, source), part.col, n + np.arange(m)])
    head = np.concatenate([np.arange(n), n + part.row, np.full(m, sink)])
    # Dearer than what it leads to, so that it is never cut.
    capacity = np.concatenate([np.maximum(profit, 0), 2 * units[part.row] + 1, units])
    graph = sparse_graph(n + m + 2, np.column_stack([tail, head]), capacity.astype(np.int32))
    residual = graph - csgraph.maximum_flow(graph, source, sink).flow
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    reached = csgraph.breadth_first_order(residual, source, return_predecessors=False)
    result = np.zeros(incidence.shape[1], dtype=bool)
    result[columns[reached[reached < n]]] = True
    result[root] = True
    return result
