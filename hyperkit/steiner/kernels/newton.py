"""The shortest tree of one topology: Newton's method on the smoothed length, with elimination along the tree.

The length of a tree of fixed topology is geodesically convex in its Steiner points, but not smooth where edges vanish,
and at the minimum many do. So the sum of sqrt(l^2 + eps^2) over the edges is minimised instead, by Riemannian Newton
steps, while eps falls from the scale about an edge, which may be 1e-9 of that elsewhere, to 1e-9 of it. The Hessian
has a block for each Steiner point and each edge between two: eliminating points from the leaves inwards solves for a
step in O(n d^3).

Any tree will do, with vertices of any degree: rows 0..n-1 of `z` and `gap` are terminals, which stay, the others are
Steiner points, whose neighbours are ``heads[start[v - n]:start[v - n + 1]]``.
"""

from __future__ import annotations

import math

import numpy as np

from ..._compilation import bare_subkernel, njit, subkernel
from ...geometry.kernels.metric import copy_row, direction, distance, move

_FIRST_EPS, _LAST_EPS, _EPS_FACTOR = 0.1, 1e-9, 0.1
# Scales in a component are at least this share of its mean edge: smaller ones drown in rounding.
_LEAST_SCALE = 1e-10
# Those above this share of it are seen well enough together with it.
_ONE_SCALE = 1e-3
_MAX_STEPS = 30
_MAX_HALVINGS = 30
# Below this 1 + cos between transported directions the ends of an edge face away from each other: it is long, the
# coupling of its ends vanishes, and the rotation between their frames is lost to rounding.
_OPPOSITE = 1e-12


@njit
def minimise(start, heads, n, z, gap):
    """Move Steiner points in place to the minimum of the length; relative excess about 1e-10.

    Where terminals are inside the tree it falls into full components, and each has a minimum of its own. Collapsed
    edges come out about 1e-9 as long as the way on to a second terminal.
    """
    scale = np.zeros(len(start) - 1)  # what is there before is multiplied by a smoothing of 0, and must be finite
    links = start, heads, scale
    order, parent, hessian, old_z, old_gap = prepared(links, n, z.shape[1])
    for by_scale in (False, True):
        if by_scale:
            _measure_scales(order, parent, links, n, z, gap)
        first = 0
        for last in range(len(order)):
            if parent[order[last]] >= 0:
                continue
            part = order[first : last + 1]
            first = last + 1
            mean = _smoothed_length(part, links, n, z, gap, 0.0) / (2 * len(part) + 1)
            least = mean
            for s in part:
                # Where the start is bad, scales are not known before the minimum is, nearly.
                scale[s] = min(max(scale[s], _LEAST_SCALE * mean), mean) if by_scale else mean
                least = min(least, scale[s])
            if mean > 0 and (not by_scale or least < _ONE_SCALE * mean):
                _minimise_part(part, links, n, z, gap, least, parent, hessian, old_z, old_gap)


@subkernel
def _minimise_part(part, links, n, z, gap, least, parent, hessian, old_z, old_gap):
    """Newton steps for one full component, whose least scale is `least`."""
    eps = _FIRST_EPS
    steps = 0
    while eps > 0:
        length = derivatives(part, links, n, z, gap, eps, parent, hessian)
        slope = newton_step(part, parent, hessian)
        moved = newton_move(part, links, n, z, gap, eps, length, hessian[0], slope, old_z, old_gap)
        steps += 1
        finest = eps <= _LAST_EPS
        # What is left to gain is about half the slope. More than smoothing costs need not be had.
        enough = 0.1 * eps * len(part)
        if finest:
            enough = min(enough, 1e-13 * (2 * len(part) + 1))
        settled = -slope <= enough * least
        if settled or not moved or steps == _MAX_STEPS:
            eps = 0.0 if finest else _EPS_FACTOR * eps
            steps = 0


@subkernel
def prepared(links, n, d):
    """Order of the Steiner points and their parents, and room for gradient and Hessian and for old places."""
    order, parent = _inwards(links[0], links[1], n)
    count = len(order)
    hessian = np.empty((count, d)), np.empty((count, d, d)), np.empty((count, d, d))
    return order, parent, hessian, np.empty((count, d)), np.empty(count)


