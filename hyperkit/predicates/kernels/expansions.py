"""Exact sums and products of doubles: a number is an unevaluated sum of doubles, smallest first.

What Shewchuk ("Adaptive precision floating-point arithmetic and fast robust geometric predicates", Discrete and
Computational Geometry 18, 1997) calls nonoverlapping expansions. Zeros are left out, so numbers that happen to be
short stay short: on grids, where signs are most often in doubt, a determinant is a handful of terms. Results are exact
while no product of the last bits underflows.
"""

from __future__ import annotations

import numpy as np

from ..._compilation import subkernel

_SPLITTER = 2.0**27 + 1.0  # halves a 53-bit significand (Dekker 1971)


@subkernel
def two_sum(a, b):
    """a + b as rounded sum and its exact error."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


@subkernel
def two_product(a, b):
    """a * b as rounded product and its exact error."""
    product = a * b
    high = _SPLITTER * a
    a_high = high - (high - a)
    a_low = a - a_high
    high = _SPLITTER * b
    b_high = high - (high - b)
    b_low = b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@subkernel
def difference(a, b):
    """a - b, at most two terms."""
    high, low = two_sum(a, -b)
    out = np.empty(2)
    n = 0
    for term in (low, high):
        if term != 0.0:
            out[n] = term
            n += 1
    return out[:n]


@subkernel
def add(e, f):
    """e + f; merges the terms by size and sums them up (Shewchuk's fast expansion sum)."""
    out = np.empty(len(e) + len(f))
    n = i = j = 0
    running = 0.0
    while i < len(e) or j < len(f):
        if j == len(f) or (i < len(e) and abs(e[i]) < abs(f[j])):
            term = e[i]
            i += 1
        else:
            term = f[j]
            j += 1
        running, error = two_sum(running, term)
        if error != 0.0:
            out[n] = error
            n += 1
    if running != 0.0:
        out[n] = running
        n += 1
    return out[:n]


@subkernel
def scale(e, factor):
    """e * factor for a double `factor` (Shewchuk's scale-expansion)."""
    out = np.empty(2 * len(e))
    n = 0
    running = 0.0
    for term in e:
        product, error = two_product(term, factor)
        running, low = two_sum(running, error)
        if low != 0.0:
            out[n] = low
            n += 1
        running, low = two_sum(product, running)
        if low != 0.0:
            out[n] = low
            n += 1
    if running != 0.0:
        out[n] = running
        n += 1
    return out[:n]


@subkernel
def multiply(e, f):
    """e * f."""
    total = np.empty(0)
    for factor in f:
        total = add(total, scale(e, factor))
    return total


@subkernel
def sign(e):
    """Sign of an expansion: that of its largest term."""
    return 0 if len(e) == 0 else (1 if e[-1] > 0.0 else -1)
