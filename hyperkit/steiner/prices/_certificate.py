"""The certificate: prices, and that no component is shorter than its price."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ...geometry import ball_distance_matrix
from ...models import BallPoints, to_ball
from .._interrupt import INTERRUPTS, is_interrupt
from .._lower_bound import least_distances
from .._network import Network
from ..components import Pool
from ._choices import least_of_choices
from ._known import Known, of_pairs
from ._prices import prices, spanning_price
from ._suspects import suspects

# Shares of the prices that are tried in turn: what is proven for the first ones comes soon.
_SHARES = (0.8, 0.9, 0.95, 0.98, 1.0)
# Prices of the last share are lower by this, so that rounding of lengths does not hide what they prove.
_LOWERED = 2e-10
# Moving the points may change distances by this share.
_MOVED = 1e-10
# A component is too short, and joins the pool, if it is by this share.
_TOO_SHORT = 1e-10
# What is farther from the bound than this share is not proven yet.
_TOO_FAR = 5e-10
# Components that are likely to count are looked for in this share of the time at most.
_FIRST = 0.1
# Seconds for the choice of components even where there is no time left: it takes less, and all before it would be lost.
_FOR_THE_CHOICE = 5.0
# Beyond this polar radius from the middle rounding of coordinates is more than the search counts with.
_FARTHEST = 12.0


class Certified(NamedTuple):
    """A tree and what is proven of it."""

    network: Network
    lower_bound: float
    """No tree is shorter; 0 if there was not the time for any bound, or the points are too far from each other."""


def certified_tree(points: BallPoints, network: Network, progress: Progress, deadline: float) -> Certified:
    """The shortest tree of points in the plane, and a length that no tree is below, as good as the time allows.

    Prices come from the components known so far. Those that are shorter than their price become known, and so on; if
    there are none, no tree is shorter than all terminals cost. Prices are raised in steps: something is proven soon.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        Distinct points of the plane.
    network : Network
        The best tree known.
    progress : rich.progress.Progress
    deadline : float
        By ``time.monotonic()``.

    Raises
    ------
    KeyboardInterrupt
        Before anything was proven; later, Ctrl-C is as the end of the time.
    """
    n = points.n
    terminals = _centred(points)
    if terminals is None:
        return Certified(network, 0.0)
    known = Known(points, network)
    least = least_distances(points)
    lower = 0.0
    task = progress.add_task("Prices", total=len(_SHARES))
    try:
        now = time.monotonic()
        known.grow(now + _FIRST * max(deadline - now, 0.0))
        for share in _SHARES:
            whole = False
            for price, whole in _rounds(known, terminals, least, share, progress, deadline):
                lower = max(lower, spanning_price(price, tuple(range(n))) * (1 - 1e-12))
                progress.update(task, advance=whole, description=f"Prices: no tree below {lower:.6g}")
            if not whole:
                break
        other = known.shortest(max(deadline - time.monotonic(), _FOR_THE_CHOICE))
        if other.length(points) < network.length(points) * (1 - _TOO_SHORT):
            network = other
        length = network.length(points)
        slack = length - lower
        if whole and slack > _TOO_FAR * length:
            # The relaxation is not whole: by cases, of all that may be components of a shortest tree.
            found = suspects(terminals, price, progress, deadline, slack=slack * (1 + 1e-6))
            if found is not None and known.minimise(found.sets, deadline):
                candidates = of_pairs(least) | {one: known.trees[one].lower_bound for one in found.sets}
                best = Pool(points)
                best.add(network)
                proven = least_of_choices(n, candidates, list(best.lengths()), length)
                lower = max(lower, min(proven, length * (1 - _LOWERED)))
    except INTERRUPTS as stop:
        if lower == 0 or not is_interrupt(stop):
            raise
    finally:
        progress.remove_task(task)
    return Certified(network, lower)


def _centred(points: BallPoints) -> NDArray[np.complex128] | None:
    """The points moved so that the one in their middle is the origin; None if rounding does not allow that."""
    distances = ball_distance_matrix(points, points)
    z = points.z[:, 0] + 1j * points.z[:, 1]
    middle = z[np.argmin(distances.max(axis=1))]
    moved = (z - middle) / (1 - np.conj(middle) * z)
    if not (np.abs(moved) < math.tanh(_FARTHEST / 2)).all():
        return None
    ball = to_ball(np.column_stack([moved.real, moved.imag]))
    wrong = np.abs(ball_distance_matrix(ball, ball) - distances) > _MOVED * distances
    return None if wrong.any() else moved


def _rounds(
    known: Known,
    terminals: NDArray[np.complex128],
    least: NDArray[np.float64],
    share: float,
    progress: Progress,
    deadline: float,
) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """Prices that no component undercuts, a share of the best, again and again as components become known.

    With each comes whether no components that are too short became known; it ends there, or where time does.
    """
    n = len(terminals)
    shorter = True
    while shorter:
        price = (share - _LOWERED) * prices(n, known.lengths, deadline)
        if time.monotonic() > deadline:
            return
        found = suspects(terminals, price, progress, deadline)
        if found is None or not known.minimise(found.sets, deadline):
            return
        pairs = np.triu_indices(n, 1)
        right = float((least[pairs] / np.maximum(price[pairs], 1e-300)).min(initial=1.0, where=price[pairs] > 0))
        shorter = False
        for one in found.sets:
            length, lower, _ = known.trees[one]
            cost = spanning_price(price, one)
            shorter |= length < min(cost * (1 - _TOO_SHORT), known.lengths.get(one, math.inf))
            # That of components which are nearly too short is better known before prices rise.
            known.note(one)
            if lower < right * cost:
                right = lower / cost
        yield right * price, not shorter
