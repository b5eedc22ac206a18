"""Neighbours in two embeddings: how many they share, and how many have the label of the row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

_BLOCK = 20_000  # rows whose neighbours are sorted at a time


def shared_shares(p: Int, q: Int) -> Float:
    """Share of the neighbours of each row that two tables of them have in common, shape (n,).

    Parameters
    ----------
    p, q : ndarray of shape (n, k), int64
        Neighbours of each row, none of them twice.
    """
    n, k = p.shape
    shared = np.empty(n)
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        both = np.sort(np.concatenate([p[rows], q[rows]], axis=1), axis=1)
        shared[rows] = (both[:, 1:] == both[:, :-1]).sum(axis=1) / k
    return shared


def same_label_shares(neighbors: Int, codes: Int) -> Float:
    """Share of the neighbours of each row that have its label, shape (n,); labels as integers."""
    return np.asarray((codes[neighbors] == codes[:, None]).mean(axis=1))


def chance_of_same_label(codes: Int) -> Float:
    """For each row the share of the other rows that have its label, shape (n,)."""
    return (np.bincount(codes)[codes] - 1) / (len(codes) - 1)
