"""Independent truth: the shortest tree of some points of hyperbolic space, by all full topologies, on the hyperboloid.

Written from the definitions, in NumPy, with nothing of the package. A tree whose vertices have three neighbours at most
is one of (2n - 5)!! full topologies, where edges may have no length. Each has one minimum, as lengths are convex in the
places of all Steiner points; all are minimised at once, by Newton's method on the sum of sqrt(l^2 + eps^2), where
cosh l = -<x, y>.

No topology is left before its lower bound is above the length of a tree that was seen: with the share
l / sqrt(l^2 + eps^2) of each edge fixed, the sum of the shares of lengths is convex, no more than the length, and has
the gradient of the smoothed length.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

_MOST_STEPS = 300
# Smoothing, as a share of the greatest distance: its errors are squares of that, where edges have collapsed.
_LEAST_EPS = 1e-7


def on_hyperboloid(x):
    """Points (time, space) at given tangent vectors of the origin."""
    radius = np.linalg.norm(x, axis=1, keepdims=True)
    return _lifted(x * _over(np.sinh, radius))


def _lifted(space):
    return np.concatenate([np.sqrt(1 + (space**2).sum(axis=-1, keepdims=True)), space], axis=-1)


def distance_on_hyperboloid(x, y):
    """Distances of points (time, space)."""
    return 2 * np.arcsinh(np.sqrt(np.maximum(_dot(x - y, x - y), 0)) / 2)


def tree_length(x, u, v):
    """Sum of the distances from `x[u]` to `x[v]`, for tangent vectors of the origin: fast, for minimisers to call."""
    half = np.linalg.norm(x, axis=1, keepdims=True) / 2
    z, gap = x * _over(np.tanh, half) / 2, 1 / np.cosh(half[:, 0]) ** 2
    return 2 * np.arcsinh(np.sqrt(((z[u] - z[v]) ** 2).sum(axis=1) / (gap[u] * gap[v]))).sum()


def _dot(x, y):
    """Lorentzian product."""
    return (x[..., 1:] * y[..., 1:]).sum(axis=-1) - x[..., 0] * y[..., 0]


@cache
def all_topologies(n):
    """The three neighbours of each of the n - 2 Steiner points, numbered from n, in each full topology of n points."""
    edges = np.array([[[0, n], [1, n], [2, n]]])
    for t in range(3, n):
        new = n + t - 2
        grown = []
        for split in range(edges.shape[1]):
            one = np.concatenate([edges, np.empty((len(edges), 2, 2), int)], axis=1)
            one[:, -2, 0], one[:, -2, 1] = new, edges[:, split, 1]
            one[:, split, 1] = new
            one[:, -1] = t, new
            grown.append(one)
        edges = np.concatenate(grown)
    near = np.empty((len(edges), n - 2, 3), int)
    for tree, own in zip(edges, near, strict=True):
        ends, others = np.concatenate([tree, tree[:, ::-1]]).T
        order = np.argsort(ends, kind="stable")
        own[:] = others[order][n:].reshape(n - 2, 3)
    return near


def shortest_tree_length(x, rtol=1e-9):
    """Length of the shortest tree over points (time, space) of shape (n, d + 1), n >= 2.

    A tree of this length there is; and none is shorter by more than `rtol`.
    """
    n = len(x)
    between = distance_on_hyperboloid(x[:, None], x)
    best = _spanning_tree_length(between)
    if n == 2:
        return best
    near = all_topologies(n)
    scale, centre = between.max(), x.sum(axis=0)
    places = np.tile(_lifted(centre[1:] / np.sqrt(-_dot(centre, centre))), (len(near), n - 2, 1))
    eps, lower = np.full(len(near), scale), np.zeros(len(near))
    for _ in range(_MOST_STEPS):
        here = _measured(x, near, places, eps)
        collapsed = _measured(x, near, _collapsed(x, near, places, 30 * eps), eps)
        best = min(best, here.length.min(), collapsed.length.min())
        lower = np.maximum(lower, here.lower)
        left = lower < best * (1 - rtol)
        if not left.any():
            return float(best)
        near, places, eps, lower = near[left], places[left], eps[left], lower[left]
        here = Measured(*(each[left] for each in here))
        places = _descended(x, near, places, eps, here)
        settled = here.gain < np.maximum(eps**2 / scale, 5e-10 * scale)
        eps = np.where(settled & (eps > _LEAST_EPS * scale), eps / 4, eps)
    raise RuntimeError(f"{len(near)} topologies are not decided, the first by {1 - lower[0] / best:.1e}.")


def _spanning_tree_length(between):
    inside, total, least = [0], 0.0, between[0].copy()
    while len(inside) < len(between):
        least[inside] = np.inf
        new = int(least.argmin())
        total += least[new]
        inside.append(new)
        least = np.minimum(least, between[new])
    return total


class Measured(NamedTuple):
    """Of each topology; with a row for each Steiner point and its three edges, or the derivatives."""

    length: np.ndarray
    lower: np.ndarray
    gain: np.ndarray
    smoothed: np.ndarray
    edges: np.ndarray
    towards: np.ndarray
    gradient: np.ndarray


def _measured(x, near, places, eps):
    n = len(x)
    ends = np.take_along_axis(_vertices(x, places)[:, None], near[..., None], axis=2)
    edges = distance_on_hyperboloid(places[:, :, None], ends)
    smooth = np.sqrt(edges**2 + eps[:, None, None] ** 2)
    once = np.where(near < n, 1.0, 0.5)
    towards = _components(places[:, :, None], ends)
    gradient = -(towards / (_over(np.sinh, edges) * smooth)[..., None]).sum(axis=2)
    # The best places are in the hull of the points.
    farthest = distance_on_hyperboloid(places[:, :, None], x).max(axis=2)
    gain = (np.linalg.norm(gradient, axis=2) * farthest).sum(axis=1)
    lower = (once * edges**2 / smooth).sum(axis=(1, 2)) - gain
    length, smoothed = (once * edges).sum(axis=(1, 2)), (once * smooth).sum(axis=(1, 2))
    return Measured(length, lower, gain, smoothed, edges, towards, gradient)


def _vertices(x, places):
    return np.concatenate([np.broadcast_to(x, (len(places), *x.shape)), places], axis=1)


def _over(function, x):
    """f(x) / x, 1 at 0."""
    return np.divide(function(x), x, out=np.ones_like(x), where=x > 0)


def _collapsed(x, near, places, short):
    """Places where Steiner points joined by short edges are one, or a terminal."""
    vertices, n = _vertices(x, places), len(x)
    ends = np.take_along_axis(vertices[:, None], near[..., None], axis=2)
    close = distance_on_hyperboloid(places[:, :, None], ends) <= short[:, None, None]
    into = np.tile(np.arange(vertices.shape[1]), (len(near), 1))
    for _ in range(near.shape[1]):
        lowest = np.where(close, np.take_along_axis(into[:, None], near, axis=2), len(vertices[0])).min(axis=2)
        into[:, n:] = np.minimum(into[:, n:], lowest)
    return np.take_along_axis(vertices, into[:, n:, None], axis=1)


def _descended(x, near, places, eps, here):
    """Places by a step of Newton's method, as far as it makes the smoothed length less, but for rounding."""
    step = _newton(len(x), near, places, eps, here)
    moved, part, waiting = places.copy(), 1.0, np.arange(len(near))
    while len(waiting) and part > 1e-6:
        trial = _along(places[waiting], part * step[waiting])
        better = _measured(x, near[waiting], trial, eps[waiting]).smoothed < here.smoothed[waiting] * (1 + 1e-14)
        moved[waiting[better]] = trial[better]
        waiting, part = waiting[~better], part / 4
    moved[waiting] = _along(places[waiting], step[waiting])  # rounding hides what is left to gain
    return moved


