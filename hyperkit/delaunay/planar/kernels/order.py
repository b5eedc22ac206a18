"""Keys that sort points into an order in which to insert them."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit, subkernel

# By orientation of the curve in a square and quarter of the square, 2 x + y: place of the quarter along the curve, and
# the curve's orientation in it.
_PLACE = np.array([0, 1, 3, 2, 0, 3, 1, 2, 2, 1, 3, 0, 2, 3, 1, 0])
_ORIENTATION = np.array([1, 0, 2, 0, 0, 3, 1, 1, 2, 2, 0, 3, 3, 1, 3, 2])
# The last round has 7/8 of the points, the one before 7/8 of the others, and so on.
N_ROUNDS = 8


def _four_levels():
    """By orientation, four bits of x and four of y: 256 times the orientation four levels on, and the place there."""
    turn, x, y = np.ogrid[:4, :16, :16]
    place = 0
    for bit in (3, 2, 1, 0):
        quarter = 4 * turn + 2 * (x >> bit & 1) + (y >> bit & 1)
        place, turn = 4 * place + _PLACE[quarter], _ORIENTATION[quarter]
    return (256 * turn + place).ravel().astype(np.int16)


_FOUR_LEVELS = _four_levels()


@njit
def insertion_keys(points, keys, first_row, n_rounds, low_x, low_y, width, n_fours, row_bits):
    """For each point a number that sorts it in: by round, in a round along a Hilbert curve, then by row.

    Parameters
    ----------
    points, keys : (n, 2) and (n,) arrays
    first_row : int
        The row of the first point.
    n_rounds : int
        With each there are eight times as many points as before.
    low_x, low_y, width : float
        Corner and side of the square that the curve fills.
    n_fours : int
        The curve has four times as many levels.
    row_bits : int
        Bits of the key that hold the row.
    """
    unit = (2.0 ** (4 * n_fours) - 1) / width if width > 0.0 else 0.0
    for p in range(len(points)):
        x, y = np.int64((points[p, 0] - low_x) * unit), np.int64((points[p, 1] - low_y) * unit)
        key, bits = np.int64(n_rounds - 1), _random_bits(first_row + p)
        while key > 0 and bits & 7 == 0:
            key -= 1
            bits >>= 3
        turn = np.int64(0)
        for shift in range(4 * (n_fours - 1), -1, -4):
            step = np.int64(_FOUR_LEVELS[turn | (x >> shift & 15) << 4 | (y >> shift & 15)])
            turn = step & 768
            key = key << 8 | step & 255
        keys[p] = key << row_bits | (first_row + p)


@subkernel
def _random_bits(k):
    """32 bits that look drawn at random, for each whole number others (the hash of Mueller's, multiply and shift)."""
    for _ in range(2):
        k = (k >> 16 ^ k) * 0x45D9F3B & 0xFFFFFFFF
    return k >> 16 ^ k
