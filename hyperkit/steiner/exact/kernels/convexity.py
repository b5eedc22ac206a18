"""Lower bounds of the length of trees of fixed topology, from convexity: valid wherever a minimisation stopped."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...._compilation import njit, subkernel
from ....geometry.kernels.metric import copy_row, distance, move, side_length, squared_half_chord
from ...kernels.full_tree import TreeArrays, measure
from ...kernels.newton import derivatives, newton_move, newton_step, prepared

_FIRST_EPS, _EPS_FACTOR = 0.03, 0.1
_MAX_STEPS = 30
# Steiner nodes nearer to a terminal than this share of the mean edge are tried at the terminal itself.
_SNAPPED = 1e-4
_POLISHED_EPS = 1e-11
# Differences of the length by this share are rounding.
_HIDDEN = 1e-15
# Relative error of a rounded number; sums and squares of d numbers, and what follows them, err by 4 + d of it.
_UNIT = 2.0**-53
_OPERATIONS = 4
# Makes a Hessian so stiff that a pinned node does not move, at any scale of the tree.
_PINNED = 1e100


class Bounds(NamedTuple):
    """What a lower bound needs to know of the terminals: the ball that holds their convex hull."""

    centre: int
    """The terminal from which the farthest other is nearest."""
    reach: float
    """The distance to that."""


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
    order, parent, hessian, old_z, old_gap = prepared(links, n, d)
    gradient = hessian[0]
    edges = 2 * (size - n) + 1
    scale = total / edges
    eps = _FIRST_EPS * scale
    lower = 0.0
    while total > 0:
        for _ in range(_MAX_STEPS):
            length = derivatives(order, links, n, tree.z, tree.gap, eps, parent, hessian)
            if length < enough:
                return lower
            pull = _pull(tree, n, bounds, gradient)
            value = _dual_length(tree, n, bounds, eps)
            lower = max(lower, value - pull)
            if lower >= cut:
                return lower
            slope = newton_step(order, parent, hessian)
            if not newton_move(order, links, n, tree.z, tree.gap, eps, length, gradient, slope, old_z, old_gap):
                break
            # Where the bound is all but good enough, the gradient is what is missing.
            if value < cut and -slope <= 0.1 * eps * n and (eps > last_eps * scale or -slope <= 1e-13 * length):
                break
        if eps <= last_eps * scale:
            break
        eps *= _EPS_FACTOR
    return lower


@subkernel
def _links(near, n):
    """Neighbours of the Steiner nodes, as `steiner.kernels.newton` takes them."""
    start, heads = np.empty(len(near) - n + 1, np.int64), np.empty(3 * (len(near) - n), np.int64)
    for v in range(len(start)):
        start[v] = 3 * v
    for v in range(n, len(near)):
        for k in range(3):
            heads[3 * (v - n) + k] = near[v, k]
    return start, heads, np.ones(len(near) - n)


@subkernel
def _pull(tree, n, bounds, gradient):
    """What the gradient may gain within the hull: the sum of |g_v| R_v, rounded up."""
    rounding = 3 * (_OPERATIONS + gradient.shape[1]) * _UNIT
    pull = 0.0
    for v in range(n, len(tree.z)):
        reach = distance(tree.z, tree.gap, v, bounds.centre) + bounds.reach
        pull += (_norm(gradient, v - n) + rounding) * reach
    return pull


@subkernel
def _gap_error(z, gap, v):
    """Bound on the relative error of a gap: how far it is from what the coordinates, which are taken as exact, say.

    Moves let the two drift apart, by up to 150 units of rounding near the rim.
    """
    whole = gap[v]
    for c in range(z.shape[1]):
        whole += z[v, c] * z[v, c]
    return (abs(whole - 1) + (_OPERATIONS + z.shape[1]) * _UNIT) / gap[v]


@subkernel
def _norm(vectors, row):
    squared = 0.0
    for c in range(vectors.shape[1]):
        squared += vectors[row, c] ** 2
    return math.sqrt(squared)


@subkernel
def _dual_length(tree, n, bounds, eps):
    """The sum of l^2 / sqrt(l^2 + eps^2), less what rounding may have added: a share of each edge, however short.

    A gap that is wrong by a share of itself changes l by tanh(l / 2) times that, and turns the direction of the edge,
    which the gradient is made of, by tanh(l / 2) / cosh(l / 2) times that, at most.
    """
    near, _, z, gap = tree
    relative = (_OPERATIONS + z.shape[1]) * _UNIT
    total = 0.0
    for v in range(n, len(near)):
        for k in range(3):
            w = near[v, k]
            if w < v:
                square = squared_half_chord(z, gap, v, w)
                length = side_length(square)
                total += length * length / math.sqrt(length * length + eps * eps) if length > 0 else 0.0
                gap_errors = _gap_error(z, gap, v) + _gap_error(z, gap, w)
                turned = math.sqrt(square) / (1 + square)
                total -= relative * length + gap_errors * turned * (math.sqrt(1 + square) + 2 * bounds.reach)
    return total


@subkernel
def polished_minimum(tree, n, bounds):
    """Finish a tree near its minimum: put collapsed Steiner nodes on their terminals; gives a sharper lower bound.

    A node on its terminal is at its best if the pull of its other two edges is at most 1. The bound is as in
    `bounded_minimum`; the edge of length 0 takes up to 1 of the pull.
    """
    total = measure(tree)
    size, d = tree.z.shape
    links = _links(tree.near, n)
    order, parent, hessian, old_z, old_gap = prepared(links, n, d)
    gradient, diagonal, _ = hessian
    first_z, first_gap = tree.z.copy(), tree.gap.copy()
    scale = total / (2 * (size - n) + 1)
    pinned = np.full(size - n, -1)
    for v in range(n, size):
        nearest = -1
        for k in range(3):
            short = tree.near[v, k] < n and tree.lengths[v, k] <= _SNAPPED * scale
            if short and (nearest < 0 or tree.lengths[v, k] < tree.lengths[v, nearest]):
                nearest = k
        if nearest >= 0:
            pinned[v - n] = tree.near[v, nearest]
            copy_row(tree.z, tree.gap, pinned[v - n], tree.z, tree.gap, v)
    eps = _POLISHED_EPS * scale
    length = derivatives(order, links, n, tree.z, tree.gap, eps, parent, hessian)
    for v in range(size - n):
        if pinned[v] >= 0 and _norm(gradient, v) > 1:  # the edge is that short, not collapsed
            pinned[v] = -1
            copy_row(first_z, first_gap, n + v, tree.z, tree.gap, n + v)
    lower, slope, last_pull = 0.0, -np.inf, np.inf
    # Where rounding hides by how much a step is shorter, whole steps are tried, as long as they halve the gradient.
    by_length, whole = False, False
    for _ in range(_MAX_STEPS):
        length = derivatives(order, links, n, tree.z, tree.gap, eps, parent, hessian)
        for v in range(size - n):
            norm = _norm(gradient, v)
            for c in range(d):
                if pinned[v] >= 0:
                    gradient[v, c] *= 1 - 1 / norm if norm > 1 else 0.0
        pull = _pull(tree, n, bounds, gradient)
        lower = max(lower, _dual_length(tree, n, bounds, eps) - pull)
        if pull > last_pull / 2:
            if whole:
                for v in range(size - n):
                    copy_row(old_z, old_gap, v, tree.z, tree.gap, n + v)
                by_length, whole = True, False
                continue
            if -slope <= 1e-18 * length:
                break
        last_pull = pull
        for v in range(size - n):
            for c in range(d):
                if pinned[v] >= 0:
                    gradient[v, c] = 0.0
                    diagonal[v, c, c] *= _PINNED
        slope = newton_step(order, parent, hessian)
        whole = not by_length and -slope <= _HIDDEN * length
        if whole:
            for v in range(size - n):
                copy_row(tree.z, tree.gap, n + v, old_z, old_gap, v)
                move(old_z, old_gap, v, gradient[v], 1.0, tree.z, tree.gap, n + v)
        elif not newton_move(order, links, n, tree.z, tree.gap, eps, length, gradient, slope, old_z, old_gap):
            break
        for v in range(size - n):
            if pinned[v] >= 0:  # rounding moves it even with no step
                copy_row(tree.z, tree.gap, pinned[v], tree.z, tree.gap, n + v)
    if measure(tree) > total:
        for v in range(size - n):
            copy_row(first_z, first_gap, n + v, tree.z, tree.gap, n + v)
        measure(tree)
    return lower


@subkernel
def first_nodes(tree, size):
    """The first nodes of a tree."""
    return TreeArrays(tree.near[:size], tree.lengths[:size], tree.z[:size], tree.gap[:size])
