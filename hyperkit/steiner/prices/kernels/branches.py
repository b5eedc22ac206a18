"""Joining branches at a Steiner point, and what rules them out. See `steiner.prices` for the proofs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import njit, subkernel
from .cells import (
    PI,
    SLACK,
    Cells,
    angle_of,
    common,
    edges_to,
    has_a_nearer_terminal,
    holds,
    turned,
)
from .rooted import gap_between, shortest_rooted, towards

# Cells in which a root may be are divided until they are this share of the longest edge.
_FINEST = 1 / 32
# Trees are minimised in cells up to so many times as large. In larger ones they rule out little.
_EVALUATED = 4.0
# Other trees that are tried there, before all are in the finest cells.
_FEW_TREES = 2
_MOST_DIVISIONS = 40


class Branches(NamedTuple):
    """All branches, in order of their numbers of terminals."""

    size: NDArray[np.int64]
    first: NDArray[np.int64]
    """Number of the first cell; one entry more than there are branches."""
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    """The branches that are joined; -1 for terminals."""
    members: NDArray[np.int64]
    """Terminals, filled with -1."""
    joins: NDArray[np.int64]
    """See :mod:`.rooted`: shape (n_branches, n - 1, 2)."""
    weight: NDArray[np.float64]
    """Length of the spanning tree of the members by price."""


class Problem(NamedTuple):
    """What all branches share."""

    terminals: NDArray[np.complex128]
    price: NDArray[np.float64]
    reach: float
    """No two points of the convex hull are farther apart, by half of that again."""
    rim: float
    """Euclidean radius of the disc about the origin that holds all terminals, and so their convex hull."""
    rules: NDArray[np.bool_]
    """Which rules are in use, as in `RULES`; tests switch them off."""


class _Half(NamedTuple):
    """One of two branches that are joined: its cells, its tree, and how long it may be with its edge to the root."""

    cells: Cells
    joins: NDArray[np.int64]
    m: int
    terminal: int
    budget: float


class _Others(NamedTuple):
    """Trees that a branch must be shorter than: joins, how many, and what is added to the length."""

    joins: NDArray[np.int64]
    m: NDArray[np.int64]
    added: NDArray[np.float64]


@njit
def join_branches(i, partners, branches, cells, problem, pruned):
    """Join branch i with each of its partners; gives the cells of all that may be part of a component.

    Returns
    -------
    counts : (len(partners),) integer array
        Numbers of cells of each, 0: there is no such branch.
    place, radius, out, spread, length : arrays of shape (sum of counts,)
    """
    counts = np.zeros(len(partners), np.int64)
    capacity = 256
    out = _room(capacity)
    used = 0
    for number in range(len(partners)):
        j = partners[number]
        found = _roots(i, j, branches, cells, problem, pruned)
        count = len(found.radius)
        counts[number] = count
        while used + count > capacity:
            bigger = _room(2 * capacity)
            _copy(out, used, bigger, 0)
            out, capacity = bigger, 2 * capacity
        _copy(found, count, out, used)
        used += count
    return counts, out.place[:used], out.radius[:used], out.out[:used], out.spread[:used], out.length[:used]


@subkernel
def _room(capacity):
    vectors, numbers = np.empty((2, capacity), np.complex128), np.empty((3, capacity))
    return Cells(vectors[0], numbers[0], vectors[1], numbers[1], numbers[2])


@subkernel
def _copy(cells, count, to, start):
    for k in range(count):
        to.place[start + k], to.out[start + k] = cells.place[k], cells.out[k]
        to.radius[start + k], to.spread[start + k] = cells.radius[k], cells.spread[k]
        to.length[start + k] = cells.length[k]


@subkernel
def _cells_of(branches, cells, i):
    a, b = branches.first[i], branches.first[i + 1]
    return Cells(cells.place[a:b], cells.radius[a:b], cells.out[a:b], cells.spread[a:b], cells.length[a:b])


@subkernel
def spanning_price(members, count, price):
    """Length of the spanning tree by price, by Prim's algorithm."""
    key, waiting = np.empty(count), np.empty(count, np.int64)
    for a in range(1, count):
        waiting[a], key[a] = members[a], price[members[0], members[a]]
    total = 0.0
    for left in range(count - 1, 0, -1):
        at = 1
        for a in range(2, left + 1):
            if key[a] < key[at]:
                at = a
        total += key[at]
        newest = waiting[at]
        waiting[at], key[at] = waiting[left], key[left]
        for a in range(1, left):
            key[a] = min(key[a], price[newest, waiting[a]])
    return total