@subkernel
def _measure_scales(order, parent, links, n, z, gap):
    """The scale at each Steiner point: how far it is to a second terminal, along the tree."""
    start, heads, scale = links
    # The way to the nearest terminal and to the next, of those on a point's own side and of those on its parent's.
    own, beyond = np.full((len(order), 2), np.inf), np.full((len(order), 2), np.inf)
    for s in order:
        for k in range(start[s], start[s + 1]):
            w = heads[k] - n
            if w < 0 or w != parent[s]:
                _go_on(own[s], own, w, distance(z, gap, s + n, heads[k]))
    for m in range(len(order) - 1, -1, -1):
        s = order[m]
        p = parent[s]
        if p >= 0:
            step = distance(z, gap, s + n, p + n)
            _go_on(beyond[s], beyond, p, step)
            for k in range(start[p], start[p + 1]):
                w = heads[k] - n
                if w < 0 or (w != s and w != parent[p]):
                    _go_on(beyond[s], own, w, step + distance(z, gap, p + n, heads[k]))
        scale[s] = min(max(own[s, 0], beyond[s, 0]), own[s, 1], beyond[s, 1])


@bare_subkernel
def _go_on(nearest, ways, w, step):
    """Count in what is a step away: the terminal itself (w < 0), or the two nearest of a Steiner point."""
    for k in range(2):
        way = step + (ways[w, k] if w >= 0 else (0.0 if k == 0 else np.inf))
        if way < nearest[0]:
            nearest[0], nearest[1] = way, nearest[0]
        elif way < nearest[1]:
            nearest[1] = way


@bare_subkernel
def _edge_eps(eps, scale, s, w):
    """Smoothing of the edge from Steiner point s to w, both less n."""
    return eps * (min(scale[s], scale[w]) if w >= 0 else scale[s])


@subkernel
def _inwards(start, heads, n):
    """Steiner points, less n, component by component, each point before its parent; and the parents, -1 at a root."""
    count = len(start) - 1
    order = np.empty(count, np.int64)
    parent = np.full(count, -2, np.int64)
    stack = np.empty(count, np.int64)
    at = count - 1
    for root in range(count):
        if parent[root] != -2:
            continue
        parent[root] = -1
        stack[0] = root
        top = 1
        while top > 0:
            top -= 1
            v = stack[top]
            order[at] = v
            at -= 1
            for k in range(start[v], start[v + 1]):
                w = heads[k] - n
                if w >= 0 and parent[w] == -2:
                    parent[w] = v
                    stack[top] = w
                    top += 1
    return order, parent


@subkernel
def derivatives(part, links, n, z, gap, eps, parent, hessian):
    """Smoothed length, its gradient and Hessian in orthonormal frames of the Steiner nodes.

    An edge of length l with unit directions e, f at its ends has, for displacements a, b of these, the first variation
    ``-e.a - f.b`` and the second ``coth(l) (a'^2 + b'^2) - 2 Ra'.b' / sinh(l)``, where a' is across the edge and R
    the rotation from e to -f: parallel transport along the edge, as the conformal frames of the ball see it.
    """
    start, heads, scale = links
    gradient, diagonal, coupling = hessian
    d = z.shape[1]
    e, f = np.empty(d), np.empty(d)
    total = 0.0
    for s in part:
        v = s + n
        for i in range(d):
            gradient[s, i] = 0.0
            for j in range(d):
                diagonal[s, i, j] = 0.0
        for k in range(start[s], start[s + 1]):
            w = heads[k]
            length, own_eps = distance(z, gap, v, w), _edge_eps(eps, scale, s, w - n)
            smooth = math.sqrt(length * length + own_eps * own_eps)
            direction(z, gap, v, w, e)
            # l coth(l) and l / sinh(l), both 1 at 0.
            across = length / math.tanh(length) / smooth if length > 0 else 1 / smooth
            along = (own_eps / smooth) ** 2 / smooth  # the cube of 1e-110 is none
            for i in range(d):
                gradient[s, i] -= length / smooth * e[i]
                diagonal[s, i, i] += across
                for j in range(d):
                    diagonal[s, i, j] += (along - across) * e[i] * e[j]
            if w < n or w - n == parent[s]:
                total += smooth
            if w >= n and w - n == parent[s]:
                direction(z, gap, w, v, f)
                mixed = length / math.sinh(length) / smooth if length > 0 else 1 / smooth
                _couple(e, f, mixed, along, coupling[s])
    return total


