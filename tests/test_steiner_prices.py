import time
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from rich.progress import Progress
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from hyperkit import HyperSteiner, translate
from hyperkit.delaunay import spanning_tree_edges
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import to_ball
from hyperkit.steiner._full_tree import empty_tree
from hyperkit.steiner._network import Network, minimise_full, to_network
from hyperkit.steiner.components import concatenate
from hyperkit.steiner.exact import _enumeration, enumerated_tree
from hyperkit.steiner.local import neighbor_joining
from hyperkit.steiner.prices import _certificate, _known, certified_tree
from hyperkit.steiner.prices._choices import least_of_choices
from hyperkit.steiner.prices._prices import prices, spanning_price
from hyperkit.steiner.prices._suspects import RULES, suspects
from hyperkit.steiner.prices.kernels.cells import Cells, carried, large_cells, with_large_cells
from hyperkit.steiner.prices.kernels.rooted import gap_between, shortest_rooted

SILENT = Progress(disable=True)


def shortest(points):
    return enumerated_tree(points, neighbor_joining(points), SILENT).tree


def length_of(points):
    return shortest(points).lengths.sum() / 2


def gauss(n, seed, sigma=1.0):
    return to_ball(sigma * np.random.default_rng(seed).normal(size=(n, 2)), "tangent")


def certified(points, seconds=1000.0):
    start = neighbor_joining(points)
    return certified_tree(points, to_network(start, points), SILENT, time.monotonic() + seconds)


def random_pool(seed, n=7):
    rng = np.random.default_rng(seed)
    pool = {pair: float(rng.uniform(1, 2)) for pair in combinations(range(n), 2)}
    for _ in range(15):
        terminals = tuple(sorted(rng.choice(n, rng.integers(3, 6), replace=False).tolist()))
        pool[terminals] = float((len(terminals) - 1) * rng.uniform(0.7, 1.1))
    return pool


@pytest.mark.parametrize("seed", range(8))
def test_no_component_costs_more_than_its_length_and_all_cost_the_most(seed):
    pool = random_pool(seed)
    price = prices(7, pool)
    assert (price >= 0).all()
    for i, j, k in combinations(range(7), 3):
        _, middle, high = sorted([price[i, j], price[i, k], price[j, k]])
        assert middle == pytest.approx(high, abs=1e-12)
    for terminals, length in pool.items():
        assert spanning_price(price, terminals) <= length * (1 + 1e-8)
    best = concatenate(7, [np.array(one) for one in pool], np.array(list(pool.values())))
    total = spanning_price(price, tuple(range(7)))
    # Above the optimum never; the relaxation is seldom below it.
    assert total <= best.length * (1 + 1e-8)
    assert total >= 0.95 * best.length
    assert (prices(7, pool, deadline=time.monotonic()) == 0).all()


def test_the_best_choice_is_found_by_cases_where_the_relaxation_is_not_whole():
    not_whole = 0
    for seed in range(12):
        pool = random_pool(seed)
        members = list(pool)
        best = concatenate(7, [np.array(one) for one in pool], np.array(list(pool.values())))
        relaxed = spanning_price(prices(7, pool), tuple(range(7)))
        not_whole += relaxed < best.length * (1 - 1e-6)
        found = least_of_choices(7, pool, [members[k] for k in best.chosen], best.length)
        assert found == pytest.approx(best.length, rel=1e-9)
        # With a tree that is not the best, it is no lower bound of more than the best.
        longer = least_of_choices(7, pool, [(k, k + 1) for k in range(6)], 1.1 * best.length)
        assert longer <= best.length * (1 + 1e-9)
    assert not_whole > 0