@subkernel
def _roots(i, j, branches, cells, problem, pruned):
    """The cells in which the root of the branches i and j can be."""
    price, rules = problem.price, problem.rules
    size = branches.size[i] + branches.size[j]
    members = np.empty(size, np.int64)
    for a in range(size):
        own = a < branches.size[i]
        members[a] = branches.members[i, a] if own else branches.members[j, a - branches.size[i]]
    weight = spanning_price(members, size, price)
    longest = np.inf
    for a in range(branches.size[i]):
        for b in range(branches.size[i], size):
            longest = min(longest, price[members[a], members[b]])
    budgets = weight - branches.weight[j], weight - branches.weight[i]
    if not rules[1]:
        budgets = np.inf, np.inf
    if longest <= 0:
        return _room(0)
    first = _Half(
        _cells_of(branches, cells, i), branches.joins[i], branches.size[i] - 1, branches.members[i, 0], budgets[0]
    )
    second = _Half(
        _cells_of(branches, cells, j), branches.joins[j], branches.size[j] - 1, branches.members[j, 0], budgets[1]
    )
    others = _other_trees(i, j, branches, members, weight, price, rules)
    return _divide(first, second, longest, members, weight, others, problem, pruned)


@subkernel
def _divide(first, second, longest, members, weight, others, problem, pruned):
    """Divide the square about all possible roots until its parts are ruled out, or small."""
    halves = first, second
    centre, half = _start(halves, longest)
    counts = len(first.cells.radius), len(second.cells.radius)
    # A level of division: the square, the child that comes next, and the cells of the halves that reach it.
    square, child = np.empty((_MOST_DIVISIONS, 3)), np.zeros(_MOST_DIVISIONS, np.int64)
    reached = np.empty((_MOST_DIVISIONS, counts[0]), np.int64), np.empty((_MOST_DIVISIONS, counts[1]), np.int64)
    number = np.zeros((_MOST_DIVISIONS, 2), np.int64)
    square[0, 0], square[0, 1], square[0, 2] = centre.real, centre.imag, half
    for h in range(2):
        number[0, h] = counts[h]
    for k in range(counts[0]):
        reached[0][0, k] = k
    for k in range(counts[1]):
        reached[1][0, k] = k
    trees = _start_trees(first, second, others, members, problem.terminals)
    capacity, used = 64, 0
    out = _room(capacity)
    level = 0
    while level >= 0:
        if child[level] == 4:
            level -= 1
            continue
        side = square[level, 2] / 2
        x = square[level, 0] + (side if child[level] & 1 else -side)
        y = square[level, 1] + (side if child[level] & 2 else -side)
        child[level] += 1
        aside, above = max(abs(x - centre.real) - side, 0.0), max(abs(y - centre.imag) - side, 0.0)
        if aside * aside + above * above > half * half:
            continue
        aside, above = max(abs(x) - side, 0.0), max(abs(y) - side, 0.0)
        if aside * aside + above * above > problem.rim**2:
            continue
        if level + 1 == _MOST_DIVISIONS:
            raise RuntimeError("a cell was divided too often")
        at = level + 1
        corner = complex(x + (side if x >= 0 else -side), y + (side if y >= 0 else -side))
        if abs(corner) < 1 - 1e-9:
            place = complex(x, y)
            # Rounding is that of distances near the rim, far below this share.
            radius = gap_between(place, corner) + SLACK * longest
            finest = radius <= _FINEST * longest
            alive, arrival, other, length = _examine(
                place, radius, finest, halves, reached, number, at, longest, members, weight, others, trees, problem,
                pruned,
            )  # fmt: skip
            if not alive:
                continue
            if finest:
                for sign in (-1, 1):
                    if not _meet(arrival, other, sign):
                        continue
                    # The edge that leaves halves the angle between the continuations of the two that arrive.
                    (base, low, high), (base2, low2, high2) = arrival, other
                    middle, spread = common(
                        turned(base, (low + high) / 2 - sign * PI / 3),
                        min((high - low) / 2, PI),
                        turned(base2, (low2 + high2) / 2 + sign * PI / 3),
                        min((high2 - low2) / 2, PI),
                    )
                    if spread < 0:
                        continue
                    if used == capacity:
                        bigger = _room(2 * capacity)
                        _copy(out, used, bigger, 0)
                        out, capacity = bigger, 2 * capacity
                    out.place[used], out.radius[used], out.out[used] = place, radius, middle
                    out.spread[used], out.length[used] = min(spread + SLACK, PI), length
                    used += 1
                continue
        else:
            for h in range(2):
                number[at, h] = number[level, h]
            for k in range(number[at, 0]):
                reached[0][at, k] = reached[0][level, k]
            for k in range(number[at, 1]):
                reached[1][at, k] = reached[1][level, k]
        square[at, 0], square[at, 1], square[at, 2] = x, y, side
        child[at] = 0
        level = at
    return Cells(out.place[:used], out.radius[:used], out.out[:used], out.spread[:used], out.length[:used])


