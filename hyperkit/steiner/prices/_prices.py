"""Prices of pairs of terminals: the dual of the minimum spanning tree problem of a hypergraph, made an ultrametric.

The linear relaxation of the choice of components has a dual: a sum for each set of terminals that is cut. Where two
such sets cross, as much as both have is moved to what they share and to their union: no component becomes dearer, and
the sum stays. Then the sets are a hierarchy, and a pair costs what is left at the least set that holds both.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..components import dual_of_relaxation

_NOTHING = 1e-15


def prices(n: int, pool: dict[tuple[int, ...], float], deadline: float = math.inf) -> NDArray[np.float64]:
    """Prices by which no component of the pool costs more than its length, and a tree of all terminals the most.

    At the deadline, by ``time.monotonic()``, they are those that there are by then, or 0.

    Parameters
    ----------
    n : int
        Number of terminals.
    pool : dict of float
        Lengths of components by their terminals; all pairs are among them.

    Returns
    -------
    ndarray of shape (n, n), float64
        Ultrametric, not negative; 0 on the diagonal.
    """
    members = [np.array(terminals) for terminals in pool]
    total, sets, shares = dual_of_relaxation(n, members, np.array(list(pool.values())), deadline)
    price = np.full((n, n), total)
    for inside, share in _hierarchy(sets, shares).items():
        rows = sorted(inside)
        price[np.ix_(rows, rows)] -= share
    np.fill_diagonal(price, 0)
    return np.maximum(price, 0)


def spanning_price(price: NDArray[np.float64], terminals: tuple[int, ...]) -> float:
    """Length of the spanning tree of some terminals by price."""
    first, *others = terminals
    key = {t: float(price[first, t]) for t in others}
    total = 0.0
    while key:
        newest = min(key, key=key.__getitem__)
        total += key.pop(newest)
        key = {t: min(least, float(price[newest, t])) for t, least in key.items()}
    return total


def _hierarchy(sets: list[NDArray[np.bool_]], shares: NDArray[np.float64]) -> dict[frozenset[int], float]:
    """The shares of sets no two of which cross."""
    share_of: dict[frozenset[int], float] = {}
    for inside, share in zip(sets, shares.tolist(), strict=True):
        _give(share_of, frozenset(np.flatnonzero(inside).tolist()), share)
    while (crossing := _crossing(list(share_of))) is not None:
        moved = min(share_of[one] for one in crossing)
        for one in crossing:
            _give(share_of, one, -moved)
        _give(share_of, crossing[0] & crossing[1], moved)
        _give(share_of, crossing[0] | crossing[1], moved)
    return share_of


def _give(share_of: dict[frozenset[int], float], inside: frozenset[int], share: float) -> None:
    left = share_of.pop(inside, 0.0) + share
    if left > _NOTHING and len(inside) > 1:
        share_of[inside] = left


def _crossing(sets: list[frozenset[int]]) -> tuple[frozenset[int], frozenset[int]] | None:
    for k, one in enumerate(sets):
        for other in sets[k + 1 :]:
            if one & other and not one <= other and not other <= one:
                return one, other
    return None
