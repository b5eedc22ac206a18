"""What rules a cell out as a place of the root of two branches. See `steiner.prices` for the proofs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import subkernel
from .cells import PI, SLACK, Cells, angle_of, common, edges_to, has_a_nearer_terminal, holds, turned
from .rooted import gap_between, shortest_rooted, towards

# Cells in which a root may be are divided until they are this share of the longest edge.
FINEST = 1 / 64
# Trees are minimised in cells up to so many times as large. In larger ones they rule out little.
_EVALUATED = 4.0
# Other trees that are tried there, before all are in the finest cells.
_FEW_TREES = 2


class Problem(NamedTuple):
    """What all branches share."""

    terminals: NDArray[np.complex128]
    price: NDArray[np.float64]
    rim: float
    """Euclidean radius of the disc about the origin that holds all terminals, and so their convex hull."""
    slack: float
    """By how much components that are looked for may be longer than they cost; 0: those that are shorter."""
    rules: NDArray[np.bool_]
    """Which rules are in use, as in `RULES`; tests switch them off."""


class Half(NamedTuple):
    """One of two branches that are joined: its cells, its tree, and how long it may be with its edge to the root."""

    cells: Cells
    joins: NDArray[np.int64]
    m: int
    terminal: int
    places: NDArray[np.complex128]
    """Of the joins, where they were minimised last, for whatever partner: the next minimisation begins there."""
    warm: NDArray[np.bool_]
    """One entry: whether they were."""
    budget: float


class Trees(NamedTuple):
    """The other trees as they were minimised last."""

    places: NDArray[np.complex128]
    """Of the joins, shape (number of trees, number of terminals)."""
    warm: NDArray[np.bool_]
    """Whether they were."""
    order: NDArray[np.int64]
    """In which they are tried."""
    seen: NDArray[np.complex128]
    """Place of the root."""
    excess: NDArray[np.float64]
    """By how much they were longer than the branch there."""
    work: tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.float64], NDArray[np.float64]]
    """Room for minimisations."""


@subkernel
def meet(arrival, other, sign):
    """Whether two edges can arrive with 120 degrees between them, the first left of the second (-1: right)."""
    turn = angle_of(arrival[0] * other[0].conjugate())
    return holds(turn + arrival[1] - other[2], turn + arrival[2] - other[1], sign * 2 * PI / 3)


@subkernel
def examine(
    place, radius, finest, halves, reached, number, at, longest, scale, members, weight, others, trees, problem, pruned
):
    """Whether a root can be in a cell; the two intervals of directions, and the least length of the branch."""
    first, second = halves
    terminals, rules = problem.terminals, problem.rules
    none = (1 + 0j, -PI, PI)
    count, base, low, high, length = edges_to(
        first.cells, reached[0][at - 1], number[at - 1, 0], place, radius, longest, first.budget, reached[0][at]
    )
    number[at, 0] = count
    if count == 0:
        return False, none, none, 0.0
    arrival = (base, low, high)
    count, base, low, high, rest = edges_to(
        second.cells, reached[1][at - 1], number[at - 1, 1], place, radius, longest, second.budget, reached[1][at]
    )
    number[at, 1] = count
    if count == 0:
        return False, none, none, 0.0
    other = (base, low, high)
    if not (meet(arrival, other, 1) or meet(arrival, other, -1)):
        pruned[0] += 1
        return False, none, none, 0.0
    if rules[3]:
        for h in range(2):
            count = 0
            for a in range(number[at, h]):
                k = reached[h][at, a]
                own = halves[h].cells
                if not has_a_nearer_terminal(own.place[k], own.radius[k], place, radius, terminals):
                    reached[h][at, count] = k
                    count += 1
            number[at, h] = count
            if count == 0:
                pruned[3] += 1
                return False, none, none, 0.0
    if radius > _EVALUATED * FINEST * scale:
        return True, arrival, other, length + rest
    lower, slope = 0.0, 0j
    for h in range(2):
        half = halves[h]
        if half.m == 0:
            p = terminals[half.terminal]
            own, own_slope, short = gap_between(p, place) * (1 - SLACK), -towards(place, p), 0.0
        else:
            own, short, edge, own_slope = shortest_rooted(
                half.joins, half.m, half.places, terminals, place, scale, np.inf, half.warm[0], trees.work
            )
            half.warm[0] = True
            if edge > 3 * radius:
                interval = _narrowed(
                    arrival if h == 0 else other,
                    -towards(place, half.places[half.m - 1]),
                    radius,
                    edge,
                    short + (1 - abs(own_slope)) * radius,
                )
                if interval[1] > interval[2]:
                    pruned[0] += 1
                    return False, none, none, 0.0
                if h == 0:
                    arrival = interval
                else:
                    other = interval
        lower += own - short
        slope += own_slope
        least = own - short - radius
        if least > half.budget * (1 + SLACK):
            pruned[1] += 1
            return False, none, none, 0.0
        if h == 0:
            length = max(length, least)
        else:
            rest = max(rest, least)
    if not (meet(arrival, other, 1) or meet(arrival, other, -1)):
        pruned[0] += 1
        return False, none, none, 0.0
    if rules[2]:
        for t in members:
            p = terminals[t]
            if _is_longer(lower, slope, weight + gap_between(p, place), towards(place, p), place, p, radius):
                pruned[2] += 1
                return False, none, none, 0.0
    if rules[4] and _another_is_shorter(place, radius, finest, scale, lower, slope, others, trees, terminals):
        pruned[4] += 1
        return False, none, none, 0.0
    return True, arrival, other, length + rest


@subkernel
def _another_is_shorter(place, radius, finest, scale, lower, slope, others, trees, terminals):
    """Whether one of the other trees is shorter than the branch, wherever in the cell."""
    tried = len(trees.order) if finest else min(len(trees.order), _FEW_TREES)
    for a in range(tried):
        o = trees.order[a]
        # One that was much longer than the branch at a place close by is hardly shorter here. To leave it out is safe,
        # and spares two thirds of the time for them.
        if trees.warm[o] and trees.excess[o] > 2 * gap_between(place, trees.seen[o]):
            continue
        m, most = others.m[o], lower - others.added[o]
        total, short = shortest_rooted(
            others.joins[o], m, trees.places[o], terminals, place, scale, most, trees.warm[o], trees.work
        )[:2]
        trees.warm[o], trees.seen[o], trees.excess[o] = True, place, total - short - most
        end = trees.places[o, m - 1]
        if _is_longer(lower, slope, total + others.added[o], towards(place, end), place, end, radius):
            # What has ruled out one cell is tried first in the next.
            for b in range(a, 0, -1):
                trees.order[b] = trees.order[b - 1]
            trees.order[0] = o
            return True
    return False


@subkernel
def _narrowed(interval, direction, radius, edge, short):
    """An interval of directions, and what the shortest tree to the centre of the cell says of it; empty: 1, 0.

    Let f(y) be the length of the shortest tree of a branch to y, convex, and s the end of the last edge of the one to
    the centre x. The tree with an edge from s to elsewhere shows that f is at most the distance h from s and a
    constant; and by its slope at x, known up to an error `short` of lengths, it is no less at y, r away, but for
    ``short + K r^2 / 2``. Here K = coth of the least distance from s, which bounds the second derivatives of h. So if
    G is the slope of f at y, and z is t away from there in direction v, then
    ``t G v <= f(z) - f(y) <= h(z) - h(y) + short + K r^2 / 2``, and G differs from the slope of h at y by no more than
    ``(K (t^2 + r^2) / 2 + short) / t``: that is K t for the best t. The slope of h at y, carried to x along the
    geodesic, differs from that at x by K r at most.
    """
    bend = 1 / math.tanh(edge - 2.5 * radius)
    differ = bend * radius + math.sqrt((bend * radius) ** 2 + 2 * bend * short)
    base, low, high = interval
    reached = math.sqrt(radius * radius + 2 * short / bend)
    if reached > 1.5 * radius or differ >= 1:
        return interval
    wide = 2 * math.asin(differ / 2) + SLACK
    half = (high - low) / 2
    if half >= PI:
        return direction, -wide, wide
    middle, half = common(turned(base, (low + high) / 2), half, direction, wide)
    if half < 0:
        return base, 1.0, 0.0
    return middle, -half, half


@subkernel
def _is_longer(lower, slope, total, to_end, place, end, radius):
    """Whether a branch is longer than another tree to the same place, wherever in the cell that is.

    The branch is at least ``lower + slope v`` long at v from the centre, by convexity; the other tree, which keeps its
    joins, at most ``total - to_end v + coth(t) |v|^2 / 2`` for the least length t of its last edge, or total + |v|.
    """
    differ = (1 + abs(slope)) * radius
    edge = gap_between(place, end) - radius
    if edge > radius:
        differ = min(differ, abs(slope + to_end) * radius + radius * radius / (2 * math.tanh(edge)))
    return lower - differ > total * (1 + SLACK)