@subkernel
def _start(halves, longest):
    """A disc of Poincaré coordinates that holds all roots: about the cells of the half that has them closer together.

    Gives its Euclidean centre and radius.
    """
    best, centre, half = np.inf, 0j, 0.0
    for h in range(2):
        cells = halves[h].cells
        middle, far = 0j, 0.0
        for k in range(len(cells.radius)):
            middle += cells.place[k] / len(cells.radius)
        for k in range(len(cells.radius)):
            far = max(far, gap_between(middle, cells.place[k]) + cells.radius[k])
        if far < best:
            best = far
            size = math.tanh((far + longest * (1 + 2 * SLACK)) / 2)
            square = abs(middle) ** 2
            centre = middle * ((1 - size * size) / (1 - square * size * size))
            half = size * (1 - square) / (1 - square * size * size)
    return centre, half


@subkernel
def _start_trees(first, second, others, members, terminals):
    """Places of the joins of the trees that are minimised, all in the middle; whether they are good; order; room."""
    middle = 0j
    for t in members:
        middle += terminals[t] / len(members)
    count = len(others.m)
    places = np.full((count + 2, len(members)), middle)
    work = (
        np.empty(len(members), np.complex128),
        np.empty(len(members), np.complex128),
        np.empty((len(members), 3)),
        np.empty((len(members), 4)),
    )
    return places, np.zeros(count + 2, np.bool_), np.arange(count), work


@subkernel
def _meet(arrival, other, sign):
    """Whether two edges can arrive with 120 degrees between them, the first turned to the left of the second (or -1)."""
    turn = angle_of(arrival[0] * other[0].conjugate())
    return holds(turn + arrival[1] - other[2], turn + arrival[2] - other[1], sign * 2 * PI / 3)


