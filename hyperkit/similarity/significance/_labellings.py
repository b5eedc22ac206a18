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

from ._permutation import labellings


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
    return labellings(in_b, paired, size, np.random.default_rng([seed, number])).astype(bool)
