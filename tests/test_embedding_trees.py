"""Placements by a tree: path lengths of networkx, limits at large scales, and what orders are worth."""

import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

import hyperkit.embedding.search._search as search_module
import hyperkit.embedding.search._trees as trees_module
from hyperkit.embedding.search import Search, Target, search
from hyperkit.embedding.search._descent import Effort
from hyperkit.embedding.search._trees import Layout, Tree, by_tree
from hyperkit.geometry import ball_distance_matrix


def a_tree(n, seed, shortest=0.2):
    """A random tree with n leaves 0.., all other nodes of degree three, and the path lengths of the leaves."""
    rng = np.random.default_rng(seed)
    graph = nx.Graph()
    graph.add_edge(0, 1, length=rng.uniform(shortest, 1.0))
    for leaf in range(2, n):
        u, v = list(graph.edges)[rng.integers(graph.number_of_edges())]
        graph.remove_edge(u, v)
        for end in (u, v, leaf):
            graph.add_edge(end, n + leaf, length=rng.uniform(shortest, 1.0))
    paths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    return graph, np.array([[paths[i][j] for j in range(n)] for i in range(n)])


def target_of(lengths, power=0):
    return Target.of(lengths / lengths.max(), power)


@pytest.mark.parametrize(("n", "seed"), [(4, 0), (5, 1), (23, 2), (60, 3)])
def test_the_tree_is_the_one_whose_path_lengths_are_given_rooted_at_a_centroid(n, seed):
    _, lengths = a_tree(n, seed)
    tree = Tree.of(Target.of(lengths, 0))
    assert_array_equal(np.sort(tree.order), np.arange(2 * n - 2))
    place = np.argsort(tree.order)
    root = tree.order[0]
    assert tree.parent[root] == -1
    others = tree.order[1:]
    assert (place[tree.parent[others]] < place[others]).all()
    again = nx.DiGraph()
    again.add_weighted_edges_from((tree.parent[x], x, tree.length[x]) for x in others)
    paths = dict(nx.all_pairs_dijkstra_path_length(again.to_undirected()))
    assert_allclose([[paths[i][j] for j in range(n)] for i in range(n)], lengths, atol=1e-12)
    for x in tree.order:
        assert tree.leaves[x] == sum(y < n for y in nx.descendants(again, x) | {x})
    assert max(tree.leaves[y] for y in again.successors(root)) <= n / 2


@pytest.mark.parametrize("d", [2, 3, 7])
def test_the_larger_the_scale_the_nearer_are_distances_to_path_lengths(d):
    _, lengths = a_tree(30, 4)
    lengths /= lengths.max()
    tree = Tree.of(Target.of(lengths, 0))
    across = np.random.RandomState(0).standard_normal((len(tree.order), d))
    worst = []
    for scale in (8.0, 16.0, 32.0):
        points = tree.placed(Layout(scale, across)).points
        worst.append(np.abs(ball_distance_matrix(points, points) / scale - lengths).max())
    # the place at which two branches part is off by some units, whatever the scale
    assert (np.array(worst) * [8.0, 16.0, 32.0] < 3.0).all()


def test_in_the_plane_parts_of_a_node_lie_side_by_side_in_either_order():
    _, lengths = a_tree(20, 5)
    tree = Tree.of(target_of(lengths))
    across = np.random.RandomState(1).standard_normal((len(tree.order), 2))

    def circular(layout):
        u = tree.placed(layout).u
        order = np.argsort(np.arctan2(u[:, 1], u[:, 0])).tolist()
        return order[order.index(0) :] + order[: order.index(0)]

    plain = circular(Layout(20.0, across))
    nodes = tree.parting(np.arange(20))
    assert len(nodes) == 18
    for node in nodes:
        turned = across.copy()
        turned[node] *= -1.0
        order = circular(Layout(20.0, turned))
        assert order not in (plain, [plain[0], *plain[:0:-1]]) or tree.leaves[node] == 20