@pytest.mark.parametrize("seed", range(3))
def test_components_of_the_shortest_tree_are_found_with_slack_whatever_rule_is_left_out(seed):
    points = gauss(7, seed)
    distances = ball_distance_matrix(points, points)
    lengths = {
        one: float(distances[one]) if size == 2 else length_of(points.take(list(one)))
        for size in range(2, 8)
        for one in combinations(range(7), size)
    }
    # Of two choices of one length the one of smaller components: a set that is not a full one is none.
    longer = np.array([own + 1e-5 * len(one) ** 2 for one, own in lengths.items()])
    best = concatenate(7, [np.array(one) for one in lengths], longer)
    components = {list(lengths)[k] for k in best.chosen}
    length = sum(lengths[one] for one in components)
    components = {one for one in components if len(one) > 2}
    assert components
    price = 0.97 * prices(7, lengths)
    slack = length - spanning_price(price, tuple(range(7)))
    z = points.z[:, 0] + 1j * points.z[:, 1]
    found = suspects(z, price, SILENT, np.inf, slack=slack)
    assert components <= set(found.sets)
    for rule in RULES[1:]:
        more = suspects(z, price, SILENT, np.inf, slack=slack, without=rule)
        assert set(found.sets) <= set(more.sets)


KINDS = {
    "gauss": lambda seed: gauss(5, seed),
    "wide": lambda seed: gauss(5, seed, 2.0),
    "small": lambda seed: gauss(6, seed + 4, 1e-6),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_smallest_set_that_is_too_short_is_a_suspect_whatever_rule_is_left_out(kind):
    # Prices of bottleneck distances, as single linkage has them, are too high for many sets.
    for seed, share in [(1, 0.97), (2, 0.99)]:
        points = KINDS[kind](seed)
        distances = ball_distance_matrix(points, points)
        distances = (distances + distances.T) / 2
        price = share * squareform(cophenet(linkage(squareform(distances, checks=False), "single")))
        too_short = []
        for size in range(3, points.n + 1):
            for one in combinations(range(points.n), size):
                length = length_of(points.take(list(one)))
                if length < spanning_price(price, one) * (1 - 1e-9):
                    too_short.append((size, length, one))
        assert too_short
        z = points.z[:, 0] + 1j * points.z[:, 1]
        found = suspects(z, price, SILENT, np.inf)
        assert min(too_short)[2] in found.sets
        for rule in RULES[1:]:
            more = suspects(z, price, SILENT, np.inf, without=rule)
            assert set(found.sets) <= set(more.sets)
            assert more.pruned[RULES.index(rule)] == 0
            assert sum(more.n_branches) >= sum(found.n_branches)


def polygon(n, radius):
    turn = 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(turn), np.sin(turn)])


SETS = {
    "gauss": lambda: gauss(8, 0),
    "tiny": lambda: gauss(6, 3, 1e-9),
    "square": lambda: to_ball(polygon(4, 1.0), "tangent"),
    "polygon": lambda: to_ball(polygon(5, 1.0), "tangent"),
    "far": lambda: to_ball(polygon(5, 3.0), "tangent"),  # edges of 5
    "line": lambda: to_ball(np.linspace(-2, 3, 6)[:, None] ** 3 / 12 * [0.6, 0.8], "tangent"),
    "beside": lambda: to_ball(translate(gauss(6, 7).z, [0.9, 0.3]), "poincare"),
}


@pytest.mark.parametrize("kind", SETS)
def test_what_prices_prove_is_the_shortest_of_all_topologies(kind):
    points = SETS[kind]()
    best = length_of(points)
    found = certified(points)
    assert found.lower_bound <= best * (1 + 1e-12)
    assert found.lower_bound >= best * (1 - 1e-9)
    tree = found.network
    assert tree.length(points) == pytest.approx(best, rel=1e-8)


def test_progress_tells_what_is_proven_and_how_large_branches_are():
    told = []

    class Told(Progress):
        def update(self, task_id, **changes):
            told.append(changes["description"])

    points = to_ball(polygon(4, 1.0), "tangent")
    start = to_network(neighbor_joining(points), points)
    progress = Told(disable=True)
    found = certified_tree(points, start, progress, np.inf)
    assert told[0] == "Branches of 2 terminals, after 4"
    assert told[-1] == f"Prices: no tree below {found.lower_bound:.6g}"
    assert not progress.tasks


def test_prices_that_have_no_time_or_cannot_say_prove_nothing():
    assert certified(gauss(6, 0), 0.0).lower_bound == 0.0
    # Beyond the rounding that the search counts with.
    assert certified(to_ball(polygon(6, 6.0), "tangent")).lower_bound == 0.0
    assert certified(to_ball(np.linspace(-14, 14, 29)[:, None] * [0.6, 0.8], "tangent")).lower_bound == 0.0


