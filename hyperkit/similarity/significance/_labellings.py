"""Where labellings come from: what is exchanged if the labels A and B meant nothing.

A method that draws labels takes them from a `Labellings`, block by block, and does not ask how they are made. Rows have
two: all labels dealt out anew, and labels swapped inside pairs. Whole groups have the same two, and where these are few
all of them are there instead of a draw.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, combinations
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state, gen_batches

from .._groups import Groups
from ..graph import Int

# Labellings of a block, in all but the last.
BLOCK = 64


class Labellings(NamedTuple):
    """Labellings of rows or of groups that are as likely as the observed one under the null hypothesis."""

    number: int
    """How many there are."""
    block: Callable[[int, int], NDArray[np.bool_]]
    """Block number, labellings in it (`BLOCK`, but for the last) -> a column each, True for B, shape (rows,
    labellings); every block is made from a seed of its own, so that jobs can share them."""
    complete: bool = False
    """Whether these are all there are, each once and the observed one first: p-values are then exact."""

    @property
    def n_counted(self) -> int:
        """Labellings that a share is taken of, the observed one among them."""
        return self.number if self.complete else self.number + 1

    def blocks(self) -> list[tuple[int, int]]:
        """Number and size of each block."""
        return [(number, part.stop - part.start) for number, part in enumerate(gen_batches(self.number, BLOCK))]


def random_labellings(
    in_b: NDArray[np.bool_], paired: bool, number: int, random_state: int | RandomState | None
) -> Labellings:
    """Labels dealt out anew to all rows, or swapped inside pairs of rows i and n / 2 + i by fair coins."""
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    return Labellings(number, partial(_block, in_b, paired, seed))


def _block(in_b: NDArray[np.bool_], paired: bool, seed: int, number: int, size: int) -> NDArray[np.bool_]:
    rng = np.random.default_rng([seed, number])
    n, n_b = len(in_b), np.count_nonzero(in_b)
    if paired:
        swapped = rng.integers(2, size=(n // 2, size), dtype=bool)
        return in_b[:, None] ^ np.concatenate([swapped, swapped])
    chosen = np.zeros((size, n), dtype=bool)
    for row in chosen:
        row[rng.choice(n, n_b, replace=False, shuffle=False)] = True  # a third of the time of a permutation
    return np.ascontiguousarray(chosen.T)


def group_labellings(groups: Groups, number: int, random_state: int | RandomState | None, few: int = 0) -> Labellings:
    """Labellings of whole groups: all of them if they are at most `few` or at most `number`, else `number` drawn."""
    if groups.n_labellings > max(number, few):
        return random_labellings(groups.in_b, groups.paired, number, random_state)
    every = _all_swaps(groups) if groups.paired else _all_choices(groups)
    return Labellings(groups.n_labellings, partial(_part, every), complete=True)


def least_p_value(groups: Groups, labellings: Labellings) -> float:
    """Smallest p-value that labellings of whole groups can give."""
    return groups.least_p_value if labellings.complete else 1 / labellings.n_counted


def with_rows(of_groups: Labellings, of_rows: Int) -> Labellings:
    """Labellings of rows that have the labels of their groups, whose numbers are `of_rows`."""
    return of_groups._replace(block=partial(_rows_of_block, of_groups.block, of_rows))


def _part(every: NDArray[np.bool_], number: int, size: int) -> NDArray[np.bool_]:
    return every[:, number * BLOCK : number * BLOCK + size]


def _rows_of_block(
    block: Callable[[int, int], NDArray[np.bool_]], of_rows: Int, number: int, size: int
) -> NDArray[np.bool_]:
    return block(number, size)[of_rows]


def _all_choices(groups: Groups) -> NDArray[np.bool_]:
    """Every choice of as many groups for B as it has."""
    n, n_b = len(groups.in_b), int(np.count_nonzero(groups.in_b))
    chosen = np.fromiter(chain.from_iterable(combinations(range(n), n_b)), dtype=np.int64)
    labels = np.zeros((n, groups.n_labellings), dtype=bool)
    labels[chosen.reshape(-1, n_b).T, np.arange(groups.n_labellings)] = True
    observed = np.flatnonzero((labels == groups.in_b[:, None]).all(axis=0))
    labels[:, observed] = labels[:, :1]
    labels[:, 0] = groups.in_b
    return labels


def _all_swaps(groups: Groups) -> NDArray[np.bool_]:
    """Every choice of pairs whose labels swap, none first."""
    pairs = np.arange(len(groups.in_b) // 2)[:, None]
    swapped = (np.arange(groups.n_labellings) >> pairs & 1).astype(bool)
    return groups.in_b[:, None] ^ np.concatenate([swapped, swapped])
