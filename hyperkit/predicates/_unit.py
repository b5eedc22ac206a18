"""The grid that given doubles lie on: the largest power of two that divides them all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Numbers that stay in the nearest cache from one step to the next.
_BLOCK = 4096
# Doubles end at 2^1024.
_SMALLEST_SCALE = -1000


def unit_exponent(x: NDArray[np.float64]) -> int:
    """Largest k <= 0 such that all of `x` are whole multiples of ``2 ** k``; -1074 at least."""
    exponent, flat = 0, x.reshape(-1)
    for begin in range(0, len(flat), _BLOCK):
        block = flat[begin : begin + _BLOCK]
        if exponent > _SMALLEST_SCALE:
            multiples = block * 2.0**-exponent
            if np.array_equal(multiples, np.rint(multiples)):  # as most are, after the first blocks
                continue
        exponent = min(exponent, _exponent_of(block))
    return exponent


def _exponent_of(x: NDArray[np.float64]) -> int:
    significands, exponents = np.frexp(x)
    whole = np.ldexp(significands, 53).astype(np.int64)
    lowest = np.where(whole == 0, 1, whole & -whole)  # the lowest bit that is set
    bits = np.frexp(lowest.astype(np.float64))[1] - 54 + exponents
    return int(np.where(whole == 0, 0, bits).min(initial=0))


def exact_sum(x: NDArray[np.float64], degree: int) -> float:
    """Sums of products of `degree` differences of `x` are computed without rounding while their terms stay below this.

    0 where the products may underflow.
    """
    exponent = degree * unit_exponent(x)
    return float(np.ldexp(1.0, exponent + 52)) if exponent > -1022 else 0.0