def _newton(n, near, places, eps, here):
    """With r = sqrt(l^2 + eps^2): dr/dc = l / (r sinh l), and the Hessian of c is c times the metric."""
    (count, inner, width), edges = places.shape, here.edges
    d = width - 1
    squared = edges**2 + eps[:, None, None] ** 2
    weight = 1 / (_over(np.sinh, edges) * np.sqrt(squared))
    long = np.where(edges > 1e-3, edges, 1)
    # The second derivative of r by c, as a share of the first: (1 / l - coth l - l / r^2) / sinh l.
    bend = np.where(edges > 1e-3, (1 / long - 1 / np.tanh(long)) / np.sinh(long), -1 / 3)
    bend = weight * (bend - 1 / (_over(np.sinh, edges) * squared))
    hessian = np.zeros((count, inner, d, inner, d))
    own = np.arange(inner)
    block = np.einsum("tvk,tvki,tvkj->vtij", bend, here.towards, here.towards)
    round_ = (weight * np.cosh(edges)).sum(axis=2).T[..., None, None] * np.eye(d)
    hessian[:, own, :, own, :] = block + round_ * (1 + 1e-9)
    tree, v, side = np.nonzero(near >= n)
    u = near[tree, v, side] - n
    back = (near[tree, u] == v[:, None] + n).argmax(axis=1)
    mixed = _components(places[tree, v][:, None], _frame(places[tree, u])).transpose(0, 2, 1)
    along = here.towards[tree, v, side][:, :, None] * here.towards[tree, u, back][:, None, :]
    hessian[tree, v, :, u, :] = (
        bend[tree, v, side][:, None, None] * along - weight[tree, v, side][:, None, None] * mixed
    )
    size = inner * d
    step = np.linalg.solve(hessian.reshape(count, size, size), -here.gradient.reshape(count, size, 1))
    return step.reshape(count, inner, d)


def _frame(x):
    """Orthonormal tangent vectors at points, in rows: the unit vectors of the origin, boosted there."""
    space = x[..., 1:]
    along = space / (1 + x[..., :1])
    return np.concatenate(
        [space[..., :, None], np.eye(space.shape[-1]) + along[..., :, None] * space[..., None, :]], -1
    )


def _components(x, y):
    """Products of the frame at x with vectors y."""
    space = x[..., 1:]
    return y[..., 1:] - space * (y[..., :1] - (space * y[..., 1:]).sum(-1, keepdims=True) / (1 + x[..., :1]))


def _along(x, step):
    """Ends of geodesics from x; steps are in the frame there, and no longer than 1."""
    size = np.linalg.norm(step, axis=-1, keepdims=True)
    step = step / np.maximum(size, 1)
    size = np.minimum(size, 1)
    ahead = (step[..., None, :] @ _frame(x))[..., 0, :]
    return _lifted((np.cosh(size) * x + _over(np.sinh, size) * ahead)[..., 1:])
