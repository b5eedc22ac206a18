"""What both moves of the local search share: ranked places, and the patch of nodes that is relaxed with a move.

A move notes the best places with all other nodes held fast, then tries them: the nodes around are kept, relaxed and
measured, and put back where the tree has not become shorter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compilation import njit, subkernel
from ._kernels_fermat import copy_row
from ._kernels_topology import link, relax

# Nodes about a move that are relaxed with it.
PATCH = 48
# A move must make the tree shorter by this share of the edges it takes out.
GAIN = 1e-9


class Workspace(NamedTuple):
    """Scratch arrays of the search over one tree, made once by :func:`workspace`."""

    patch: NDArray[np.int64]
    """Nodes that a move relaxes; their number is kept by the functions."""
    old_z: NDArray[np.float64]
    old_gap: NDArray[np.float64]
    stack: NDArray[np.int64]
    squares: NDArray[np.float64]
    places: NDArray[np.int64]
    """Shape (tries, 4): the best places found so far, best first."""
    worth: NDArray[np.float64]
    about: NDArray[np.int64]
    """Shape (2, 4): a terminal and the nodes near it in the tree, twice."""
    between: NDArray[np.float64]
    """Shape (4, 4): distances between these."""
    side: NDArray[np.int64]
    """Stamp of the cut whose smaller side a node was last in."""
    stamp: NDArray[np.int64]


@njit
def workspace(size, d, tries):
    """Scratch arrays for trees of `size` nodes in dimension d."""
    return Workspace(
        np.empty(PATCH, np.int64),
        np.empty((PATCH, d)),
        np.empty(PATCH),
        np.empty((size + 2, 3), np.int64),
        np.empty(size + 2),
        np.empty((tries, 4), np.int64),
        np.empty(tries),
        np.empty((2, 4), np.int64),
        np.empty((4, 4)),
        np.full(size, -1, np.int64),
        np.zeros(1, np.int64),
    )


@subkernel
def note(work, found, value, u, v, s, t):
    """Insert a place into the list of the best, which is ordered by worth."""
    places, worth = work.places, work.worth
    k = min(found, len(worth))
    if k == len(worth):
        if value <= worth[k - 1]:
            return found
        k -= 1
    while k > 0 and worth[k - 1] < value:
        worth[k] = worth[k - 1]
        for c in range(4):
            places[k, c] = places[k - 1, c]
        k -= 1
    worth[k] = value
    places[k, 0], places[k, 1], places[k, 2], places[k, 3] = u, v, s, t
    return min(found + 1, len(worth))


@subkernel
def note_once(work, found, value, p, q, u, v):
    places = work.places
    for k in range(found):
        if places[k, 0] == p and places[k, 1] == q and places[k, 2] == u and places[k, 3] == v:
            return found
    return note(work, found, value, p, q, u, v)


@subkernel
def keep(tree, work, count, v):
    """Add a node to the patch, unless it is there or the patch is full; its place is kept."""
    for k in range(count):
        if work.patch[k] == v:
            return count
    if count == PATCH:
        return count
    work.patch[count] = v
    copy_row(tree.z, tree.gap, v, work.old_z, work.old_gap, count)
    return count + 1


@subkernel
def keep_around(tree, n, work, count, about):
    """Add the Steiner nodes among `about`, and then their Steiner neighbours, to the patch."""
    for v in about:
        if v >= n:
            count = keep(tree, work, count, v)
    for i in range(count):
        for k in range(3):
            w = tree.near[work.patch[i], k]
            if w >= n:
                count = keep(tree, work, count, w)
    return count


@subkernel
def relaxed(tree, work, count, change, size):
    """Relax the patch; True if the tree is shorter than before the move, which has changed it by `change` so far.

    Hopeless moves are given up early. Rounded coordinates are measured before the move is accepted: far out they are
    worth 1e-6 of an edge, and gains that are not there would be made again and again.
    """
    enough = -GAIN * size
    inner = min(count, 6)
    for sweep in range(6):
        last = change
        for k in range(inner if sweep < 2 else count):
            change -= relax(tree, work.patch[k])
        if change < enough:
            change += _measure_patch(tree, work, count)
            return change < enough
        # What later sweeps bring falls off; thrice the last is more than they ever brought.
        if sweep > 0 and change - 3 * (last - change) > enough:
            return False
    return False


@subkernel
def _measure_patch(tree, work, count):
    change = 0.0
    for k in range(count):
        v = work.patch[k]
        for i in range(3):
            change += link(tree, v, tree.near[v, i])
    return change


@subkernel
def restore(tree, work, start, count):
    """Put the nodes of the patch back from `start` on, and measure their edges."""
    for k in range(start, count):
        copy_row(work.old_z, work.old_gap, k, tree.z, tree.gap, work.patch[k])
    for k in range(start, count):
        v = work.patch[k]
        for i in range(3):
            if tree.near[v, i] >= 0:
                link(tree, v, tree.near[v, i])


@subkernel
def wake(near, waiting, patch, count):
    """The nodes a move has touched, and their neighbours, are to be looked at again."""
    for k in range(count):
        v = patch[k]
        waiting[v] = True
        for i in range(3):
            if near[v, i] >= 0:
                waiting[near[v, i]] = True
