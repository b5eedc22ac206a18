"""Keys that sort points into an order in which to insert them."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit

# By orientation of the curve in a square and quarter of the square, 2 x + y: place of the quarter along the curve, and
# the curve's orientation in it.
_PLACE = np.array([0, 1, 3, 2, 0, 3, 1, 2, 2, 1, 3, 0, 2, 3, 1, 0])
_ORIENTATION = np.array([1, 0, 2, 0, 0, 3, 1, 1, 2, 2, 0, 3, 3, 1, 3, 2])
N_ROUNDS = 8
# Draws from here on are in the last round; that of earlier ones is that of eight times the draw.
_LAST_ROUND = 1 / 8


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
def insertion_keys(points, draws, keys, first_row, low_x, low_y, width, n_fours, row_bits):
    """For each point a number that sorts it in: by round, in a round along a Hilbert curve, then by row.

    A point is in the last round if its draw, uniform in [0, 1), is at least 1/8; in the one before if eight times that
    is, and so on: 8 rounds, each 8 times as large as all before it.

    Parameters
    ----------
    points, draws, keys : (n, 2), (n,) and (n,) arrays
    first_row : int
        The row of the first point.
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
        key, draw = np.int64(N_ROUNDS - 1), draws[p]
        while draw < _LAST_ROUND and key > 0:
            key -= 1
            draw /= _LAST_ROUND
        turn = np.int64(0)
        for shift in range(4 * (n_fours - 1), -1, -4):
            step = np.int64(_FOUR_LEVELS[turn | (x >> shift & 15) << 4 | (y >> shift & 15)])
            turn = step & 768
            key = key << 8 | step & 255
        keys[p] = key << row_bits | (first_row + p)
