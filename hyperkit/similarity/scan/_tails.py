"""How unlikely a count in a neighbourhood is by itself: tails of its distribution under relabelling, and their order.

Neighbourhoods of all sizes are held against each other by these tails and not by standardised counts: the counts of
small neighbourhoods are skew, and the largest of many standardised counts would mostly be one of theirs. A tail is
looked up by size and count, so that a labelling costs no more than counting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ..graph import Float, Int

# Logarithms of tails that differ by less are taken as equal: the tails of k and of m - k are the same number if A and B
# have as many rows, but not the same bits. Rounding is 1e-9 at a million rows.
_SAME = 1e-7


class Tails(NamedTuple):
    """Of each neighbourhood: mean and variance of its rows in B, and the smaller tail of every number of them."""

    mean: Float
    variance: Float
    starts: Int
    """Where the numbers of each neighbourhood begin in the following: that of k rows in B has place ``starts + k``."""
    logarithms: Float
    """Chance of a number as far from the mean on its side, as a natural logarithm."""
    ranks: NDArray[np.int32]
    """Order of the tails: equal ones have the same rank, the smallest 0."""


def free_tails(sizes: Int, n_a: int, n_b: int) -> Tails:
    """Hypergeometric tails: neighbourhoods of so many rows, if the labels of all rows are dealt out anew."""
    n = n_a + n_b

    def log_chances(size: int) -> tuple[int, Float]:
        k = np.arange(max(0, size - n_a), min(size, n_b) + 1)
        return int(k[0]), _log_comb(n_b, k) + _log_comb(n_a, size - k) - _log_comb(n, size)

    mean = np.multiply(sizes, n_b / n, dtype=np.float64)
    variance = mean * (n_a / n) * (n - sizes) / max(n - 1, 1)
    return Tails(mean, variance, *_table(sizes, np.zeros_like(sizes), log_chances))


def paired_tails(singles: Int, both: Int) -> Tails:
    """Binomial tails: pairs with one row in a neighbourhood have it in B by a fair coin, those with `both` have one."""

    def log_chances(size: int) -> tuple[int, Float]:
        return 0, _log_comb(size, np.arange(size + 1)) - size * np.log(2.0)

    return Tails(both + singles / 2, singles / 4, *_table(singles, both, log_chances))


def _table(
    sizes: Int, certain: Int, log_chances: Callable[[int], tuple[int, Float]]
) -> tuple[Int, Float, NDArray[np.int32]]:
    """Starts, logarithms and ranks: a part for each size, whose first `certain` rows in B are no matter of chance.

    `log_chances` gives the least number that a size can have, and the logarithms of the chances from there on.
    """
    distinct, which = np.unique(sizes, return_inverse=True)
    firsts = np.cumsum(distinct + 1) - (distinct + 1)
    logarithms = np.zeros(int((distinct + 1).sum()))
    for size, first in zip(distinct.tolist(), firsts.tolist(), strict=True):
        least, chances = log_chances(size)
        upto = np.logaddexp.accumulate(chances)
        beyond = np.logaddexp.accumulate(chances[::-1])[::-1]
        logarithms[first + least : first + least + len(chances)] = np.minimum(upto, beyond)
    return firsts[which.reshape(sizes.shape)] - certain, logarithms, _ranks(logarithms)


def _ranks(logarithms: Float) -> NDArray[np.int32]:
    order = np.argsort(logarithms)
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.cumsum(np.diff(logarithms[order], prepend=logarithms[order[:1]]) > _SAME)
    return ranks


def _log_comb(n: int, k: int | Int) -> Float:
    """Logarithm of the number of ways to choose k out of n."""
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
