"""Lower bounds of trees of fixed topology, and the depth-first enumeration of topologies that they prune.

A partial tree spans some of the terminals; the others are inserted into its edges, one at a time, which reaches every
full topology once (Smith, 1992). Taking a terminal out makes no tree longer, so a lower bound of the partial tree holds
for all that grow from it; and if terminal t on edge e is too long now, t is too long on all that e becomes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compilation import njit
from ._kernels_fermat import SMALL_STEP, distance, fermat_distances, join_to_edge, squared_half_chord
from ._kernels_newton import _derivatives, _direction, _inwards, _newton_step, _step
from ._kernels_topology import FullTree, dissolve, insert, measure

_FIRST_EPS, _EPS_FACTOR = 0.03, 0.1
# Shares of the mean edge at which smoothing ends: when asking whether a branch can be cut; for a partial tree; for a
# whole one.
_PROBE_EPS, _NODE_EPS, _LEAF_EPS = 1e-4, 1e-5, 1e-8
_MAX_STEPS = 30
# Steiner nodes nearer to a terminal than this share of the mean edge are tried at the terminal itself.
_SNAPPED = 1e-4
_POLISHED_EPS = 1e-11
# Bound on the error of a distance over the sum of 1 / gap of its ends: rounded coordinates are that far off.
_ROUNDING = 4 * 2.0**-53


class Bounds(NamedTuple):
    """What a lower bound needs to know of the terminals: the ball that holds their convex hull."""

    centre: int
    """The terminal from which the farthest other is nearest."""
    reach: float
    """The distance to that."""


class Enumeration(NamedTuple):
    """State of the search. Rows `k` of arrays belong to the partial tree of k terminals that is being looked at."""

    tree: FullTree
    """Its Steiner nodes are n..n+k-3."""
    best: FullTree
    upper: NDArray[np.float64]
    """Length of `best`; the least of the lower bounds of whole trees that were not cut."""
    at: NDArray[np.int64]
    """k; number of trees minimised."""
    ends: NDArray[np.int64]
    """Shape (2n - 3, 2): ends of each edge. Of an edge split at a new node the first part keeps the number."""
    present: NDArray[np.bool_]
    places: NDArray[np.float64]
    """Shape (n + 1, n - 2, d + 1): coordinates and gaps of the Steiner nodes at their best."""
    bound: NDArray[np.float64]
    """Shape (n + 1, n, 2n - 3): no whole tree that grows from terminal t on edge e is shorter."""
    credit: NDArray[np.float64]
    """Shape (2^n,): see :func:`credits`."""
    picked: NDArray[np.int64]
    """Terminal that is inserted next."""
    choices: NDArray[np.int64]
    """Shape (n + 1, 2n - 3): the edges it is inserted into, the best first."""
    n_choices: NDArray[np.int64]
    done: NDArray[np.int64]
    """How many of these there are, and how many were tried."""


@njit
def bounded_minimum(tree, n, bounds, last_eps, cut, enough):
    """Move Steiner nodes n... towards the minimum of the length; gives a lower bound of that minimum.

    Stops when the bound reaches `cut`, or when the length falls below `enough`.

    With c = l / sqrt(l^2 + eps^2) <= 1 for each edge of length l, the sum of c l is at most the length and, for fixed
    c, convex; its gradient g is that of the smoothed length. So no tree of this topology whose node v is within R_v of
    where it is now is shorter than ``sum c l - sum_v |g_v| R_v``. The shortest one is in the hull of the terminals.
    """
    total = measure(tree)
    size, d = tree.z.shape
    links = _links(tree.near, n)
    order, parent = _inwards(links[0], links[1], n)
    gradient, diagonal = np.empty((size - n, d)), np.empty((size - n, d, d))
    hessian = gradient, diagonal, np.empty((size - n, d, d))
    old_z, old_gap = np.empty((size - n, d)), np.empty(size - n)
    edges = 2 * (size - n) + 1
    scale = total / edges
    eps = _FIRST_EPS * scale
    lower = 0.0
    while total > 0:
        for _ in range(_MAX_STEPS):
            length = _derivatives(order, links, n, tree.z, tree.gap, eps, parent, hessian)
            if length < enough:
                return lower
            pull = _pull(tree, n, bounds, gradient)
            value = _dual_length(tree, n, eps)
            lower = max(lower, value - pull)
            if lower >= cut:
                return lower
            slope = _newton_step(order, parent, hessian)
            if not _step(order, links, n, tree.z, tree.gap, eps, length, gradient, slope, old_z, old_gap):
                break
            # Where the bound is all but good enough, the gradient is what is missing.
            if value < cut and -slope <= 0.1 * eps * n and (eps > last_eps * scale or -slope <= 1e-13 * length):
                break
        if eps <= last_eps * scale:
            break
        eps *= _EPS_FACTOR
    return lower


@njit
def _links(near, n):
    """Neighbours of the Steiner nodes, as `_kernels_newton` takes them."""
    start, heads = np.empty(len(near) - n + 1, np.int64), np.empty(3 * (len(near) - n), np.int64)
    for v in range(len(start)):
        start[v] = 3 * v
    for v in range(n, len(near)):
        for k in range(3):
            heads[3 * (v - n) + k] = near[v, k]
    return start, heads


@njit
def _pull(tree, n, bounds, gradient):
    """What the gradient may gain within the hull: the sum of |g_v| R_v."""
    pull = 0.0
    for v in range(n, len(tree.z)):
        pull += _norm(gradient, v - n) * (distance(tree.z, tree.gap, v, bounds.centre) + bounds.reach)
    return pull


@njit
def _norm(vectors, row):
    squared = 0.0
    for c in range(vectors.shape[1]):
        squared += vectors[row, c] ** 2
    return math.sqrt(squared)


@njit
def _dual_length(tree, n, eps):
    """The sum of l^2 / sqrt(l^2 + eps^2), less what rounding may have added."""
    near, _, z, gap = tree
    total = 0.0
    for v in range(n, len(near)):
        for k in range(3):
            w = near[v, k]
            if w < v:
                length = distance(z, gap, v, w)
                total += length * length / math.sqrt(length * length + eps * eps) if length > 0 else 0.0
                total -= _ROUNDING * (1 / gap[v] + 1 / gap[w])
    return total


@njit
def polished_minimum(tree, n, bounds):
    """Finish a tree near its minimum: put collapsed Steiner nodes on their terminals; gives a sharper lower bound.

    A node on its terminal is at its best if the pull of its other two edges is at most 1. The bound is as in
    `bounded_minimum`; the edge of length 0 takes up to 1 of the pull.
    """
    total = measure(tree)
    size, d = tree.z.shape
    links = _links(tree.near, n)
    order, parent = _inwards(links[0], links[1], n)
    gradient, diagonal = np.empty((size - n, d)), np.empty((size - n, d, d))
    hessian = gradient, diagonal, np.empty((size - n, d, d))
    old_z, old_gap = np.empty((size - n, d)), np.empty(size - n)
    first_z, first_gap = tree.z.copy(), tree.gap.copy()
    scale = total / (2 * (size - n) + 1)
    pinned = np.zeros(size - n, np.bool_)
    for v in range(n, size):
        for k in range(3):
            w = tree.near[v, k]
            if w < n and tree.lengths[v, k] <= _SNAPPED * scale and not pinned[v - n]:
                pinned[v - n] = True
                for c in range(d):
                    tree.z[v, c] = tree.z[w, c]
                tree.gap[v] = tree.gap[w]
    eps = _POLISHED_EPS * scale
    lower = 0.0
    for _ in range(_MAX_STEPS):
        length = _derivatives(order, links, n, tree.z, tree.gap, eps, parent, hessian)
        for v in range(size - n):
            norm = _norm(gradient, v)
            for c in range(d):
                if pinned[v]:
                    gradient[v, c] *= 1 - 1 / norm if norm > 1 else 0.0
        lower = max(lower, _dual_length(tree, n, eps) - _pull(tree, n, bounds, gradient))
        for v in range(size - n):
            for c in range(d):
                if pinned[v]:
                    gradient[v, c] = 0.0
                    diagonal[v, c, c] += 1e100
        slope = _newton_step(order, parent, hessian)
        if -slope <= 1e-18 * length:
            break
        if not _step(order, links, n, tree.z, tree.gap, eps, length, gradient, slope, old_z, old_gap):
            break
    if measure(tree) > total:
        for v in range(n, size):
            for c in range(d):
                tree.z[v, c] = first_z[v, c]
            tree.gap[v] = first_gap[v]
        measure(tree)
    return lower


@njit
def first_nodes(tree, size):
    """The first nodes of a tree."""
    return FullTree(tree.near[:size], tree.lengths[:size], tree.z[:size], tree.gap[:size])


@njit
def credits(z, gap):
    """By how much any tree grows, at least, from the terminals that it lacks: for each set of these, as bits.

    Let D be the distance of terminal t from the convex hull of others, and H the half-space beyond the hyperplane that
    touches the hull where it is nearest. At height y above that hyperplane, ``dl^2 = dy^2 + cosh^2 y dx^2``, so that
    dl is at least ``tanh y |dy| + |dx|``. A tree over t and the others runs up to t, and moved down to the hyperplane
    what is in H of it still joins the others as it did. So without t it is shorter by log cosh D. Terminals leave one
    by one, in the best order: O(2^n n^2 d).
    """
    n, d = z.shape
    distances = np.empty((n, n))
    seen = np.empty((n, n, d))
    for t in range(n):
        for w in range(n):
            distances[t, w] = distance(z, gap, t, w)
            _direction(z, gap, t, w, seen[t, w])
    credit = np.zeros(1 << n)
    others = np.empty(n, np.int64)
    for missing in range(1, 1 << n):
        count = 0
        for w in range(n):
            if not missing >> w & 1:
                others[count] = w
                count += 1
        if count < 2:
            continue
        for t in range(n):
            if missing >> t & 1:
                height = _height(distances[t], seen[t], others[:count])
                gain = height + math.log1p(math.exp(-2 * height)) - math.log(2)
                # Directions are rounded.
                credit[missing] = max(credit[missing], credit[missing ^ (1 << t)] + (1 - 1e-6) * gain)
    return credit


@njit
def _height(distances, seen, others):
    """Distance from a point to about the convex hull of others, from below: some hyperplane is that far off.

    In the Klein model about the point this is a Euclidean hull; Gilbert's method finds its point of least norm.
    """
    d = seen.shape[1]
    point, axis = np.empty(d), np.empty(d)
    nearest = others[0]
    for w in others:
        if distances[w] < distances[nearest]:
            nearest = w
    for c in range(d):
        point[c] = math.tanh(distances[nearest]) * seen[nearest, c]
    best = 0.0
    for _ in range(20):
        norm = 0.0
        for c in range(d):
            norm += point[c] * point[c]
        norm = math.sqrt(norm)
        if norm == 0:
            return best
        for c in range(d):
            axis[c] = point[c] / norm
        # A hyperplane across the axis at tanh D has w on its far side iff tanh(distance) cos(angle) >= tanh D.
        worst, at = -1.0, nearest
        for w in others:
            short = 0.0
            for c in range(d):
                short += (axis[c] - seen[w, c]) ** 2
            cosine = 1 - short / 2
            lack = short / 2 + cosine * 2 / (math.exp(2 * distances[w]) + 1)
            if lack > worst:
                worst, at = lack, w
        height = 0.5 * math.log((2 - worst) / worst) if worst < 1 else 0.0
        if height <= best + 1e-3 and best > 0:
            return max(best, height)
        best = max(best, height)
        # The nearest point of the segment to the one that is in the way.
        along, squared = 0.0, 0.0
        for c in range(d):
            step = math.tanh(distances[at]) * seen[at, c] - point[c]
            along -= step * point[c]
            squared += step * step
        if squared == 0:
            return best
        share = min(max(along / squared, 0.0), 1.0)
        for c in range(d):
            point[c] += share * (math.tanh(distances[at]) * seen[at, c] - point[c])
    return best


@njit
def start_enumeration(search, bounds, triple, tolerance):
    """Begin with the only tree of three terminals, and the tree in `best`, finished, as the one to beat."""
    tree, n = search.tree, len(search.present)
    best = first_nodes(search.best, 2 * n - 2)
    lower = max(bounded_minimum(best, n, bounds, _LEAF_EPS, np.inf, 0.0), polished_minimum(best, n, bounds))
    search.upper[0] = measure(search.best)
    search.upper[1] = lower if n == 3 else np.inf
    for v in range(2 * n - 2):
        for i in range(3):
            tree.near[v, i] = -1
    for i in range(3):
        t = triple[i]
        tree.near[n, i] = t
        tree.near[t, 0] = n
        search.present[t] = True
        search.ends[i, 0], search.ends[i, 1] = t, n
    join_to_edge(tree.z, tree.gap, n, triple[0], triple[1], triple[2])
    search.at[0] = 3
    if n > 3:
        lower = (
            bounded_minimum(first_nodes(tree, n + 1), n, bounds, _NODE_EPS, np.inf, 0.0)
            + search.credit[_missing(search)]
        )
        for t in range(n):
            for e in range(3):
                search.bound[3, t, e] = lower
        _reach(search, bounds, tolerance)


@njit
def enumerate_topologies(search, bounds, tolerance, most):
    """Go on until `most` more trees were minimised; True if all topologies were tried or cut.

    What cannot be shorter than ``1 - tolerance`` times the best known tree is cut.
    """
    n = len(search.present)
    at = search.at
    stop = at[1] + most
    while at[1] < stop:
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
        credit = search.credit[_missing(search)]
        lower = bounded_minimum(part, n, bounds, _LEAF_EPS if k + 1 == n else _NODE_EPS, cut - credit, 0.0)
        lower = max(lower + credit, search.bound[k, t, e])
        at[1] += 1
        if lower >= cut:
            _take_out(search, k, t, e)
        elif k + 1 == n:
            _finish(search, part, bounds, lower)
            _take_out(search, k, t, e)
        else:
            at[0] = k + 1
            _inherit(search, k, e, lower)
            _reach(search, bounds, tolerance)
    return False


@njit
def _missing(search):
    """The terminals that are not in the tree, as bits."""
    missing = 0
    for t in range(len(search.present)):
        if not search.present[t]:
            missing |= 1 << t
    return missing


@njit
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


@njit
def _put_back(search, k):
    """Steiner nodes of the partial tree of k terminals to their best places."""
    tree, n = search.tree, len(search.present)
    d = tree.z.shape[1]
    for v in range(k - 2):
        for c in range(d):
            tree.z[n + v, c] = search.places[k, v, c]
        tree.gap[n + v] = search.places[k, v, d]


@njit
def _take_out(search, k, t, e):
    """Undo `_put_in`; Steiner nodes stay where they are."""
    tree, n = search.tree, len(search.present)
    dissolve(tree, n + k - 2, t)
    search.ends[e, 1] = search.ends[2 * k - 3, 1]
    tree.near[t, 0] = -1
    search.present[t] = False


@njit
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


@njit
def _inherit(search, k, e, lower):
    """Bounds of terminals on edges hold for what becomes of the edges."""
    edges = 2 * k - 3
    for t in range(len(search.present)):
        for f in range(edges):
            search.bound[k + 1, t, f] = max(search.bound[k, t, f], lower)
        for f in range(edges, edges + 2):
            search.bound[k + 1, t, f] = max(search.bound[k, t, e], lower)


@njit
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
        credit = search.credit[missing ^ (1 << t)]
        for e in range(edges):
            if search.bound[k, t, e] >= cut:
                continue
            extra[t, e] = _insertion(tree, t, search.ends[e, 0], search.ends[e, 1])
            # A tree with the terminal there: if it is short, the best one is.
            if length + extra[t, e] + credit >= cut:
                _probe(search, bounds, k, t, e, cut, credit)
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


@njit
def _insertion(tree, t, a, b):
    """By how much a tree grows when terminal t is joined to its edge a b."""
    z, gap = tree.z, tree.gap
    side = squared_half_chord(z, gap, a, b)
    x, y, w = fermat_distances(side, squared_half_chord(z, gap, t, b), squared_half_chord(z, gap, t, a), SMALL_STEP)
    return x + y + w - distance(z, gap, a, b)


@njit
def _probe(search, bounds, k, t, e, cut, credit):
    """Raise the bound of terminal t on edge e, to `cut` if it gets there."""
    n = len(search.present)
    _put_in(search, k, t, e)
    lower = bounded_minimum(first_nodes(search.tree, n + k - 1), n, bounds, _PROBE_EPS, cut - credit, cut - credit)
    search.bound[k, t, e] = max(search.bound[k, t, e], lower + credit)
    search.at[1] += 1
    _take_out(search, k, t, e)
    _put_back(search, k)
    measure(first_nodes(search.tree, n + k - 2))