def in_kernel():
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as cause:
        raise SystemError from cause


def in_python():
    raise KeyboardInterrupt


class Stopped:
    """A search that Ctrl-C ends, at a later call; or one that finds no end, and does not say why."""

    def __init__(self, search, stop, calls):
        self.search, self.stop, self.calls = search, stop, calls

    def __call__(self, *arguments):
        self.calls -= 1
        if self.calls < 0 and self.stop is not None:
            self.stop()
        found = self.search(*arguments)
        return found if self.calls >= 0 else found._replace(proven=False)


@pytest.mark.parametrize(
    ("home", "name", "stop"),
    [(_certificate, "suspects", in_kernel), (_certificate, "suspects", in_python), (_known, "shortest_part", None)],
)
def test_a_search_that_is_stopped_keeps_what_was_proven(monkeypatch, home, name, stop):
    X = np.random.default_rng(0).normal(size=(7, 2))
    best = HyperSteiner(model="tangent", method="exact").fit(X)
    monkeypatch.setattr("hyperkit.steiner._proof._MOST_ENUMERATED", 5)  # as for more than 14 points
    search = getattr(home, name)
    with monkeypatch.context() as patch:
        patch.setattr(home, name, Stopped(search, stop, 1))
        with pytest.warns(UserWarning, match="it was stopped"):
            steiner = HyperSteiner(model="tangent", method="exact").fit(X)
    assert steiner.length_ == pytest.approx(best.length_, rel=1e-9)
    assert 0.8 * best.length_ <= steiner.lower_bound_ < 0.99 * best.length_
    assert steiner.method_used_ == "local"
    assert steiner.largest_component_ is None


def test_a_search_that_is_stopped_before_anything_is_proven_says_so(monkeypatch):
    X = np.random.default_rng(0).normal(size=(7, 2))
    monkeypatch.setattr("hyperkit.steiner._proof._MOST_ENUMERATED", 5)
    monkeypatch.setattr(_certificate, "suspects", Stopped(suspects, in_python, 0))
    with pytest.warns(UserWarning, match="it was stopped"):
        steiner = HyperSteiner(model="tangent", method="exact").fit(X)
    assert steiner.method_used_ == "local"
    assert 0.1 < steiner.gap_ < 0.5


def never(*_):
    raise AssertionError


@pytest.mark.parametrize("calls", [0, 7])
def test_ctrl_c_while_the_tree_of_a_part_is_looked_for_ends_the_whole_search(monkeypatch, calls):
    X = np.random.default_rng(0).normal(size=(7, 2))
    monkeypatch.setattr("hyperkit.steiner._proof._MOST_ENUMERATED", 5)
    monkeypatch.setattr("hyperkit.steiner._proof.component_network", never)
    stopped = Stopped(_enumeration.enumerate_topologies, in_python, calls)
    monkeypatch.setattr(_enumeration, "enumerate_topologies", stopped)
    with pytest.warns(UserWarning, match="it was stopped"):
        steiner = HyperSteiner(model="tangent", method="exact").fit(X)
    assert stopped.calls == -1  # pressed once
    assert steiner.method_used_ == "local"
    assert steiner.largest_component_ is None


def test_the_components_are_chosen_even_if_time_ends_in_the_last_round(monkeypatch):
    points = gauss(7, 0)
    best = length_of(points)
    late = []

    class Slow(Stopped):
        def __call__(self, *arguments):
            self.calls -= 1
            if self.calls < 0:
                late.append(True)
                return None
            return self.search(*arguments)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 2000 * len(late))
    monkeypatch.setattr(_certificate, "time", clock)
    monkeypatch.setattr(_certificate, "suspects", Slow(suspects, None, 4))
    i, j = np.triu_indices(7, 1)
    edges = np.column_stack([i, j])
    spanning = edges[spanning_tree_edges(7, edges, ball_distance_matrix(points, points)[i, j])]
    start = Network(points.take(np.s_[:0]), spanning)
    assert start.length(points) > 1.01 * best
    found = certified_tree(points, start, SILENT, time.monotonic() + 1000)
    assert late
    assert found.network.length(points) == pytest.approx(best, rel=1e-9)
    assert 0.8 * best < found.lower_bound < 0.99 * best


