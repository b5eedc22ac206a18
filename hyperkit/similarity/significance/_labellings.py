"""Where labellings come from: what is exchanged if the labels A and B meant nothing.

A method that draws labels takes them from a `Labellings`, block by block, and does not ask how they are made. Here are
the two that rows have: all labels dealt out anew, and labels swapped inside pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state


class Labellings(NamedTuple):
    """Labellings of the rows that are as likely as the observed one under the null hypothesis."""

    number: int
    """How many there are."""
    block: Callable[[int, int], NDArray[np.bool_]]
    """Block number, labellings in it -> a column each, True for B, shape (rows, labellings); every block is made from a
    seed of its own, so that jobs can share them."""
    complete: bool = False
    """Whether these are all there are, each once and the observed one among them: p-values are then exact."""


def random_labellings(
    in_b: NDArray[np.bool_], paired: bool, number: int, random_state: int | RandomState | None
) -> Labellings:
    """Labels dealt out anew to all rows, or swapped inside pairs of rows i and n / 2 + i by fair coins."""
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    return Labellings(number, partial(_block, in_b, paired, seed))


def _block(in_b: NDArray[np.bool_], paired: bool, seed: int, number: int, size: int) -> NDArray[np.bool_]:
    return draw_labels(in_b, paired, size, np.random.default_rng([seed, number]))


def draw_labels(in_b: NDArray[np.bool_], paired: bool, size: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Labellings, True for B, a column each."""
    n, n_b = len(in_b), np.count_nonzero(in_b)
    if paired:
        swapped = rng.integers(2, size=(n // 2, size), dtype=bool)
        return np.asarray(in_b[:, None] ^ np.concatenate([swapped, swapped]))
    chosen = np.zeros((size, n), dtype=bool)
    for row in chosen:
        row[rng.choice(n, n_b, replace=False, shuffle=False)] = True  # a third of the time of a permutation
    return np.ascontiguousarray(chosen.T)
