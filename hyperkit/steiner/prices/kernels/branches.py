"""Joining branches at a Steiner point: cells for the places of their root, divided until they are small or none."""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import njit, subkernel
from .cells import (
    PI,
    SLACK,
    Cells,
    common,
    copy_cells,
    edges_to,
    empty_cells,
    has_a_nearer_terminal,
    large_cells,
    turned,
    with_large_cells,
)  # fmt: skip
from .other_trees import other_trees, spanning_price
from .rooted import gap_between
from .rules import FINEST, Half, Trees, examine, meet

_MOST_DIVISIONS = 40
# Cells of one join, and of several between two looks at the clock. Most joins take less than 30 and hardly any 600; of
# near-duplicates, 3,000.
_MOST_CELLS, _MANY_CELLS = 50_000, 5_000
# Cells need not be smaller than this share of those they are reached from. In sets without near-duplicates they never
# are.
_OF_HALF = 1 / 8
# Large cells hold those within so many of the smallest.
_OF_FINEST = 8
# Sums of prices are rounded by less than this share.
_ROUNDING = 1e-14


@njit
def join_branches(i, partners, branches, cells, problem, pruned):
    """Join branch i with its partners, as many as there is time for; gives the cells of all that may be of a component.

    Returns
    -------
    counts : (k,) integer array
        Numbers of cells of the first k partners; 0: there is no such branch. -1: of the last, it takes too many to say.
    place, radius, out, spread, length, inside : arrays of shape (sum of counts,)
    """
    counts = np.zeros(len(partners), np.int64)
    capacity = 256
    out = empty_cells(capacity)
    used = number = examined = 0
    while number < len(partners) and examined < _MANY_CELLS:
        found, more = _roots(i, partners[number], branches, cells, problem, pruned)
        examined += more
        count = len(found.radius)
        counts[number] = count
        number += 1
        if more > _MOST_CELLS:
            counts[number - 1] = -1
            break
        while used + count > capacity:
            bigger = empty_cells(2 * capacity)
            copy_cells(out, used, bigger, 0)
            out, capacity = bigger, 2 * capacity
        copy_cells(found, count, out, used)
        used += count
    place, radius, out_, spread = out.place[:used], out.radius[:used], out.out[:used], out.spread[:used]
    return counts[:number], place, radius, out_, spread, out.length[:used], out.inside[:used]


@subkernel
def _cells_of(branches, cells, i):
    a, b = branches.first[i], branches.first[i + 1]
    place, radius, out = cells.place[a:b], cells.radius[a:b], cells.out[a:b]
    return Cells(place, radius, out, cells.spread[a:b], cells.length[a:b], cells.inside[a:b])


@subkernel
def _roots(i, j, branches, cells, problem, pruned):
    """The cells in which the root of the branches i and j can be, and how many were looked at."""
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
            longest = min(longest, price[members[a], members[b]] + problem.slack)
    rounded = weight * (1 + _ROUNDING) + problem.slack
    budgets = rounded - branches.weight[j], rounded - branches.weight[i]
    if not rules[1]:
        budgets = np.inf, np.inf
    if longest <= 0:
        return empty_cells(0), 0
    first, second = _half(branches, cells, i, budgets[0]), _half(branches, cells, j, budgets[1])
    others = other_trees(i, j, branches, members, problem)
    return _divide(first, second, longest, members, weight + problem.slack, others, problem, pruned)


@subkernel
def _half(branches, cells, i, budget):
    m, terminal = branches.size[i] - 1, branches.members[i, 0]
    places, warm = branches.places[i], branches.warm[i : i + 1]
    return Half(_cells_of(branches, cells, i), branches.joins[i], m, terminal, places, warm, budget)