def test_nodes_at_which_most_pairs_part_come_first():
    _, lengths = a_tree(25, 6)
    tree = Tree.of(target_of(lengths))
    rows = np.arange(0, 25, 2)
    held = nx.DiGraph()
    held.add_edges_from((tree.parent[x], x) for x in tree.order[1:])
    meeting = dict(nx.tree_all_pairs_lowest_common_ancestor(held, pairs=[(i, j) for i in rows for j in rows if i < j]))
    counts = {node: list(meeting.values()).count(node) for node in set(meeting.values())}
    found = tree.parting(rows).tolist()
    assert sorted(found) == sorted(counts)
    assert [counts[node] for node in found] == sorted(counts.values(), reverse=True)


@pytest.mark.parametrize(("n_components", "power"), [(2, 0), (2, 2), (3, 1)])
def test_a_tree_is_placed_with_less_stress_than_by_starts_from_anywhere(n_components, power, monkeypatch):
    _, lengths = a_tree(150, 7)
    target = target_of(lengths, power)
    asked = Search(n_components=n_components, scale=None, power=power, n_init=2, tol=1e-3, max_iter=1000)
    by_its_tree = search(target, asked, np.random.RandomState(0), lambda *_: None).placement
    monkeypatch.setattr(search_module, "_MUCH_MORE", 0.0)
    from_anywhere = search(target, asked, np.random.RandomState(0), lambda *_: None).placement
    assert by_its_tree.stress < 0.97 * from_anywhere.stress
    assert by_its_tree.stress == pytest.approx(target.stress(by_its_tree.u, by_its_tree.log_scale))


def test_orders_at_single_nodes_lower_the_stress_of_the_best_random_layout(monkeypatch):
    target = target_of(a_tree(300, 8)[1])
    tree = Tree.of(target)
    effort = Effort(free=True, tol=1e-2, max_iter=50)

    def layout(seed):
        return trees_module._best_layout(tree, target, 27.0, 2, effort, np.random.RandomState(seed))

    improved = [layout(seed) for seed in range(4)]
    monkeypatch.setattr(trees_module, "_MOST_TURNED", 0)
    random = [layout(seed) for seed in range(4)]
    ratios = [one.stress / other.stress for one, other in zip(improved, random, strict=True)]
    assert max(ratios) <= 1.0
    assert np.mean(ratios) < 0.998  # .98 to .999 each
    for one, other in zip(improved, random, strict=True):
        turned = (one.across != other.across).any(axis=1)
        assert_array_equal(one.across[turned], -other.across[turned])


def test_each_tree_is_of_four_fifths_of_the_objects_placed_as_is_said():
    _, lengths = a_tree(100, 13)
    target = target_of(lengths)
    start = by_tree(target, None, 2, 0, whole=False)
    assert len(np.unique(start.rows)) == 80
    placement = start.placement
    assert placement.stress == pytest.approx(target.part(start.rows).stress(placement.u, placement.log_scale))


def test_where_starts_are_much_better_or_on_a_line_no_tree_is_taken(monkeypatch):
    points = np.random.default_rng(0).normal(size=(30, 2))
    flat = target_of(cdist(points, points))
    monkeypatch.setattr(search_module, "_completed", None)  # what takes a tree
    for target, n_components in ((flat, 2), (target_of(a_tree(40, 9)[1]), 1)):
        asked = Search(n_components=n_components, scale=None, power=0, n_init=1, tol=1e-3, max_iter=500)
        assert np.isfinite(search(target, asked, np.random.RandomState(0), lambda *_: None).placement.stress)


def test_a_given_scale_is_kept():
    _, lengths = a_tree(80, 10)
    start = by_tree(target_of(lengths), 14.0, 2, 0, whole=False)
    assert start.placement.scale == pytest.approx(14.0)


def test_copies_and_stars_are_placed():
    _, lengths = a_tree(30, 11)
    twice = np.tile(lengths, (2, 2))
    star = 1.0 - np.eye(40)
    for matrix in (twice, star):
        placement = by_tree(target_of(matrix), None, 2, 0, whole=False).placement
        assert np.isfinite(placement.u).all()
        assert np.isfinite(placement.stress)


def test_the_same_bits_for_any_number_of_jobs():
    target = target_of(a_tree(90, 12)[1])

    def found(n_jobs):
        asked = Search(n_components=2, scale=None, power=0, n_init=3, tol=1e-3, max_iter=500, n_jobs=n_jobs)
        return search(target, asked, np.random.RandomState(0), lambda *_: None).placement

    one, other = found(None), found(2)
    assert_array_equal(one.u, other.u)
    assert one.log_scale == other.log_scale
