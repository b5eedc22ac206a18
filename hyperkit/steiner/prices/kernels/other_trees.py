"""Branches as tables, and the other trees that a branch must be shorter than."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import subkernel


class Branches(NamedTuple):
    """All branches, in order of their numbers of terminals."""

    size: NDArray[np.int64]
    first: NDArray[np.int64]
    """Number of the first cell; one entry more than there are branches."""
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    """The branches that are joined; -1 for terminals."""
    members: NDArray[np.int64]
    """Terminals, filled with -1."""
    joins: NDArray[np.int64]
    """See :mod:`.rooted`: shape (n_branches, n - 1, 2)."""
    weight: NDArray[np.float64]
    """Length of the spanning tree of the members by price."""
    places: NDArray[np.complex128]
    """Of the joins, where they were minimised last, shape (n_branches, n - 1); kernels write them."""
    warm: NDArray[np.bool_]
    """Whether they were, for a root in whatever place."""


class Others(NamedTuple):
    """Trees that a branch must be shorter than: joins, how many, and what is added to the length."""

    joins: NDArray[np.int64]
    m: NDArray[np.int64]
    added: NDArray[np.float64]


@subkernel
def spanning_price(members, count, price):
    """Length of the spanning tree by price, by Prim's algorithm."""
    key, waiting = np.empty(count), np.empty(count, np.int64)
    for a in range(1, count):
        waiting[a], key[a] = members[a], price[members[0], members[a]]
    total = 0.0
    for left in range(count - 1, 0, -1):
        at = 1
        for a in range(2, left + 1):
            if key[a] < key[at]:
                at = a
        total += key[at]
        newest = waiting[at]
        waiting[at], key[at] = waiting[left], key[left]
        for a in range(1, left):
            key[a] = min(key[a], price[newest, waiting[a]])
    return total


@subkernel
def other_trees(i, j, branches, members, problem):
    """The branch with two subtrees exchanged at its root, and without any one terminal."""
    size = len(members)
    inner = branches.size[i] > 1, branches.size[j] > 1
    count = (2 * inner[0] + 2 * inner[1] + size * (size > 2)) * problem.rules[4]
    joins = np.zeros((count, size - 1, 2), np.int64)
    m, added = np.full(count, size - 1), np.zeros(count)
    if count == 0:
        return Others(joins, m, added)
    used = 0
    for h in range(2):
        own, beside = (i, j) if h == 0 else (j, i)
        if not inner[h]:
            continue
        for k in range(2):
            kept = branches.left[own] if k == 0 else branches.right[own]
            moved = branches.right[own] if k == 0 else branches.left[own]
            at, last = _join(branches, joins[used], 0, kept, beside)
            at, end = _write(branches, moved, joins[used], at)
            joins[used, at, 0], joins[used, at, 1] = last, end
            used += 1
    if size > 2:
        whole, becomes = np.empty((size - 1, 2), np.int64), np.empty(size - 1, np.int64)
        _join(branches, whole, 0, i, j)
        for t in members:
            at = 0
            for v in range(size - 1):
                one, two = whole[v, 0], whole[v, 1]
                one, two = becomes[one] if one >= 0 else one, becomes[two] if two >= 0 else two
                becomes[v] = at
                if one == -1 - t:
                    becomes[v] = two
                elif two == -1 - t:
                    becomes[v] = one
                else:
                    joins[used, at, 0], joins[used, at, 1] = one, two
                    at += 1
            m[used] = at
            added[used] = np.inf
            for other in members:
                if other != t:
                    added[used] = min(added[used], problem.price[t, other] + problem.slack)
            used += 1
    return Others(joins, m, added)


@subkernel
def _join(branches, joins, at, i, j):
    """Write two branches, joined, into rows from `at` on; gives the row after them and the number of the last join."""
    at, first = _write(branches, i, joins, at)
    at, second = _write(branches, j, joins, at)
    joins[at, 0], joins[at, 1] = first, second
    return at + 1, at


@subkernel
def _write(branches, i, joins, at):
    """Write a branch into rows from `at` on; gives the row after them and the number of its root."""
    count = branches.size[i] - 1
    if count == 0:
        return at, -1 - branches.members[i, 0]
    for v in range(count):
        for side in range(2):
            k = branches.joins[i, v, side]
            joins[at + v, side] = k + at if k >= 0 else k
    return at + count, at + count - 1
