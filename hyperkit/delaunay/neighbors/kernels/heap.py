"""The k nearest rows seen so far, as a heap whose first place is the one to lose next."""

from __future__ import annotations

from ...._compilation import subkernel


@subkernel
def keep(keys, rows, key, row):
    """Put a row in the place of the worst kept: that with the largest key, of equals the highest row.

    An insertion into a sorted list is as fast for k = 10, and takes time k^2 for many.
    """
    k = len(keys)
    place, child = 0, 1
    while child < k:
        after = child + 1
        if after < k and (keys[after] > keys[child] or (keys[after] == keys[child] and rows[after] > rows[child])):
            child = after
        if keys[child] < key or (keys[child] == key and rows[child] < row):
            break
        keys[place], rows[place] = keys[child], rows[child]
        place, child = child, 2 * child + 1
    keys[place], rows[place] = key, row
