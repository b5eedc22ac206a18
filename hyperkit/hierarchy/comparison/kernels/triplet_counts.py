"""Triplets of tips that two trees resolve in the same way and in different ways, counted without listing them."""

from __future__ import annotations

import numpy as np

from ...._compilation import njit


@njit
def count_triplets(clades, others, place):
    """Number of triplets that both trees resolve, alike and differently: (n_right, n_wrong).

    A tree resolves ab|c at one clade u, the largest with a and b and without c. So with I(u, v) the number of tips
    in clade u of one tree and clade v of the other, and p for the clade one step up, the triplets resolved at u and v
    are counted from four numbers: alike are ``C(I(u, v), 2) * |(pu - u) & (pv - v)|``; of ab|c against ac|b, a is
    in both clades, b in u only and c in v only. Time grows with the square of the number of tips.

    Parameters
    ----------
    clades, others : (n_clades, 4) integer arrays
        Clades of either tree but the one of all tips and single tips: first and last + 1 of its tips in the order of
        its own tree, then those of the clade one step up.
    place : (n,) integer array
        Place in the order of the first tree of the tips in the order of the second.
    """
    n = len(place)
    inside, above = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    right, wrong = 0, 0
    for u in range(len(clades)):
        first, last, first_up, last_up = clades[u]
        for tip in range(n):
            inside[tip + 1] = inside[tip] + (first <= place[tip] < last)
            above[tip + 1] = above[tip] + (first_up <= place[tip] < last_up)
        for v in range(len(others)):
            start, stop, start_up, stop_up = others[v, 0], others[v, 1], others[v, 2], others[v, 3]
            both = inside[stop] - inside[start]
            if both > 0:
                only_u = inside[stop_up] - inside[start_up] - both
                only_v = above[stop] - above[start] - both
                neither = above[stop_up] - above[start_up] - both - only_u - only_v
                right += both * (both - 1) // 2 * neither
                wrong += both * only_u * only_v
    return right, wrong
