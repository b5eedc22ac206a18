"""The depth-first enumeration of full topologies, which lower bounds prune.

A partial tree spans some of the terminals; the others are inserted into its edges, one at a time, which reaches every
full topology once (Smith, 1992). Taking a terminal out makes no tree longer, so a lower bound of the partial tree holds
for all that grow from it; and if terminal t on edge e is too long now, t is too long on all that e becomes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import distance, squared_half_chord
from ...kernels.fermat import SMALL_STEP, fermat_distances, join_to_edge
from ...kernels.full_tree import TreeArrays, dissolve, insert, measure
from .convexity import bounded_minimum, first_nodes, polished_minimum

# Shares of the mean edge at which smoothing ends: when asking whether a branch can be cut; for a partial tree; for a
# whole one.
_PROBE_EPS, _NODE_EPS, _LEAF_EPS = 1e-4, 1e-5, 1e-8


class Enumeration(NamedTuple):
    """State of the search. Rows `k` of arrays belong to the partial tree of k terminals that is being looked at."""

    tree: TreeArrays
    """Its Steiner nodes are n..n+k-3."""
    best: TreeArrays
    upper: NDArray[np.float64]
    """Length of `best`; the least of the lower bounds of whole trees that were not cut."""
    at: NDArray[np.int64]
    """k, 0 before the first; number of trees minimised."""
    ends: NDArray[np.int64]
    """Shape (2n - 3, 2): ends of each edge. Of an edge split at a new node the first part keeps the number."""
    present: NDArray[np.bool_]
    places: NDArray[np.float64]
    """Shape (n + 1, n - 2, d + 1): coordinates and gaps of the Steiner nodes at their best."""
    bound: NDArray[np.float64]
    """Shape (n + 1, n, 2n - 3): no whole tree that grows from terminal t on edge e is shorter."""
    growth: NDArray[np.float64]
    """Shape (2^n,): see :func:`least_growth`."""
    picked: NDArray[np.int64]
    """Terminal that is inserted next; the first three are those to begin with."""
    choices: NDArray[np.int64]
    """Shape (n + 1, 2n - 3): the edges it is inserted into, the best first."""
    n_choices: NDArray[np.int64]
    done: NDArray[np.int64]
    """How many of these there are, and how many were tried."""


@njit
def enumerate_topologies(search, bounds, tolerance, most):
    """Begin, or go on until `most` more trees were minimised; True if all topologies were tried or cut.

    What cannot be shorter than ``1 - tolerance`` times the best known tree is cut. To begin is no kernel of its own: it
    would have the same parts, and take another second or two to compile.
    """
    n = len(search.present)
    at = search.at
    grown = False
    if at[0] == 0:
        _start(search, bounds)
        grown = n > 3
    stop = at[1] + most
    while grown or at[1] < stop:
        if grown:
            _reach(search, bounds, tolerance)
            grown = False
            continue
        k = at[0]
        if search.done[k] == search.n_choices[k]:
            if k == 3:
                return True
            at[0] = k - 1
            _take_out(search, k - 1, search.picked[k - 1], search.choices[k - 1, search.done[k - 1] - 1])
            continue
        t, e = search.picked[k], search.choices[k, search.done[k]]
        search.done[k] += 1
        cut = search.upper[0] * (1 - tolerance)
        if search.bound[k, t, e] >= cut:
            continue
        _put_in(search, k, t, e)
        part = first_nodes(search.tree, n + k - 1)
        growth = search.growth[_missing(search)]
        lower = bounded_minimum(part, n, bounds, _LEAF_EPS if k + 1 == n else _NODE_EPS, cut - growth, 0.0)
        lower = max(lower + growth, search.bound[k, t, e])
        at[1] += 1
        if lower >= cut:
            _take_out(search, k, t, e)
        elif k + 1 == n:
            _finish(search, part, bounds, lower)
            _take_out(search, k, t, e)
        else:
            at[0] = k + 1
            _inherit(search, k, e, lower)
            grown = True
    return False


@subkernel
def _start(search, bounds):
    """The only tree of three terminals, and the tree in `best`, finished, as the one to beat."""
    tree, n = search.tree, len(search.present)
    best = first_nodes(search.best, 2 * n - 2)
    lower = max(bounded_minimum(best, n, bounds, _LEAF_EPS, np.inf, 0.0), polished_minimum(best, n, bounds))
    search.upper[0] = measure(search.best)
    search.upper[1] = lower if n == 3 else np.inf
    for v in range(2 * n - 2):
        for i in range(3):
            tree.near[v, i] = -1
    for i in range(3):
        t = search.picked[i]
        tree.near[n, i] = t
        tree.near[t, 0] = n
        search.present[t] = True
        search.ends[i, 0], search.ends[i, 1] = t, n
    join_to_edge(tree.z, tree.gap, n, search.picked[0], search.picked[1], search.picked[2])
    search.at[0] = 3
    lower = bounded_minimum(first_nodes(tree, n + 1), n, bounds, _NODE_EPS, np.inf, 0.0)
    lower += search.growth[_missing(search)]
    for t in range(n):
        for e in range(3):
            search.bound[3, t, e] = lower


@subkernel
def _missing(search):
    """The terminals that are not in the tree, as bits."""
    missing = 0
    for t in range(len(search.present)):
        if not search.present[t]:
            missing |= 1 << t
    return missing


@subkernel
def _put_in(search, k, t, e):
    """Insert terminal t into edge e of the partial tree of k terminals at its best."""
    tree, n = search.tree, len(search.present)
    _put_back(search, k)
    a, b = search.ends[e, 0], search.ends[e, 1]
    v = n + k - 2
    join_to_edge(tree.z, tree.gap, v, t, a, b)
    tree.near[v, 0], tree.near[v, 1], tree.near[v, 2] = t, -1, -1
    tree.near[t, 0] = v
    insert(tree, v, t, a, b)
    search.ends[e, 1] = v
    search.ends[2 * k - 3, 0], search.ends[2 * k - 3, 1] = v, b
    search.ends[2 * k - 2, 0], search.ends[2 * k - 2, 1] = v, t
    search.present[t] = True


@subkernel
def _put_back(search, k):
    """Steiner nodes of the partial tree of k terminals to their best places."""
    tree, n = search.tree, len(search.present)
    d = tree.z.shape[1]
    for v in range(k - 2):
        for c in range(d):
            tree.z[n + v, c] = search.places[k, v, c]
        tree.gap[n + v] = search.places[k, v, d]


@subkernel
def _take_out(search, k, t, e):
    """Undo `_put_in`; Steiner nodes stay where they are."""
    tree, n = search.tree, len(search.present)
    dissolve(tree, n + k - 2, t)
    search.ends[e, 1] = search.ends[2 * k - 3, 1]
    tree.near[t, 0] = -1
    search.present[t] = False


@subkernel
def _finish(search, tree, bounds, lower):
    """A whole tree that was not cut."""
    n = len(search.present)
    lower = max(lower, polished_minimum(tree, n, bounds))
    length = measure(tree)
    search.upper[1] = min(search.upper[1], lower)
    if length < search.upper[0]:
        search.upper[0] = length
        best = search.best
        for v in range(len(tree.near)):
            for i in range(3):
                best.near[v, i] = tree.near[v, i]
                best.lengths[v, i] = tree.lengths[v, i]
            for c in range(tree.z.shape[1]):
                best.z[v, c] = tree.z[v, c]
            best.gap[v] = tree.gap[v]


@subkernel
def _inherit(search, k, e, lower):
    """Bounds of terminals on edges hold for what becomes of the edges."""
    edges = 2 * k - 3
    for t in range(len(search.present)):
        for f in range(edges):
            search.bound[k + 1, t, f] = max(search.bound[k, t, f], lower)
        for f in range(edges, edges + 2):
            search.bound[k + 1, t, f] = max(search.bound[k, t, e], lower)


@subkernel
def _reach(search, bounds, tolerance):
    """A partial tree at its best: bound what may come, and pick the terminal with the fewest edges left."""
    tree, n = search.tree, len(search.present)
    d = tree.z.shape[1]
    k = search.at[0]
    edges = 2 * k - 3
    length = measure(first_nodes(tree, n + k - 2))
    for v in range(k - 2):
        for c in range(d):
            search.places[k, v, c] = tree.z[n + v, c]
        search.places[k, v, d] = tree.gap[n + v]
    search.n_choices[k] = search.done[k] = 0
    cut = search.upper[0] * (1 - tolerance)
    missing = _missing(search)
    fewest, dearest = edges + 1, 0.0
    extra = np.empty((n, edges))
    for t in range(n):
        if search.present[t]:
            continue
        left, least = 0, np.inf
        growth = search.growth[missing ^ (1 << t)]
        for e in range(edges):
            if search.bound[k, t, e] >= cut:
                continue
            extra[t, e] = _insertion(tree, t, search.ends[e, 0], search.ends[e, 1])
            # A tree with the terminal there: if it is short, the best one is.
            if length + extra[t, e] + growth >= cut:
                _probe(search, bounds, k, t, e, cut, growth)
                if search.bound[k, t, e] >= cut:
                    continue
            left += 1
            least = min(least, extra[t, e])
        if left < fewest or (left == fewest and least > dearest):
            fewest, dearest = left, least
            search.picked[k] = t
            if left == 0:
                return
    t = search.picked[k]
    for e in range(edges):
        if search.bound[k, t, e] < cut:
            # In order of length.
            m = search.n_choices[k]
            while m > 0 and extra[t, search.choices[k, m - 1]] > extra[t, e]:
                search.choices[k, m] = search.choices[k, m - 1]
                m -= 1
            search.choices[k, m] = e
            search.n_choices[k] += 1


@subkernel
def _insertion(tree, t, a, b):
    """By how much a tree grows when terminal t is joined to its edge a b."""
    z, gap = tree.z, tree.gap
    side = squared_half_chord(z, gap, a, b)
    x, y, w = fermat_distances(side, squared_half_chord(z, gap, t, b), squared_half_chord(z, gap, t, a), SMALL_STEP)
    return x + y + w - distance(z, gap, a, b)


@subkernel
def _probe(search, bounds, k, t, e, cut, growth):
    """Raise the bound of terminal t on edge e, to `cut` if it gets there."""
    n = len(search.present)
    _put_in(search, k, t, e)
    lower = bounded_minimum(first_nodes(search.tree, n + k - 1), n, bounds, _PROBE_EPS, cut - growth, cut - growth)
    search.bound[k, t, e] = max(search.bound[k, t, e], lower + growth)
    search.at[1] += 1
    _take_out(search, k, t, e)
    _put_back(search, k)
    measure(first_nodes(search.tree, n + k - 2))
