"""Where the linear relaxation is not whole: the least length of trees made of given components, by cases."""

from __future__ import annotations

import numpy as np

from ._prices import prices, spanning_price

# Cases that are looked at; a dozen is the rule.
_MOST_CASES = 500
# A component at its price, but for this share, may be what the relaxation takes a part of.
_TIGHT = 1e-7


def least_of_choices(
    n: int, candidates: dict[tuple[int, ...], float], best: list[tuple[int, ...]], length: float
) -> float:
    """A length that no tree made of the candidates is below, if it has not less than `length`.

    Cases: one of the components is in the tree, or is not. In the tree its terminals are one to all others, at no
    price; what is left then costs at least what all terminals do. Out of it, prices need not obey its length.

    Parameters
    ----------
    n : int
    candidates : dict of float
        Lengths of components by their terminals, all pairs among them.
    best : list of tuple of int
        The components of a tree of that length.
    length : float
    """
    # Each case: the components in the tree, and those out of it.
    cases: list[tuple[frozenset[tuple[int, ...]], frozenset[tuple[int, ...]]]] = [(frozenset(), frozenset())]
    least = np.inf
    everything = tuple(range(n))
    looked_at = 0
    while cases:
        taken, left = cases.pop()
        looked_at += 1
        free = {one: own for one, own in candidates.items() if one not in taken and one not in left}
        # Pairs that are left out stay, too long for any tree that counts: so that there is one.
        pool = free | {one: 2 * length for one in left if len(one) == 2} | dict.fromkeys(taken, 0.0)
        price = prices(n, pool)
        costs = {one: spanning_price(price, one) for one in pool}
        right = min([1.0, *(own / costs[one] for one, own in pool.items() if one not in taken and costs[one] > own)])
        whole = spanning_price(price, everything) - sum(costs[one] for one in taken)
        bound = sum(candidates[one] for one in taken) + right * whole * (1 - 1e-12)
        tight = [one for one, own in free.items() if one not in best and costs[one] >= own * (1 - _TIGHT)]
        if bound >= length * (1 - 5e-10) or not tight or looked_at >= _MOST_CASES:
            least = min(least, bound)
            continue
        which = max(tight, key=len)
        cases += [(taken, left | {which}), (taken | {which}, left)]
    return float(least)
