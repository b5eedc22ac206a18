"""What rules branches out, and what may not: the search for components that are shorter than their price."""

import time
from itertools import combinations

import numpy as np
import pytest
from rich.progress import Progress

from hyperkit import HyperSteiner, translate
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import from_ball, to_ball
from hyperkit.steiner._network import to_network
from hyperkit.steiner.exact import enumerated_tree
from hyperkit.steiner.local import neighbor_joining
from hyperkit.steiner.prices import _suspects, certified_tree
from hyperkit.steiner.prices._prices import prices, spanning_price
from hyperkit.steiner.prices._suspects import RULES, suspects
from hyperkit.steiner.prices.kernels.rooted import gap_between, towards
from hyperkit.steiner.prices.kernels.rules import _is_longer

SILENT = Progress(disable=True)


def gauss(n, seed, sigma=1.0):
    return to_ball(sigma * np.random.default_rng(seed).normal(size=(n, 2)), "tangent")


def polygon(n, radius):
    turn = 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(turn), np.sin(turn)])


def length_of(points):
    return enumerated_tree(points, neighbor_joining(points), SILENT).tree.lengths.sum() / 2


def lengths_of_sets(points):
    """Of the shortest trees of all sets of two or more points."""
    distances = ball_distance_matrix(points, points)
    return {
        one: float(distances[one]) if size == 2 else length_of(points.take(list(one)))
        for size in range(2, points.n + 1)
        for one in combinations(range(points.n), size)
    }


def at(distance, angle):
    return np.tanh(distance / 2) * np.exp(1j * angle)


def test_no_branch_is_ruled_out_that_is_shorter_somewhere_in_the_cell():
    # Two edges meet in the origin at 120 degrees; seen from the centre of the cell, at any angle: slopes are up to 2.
    rng = np.random.default_rng(0)
    radius, ruled_out = 0.03, 0
    for _ in range(3000):
        turn, (first, second) = rng.uniform(0, 2 * np.pi), rng.uniform(0.001, 0.06, 2)
        halves = at(first, turn + np.pi / 3), at(second, turn - np.pi / 3)
        centre = at(radius * rng.uniform(0.5, 1), rng.uniform(0, 2 * np.pi))
        end = at(rng.uniform(0.05, 1), rng.uniform(0, 2 * np.pi))
        rest = gap_between(0j, end) + 0.3 - (first + second) - rng.uniform(0, 0.05)
        lower = rest + sum(gap_between(centre, half) for half in halves)
        slope = -sum(towards(centre, half) for half in halves)
        other = gap_between(centre, end) + 0.3, towards(centre, end), centre, end, radius
        assert not _is_longer(lower, slope, *other)
        ruled_out += _is_longer(lower + 0.15, slope, *other)
    assert ruled_out > 2900


@pytest.mark.parametrize(("n", "seed", "left_out"), [(6, 2, 0.6), (6, 4, 0.8), (7, 0, 0.6), (8, 2, 0.6)])
def test_the_smallest_set_that_is_too_short_is_a_suspect_of_the_best_prices_for_the_others(n, seed, left_out):
    # What a certificate asks on its way: of prices that obey some components, which others are too short.
    points = gauss(n, seed, 0.7)
    rng = np.random.default_rng(seed)
    lengths = lengths_of_sets(points)
    price = prices(n, {one: length for one, length in lengths.items() if len(one) == 2 or rng.random() > left_out})
    costs = {one: spanning_price(price, one) for one in lengths if len(one) > 2}
    too_short = [(len(one), lengths[one], one) for one, cost in costs.items() if lengths[one] < cost * (1 - 1e-8)]
    assert too_short
    z = points.z[:, 0] + 1j * points.z[:, 1]
    found = suspects(z, price, SILENT, np.inf)
    assert min(too_short)[2] in found.sets
    if n == 6:
        for rule in RULES[1:]:
            more = suspects(z, price, SILENT, np.inf, without=rule)
            assert set(found.sets) <= set(more.sets)


@pytest.mark.parametrize("apart", [1e-2, 1e-3, 4e-5])
def test_pairs_that_nearly_coincide_are_proven_as_others_are(apart):
    # Cells for the roots of two branches are as small as the share of the price between these asks for, but not much
    # smaller than those of the branches; else millions of them were looked at.
    rng = np.random.default_rng([6, 1])
    x = 0.7 * rng.normal(size=(3, 2))
    points = to_ball(np.vstack([x, x + apart * rng.normal(size=(3, 2))]), "tangent")
    start = to_network(neighbor_joining(points), points)
    found = certified_tree(points, start, SILENT, time.monotonic() + 100)
    assert 1 - 1e-9 <= found.lower_bound / length_of(points) <= 1 + 1e-12


def test_two_branches_that_take_too_long_to_join_leave_all_open(monkeypatch):
    def join(i, partners, *_):
        return np.full(len(partners), -1), np.zeros(0, complex), *np.zeros((3, 0))

    monkeypatch.setattr(_suspects, "join_branches", join)
    points = gauss(5, 0)
    distances = ball_distance_matrix(points, points)
    assert suspects(points.z[:, 0] + 1j * points.z[:, 1], distances / 2, SILENT, np.inf) is None


LINE = np.sort(np.random.default_rng(0).normal(size=16))[:, None] * [0.6, 0.8]
FAR = from_ball(to_ball(translate(from_ball(to_ball(LINE, "tangent"), "poincare"), [0.9997, 0.0])), "tangent")


@pytest.mark.parametrize(
    ("X", "shortest"),
    [
        (LINE, np.ptp(LINE @ [0.6, 0.8])),
        (LINE[[*range(16), 3, 3, 0]], np.ptp(LINE @ [0.6, 0.8])),
        (1e-9 * LINE, 1e-9 * np.ptp(LINE @ [0.6, 0.8])),
        (FAR, np.ptp(LINE @ [0.6, 0.8])),
        (polygon(15, 1.0), 28 * np.arcsinh(np.sinh(1) * np.sin(np.pi / 15))),
        (polygon(18, 1e-6), 34e-6 * np.sin(np.pi / 18)),
    ],
    ids=["line", "duplicates", "tiny", "far", "polygon", "tiny polygon"],
)
def test_shortest_trees_of_more_points_than_are_enumerated(X, shortest):
    steiner = HyperSteiner(model="tangent", method="exact").fit(X)
    assert steiner.method_used_ == "exact"
    assert 0 <= steiner.gap_ <= 1e-9
    assert steiner.length_ == pytest.approx(shortest, rel=1e-9)