@bare_subkernel
def _couple(e, f, mixed, along, block):
    """Hessian block of the ends of an edge: ``-mixed R^T (1 - f f^T) + along e f^T``."""
    d = len(e)
    product = 0.0
    for i in range(d):
        product -= e[i] * f[i]
    opposite = 1 + product < _OPPOSITE
    for j in range(d):
        tilt = 0.0 if opposite else (e[j] + product * f[j]) / (1 + product)
        for i in range(d):
            turned = (1.0 if i == j else 0.0) - f[i] * f[j] - (e[i] - f[i]) * tilt
            block[i, j] = along * e[i] * f[j] - (0.0 if opposite else mixed * turned)


@subkernel
def newton_step(part, parent, hessian):
    """Overwrite the gradient with the Newton step; gives the slope of the length along it, at most 0."""
    gradient, diagonal, coupling = hessian
    d = gradient.shape[1]
    slope = 0.0
    solved = np.empty((d, d))
    for v in part:
        p = parent[v]
        _factor(diagonal[v])
        _forward(diagonal[v], gradient[v])
        # |L^-1 g|^2 summed over the nodes is the squared Newton decrement.
        for i in range(d):
            slope -= gradient[v, i] ** 2
        if p < 0:
            continue
        for j in range(d):
            for i in range(d):
                solved[j, i] = coupling[v, i, j]
            _forward(diagonal[v], solved[j])
        for j in range(d):
            for i in range(d):
                gradient[p, j] -= solved[j, i] * gradient[v, i]
                coupling[v, i, j] = solved[j, i]
            for k in range(d):
                for i in range(d):
                    diagonal[p, j, k] -= solved[j, i] * solved[k, i]
    for m in range(len(part) - 1, -1, -1):
        v = part[m]
        p = parent[v]
        for i in range(d):
            gradient[v, i] = -gradient[v, i]
            if p >= 0:
                for j in range(d):
                    gradient[v, i] -= coupling[v, i, j] * gradient[p, j]
        _backward(diagonal[v], gradient[v])
    return slope


@bare_subkernel
def _factor(a):
    """Cholesky factor of a symmetric matrix in its lower half; directions without curvature are made stiff."""
    d = len(a)
    largest = 0.0
    for i in range(d):
        largest = max(largest, a[i, i])
    for j in range(d):
        pivot = a[j, j]
        for k in range(j):
            pivot -= a[j, k] ** 2
        pivot = math.sqrt(max(pivot, 1e-14 * largest))
        a[j, j] = pivot
        for i in range(j + 1, d):
            value = a[i, j]
            for k in range(j):
                value -= a[i, k] * a[j, k]
            a[i, j] = value / pivot


@bare_subkernel
def _forward(factor, b):
    for i in range(len(b)):
        for k in range(i):
            b[i] -= factor[i, k] * b[k]
        b[i] /= factor[i, i]


@bare_subkernel
def _backward(factor, b):
    for i in range(len(b) - 1, -1, -1):
        for k in range(i + 1, len(b)):
            b[i] -= factor[k, i] * b[k]
        b[i] /= factor[i, i]


@bare_subkernel
def newton_move(part, links, n, z, gap, eps, length, step, slope, old_z, old_gap):
    """Go along the step as far as the smoothed length falls enough; False if it does not."""
    for s in part:
        copy_row(z, gap, s + n, old_z, old_gap, s)
    share = 1.0
    for _ in range(_MAX_HALVINGS):
        for s in part:
            move(old_z, old_gap, s, step[s], share, z, gap, s + n)
        # Near the minimum the decrease drowns in the rounding of the length.
        if _smoothed_length(part, links, n, z, gap, eps) <= length * (1 + 1e-15) + 1e-4 * share * slope:
            return True
        share /= 2
    for s in part:
        copy_row(old_z, old_gap, s, z, gap, s + n)
    return False


@bare_subkernel
def _smoothed_length(part, links, n, z, gap, eps):
    start, heads, scale = links
    total = 0.0
    for s in part:
        v = s + n
        for k in range(start[s], start[s + 1]):
            w = heads[k]
            if w < v:
                length, own_eps = distance(z, gap, v, w), _edge_eps(eps, scale, s, w - n)
                total += math.sqrt(length * length + own_eps * own_eps)
    return total