@subkernel
def _divide(first, second, longest, members, weight, others, problem, pruned):
    """Divide the square about all possible roots until its parts are ruled out, or small."""
    halves = first, second
    finest = max(FINEST * longest, _OF_HALF * min(first.cells.radius.min(), second.cells.radius.min()))
    examined = 0
    centre, half = _start(halves, longest)
    counts = len(first.cells.radius), len(second.cells.radius)
    # A level of division: the square, the child that comes next, and the cells of the halves that reach it.
    square, child = np.empty((_MOST_DIVISIONS, 3)), np.zeros(_MOST_DIVISIONS, np.int64)
    reached = np.empty((_MOST_DIVISIONS, counts[0]), np.int64), np.empty((_MOST_DIVISIONS, counts[1]), np.int64)
    number = np.zeros((_MOST_DIVISIONS, 2), np.int64)
    square[0, 0], square[0, 1], square[0, 2] = centre.real, centre.imag, half
    number[0, 0], number[0, 1] = large_cells(first.cells), large_cells(second.cells)
    for k in range(number[0, 0]):
        reached[0][0, k] = k
    for k in range(number[0, 1]):
        reached[1][0, k] = k
    trees = _start_trees(others, members, problem.terminals)
    capacity, used = 64, 0
    out = empty_cells(capacity)
    level = 0
    while level >= 0 and examined <= _MOST_CELLS:
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
        at = level + 1
        corner = complex(x + (side if x >= 0 else -side), y + (side if y >= 0 else -side))
        if abs(corner) < 1 - 1e-9:
            place = complex(x, y)
            # Rounding is that of distances near the rim, far below this share.
            radius = gap_between(place, corner) + SLACK * longest
            last = radius <= finest or at == _MOST_DIVISIONS - 1
            examined += 1
            alive, arrival, other, length = examine(
                place, radius, last, halves, reached, number, at, longest, finest / FINEST, members, weight, others,
                trees, problem, pruned,
            )  # fmt: skip
            if not alive:
                continue
            if last:
                for sign in (-1, 1):
                    if not meet(arrival, other, sign):
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
                        bigger = empty_cells(2 * capacity)
                        copy_cells(out, used, bigger, 0)
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
    return with_large_cells(out, used, _OF_FINEST * finest), examined


@subkernel
def _start(halves, longest):
    """A disc of Poincaré coordinates that holds all roots: about the cells of the half that has them closer together.

    Gives its Euclidean centre and radius.
    """
    best, centre, half = np.inf, 0j, 0.0
    for h in range(2):
        cells = halves[h].cells
        middle, far = 0j, 0.0
        count = large_cells(cells)
        for k in range(count):
            middle += cells.place[k] / count
        for k in range(count):
            far = max(far, gap_between(middle, cells.place[k]) + cells.radius[k])
        if far < best:
            best = far
            size = math.tanh((far + longest * (1 + 2 * SLACK)) / 2)
            square = abs(middle) ** 2
            centre = middle * ((1 - size * size) / (1 - square * size * size))
            half = size * (1 - square) / (1 - square * size * size)
    return centre, half


@subkernel
def _start_trees(others, members, terminals):
    """The other trees with all joins in the middle."""
    middle = 0j
    for t in members:
        middle += terminals[t] / len(members)
    count, size = len(others.m), len(members)
    work = np.empty(size, np.complex128), np.empty(size, np.complex128), np.empty((size, 3)), np.empty((size, 4))
    places, warm, seen = np.full((count, size), middle), np.zeros(count, np.bool_), np.zeros(count, np.complex128)
    return Trees(places, warm, np.arange(count), seen, np.zeros(count), work)


@njit
def closing_terminals(i, branches, cells, problem):
    """The terminals, above all members by number, that an edge from branch i can end in as the last of a component.

    So each full topology comes once: it is a branch with its terminal of the highest number as the last.
    """
    price, terminals = problem.price, problem.terminals
    size = branches.size[i]
    own = _cells_of(branches, cells, i)
    numbers, kept = np.arange(large_cells(own)), np.empty(len(own.radius), np.int64)
    highest = 0
    for a in range(size):
        highest = max(highest, branches.members[i, a])
    found = np.zeros(len(terminals), np.bool_)
    for q in range(highest + 1, len(terminals)):
        longest = np.inf
        for a in range(size):
            longest = min(longest, price[branches.members[i, a], q] + problem.slack)
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