def test_more_points_than_the_enumeration_takes_are_proven_identical_ones_too(monkeypatch):
    X = np.random.default_rng(1).normal(size=(6, 2)) / 2
    best = HyperSteiner(model="tangent", method="exact").fit(X)
    monkeypatch.setattr("hyperkit.steiner._proof._MOST_ENUMERATED", 5)  # of 15 a proof takes half a minute
    steiner = HyperSteiner(model="tangent", method="exact").fit(X[[0, 1, 2, 3, 0, 4, 5, 5]])
    assert steiner.method_used_ == "exact"
    assert 0 <= steiner.gap_ <= 1e-9
    assert steiner.length_ == pytest.approx(best.length_, rel=1e-9)
    assert steiner.largest_component_ is None


def test_large_cells_hold_what_may_leave_the_small_ones_in_them():
    rng = np.random.default_rng(0)
    turn = np.cumsum(rng.uniform(0, 0.2, 40))
    place = (0.4 + 0.3j) + 0.2 * np.cumsum(rng.uniform(-0.1, 0.1, (40, 2)) @ [1, 1j])
    small = Cells(
        place,
        rng.uniform(0.01, 0.05, 40),
        np.exp(1j * turn),
        rng.uniform(0.05, 0.3, 40),
        rng.random(40),
        np.full(40, -1),
    )
    cells = with_large_cells(small, 40, 0.2)
    count = large_cells(cells)
    assert 1 < count < 20
    ends = [*cells.inside[1:count], len(cells.place)]
    assert cells.inside[0] == count
    for g, end in enumerate(ends):
        for k in range(cells.inside[g], end):
            assert cells.length[g] <= cells.length[k]
            for _ in range(20):
                ahead = np.exp(2j * np.pi * rng.random()) * np.tanh(rng.random() * cells.radius[k] / 2)
                root = (ahead + cells.place[k]) / (1 + np.conj(cells.place[k]) * ahead)
                out = cells.out[k] * np.exp(1j * rng.uniform(-1, 1) * cells.spread[k]) / carried(root, cells.place[k])
                assert gap_between(root, cells.place[g]) <= cells.radius[g]
                assert abs(np.angle(out * carried(root, cells.place[g]) / cells.out[g])) <= cells.spread[g]


@pytest.mark.parametrize("joins", [[(-1, -2)], [(-1, -2), (0, -3)], [(-1, -2), (-3, -4), (0, 1)]])
def test_branches_are_as_short_as_the_general_minimisation_finds_them(joins):
    rng = np.random.default_rng(len(joins))
    m = len(joins)
    for _ in range(5):
        points = to_ball(rng.normal(size=(m + 2, 2)), "tangent")
        z = points.z[:, 0] + 1j * points.z[:, 1]
        table = np.array(joins)
        places = np.full(m, z.mean())
        work = np.empty(m, complex), np.empty(m, complex), np.empty((m, 3)), np.empty((m, 4))
        total, short, edge, slope = shortest_rooted(table, m, places, z, z[-1], 1.0, np.inf, False, work)
        tree = empty_tree(m + 2, 2)
        tree.z[:], tree.gap[:] = points.z[0], points.gap[0]
        tree.z[: m + 2], tree.gap[: m + 2] = points.z, points.gap
        used = np.zeros(2 * m + 2, int)
        for v, w in [(v, w) for v, row in enumerate(joins) for w in row if w >= 0]:
            for a, b in ((m + 2 + v, m + 2 + w), (m + 2 + w, m + 2 + v)):
                tree.near[a, used[a]] = b
                used[a] += 1
        leaves = [(v, -1 - w) for v, row in enumerate(joins) for w in row if w < 0] + [(m - 1, m + 1)]
        for v, t in leaves:
            tree.near[t, 0] = m + 2 + v
            tree.near[m + 2 + v, used[m + 2 + v]] = t
            used[m + 2 + v] += 1
        best = minimise_full(tree)
        assert total - short <= best * (1 + 1e-9)
        assert best * (1 - 1e-9) <= total
        assert short <= 1e-2
        if edge > 1e-2:
            assert abs(slope) == pytest.approx(1, abs=1e-3)
