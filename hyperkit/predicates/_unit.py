"""The grid that given doubles lie on: the largest power of two that divides them all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit_exponent(x: NDArray[np.float64]) -> int:
    """Largest k <= 0 such that all of `x` are whole multiples of ``2 ** k``; -1074 at least."""
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
