"""The order in which points are inserted: along a Hilbert curve, in random rounds of growing size.

The curve makes neighbours follow each other; the rounds (Amenta, Choi, Rote, "Incremental constructions con BRIO",
2003) keep long thin triangles rare. With each round there are 8 times as many points as before: that beat 4 and a
single round, by 5 to 20 %.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._threads import Threads
from .kernels.order import N_ROUNDS, insertion_keys

# So many points in any order are soon walked through.
_CROWD = 256
# Round, a number of three bits, place along the curve and row share a key of 63 bits.
_ROUND_BITS, _KEY_BITS = 3, 63


class InsertionOrder(NamedTuple):
    """The order in which to insert n points."""

    rows: NDArray[np.int64]
    """Shape (n,)."""
    places: NDArray[np.int64]
    """Their places along the curve, which grow in a round."""
    rounds: list[int]
    """Where each round begins, and n."""


def insertion_order(z: NDArray[np.float64], threads: Threads) -> InsertionOrder:
    """The order of the points `z`."""
    # Rounds come from a hash of the row, not from a generator that data may be drawn from: with `default_rng(0)` and
    # data of the same seed the first ones were one side of the data, and 300,000 points on a parabola took minutes.
    rows, squares, place_bits = _sorted_rows(z, N_ROUNDS, threads)
    rounds = np.searchsorted(squares, np.arange(N_ROUNDS, dtype=np.int64) << place_bits)
    squares &= (1 << place_bits) - 1
    return InsertionOrder(rows, squares, [*rounds.tolist(), len(z)])


def _sorted_rows(
    z: NDArray[np.float64], n_rounds: int, threads: Threads
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Rows by round and along the curve; where a square of its last level holds a crowd, along one through that crowd.

    A far cluster is small enough for that: without it two of 50,000 points at polar radius 30 took 14 times as long.
    """
    low_x, low_y = z[:, 0].min(), z[:, 1].min()
    width = max(z[:, 0].max() - low_x, z[:, 1].max() - low_y)
    row_bits = len(z).bit_length()
    n_fours = (_KEY_BITS - _ROUND_BITS - row_bits) // 8
    keys = np.empty(len(z), dtype=np.int64)
    threads.run(
        insertion_keys,
        [(z[a:b], keys[a:b], a, n_rounds, low_x, low_y, width, n_fours, row_bits) for a, b in threads.parts(len(z))],
    )
    keys.sort()
    rows = keys & ((1 << row_bits) - 1)
    squares = np.right_shift(keys, row_bits, out=keys)
    if width > 0 and (squares[_CROWD:] == squares[:-_CROWD]).any():
        bounds = np.concatenate([[0], np.flatnonzero(np.diff(squares)) + 1, [len(z)]])
        for crowd in np.flatnonzero(np.diff(bounds) > _CROWD):
            inside = rows[bounds[crowd] : bounds[crowd + 1]]
            inside[:] = inside[_sorted_rows(z[inside], 1, threads)[0]]
    return rows, squares, 8 * n_fours
