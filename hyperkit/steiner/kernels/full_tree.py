"""Full binary topologies, and the few operations that every change of them is made of.

Terminals 0..n-1 are leaves, Steiner nodes n..2n-3 have three neighbours; a terminal inside the tree is a leaf at length
0 from a Steiner node, so one kind of move covers all trees. Every kernel here keeps the four arrays in step and gives
by how much it changed the length of the tree: sums over a few edges, which the size of the whole tree does not round.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._compilation import bare_subkernel, njit
from ...geometry.kernels.metric import distance, squared_half_chord
from .fermat import SMALL_STEP, fermat_distances, place_fermat


class TreeArrays(NamedTuple):
    """The arrays of a `FullTree`, or of a part of one; a row a node."""

    near: NDArray[np.int64]
    lengths: NDArray[np.float64]
    z: NDArray[np.float64]
    gap: NDArray[np.float64]


@bare_subkernel
def slot(near, v, w):
    """Place of w among the neighbours of v."""
    for k in range(2):
        if near[v, k] == w:
            return k
    return 2


@bare_subkernel
def link(tree, v, w):
    """Measure the edge between neighbours v and w; gives by how much it is longer than was noted."""
    k = slot(tree.near, v, w)
    length = distance(tree.z, tree.gap, v, w)
    change = length - tree.lengths[v, k]
    tree.lengths[v, k] = length
    tree.lengths[w, slot(tree.near, w, v)] = length
    return change


@bare_subkernel
def dissolve(tree, v, kept):
    """Take Steiner node v off the edge it sits on, so that only `kept` stays its neighbour.

    Gives the ends of that edge and the change of length.
    """
    near, lengths = tree.near, tree.lengths
    k = slot(near, v, kept)
    i, j = (k + 1) % 3, (k + 2) % 3
    a, b = near[v, i], near[v, j]
    length = distance(tree.z, tree.gap, a, b)
    change = length - lengths[v, i] - lengths[v, j]
    ka, kb = slot(near, a, v), slot(near, b, v)
    near[a, ka], near[b, kb] = b, a
    lengths[a, ka] = lengths[b, kb] = length
    near[v, i] = near[v, j] = -1
    return a, b, change


@bare_subkernel
def walk_outwards(near, order, parent):
    """Note all nodes, each after the one through which it is reached from node 0, and that one: -1 for node 0."""
    order[0], parent[0] = 0, -1
    end = 1
    for at in range(len(near)):
        v = order[at]
        for k in range(3):
            w = near[v, k]
            if w >= 0 and w != parent[v]:
                order[end], parent[w] = w, v
                end += 1


@bare_subkernel
def insert(tree, v, kept, a, b):
    """Put Steiner node v, so far joined to `kept` only, on the edge a b, at its coordinates; gives the change."""
    near, lengths = tree.near, tree.lengths
    ka, kb = slot(near, a, b), slot(near, b, a)
    change = -lengths[a, ka]
    near[a, ka] = near[b, kb] = v
    k = slot(near, v, kept)
    near[v, (k + 1) % 3], near[v, (k + 2) % 3] = a, b
    lengths[v, (k + 1) % 3] = lengths[v, (k + 2) % 3] = 0.0
    lengths[a, ka] = lengths[b, kb] = 0.0
    return change + link(tree, v, a) + link(tree, v, b) + link(tree, v, kept)


@bare_subkernel
def relax(tree, v):
    """Move Steiner node v to the Fermat point of its neighbours; gives by how much the tree becomes shorter.

    The new lengths are those of the exact point; rounding of its coordinates is left to who measures.
    """
    near, lengths, z, gap = tree
    i, j, k = near[v, 0], near[v, 1], near[v, 2]
    before = lengths[v, 0] + lengths[v, 1] + lengths[v, 2]
    x, y, w = fermat_distances(
        squared_half_chord(z, gap, j, k),
        squared_half_chord(z, gap, i, k),
        squared_half_chord(z, gap, i, j),
        SMALL_STEP,
    )
    gain = before - (x + y + w)
    # Rounding must not walk a point about.
    if gain <= 1e-15 * before:
        return 0.0
    place_fermat(z, gap, v, i, j, k, x, y, w)
    lengths[v, 0], lengths[v, 1], lengths[v, 2] = x, y, w
    lengths[i, slot(near, i, v)] = x
    lengths[j, slot(near, j, v)] = y
    lengths[k, slot(near, k, v)] = w
    return gain


@njit
def measure(tree):
    """Measure all edges; gives the length of the tree."""
    near, lengths, z, gap = tree
    total = 0.0
    for v in range(len(near)):
        for k in range(3):
            w = near[v, k]
            if w > v:
                length = distance(z, gap, v, w)
                lengths[v, k] = length
                lengths[w, slot(near, w, v)] = length
                total += length
    return total


@njit
def settle(tree, n, sweeps, threshold):
    """Relax all Steiner nodes in turn, until a sweep makes the tree shorter by no more than `threshold` of itself."""
    total = measure(tree)
    for _ in range(sweeps):
        gain = 0.0
        for v in range(n, len(tree.near)):
            gain += relax(tree, v)
        if gain <= threshold * total:
            break
    return measure(tree)