@subkernel
def _examine(
    place, radius, finest, halves, reached, number, at, longest, members, weight, others, trees, problem, pruned
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
    if not (_meet(arrival, other, 1) or _meet(arrival, other, -1)):
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
    if radius > _EVALUATED * _FINEST * longest:
        return True, arrival, other, length + rest
    places, warm, order, work = trees
    lower, slope = 0.0, 0j
    for h in range(2):
        half = halves[h]
        if half.m == 0:
            p = terminals[half.terminal]
            own, own_slope, short = gap_between(p, place) * (1 - SLACK), -towards(place, p), 0.0
        else:
            own, short, edge, own_slope = shortest_rooted(
                half.joins, half.m, places[h], terminals, place, longest, problem.reach, warm[h], work
            )
            warm[h] = True
            if edge > 3 * radius:
                interval = _narrowed(
                    arrival if h == 0 else other,
                    -towards(place, places[h, half.m - 1]),
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
    if not (_meet(arrival, other, 1) or _meet(arrival, other, -1)):
        pruned[0] += 1
        return False, none, none, 0.0
    if rules[2]:
        for t in members:
            p = terminals[t]
            if _is_longer(lower, slope, weight + gap_between(p, place), towards(place, p), place, p, radius):
                pruned[2] += 1
                return False, none, none, 0.0
    if rules[4]:
        tried = len(order) if finest else min(len(order), _FEW_TREES)
        for a in range(tried):
            o = order[a]
            m = others.m[o]
            total = shortest_rooted(
                others.joins[o], m, places[o + 2], terminals, place, longest, problem.reach, warm[o + 2], work
            )[0]
            warm[o + 2] = True
            end = places[o + 2, m - 1]
            if _is_longer(lower, slope, total + others.added[o], towards(place, end), place, end, radius):
                # What has ruled out one cell is tried first in the next.
                for b in range(a, 0, -1):
                    order[b] = order[b - 1]
                order[0] = o
                pruned[4] += 1
                return False, none, none, 0.0
    return True, arrival, other, length + rest


@subkernel
def _narrowed(interval, direction, radius, edge, short):
    """An interval of directions, and what the shortest tree to the centre of the cell says of it; empty: 1, 0.

    Let f(y) be the length of the shortest tree of a branch to y, convex; g its slope at the centre x, up to an error
    `short` of lengths, and s the end of the last edge there. With K = coth of the least length of an edge from s, f is
    at most ``f(x) + g v + K |v|^2 / 2``, as the tree with an edge from s to elsewhere shows. A slope G at distance r
    from x can then differ from g by no more than ``(K (r + t)^2 / 2 + short) / t`` for any t > 0.
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
    differ = 2 * radius
    edge = gap_between(place, end) - radius
    if edge > radius:
        differ = min(differ, abs(slope + to_end) * radius + radius * radius / (2 * math.tanh(edge)))
    return lower - differ > total * (1 + SLACK)


@subkernel
def _other_trees(i, j, branches, members, weight, price, rules):
    """The branch with two subtrees exchanged at its root, and without any one terminal."""
    size = len(members)
    inner = branches.size[i] > 1, branches.size[j] > 1
    count = (2 * inner[0] + 2 * inner[1] + size * (size > 2)) * rules[4]
    joins = np.zeros((count, size - 1, 2), np.int64)
    m, added = np.full(count, size - 1), np.zeros(count)
    if count == 0:
        return _Others(joins, m, added)
    used = 0
    for h in range(2):
        own, beside = (i, j) if h == 0 else (j, i)
        if not inner[h]:
            continue
        for k in range(2):
            kept = branches.left[own] if k == 0 else branches.right[own]
            moved = branches.right[own] if k == 0 else branches.left[own]
            at, last = _join(branches, joins[used], 0, kept, beside)
            at, end = _write(branches, moved, joins[used], at)
            joins[used, at, 0], joins[used, at, 1] = last, end
            used += 1
    if size > 2:
        whole, becomes = np.empty((size - 1, 2), np.int64), np.empty(size - 1, np.int64)
        _join(branches, whole, 0, i, j)
        for t in members:
            at = 0
            for v in range(size - 1):
                l, r = whole[v, 0], whole[v, 1]
                l, r = becomes[l] if l >= 0 else l, becomes[r] if r >= 0 else r
                becomes[v] = at
                if l == -1 - t:
                    becomes[v] = r
                elif r == -1 - t:
                    becomes[v] = l
                else:
                    joins[used, at, 0], joins[used, at, 1] = l, r
                    at += 1
            m[used] = at
            added[used] = np.inf
            for other in members:
                if other != t:
                    added[used] = min(added[used], price[t, other])
            used += 1
    return _Others(joins, m, added)


@subkernel
def _join(branches, joins, at, i, j):
    """Write two branches, joined, into rows from `at` on; gives the row after them and the number of the last join."""
    at, first = _write(branches, i, joins, at)
    at, second = _write(branches, j, joins, at)
    joins[at, 0], joins[at, 1] = first, second
    return at + 1, at


@subkernel
def _write(branches, i, joins, at):
    """Write a branch into rows from `at` on; gives the row after them and the number of its root."""
    count = branches.size[i] - 1
    if count == 0:
        return at, -1 - branches.members[i, 0]
    for v in range(count):
        for side in range(2):
            k = branches.joins[i, v, side]
            joins[at + v, side] = k + at if k >= 0 else k
    return at + count, at + count - 1


@njit
def closing_terminals(i, branches, cells, problem):
    """The terminals, above all members by number, that an edge from branch i can end in as the last of a component.

    So each full topology comes once: it is a branch with its terminal of the highest number as the last.
    """
    price, terminals = problem.price, problem.terminals
    size = branches.size[i]
    own = _cells_of(branches, cells, i)
    numbers, kept = np.arange(len(own.radius)), np.empty(len(own.radius), np.int64)
    highest = 0
    for a in range(size):
        highest = max(highest, branches.members[i, a])
    found = np.zeros(len(terminals), np.bool_)
    for q in range(highest + 1, len(terminals)):
        longest = np.inf
        for a in range(size):
            longest = min(longest, price[branches.members[i, a], q])
        # By price, one more terminal adds its least price to the others.
        budget = branches.weight[i] + longest
        rounding = SLACK * longest
        count = edges_to(own, numbers, len(numbers), terminals[q], rounding, longest, budget, kept)[0]
        for a in range(count):
            k = kept[a]
            near = problem.rules[3] and has_a_nearer_terminal(
                own.place[k], own.radius[k], terminals[q], rounding, terminals
            )
            if not near:
                found[q] = True
                break
    return found
