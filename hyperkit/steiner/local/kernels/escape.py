"""A way out of local optima: take some neighbouring terminals out of the tree and put them back one by one.

Each round ends with the local search around what has changed, and is undone unless the tree came out shorter. New
terminals are put into a tree in the same way.
"""

from __future__ import annotations

import numpy as np

from ...._compilation import bare_subkernel, njit, subkernel
from ....geometry.kernels.metric import copy_row, squared_half_chord
from ...kernels.fermat import SMALL_STEP, fermat_distances, join_to_edge
from ...kernels.full_tree import dissolve, insert, relax
from .local_search import branches, local_search
from .patch import add_place

# A round must make the tree shorter by this share.
_GAIN = 1e-10
_SETTLING_SWEEPS, _SETTLED = 50, 1e-12
# Insertion looks at edges within so many nodes of a terminal nearby.
_DEPTH = 12


@njit
def escape(tree, old, n, close, chosen, depth, largest, most, work):
    """Make as many rounds as `chosen` has rows, or until `most` nodes were looked at.

    Gives how many rounds made the tree shorter, and how many nodes were looked at.

    Parameters
    ----------
    tree, old : TreeArrays
        The tree, and room for a copy.
    chosen : (rounds, k) integer array
        Terminals to take out, at most n - 3, in the order in which they are put back; -1 for none.
    """
    near = tree.near
    _copy_tree(tree, old)
    waiting = np.zeros(len(near), np.bool_)
    out = np.zeros(n, np.bool_)
    best = _length(tree)
    better, looked = 0, 0
    for row in range(len(chosen)):
        if looked >= most:
            break
        for y in chosen[row]:
            if y >= 0:
                take_out(tree, y, waiting)
                out[y] = True
        for y in chosen[row]:
            if y < 0:
                continue
            put_in(tree, n, y, near[y, 0], _terminal_inside(close[y], out), waiting, work)
            out[y] = False
        looked += local_search(tree, n, close, waiting, depth, largest, most - looked, work)
        total = _settle_changed(tree, n, old)
        if total < best * (1 - _GAIN):
            best = total
            better += 1
            _copy_tree(tree, old)
        else:
            _copy_tree(old, tree)
    return better, looked


@bare_subkernel
def _copy_tree(tree, to):
    for v in range(len(tree.near)):
        for k in range(3):
            to.near[v, k] = tree.near[v, k]
            to.lengths[v, k] = tree.lengths[v, k]
        copy_row(tree.z, tree.gap, v, to.z, to.gap, v)


@bare_subkernel
def _length(tree):
    total = 0.0
    for v in range(len(tree.near)):
        for k in range(3):
            if tree.near[v, k] > v:
                total += tree.lengths[v, k]
    return total


@njit
def hang(tree, n, first, close, waiting, work):
    """Put the terminals from `first` on into a tree of those before, each on a new Steiner node, the last ones."""
    near = tree.near
    out = np.zeros(n, np.bool_)
    for y in range(first, n):
        out[y] = True
    for y in range(first, n):
        x = len(near) - n + y
        near[x, 0], near[y, 0] = y, x
        put_in(tree, n, y, x, _terminal_inside(close[y], out), waiting, work)
        out[y] = False


@bare_subkernel
def _terminal_inside(nearest, out):
    """The nearest terminal that is in the tree; any if none of the nearest is."""
    for j in nearest:
        if not out[j]:
            return j
    for j in range(len(out)):
        if not out[j]:
            return j
    return -1


@bare_subkernel
def take_out(tree, y, waiting):
    """Take terminal y off the tree, with the Steiner node it hangs on."""
    a, b, _ = dissolve(tree, tree.near[y, 0], y)
    waiting[a] = waiting[b] = True


@bare_subkernel
def put_in(tree, n, y, x, around, waiting, work):
    """Hang terminal y on the best edge near terminal `around`, with Steiner node x, which only y is joined to."""
    near, lengths, z, gap = tree
    places = work.places
    a, b = around, near[around, 0]
    square_a, square_b = squared_half_chord(z, gap, y, a), squared_half_chord(z, gap, y, b)
    i, j, w = fermat_distances(squared_half_chord(z, gap, a, b), square_b, square_a, SMALL_STEP)
    cost = i + j + w - lengths[a, 0]
    found = branches(tree, y, a, b, cost, _DEPTH, places, work.walk)
    if add_place(places, found, 0.0, a, b, y, y) == 0 or places.worth[0] <= 0:
        u, v = a, b
    else:
        u, v = places.nodes[0, 0], places.nodes[0, 1]
    join_to_edge(z, gap, x, y, u, v)
    insert(tree, x, y, u, v)
    for node in (x, y, u, v):
        waiting[node] = True
        if node >= n:
            relax(tree, node)


@subkernel
def _settle_changed(tree, n, old):
    """Relax the Steiner nodes that have moved or have other neighbours, and their neighbours; gives the length."""
    near = tree.near
    moved = np.zeros(len(near), np.bool_)
    for v in range(n, len(near)):
        same = True
        for c in range(tree.z.shape[1]):
            same &= tree.z[v, c] == old.z[v, c]
        for k in range(3):
            same &= near[v, k] == old.near[v, k]
        if not same:
            moved[v] = True
            for k in range(3):
                moved[near[v, k]] = True
    total = _length(tree)
    for _ in range(_SETTLING_SWEEPS):
        gain = 0.0
        for v in range(n, len(near)):
            if moved[v]:
                gain += relax(tree, v)
        if gain <= _SETTLED * total:
            break
    return _length(tree)
