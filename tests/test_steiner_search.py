"""Local search, thorough search, given topologies and insertion, and the kernels below them."""

import re
import time
from _thread import interrupt_main
from dataclasses import FrozenInstanceError
from itertools import product

import networkx as nx
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels import compiled
from reference_trees import tree_length
from rich.progress import Progress
from scipy.optimize import minimize
from test_steiner import assert_spans, polygon

import hyperkit as hk
from hyperkit import HyperSteiner
from hyperkit.models import to_ball
from hyperkit.steiner._full_tree import FullTree, empty_tree
from hyperkit.steiner._given import checked_edges
from hyperkit.steiner._network import Network, narrowest_angles, numbered, to_full, to_network
from hyperkit.steiner.components._pool import Pool
from hyperkit.steiner.kernels import fermat
from hyperkit.steiner.kernels.fermat import SMALL_STEP
from hyperkit.steiner.kernels.full_tree import measure
from hyperkit.steiner.local._joining import neighbor_joining
from hyperkit.steiner.local._local import LocalSearch

QUIET = Progress(disable=True)
fermat_distances = compiled(fermat.fermat_distances)
place_fermat = compiled(fermat.place_fermat)


def rim_clusters(n, radius, seed=0, clusters=10, d=2):
    """Wrapped normal clusters of sigma 0.1 at polar `radius`, Poincaré."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(clusters, d))
    centre *= radius / np.linalg.norm(centre, axis=1, keepdims=True)
    parts = [
        hk.random_wrapped_normal(n // clusters, c, scale=0.1, random_state=k)
        for k, c in enumerate(hk.convert(centre, "tangent", "poincare"))
    ]
    return np.concatenate(parts)


def family(name, n, d, seed):
    if name == "gauss":
        return hk.random_wrapped_normal(n, np.zeros(d), random_state=seed)
    if name == "disk":
        return hk.random_uniform_ball(n, d, radius=6.0, random_state=seed)
    return rim_clusters(n, 8.0, seed, clusters=max(n // 3, 1), d=d)


def vertices_of(steiner):
    return to_ball(steiner.tree_.points, steiner.model)


def assert_wide_angles(steiner):
    """No two edges at less than 120 degrees, and Steiner points of degree 3 (where they can be told from terminals)."""
    tree = steiner.tree_
    assert narrowest_angles(vertices_of(steiner), tree.edges).min() >= 120 - 0.01
    assert np.bincount(tree.edges.ravel())[tree.n_terminals :].max(initial=3) == 3


@given(st.integers(0, 2**32 - 1), st.floats(-8, 1), st.floats(0, 10), st.floats(0, 12))
@settings(max_examples=60, deadline=None)
def test_fermat_point_leaves_no_pull(seed, log_size, ratio, radius):
    rng = np.random.default_rng(seed)
    corners = 10.0**log_size * rng.normal(size=(3, 2)) * [[1.0], [1.0], [10.0**-ratio]]
    corners *= min(1.0, 24 / np.linalg.norm(corners, axis=1).max())  # with `radius` within 36
    points = hk.exp_map(hk.convert([[radius, 0.0]], "tangent", "poincare"), corners)
    ball = to_ball(points)
    squares = [
        float(np.square(ball.z[i] - ball.z[j]).sum() / (ball.gap[i] * ball.gap[j])) for i, j in ((1, 2), (0, 2), (0, 1))
    ]
    x, y, w = fermat_distances(*squares, SMALL_STEP)
    sides = 2 * np.arcsinh(np.sqrt(squares))
    assert min(x, y, w) >= 0
    # By the law of cosines for 120 degrees, or at a corner.
    if min(x, y, w) > 0:
        for side, (p, q) in zip(sides, ((y, w), (x, w), (x, y)), strict=True):
            expected = 2 * np.arcsinh(np.sqrt(np.sinh((p - q) / 2) ** 2 + 0.75 * np.sinh(p) * np.sinh(q)))
            assert expected == pytest.approx(side, rel=1e-12)
    else:
        corner = int(np.argmin((x, y, w)))
        assert sorted((x, y, w))[1:] == pytest.approx(sorted(np.delete(sides, corner)), rel=1e-14)
        assert sides[corner] == max(sides)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_fermat_point_is_where_its_distances_say(d):
    rng = np.random.default_rng(d)
    for scale, _ in product((1e-6, 1.0, 4.0), range(20)):
        ball = to_ball(scale * rng.normal(size=(3, d)), "tangent")
        z, gap = np.vstack([ball.z, np.zeros(d)]), np.append(ball.gap, 1.0)
        squares = [float(np.square(z[i] - z[j]).sum() / (gap[i] * gap[j])) for i, j in ((1, 2), (0, 2), (0, 1))]
        away = fermat_distances(*squares, SMALL_STEP)
        place_fermat(z, gap, 3, 0, 1, 2, *away)
        assert hk.distance(z[3], z[:3]) == pytest.approx(away, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("name", ["gauss", "disk", "rim"])
def test_minimum_of_a_topology_is_that_of_a_general_minimiser(name, d):
    X = family(name, 5, d, 3)
    n = len(X)
    tree = neighbor_joining(to_ball(X))
    edges = [(v, w) for v in range(len(tree.near)) for w in tree.near[v] if w > v]
    steiner = HyperSteiner(init=edges, fixed_topology=True).fit(X)
    u, v = np.array(edges).T
    terminals = hk.convert(X, "poincare", "tangent")

    def length(flat):
        return tree_length(np.vstack([terminals, flat.reshape(-1, d)]), u, v)

    start = hk.convert(steiner.tree_.points[n:], "poincare", "tangent").ravel()
    assert length(start) == pytest.approx(steiner.length_, rel=1e-9)
    rng = np.random.default_rng(0)
    options = {"maxiter": 15_000, "maxfev": 15_000, "xatol": 1e-9, "fatol": 1e-12, "adaptive": True}
    for noise in (1e-3, 0.1):
        begin = start + noise * rng.normal(size=len(start))
        found = minimize(length, begin, method="Nelder-Mead", options=options).fun
        assert steiner.length_ <= found * (1 + 1e-10)


@pytest.mark.parametrize(("n", "d"), [(4, 2), (6, 2), (7, 2), (5, 3), (6, 5)])
@pytest.mark.parametrize("name", ["gauss", "disk", "rim"])
def test_local_search_finds_the_shortest_of_all_trees_on_few_points(name, n, d):
    for seed in range(4):
        X = family(name, n, d, seed)
        exact = HyperSteiner(method="exact").fit(X)
        local = HyperSteiner(method="local").fit(X)
        assert exact.gap_ <= 1e-6
        assert exact.lower_bound_ <= local.length_ <= exact.length_ * (1 + 1e-8)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["gauss", "disk", "rim"]), st.integers(3, 60), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_local_trees_span_with_wide_angles_and_are_no_longer_than_greedy_ones(seed, name, n, d):
    X = family(name, n, d, seed % 2**31)
    local = HyperSteiner(method="local").fit(X)
    assert_spans(local.tree_, len(X))
    assert_wide_angles(local)
    assert local.length_ <= HyperSteiner(method="greedy").fit(X).length_ * (1 + 1e-12)
    assert local.lower_bound_ <= local.length_


def test_planar_points_turned_into_five_dimensions_have_the_same_tree():
    X = hk.random_wrapped_normal(60, random_state=0)
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))
    turned = np.pad(X, ((0, 0), (0, 3))) @ turn
    for method in ("greedy", "local"):
        flat, deep = (HyperSteiner(method=method).fit(points) for points in (X, turned))
        assert deep.length_ == pytest.approx(flat.length_, rel=1e-9 if method == "local" else 1e-3)


@pytest.mark.parametrize("radius", [12.0, 16.0, 20.0, 24.0])
def test_lengths_near_the_rim_are_those_of_exact_arithmetic(radius):
    X = rim_clusters(60, radius)
    steiner = HyperSteiner().fit(X)
    tree = steiner.tree_
    assert_spans(tree, 60)
    assert steiner.reduction_ > 0.2
    for (i, j), length in zip(tree.edges, tree.lengths, strict=True):
        expected = reference.distance(tree.points[i], tree.points[j], "poincare")
        assert length == pytest.approx(float(expected), rel=1e-8, abs=1e-8)
    moved = HyperSteiner().fit(hk.translate(X, [0.3, -0.2]))
    # The map rounds points by 1e-16 e^r.
    assert moved.length_ == pytest.approx(steiner.length_, rel=max(1e-8, 1e-16 * np.exp(radius)))


@pytest.mark.parametrize("method", ["greedy", "local", "thorough"])
def test_isometries_and_the_order_of_the_rows_leave_the_length(method):
    X = hk.random_uniform_ball(40, radius=4.0, random_state=1)
    options = {"method": method, "n_restarts": 1}
    expected = HyperSteiner(**options).fit(X).length_
    for other in (X[::-1], X @ [[0.6, 0.8], [0.8, -0.6]], hk.translate(X, [0.4, 0.5])):
        assert HyperSteiner(**options).fit(other).length_ == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("radius", [12.0, 16.0])
@pytest.mark.parametrize("seed", [0, 10, 11])
def test_turned_and_reflected_clusters_far_out_have_trees_of_the_same_length(radius, seed):
    X = rim_clusters(1000, radius, seed)
    expected = HyperSteiner().fit(X).length_
    other = hk.translate(X @ [[0.6, 0.8], [0.8, -0.6]], [0.1, 0.3])
    assert HyperSteiner().fit(other).length_ == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("radius", [28.0, 32.0, 35.0])
def test_local_trees_are_no_longer_than_greedy_ones_and_exact_ones_than_local_ones_where_rounding_rules(radius):
    rng = np.random.default_rng(0)
    for _ in range(4):
        turn = rng.choice(rng.uniform(0, 2 * np.pi, 4), 60) + 3 * np.exp(-radius) * rng.normal(size=60)
        reach = np.tanh((radius - rng.exponential(size=60)) / 2)
        X = reach[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        greedy, local = (HyperSteiner(method=method).fit(X) for method in ("greedy", "local"))
        assert local.length_ <= greedy.length_ <= greedy.mst_length_
        with pytest.warns(UserWarning, match="proven only that no tree is shorter by more than"):
            exact = HyperSteiner(method="exact", time_limit=1).fit(X[:10])
        assert exact.method_used_ == "local"
        assert exact.length_ <= HyperSteiner().fit(X[:10]).length_


def test_thorough_search_of_many_points_keeps_to_its_time():
    X = hk.random_wrapped_normal(4000, random_state=0)
    begin = time.monotonic()
    steiner = HyperSteiner(method="thorough", time_limit=1).fit(X)
    # Local search takes about one second, recombining whole trees took ten.
    assert time.monotonic() - begin < 8
    assert_spans(steiner.tree_, 4000)


def test_tiny_sets_have_the_trees_of_small_ones():
    X = np.random.default_rng(0).normal(size=(30, 2))
    small, tiny = (HyperSteiner(model="tangent").fit(X * size).reduction_ for size in (1e-6, 1e-20))
    assert tiny == pytest.approx(small, rel=1e-9)
    assert tiny > 0.02


def test_a_full_tree_says_how_large_it_is_and_givesits_own_arrays():
    tree = empty_tree(7, 3)
    assert (tree.n, tree.d, len(tree)) == (7, 3, 12)
    tree.arrays.z[0] = 0.5
    assert (tree.z[0] == 0.5).all()
    assert tree.arrays._fields == ("near", "lengths", "z", "gap")
    with pytest.raises(FrozenInstanceError):
        tree.z = tree.z


def test_numbers_of_nodes_are_decided_by_the_terminals():
    rng = np.random.default_rng(0)
    n = 30
    tree = neighbor_joining(to_ball(hk.random_uniform_ball(n, radius=4.0, random_state=1)))
    # The same tree with other numbers and another order of neighbours.
    number = np.append(np.arange(n), rng.permutation(np.arange(n, 2 * n - 2)))
    near = np.where(tree.near >= 0, number[tree.near], -1)
    near[n:] = rng.permuted(near[n:], axis=1)
    old = np.argsort(number)
    again = numbered(FullTree(near[old], np.zeros_like(tree.lengths), tree.z[old], tree.gap[old]))
    for field, expected in zip(again.arrays, numbered(tree).arrays, strict=True):
        np.testing.assert_array_equal(field, expected)
    assert measure(again.arrays) == pytest.approx(measure(tree.arrays), rel=1e-14)


def test_thorough_search_is_no_longer_than_local_and_the_same_for_any_number_of_jobs():
    X = hk.random_uniform_ball(60, radius=6.0, random_state=5)
    local = HyperSteiner(method="local").fit(X)
    first = HyperSteiner(method="thorough", n_restarts=2, random_state=3).fit(X)
    second = HyperSteiner(method="thorough", n_restarts=2, random_state=3, n_jobs=2).fit(X)
    np.testing.assert_array_equal(first.tree_.points, second.tree_.points)
    np.testing.assert_array_equal(first.tree_.edges, second.tree_.edges)
    assert first.length_ <= local.length_
    assert_wide_angles(first)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_thorough_search_of_very_few_points_ends(n):
    X = polygon(n, 3.0)
    thorough = HyperSteiner(model="tangent", method="thorough", n_restarts=1).fit(X)
    assert thorough.length_ == pytest.approx(HyperSteiner(model="tangent", method="exact").fit(X).length_, rel=1e-9)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupted_thorough_search_gives_the_best_so_far(monkeypatch, n_jobs):
    X = hk.random_uniform_ball(200, radius=6.0, random_state=3)
    escape, helped = LocalSearch.escape, []

    def interrupt(self, tree, rounds, rng):
        helped.append(escape(self, tree, rounds, rng))
        if sum(helped) > 0 and sum(helped[:-1]) == 0:
            # Raises it in the main thread, which is searching or waits for the others.
            interrupt_main()
        return helped[-1]

    monkeypatch.setattr(LocalSearch, "escape", interrupt)
    steiner = HyperSteiner(method="thorough", n_jobs=n_jobs).fit(X)
    assert_spans(steiner.tree_, 200)
    assert steiner.length_ < HyperSteiner(method="local").fit(X).length_


@pytest.mark.parametrize("n", [5, 12])
def test_thorough_search_of_symmetric_points_ends(n):
    X = np.vstack([polygon(n, 0.5), [[0.0, 0.0]]])
    steiner = HyperSteiner(model="tangent", method="thorough", n_restarts=2).fit(X)
    assert_spans(steiner.tree_, n + 1)


def test_interrupted_exact_search_gives_the_best_so_far(monkeypatch):
    def interrupt(*_):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as cause:
            raise SystemError from cause

    monkeypatch.setattr("hyperkit.steiner._proof.certified_tree", interrupt)
    X = hk.random_wrapped_normal(20, random_state=0)
    with pytest.warns(UserWarning, match=r"proven only that no tree is shorter by more than .* it was stopped") as told:
        steiner = HyperSteiner(method="exact").fit(X)
    assert told[0].filename == __file__
    assert steiner.length_ == pytest.approx(HyperSteiner(method="local").fit(X).length_, rel=1e-12)
    assert steiner.largest_component_ is None
    assert steiner.method_used_ == "local"


def test_only_a_proof_is_called_exact(monkeypatch):
    monkeypatch.setattr("hyperkit.steiner._proof._MOST_PRICED", 0)  # as for more than 100 points
    X = hk.random_wrapped_normal(16, random_state=0)
    few = HyperSteiner(method="exact").fit(X[:8])
    assert few.method_used_ == "exact"
    assert 0 <= few.gap_ <= 1e-9
    assert few.largest_component_ is None
    more = HyperSteiner(method="exact").fit(X)
    assert more.method_used_ == "exact-components"
    assert more.largest_component_ == 6
    assert more.gap_ > 0.1
    with pytest.warns(UserWarning, match="it was stopped"):
        stopped = HyperSteiner(method="exact", time_limit=1e-9).fit(X[:12])
    assert stopped.method_used_ == "local"
    assert HyperSteiner(method="exact").fit(X[:2]).method_used_ == "mst"


@pytest.mark.parametrize(("n", "d", "more_time"), [(300, 2, True), (301, 2, False), (11, 3, True), (12, 3, False)])
def test_more_time_is_advised_where_it_leads_to_more_of_a_proof_only(n, d, more_time, monkeypatch):
    monkeypatch.setattr("hyperkit.steiner.prices._certificate._FOR_THE_CHOICE", 0.0)  # the tree is none of its concern
    X = hk.random_wrapped_normal(n, np.zeros(d), random_state=0)
    with pytest.warns(UserWarning, match="it was stopped") as told:
        HyperSteiner(method="exact", time_limit=1e-9).fit(X)
    (said,) = [str(one.message) for one in told]
    assert ("Give more time" in said) is more_time
    assert ("up to 300 points of the plane, 11 in more" in said) is not more_time


@pytest.mark.parametrize("far", [True, False])
def test_a_search_whose_proof_rounding_hides_says_so(far):
    rng = np.random.default_rng(1)
    turn = rng.uniform(0, 2 * np.pi, 6)
    around = np.column_stack([np.cos(turn), np.sin(turn)])
    X = np.tanh(16) * around if far else 0.6 + 1e-13 * around
    with pytest.warns(UserWarning, match="or the coordinates are too coarse"):
        steiner = HyperSteiner(method="exact").fit(X)
    assert steiner.method_used_ == "local"
    assert 1e-9 < steiner.gap_ < 0.5
    if not far:
        # Moved to the origin the same points are no longer coarse.
        assert HyperSteiner(method="exact").fit(hk.translate(X, X[0])).method_used_ == "exact"


def test_pool_makes_the_best_of_the_parts_of_two_trees():
    # Two far groups; each tree is good in one of them and a path in the other.
    X = np.vstack([polygon(3, 1.0), polygon(3, 1.0)]) * 0.3
    points = to_ball(np.vstack([hk.translate(X[:3], [0.9, 0.0]), hk.translate(X[3:], [-0.9, 0.0])]))
    best = HyperSteiner(method="exact").fit(points.z)
    star = [[0, 6], [1, 6], [2, 6]]
    mixed = []
    for group in (0, 1):
        edges = np.array([[3 * group + i if i < 6 else i, j] for i, j in star] + [[3 - 3 * group, 4 - 3 * group]])
        edges = np.vstack([edges, [[4 - 3 * group, 5 - 3 * group], [1, 4]]])
        mixed.append(HyperSteiner(init=edges, fixed_topology=True).fit(points.z))
    pool = Pool(points)
    for steiner in mixed:
        tree = steiner.tree_
        pool.add(Network(to_ball(tree.points[6:]), tree.edges))
    merged = pool.best(None).length(points)
    assert best.length_ <= merged < min(steiner.length_ for steiner in mixed)


def test_full_trees_and_networks_are_the_same_trees():
    X = hk.random_wrapped_normal(40, random_state=2)
    steiner = HyperSteiner(method="local").fit(X)
    points = to_ball(X)
    network = Network(to_ball(steiner.tree_.points[40:]), steiner.tree_.edges)
    full = to_full(points, network)
    assert (full.near[:40, 1:] == -1).all()
    assert (full.near[40:] >= 0).all()
    assert measure(full.arrays) == pytest.approx(steiner.length_, rel=1e-14)
    back = to_network(full, points)
    assert back.length(points) == pytest.approx(steiner.length_, rel=1e-14)
    assert len(back.edges) == len(network.edges)


def test_neighbor_joining_recovers_a_tree_from_its_metric():
    # Far clusters' distances are almost those of a tree: pairs of one cluster are joined before anything else.
    X = rim_clusters(10, 12.0, seed=1, clusters=5)
    tree = neighbor_joining(to_ball(X))
    for k in range(0, 10, 2):
        assert tree.near[k, 0] == tree.near[k + 1, 0]
    assert measure(tree.arrays) == pytest.approx(HyperSteiner(method="exact").fit(X).length_, rel=0.05)


def test_given_topology_keeps_its_vertices_and_edges():
    X = hk.random_wrapped_normal(5, random_state=0)
    # Vertex 5 is a polytomy, 6 has one child, 7 is a childless inner node, terminal 4 is inside.
    edges = [[0, 5], [1, 5], [2, 5], [5, 6], [6, 4], [4, 3], [5, 7]]
    steiner = HyperSteiner(init=edges, fixed_topology=True).fit(X)
    assert steiner.method_used_ == "fixed"
    np.testing.assert_array_equal(steiner.tree_.edges, sorted(sorted(edge) for edge in edges))
    # What matters is the one point that four edges meet in.
    ends = X[[0, 1, 2, 4]]

    def length(v):
        return hk.distance(hk.convert(v, "tangent", "poincare"), ends).sum()

    best = minimize(length, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13}).fun
    assert steiner.length_ == pytest.approx(best + float(hk.distance(X[3], X[4])), rel=1e-8)


@pytest.mark.parametrize("method", ["auto", "local", "thorough"])
def test_search_from_a_given_tree_is_no_longer_than_it(method):
    X = hk.random_wrapped_normal(30, random_state=4)
    greedy = HyperSteiner(method="greedy").fit(X)
    for init in (greedy.tree_, greedy.tree_.edges, [[0, k] for k in range(1, 30)]):
        steiner = HyperSteiner(method=method, n_restarts=0, init=init).fit(X)
        assert_spans(steiner.tree_, 30)
        assert_wide_angles(steiner)
        assert steiner.length_ <= greedy.length_ * (1 + 1e-12)
    again = HyperSteiner(init=steiner.tree_, fixed_topology=True).fit(X)
    assert again.length_ == pytest.approx(steiner.length_, rel=1e-9)


def test_given_trees_may_have_identical_terminals():
    X = np.repeat(hk.random_wrapped_normal(3, random_state=4), 2, axis=0)
    edges = [[0, 6], [1, 6], [2, 7], [3, 7], [4, 8], [5, 8], [6, 9], [7, 9], [8, 9]]
    best = HyperSteiner().fit(X).length_
    for fixed in (True, False):
        steiner = HyperSteiner(init=edges, fixed_topology=fixed).fit(X)
        assert steiner.length_ == pytest.approx(best, rel=1e-8)


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ([0, 1, 2], "give a SteinerTree, or edges"),
        ([[0, 1], [2]], "init: .* give a SteinerTree, or edges"),
        ([[0.0, 1.0], [1.0, 2.0]], "pairs of whole numbers"),
        ([[0, 1], [1, 3]], "row 2 of X is in no edge"),
        ([[0, 1]], "init has 1 edges; a tree over 3 terminals has at least 2"),
        ([[0, 3], [3, 4], [4, 0], [1, 2]], r"edge 2 is \(4, 0\), whose ends the edges before it join"),
        ([[0, 1], [1, 2], [2, 1]], r"edge 2 is \(2, 1\), whose ends"),
        ([[0, 1], [2, 2], [1, 2]], r"edge 1 is \(2, 2\), whose ends"),
        ([[0, 1], [3, 4], [2, 3]], "no path joins vertex 2 to vertex 0"),
        ([[0, 9], [1, 9], [2, 9]], r"edge 0 is \(0, 9\), but vertices are rows 0 to 2 of X and others, numbered"),
        ([[0, 3], [1, 3], [2, 5], [3, 5]], r"edge 2 is \(2, 5\), but"),
        ([[0, 1], [2, -1]], r"edge 1 is \(2, -1\), but"),
    ],
)
def test_what_is_no_tree_is_refused(init, message):
    with pytest.raises(ValueError, match=message):
        HyperSteiner(init=init).fit(polygon(3, 0.5))


def test_only_trees_pass_and_messages_name_only_rows_and_vertices_that_were_given():
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        n = rng.integers(4, 8)
        edges = rng.permutation(n)[[(k, rng.integers(k)) for k in range(1, n)]]  # a tree
        if rng.random() < 0.7:
            edges[rng.integers(n - 1), rng.integers(2)] = rng.integers(-1, 9)
        is_tree = nx.is_tree(nx.MultiGraph(edges.tolist())) and set(edges.ravel()) == set(range(n))
        if is_tree:
            checked_edges(edges, 4)
            continue
        with pytest.raises(ValueError, match=r"^init") as error:
            checked_edges(edges, 4)
        refused += 1
        found = re.findall(r"vertex (\d+)|\((-?\d+), (-?\d+)\)|row (\d+)", str(error.value))
        named = {int(number) for groups in found for number in groups if number}
        assert named
        assert named <= {*edges.ravel().tolist(), *range(4)}
    assert 100 < refused < 300


def test_given_tree_of_other_points_is_refused():
    tree = HyperSteiner().fit(polygon(4, 0.5)).tree_
    with pytest.raises(ValueError, match="init is a tree of 4 terminals; X has 3 rows"):
        HyperSteiner(init=tree).fit(polygon(3, 0.5))
    with pytest.raises(ValueError, match="init is a tree in dimension 2; the points of X have dimension 3"):
        HyperSteiner(init=tree).fit(0.1 * np.eye(4, 3))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fixed_topology": True}, "fixed_topology=True needs the topology"),
        ({"init": [[0, 1], [1, 2]], "method": "greedy"}, "method='greedy' does not start from a tree"),
        ({"time_limit": 0}, "time_limit=0 must be a positive number of seconds"),
        ({"time_limit": np.nan}, "time_limit=nan must be a positive number"),
        ({"n_restarts": -1}, "n_restarts=-1 must be a whole number of at least 0"),
        ({"n_jobs": 0}, "n_jobs=0 must be a number of jobs"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        HyperSteiner(**parameters).fit(polygon(3, 0.5))


@pytest.mark.parametrize("d", [2, 4])
def test_inserted_points_are_terminals_and_the_tree_stays_short(d):
    X = hk.random_wrapped_normal(200, np.zeros(d), random_state=6)
    whole = HyperSteiner(method="local").fit(X)
    steiner = HyperSteiner(method="local").fit(X[:180])
    before = steiner.length_
    assert steiner.insert(X[180:]) is steiner
    np.testing.assert_array_equal(steiner.tree_.points[:200], X)
    assert_spans(steiner.tree_, 200)
    assert_wide_angles(steiner)
    assert steiner.mst_length_ == pytest.approx(whole.mst_length_, rel=1e-14)
    assert before < steiner.length_ <= whole.length_ * 1.005
    assert steiner.score(X) == 0


@pytest.mark.parametrize("init", [[[0, 4], [4, 1], [1, 2], [2, 3]], [[0, 1], [1, 2], [2, 3], [3, 4]]])
def test_insertion_into_a_given_tree_with_thin_vertices(init):
    X = [[0.6, 0.1], [0.6, -0.1], [-0.6, 0.1], [-0.6, -0.1]]
    steiner = HyperSteiner(init=init, fixed_topology=True).fit(X).insert([[0.1, 0.2]])
    assert_spans(steiner.tree_, 5)
    assert steiner.method_used_ == "local"


def test_insertion_into_the_smallest_trees_and_of_rows_that_are_there():
    X = hk.random_wrapped_normal(6, random_state=0)
    steiner = HyperSteiner().fit(X[:1])
    for k in range(1, 6):
        steiner.insert(X[k : k + 1])
    assert steiner.length_ == pytest.approx(HyperSteiner().fit(X).length_, rel=1e-6)
    before = steiner.length_
    steiner.insert(X[:2])
    assert_spans(steiner.tree_, 8)
    assert steiner.length_ == pytest.approx(before, rel=1e-9)


def test_exact_method_stops_in_time_with_a_bound_that_holds():
    X = hk.random_uniform_ball(16, radius=5.0, random_state=0)
    with pytest.warns(UserWarning, match="it was stopped"):
        steiner = HyperSteiner(method="exact", time_limit=0.5).fit(X)
    assert_spans(steiner.tree_, 16)
    assert steiner.method_used_ == "local"
    assert 0 < steiner.lower_bound_ <= steiner.length_
    assert 0 <= steiner.gap_ <= 0.5
