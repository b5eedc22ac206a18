"""The certificate: prices, and that no component is shorter than its price."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ..._progress import progress_bars
from ...geometry import ball_distance_matrix
from ...models import BallPoints, to_ball
from .._interrupt import INTERRUPTS, is_interrupt
from .._lower_bound import least_distances
from .._network import Network
from ..components import Pool, compose, concatenate
from ..exact import enumerated_tree
from ..local import neighbor_joining
from ._choices import least_of_choices
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
# The enumeration takes memory for all subsets of a suspect: 2^20 numbers.
_LARGEST_SUSPECT = 20
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
    distances, least = ball_distance_matrix(points, points), least_distances(points)
    if terminals is None:
        return Certified(network, 0.0)
    pool = Pool(points)
    pool.add(network)
    known = _of_pairs(distances) | pool.lengths()
    trees: dict[tuple[int, ...], tuple[float, float]] = {}
    lower = 0.0
    task = progress.add_task("Prices", total=len(_SHARES))
    try:
        for share in _SHARES:
            whole = False
            for price, whole in _rounds(points, terminals, least, share, known, trees, progress, deadline):
                lower = max(lower, spanning_price(price, tuple(range(n))) * (1 - 1e-12))
                progress.update(task, advance=whole, description=f"Prices: no tree below {lower:.6g}")
            if not whole:
                break
        members = [np.array(one) for one in known]
        chosen = concatenate(n, members, np.array(list(known.values())), max(deadline - time.monotonic(), 0.0))
        if chosen.length < network.length(points) * (1 - _TOO_SHORT):
            network = compose(points, [members[k] for k in chosen.chosen])
        length = network.length(points)
        slack = length - lower
        if whole and slack > _TOO_FAR * length:
            # The relaxation is not whole: by cases, of all that may be components of a shortest tree.
            found = suspects(terminals, price, progress, deadline, slack=slack * (1 + 1e-6))
            if found is not None and _enumerate(points, found.sets, trees, deadline):
                best = [tuple(members[k].tolist()) for k in chosen.chosen]
                candidates = _of_pairs(least) | {one: trees[one][1] for one in found.sets}
                lower = max(lower, min(least_of_choices(n, candidates, best, length), length * (1 - _LOWERED)))
    except INTERRUPTS as stop:
        if lower == 0 or not is_interrupt(stop):
            raise
    finally:
        progress.remove_task(task)
    return Certified(network, lower)


def _of_pairs(matrix: NDArray[np.float64]) -> dict[tuple[int, ...], float]:
    """What a symmetric matrix says of each pair, as of sets of terminals."""
    return {(i, j): float(matrix[i, j]) for i, j in combinations(range(len(matrix)), 2)}


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
    points: BallPoints,
    terminals: NDArray[np.complex128],
    least: NDArray[np.float64],
    share: float,
    known: dict[tuple[int, ...], float],
    trees: dict[tuple[int, ...], tuple[float, float]],
    progress: Progress,
    deadline: float,
) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """Prices that no component undercuts, a share of the best, again and again as components become known.

    With each comes whether no components that are too short became known; it ends there, or where time does.
    """
    n = points.n
    shorter = True
    while shorter:
        price = (share - _LOWERED) * prices(n, known, deadline)
        if time.monotonic() > deadline:
            return
        found = suspects(terminals, price, progress, deadline)
        if found is None or not _enumerate(points, found.sets, trees, deadline):
            return
        pairs = np.triu_indices(n, 1)
        right = float((least[pairs] / np.maximum(price[pairs], 1e-300)).min(initial=1.0, where=price[pairs] > 0))
        shorter = False
        for one in found.sets:
            length, lower = trees[one]
            cost = spanning_price(price, one)
            # That of components which are nearly too short is better known before prices rise.
            before = known.get(one, math.inf)
            known[one] = min(length, before)
            shorter |= length < min(cost * (1 - _TOO_SHORT), before)
            if lower < right * cost:
                right = lower / cost
        yield right * price, not shorter


def _enumerate(
    points: BallPoints,
    sets: list[tuple[int, ...]],
    trees: dict[tuple[int, ...], tuple[float, float]],
    deadline: float,
) -> bool:
    """Find the length of the shortest tree of each set, and a lower bound of it; False: no time, or a set too large."""
    silent = progress_bars(show=False)
    for one in sets:
        if len(one) > _LARGEST_SUSPECT:
            return False
        if one not in trees:
            own = points.take(list(one))
            tree = enumerated_tree(own, neighbor_joining(own), silent, max(deadline - time.monotonic(), 0.0))
            if not tree.proven:  # the time is over; or Ctrl-C, which it does not tell
                return False
            trees[one] = float(tree.tree.lengths.sum() / 2), tree.lower_bound
    return True
