from itertools import combinations

import mpmath
import networkx as nx
import numpy as np
import pytest
from rich.progress import Progress

from hyperkit import HyperSteiner
from hyperkit.delaunay import ball_spanning_tree
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import to_ball
from hyperkit.steiner._full_tree import FullTree
from hyperkit.steiner._network import minimise_full
from hyperkit.steiner._proof import exact_tree
from hyperkit.steiner.components._components import component_network
from hyperkit.steiner.components._concatenation import concatenate
from hyperkit.steiner.exact._enumeration import _start, surrounding_ball
from hyperkit.steiner.exact.kernels.convexity import Bounds, bounded_minimum
from hyperkit.steiner.exact.kernels.missing_terminals import least_growth
from hyperkit.steiner.exact.kernels.topologies import enumerate_topologies
from hyperkit.steiner.kernels.full_tree import settle
from hyperkit.steiner.local._joining import neighbor_joining


def makes_a_tree(n, members):
    """The components, as paths over their terminals, make a tree over all n."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    for terminals in members:
        graph.add_edges_from(zip(terminals[:-1].tolist(), terminals[1:].tolist(), strict=True))
    return sum(len(terminals) - 1 for terminals in members) == n - 1 and nx.is_connected(graph)


def pool_with_a_path(rng, n, size):
    """Components on random terminals, cheaper for each terminal than the edges of the path 0 1 ... n-1."""
    members = [np.array([i, i + 1]) for i in range(n - 1)]
    while len(members) < size:
        members.append(np.sort(rng.choice(n, rng.integers(2, min(n, 5) + 1), replace=False)))
    lengths = np.array([(len(terminals) - 1) * rng.uniform(0.6, 1) for terminals in members])
    lengths[: n - 1] = 1
    return members, lengths


@pytest.mark.parametrize("seed", range(12))
def test_concatenation_is_the_best_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    members, lengths = pool_with_a_path(rng, n, 12)
    subsets = (list(chosen) for r in range(1, n) for chosen in combinations(range(12), r))
    best = min(lengths[chosen].sum() for chosen in subsets if makes_a_tree(n, [members[k] for k in chosen]))
    result = concatenate(n, members, lengths)
    assert result.proven
    assert result.length == pytest.approx(best, rel=1e-12)
    assert best * (1 - 1e-8) <= result.bound <= best
    assert makes_a_tree(n, [members[k] for k in result.chosen])
    assert result.length == pytest.approx(lengths[result.chosen].sum(), rel=1e-12)


def test_concatenation_branches_where_the_relaxation_is_not_whole():
    # 3/8 of each triple of four terminals obeys every cut, for 1.5. A tree has one triple and a pair, or three pairs.
    triples = [np.array(triple) for triple in combinations(range(4), 3)]
    pairs = [np.array([i, i + 1]) for i in range(3)]
    result = concatenate(4, triples + pairs, np.array([1.0] * 4 + [0.9] * 3))
    assert result.proven
    assert result.length == 1.9
    assert result.bound == pytest.approx(1.9, rel=1e-8)


def test_concatenation_of_pairs_is_the_spanning_tree():
    rng = np.random.default_rng(3)
    graph = nx.random_geometric_graph(60, 0.4, seed=1)
    assert nx.is_connected(graph)
    members = [np.array(edge) for edge in graph.edges]
    lengths = rng.uniform(1, 2, len(members))
    for edge, length in zip(graph.edges, lengths, strict=True):
        graph.edges[edge]["weight"] = length
    result = concatenate(60, members, lengths)
    assert result.proven
    assert result.length == pytest.approx(nx.minimum_spanning_tree(graph).size(weight="weight"), rel=1e-12)


def test_concatenation_is_the_same_twice_and_keeps_to_its_time():
    rng = np.random.default_rng(5)
    members, lengths = pool_with_a_path(rng, 40, 400)
    first, second = concatenate(40, members, lengths), concatenate(40, members, lengths)
    np.testing.assert_array_equal(first.chosen, second.chosen)
    assert first.bound == second.bound
    stopped = concatenate(40, members, lengths, time_limit=0.0)
    assert not stopped.proven
    assert makes_a_tree(40, [members[k] for k in stopped.chosen])
    assert stopped.bound <= first.length <= stopped.length


def spread(kind, n, d, rng, trial=0):
    """Points of a kind, distinct: near each other, far out in all directions, or three tight groups far out.

    Or, the smaller the later the trial: small about the origin, or beside it, down to 1e-8 of what their place allows.
    """
    x = rng.normal(size=(n, d))
    if kind == "small":
        return to_ball(np.ldexp(x / 8, -12 * trial))
    if kind == "beside":
        height = 10.0 ** -(trial % 5)
        centre = (1 - height / 2) * rng.normal(size=d)
        centre *= (1 - height / 2) / np.linalg.norm(centre)
        return to_ball(centre + height / 16 * 10.0 ** -(trial % 7 + 1) * x)
    if kind == "rim":
        x *= 12 / np.linalg.norm(x, axis=1)[:, None]
    if kind == "groups":
        centres = rng.normal(size=(3, d))
        x = 12 * (centres / np.linalg.norm(centres, axis=1)[:, None])[np.arange(n) % 3] + 1e-4 * x
    return to_ball(x, "tangent")


def full_topologies(n):
    """Neighbours in each full topology of n terminals, by inserting them into every edge."""
    trees = [[(0, n), (1, n), (2, n)]]
    for t in range(3, n):
        s = n + t - 2
        trees = [
            [*(edge for edge in tree if edge != split), (split[0], s), (s, split[1]), (t, s)]
            for tree in trees
            for split in tree
        ]
    for tree in trees:
        near = np.full((2 * n - 2, 3), -1)
        for v, w in tree:
            near[v, np.argmin(near[v])] = w
            near[w, np.argmin(near[w])] = v
        yield near


def placed(points, near):
    """A full tree, its Steiner nodes all at the first terminal."""
    n, d = points.z.shape
    z, gap = np.empty((2 * n - 2, d)), np.empty(2 * n - 2)
    z[:], gap[:] = points.z[0], points.gap[0]
    z[:n], gap[:n] = points.z, points.gap
    return FullTree(near, np.zeros((2 * n - 2, 3)), z, gap)


def length(tree):
    return tree.lengths.sum() / 2


@pytest.mark.parametrize("kind", ["gauss", "rim", "groups"])
@pytest.mark.parametrize(("n", "d"), [(4, 2), (5, 3), (6, 2)])
def test_exact_tree_is_the_best_of_all_topologies(kind, n, d):
    rng = np.random.default_rng(n + d)
    points = spread(kind, n, d, rng)
    lengths = []
    for near in full_topologies(n):
        tree = placed(points, near)
        settle(tree.arrays, n, 20, 0.0)
        lengths.append(minimise_full(tree))
    assert len(lengths) == np.prod(np.arange(2 * n - 5, 0, -2))
    # The start is the worst, so that nothing but the enumeration can find the best.
    worst = placed(points, list(full_topologies(n))[int(np.argmax(lengths))])
    result = exact_tree(points, worst, *ball_spanning_tree(points), Progress(disable=True))
    assert result.proven
    assert length(result.tree) == pytest.approx(min(lengths), rel=1e-8)
    assert result.lower_bound <= min(lengths)


def test_lower_bound_of_a_topology_holds_and_reaches_any_cut_below_the_minimum():
    rng = np.random.default_rng(2)
    topologies = list(full_topologies(6))
    for trial in range(60):
        points = spread(["gauss", "rim", "groups"][trial % 3], 6, 2, rng)
        near = topologies[rng.integers(len(topologies))]
        best = _minimum(points, near)
        bounds = Bounds(0, float(ball_distance_matrix(points, points)[0].max()))
        # `minimise_full` is right to 1e-10.
        for last_eps in (0.1, 1e-3, 1e-8):
            assert bounded_minimum(placed(points, near).arrays, 6, bounds, last_eps, np.inf, 0.0) <= best * (1 + 1e-9)
        cut = best * (1 - 1e-6)
        assert bounded_minimum(placed(points, near).arrays, 6, bounds, 1e-8, cut, 0.0) >= cut


@pytest.mark.parametrize("kind", ["small", "beside", "gauss", "rim", "groups"])
@pytest.mark.parametrize("d", [2, 3])
def test_lower_bound_of_a_topology_holds_to_60_digits(kind, d):
    # The places it ends at make a tree that is no shorter than the shortest, and mostly longer by 1e-20 only.
    rng = np.random.default_rng(d)
    topologies = list(full_topologies(5))
    least = np.inf
    for trial in range(26):
        points = spread(kind, 5, d, rng, trial)
        tree = placed(points, topologies[rng.integers(len(topologies))])
        settle(tree.arrays, 5, 20, 0.0)
        minimise_full(tree)
        bounds = surrounding_ball(ball_distance_matrix(points, points))
        lower = bounded_minimum(tree.arrays, 5, bounds, 1e-8, np.inf, 0.0)
        longer = float(1 - lower / exact_length(tree))
        assert longer >= 0
        least = min(least, longer)
    assert least <= 1e-8


def exact_length(tree):
    """Length of a tree over the points that its coordinates are, with 60 digits."""
    with mpmath.workdps(60):
        z = [[mpmath.mpf(float(c)) for c in row] for row in tree.z]
        gap = [1 - sum(c * c for c in row) for row in z]
        total = mpmath.mpf(0)
        for v, w in ((i, tree.near[i, k]) for i, k in np.argwhere(tree.near > np.arange(len(z))[:, None])):
            squared = sum((a - b) ** 2 for a, b in zip(z[v], z[w], strict=True))
            total += 2 * mpmath.asinh(mpmath.sqrt(squared / (gap[v] * gap[w])))
        return total


@pytest.mark.parametrize(("n", "d"), [(6, 2), (8, 2), (6, 3)])
def test_enumeration_is_the_same_at_every_power_of_two(n, d):
    # Near the origin the space is Euclidean but for the square of the size, which no double shows from 2^-60 on.
    rng = np.random.default_rng(n)
    for _ in range(3):
        z = rng.normal(size=(n, d)) / 8
        small = enumerated(z, -60)
        for k in (-15, -20, -30, -45, -52, -80, -200):
            found = enumerated(z, k)
            np.testing.assert_array_equal(found.best.near, small.best.near)
            assert found.at[1] == pytest.approx(small.at[1], rel=0 if k < -52 else 0.03)
            np.testing.assert_allclose(np.ldexp(found.upper, -k), np.ldexp(small.upper, 60), rtol=max(4.0**k, 1e-13))
            assert found.upper[1] >= found.upper[0] * (1 - 1e-8)


def enumerated(z, exponent):
    """The state of a finished enumeration of the points times a power of two."""
    points = to_ball(np.ldexp(z, exponent))
    search, bounds = _start(points, placed(points, path_topology(len(z))))
    assert enumerate_topologies(search, bounds, 1e-9, 10**6)
    return search


@pytest.mark.parametrize("d", [2, 3])
def test_trees_of_tiny_sets_are_proven_or_refused(d):
    z = np.random.default_rng(0).normal(size=(6, d)) / 8
    length = HyperSteiner(method="exact").fit(np.ldexp(z, -60)).length_ * 2.0**60
    # In the plane the predicates end at 9e-66, above it the squares of smoothed edges at 1e-140.
    smallest, refusal = (200, "too small for exact arithmetic") if d == 2 else (460, "squares of distances underflow")
    for k in range(100, smallest + 1, 20):
        steiner = HyperSteiner(method="exact").fit(np.ldexp(z, -k))
        assert steiner.gap_ <= 1e-9
        assert np.ldexp(steiner.length_, k) == pytest.approx(length, rel=1e-12)
        assert steiner.method_used_ == "exact"
    for k in range(smallest + 20, 1070, 30):
        with pytest.raises(ValueError, match=refusal):
            HyperSteiner(method="exact").fit(np.ldexp(z, -k))


@pytest.mark.parametrize("d", [1, 2, 4])
def test_growth_is_no_more_than_what_missing_terminals_add(d):
    rng = np.random.default_rng(d)
    for trial in range(6):
        points = spread(["gauss", "rim", "groups"][trial % 3], 6, d, rng)
        growth = least_growth(points.z, points.gap)
        least = {}
        for missing in (0, 0b1, 0b100, 0b110, 0b101001):
            kept = points.take([t for t in range(6) if not missing >> t & 1])
            least[missing] = min(_minimum(kept, near) for near in full_topologies(len(kept.gap)))
        for missing, shorter in least.items():
            assert growth[missing] <= least[0] - shorter + 1e-7


@pytest.mark.parametrize("exponent", [-10, -26, -40, -52, -100])
def test_growth_of_small_sets_holds_to_60_digits(exponent):
    # Of three points one is missing: log cosh of its distance to the segment between the others, at most.
    rng = np.random.default_rng(0)
    for _ in range(10):
        z = np.ldexp(rng.normal(size=(3, 2)) / 4, exponent)
        points = to_ball(z)
        growth = least_growth(points.z, points.gap)
        for t in range(3):
            with mpmath.workdps(60):
                nearest = min(ball_distance_matrix(points, points)[t, w] for w in range(3) if w != t)
                most = mpmath.log1p(2 * mpmath.sinh(mpmath.mpf(float(nearest)) / 2) ** 2)
            assert growth[1 << t] <= most
    assert growth.max() > 0


def _minimum(points, near):
    tree = placed(points, near)
    settle(tree.arrays, len(points.gap), 20, 0.0)
    return minimise_full(tree)


def test_growth_of_an_ideal_point_is_most_of_its_edge():
    # The far one sees the two others 90 degrees to its sides: its edge is 12 long, and half the hull 0 from the centre.
    points = to_ball(12 * np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), "tangent")
    assert 12 - np.log(2) - 1e-4 <= least_growth(points.z, points.gap)[1] <= 12 - np.log(2)


def test_stopped_enumeration_gives_the_best_so_far_and_a_bound_that_holds():
    points = spread("rim", 11, 2, np.random.default_rng(0))
    start = placed(points, path_topology(11))
    whole = exact_tree(points, start, *ball_spanning_tree(points), Progress(disable=True))
    assert whole.proven
    stopped = exact_tree(points, start, *ball_spanning_tree(points), Progress(disable=True), time_limit=0.0)
    assert not stopped.proven
    assert stopped.lower_bound <= length(whole.tree) <= length(stopped.tree)
    assert stopped.lower_bound >= 0.5 * length(whole.tree)


def path_topology(n):
    """The topology whose Steiner nodes make a path."""
    near = np.full((2 * n - 2, 3), -1)
    edges = [(v, v + 1) for v in range(n, 2 * n - 3)] + [(t, n + t - 1) for t in range(1, n - 1)]
    for v, w in [*edges, (0, n), (n - 1, 2 * n - 3)]:
        near[v, np.argmin(near[v])] = w
        near[w, np.argmin(near[w])] = v
    return near


@pytest.mark.parametrize("d", [2, 3])
def test_tree_of_small_components_is_the_best_concatenation_of_all(d):
    rng = np.random.default_rng(10 + d)
    points = to_ball(rng.normal(size=(8, d)), "tangent")
    distances = ball_distance_matrix(points, points)
    members, lengths = [], []
    for size in (2, 3, 4):
        for terminals in combinations(range(8), size):
            members.append(np.array(terminals))
            own = points.take(members[-1])
            lengths.append(
                distances[terminals] if size == 2 else min(_minimum(own, near) for near in full_topologies(size))
            )
    best = concatenate(8, members, np.array(lengths))
    mst, mst_lengths = ball_spanning_tree(points)
    network = component_network(points, mst, mst_lengths, 4, Progress(disable=True), np.inf)
    assert network.length(points) == pytest.approx(best.length, rel=1e-8)
    assert len(network.edges) == 8 + len(network.steiner_points.gap) - 1


def test_components_of_all_terminals_give_the_shortest_tree():
    for seed in range(4):
        points = to_ball(np.random.default_rng(seed).normal(size=(6, 2)), "tangent")
        mst, mst_lengths = ball_spanning_tree(points)
        start = placed(points, path_topology(6))
        shortest = exact_tree(points, start, mst, mst_lengths, Progress(disable=True))
        assert shortest.proven
        assert shortest.largest_component is None
        network = component_network(points, mst, mst_lengths, 6, Progress(disable=True), np.inf)
        assert network.length(points) == pytest.approx(length(shortest.tree), rel=1e-8)


def test_exact_says_what_it_is_relative_to(monkeypatch):
    for most in ("_MOST_PRICED", "_MOST_PRICED_IN_TIME"):  # as for more points
        monkeypatch.setattr(f"hyperkit.steiner._proof.{most}", 0)
    points = to_ball(np.random.default_rng(1).normal(size=(16, 2)) / 2, "tangent")
    start = neighbor_joining(points)
    result = exact_tree(points, start, *ball_spanning_tree(points), Progress(disable=True))
    assert not result.proven
    assert result.largest_component == 6
    assert result.lower_bound <= length(result.tree) <= length(start)
    stopped = exact_tree(points, start, *ball_spanning_tree(points), Progress(disable=True), time_limit=0.0)
    assert stopped.largest_component is None
    assert stopped.tree is start


@pytest.mark.filterwarnings("ignore:method='exact' has proven only")  # stopped at once
@pytest.mark.parametrize("n", [5, 16])
def test_the_spanning_tree_is_found_once(n, monkeypatch):
    from hyperkit.delaunay.neighbors import _spanning

    calls = []
    whole = _spanning.ball_delaunay
    monkeypatch.setattr(_spanning, "ball_delaunay", lambda points, **o: calls.append(len(points)) or whole(points, **o))
    HyperSteiner(method="exact", time_limit=1e-9).fit(np.random.default_rng(0).uniform(-0.5, 0.5, size=(n, 2)))
    assert calls == [n]
