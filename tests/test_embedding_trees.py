"""Placements by a tree: path lengths of networkx, limits at large scales, and what orders are worth."""

import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import hyperkit.embedding.search._search as search_module
from hyperkit.embedding.search import Search, Target, search
from hyperkit.embedding.search._descent import Effort, descend
from hyperkit.embedding.search._placement import Placement
from hyperkit.embedding.search._trees import Layout, Sample, Tree, by_tree
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
def test_the_tree_is_the_one_whose_path_lengths_are_given_hung_from_its_centroid(n, seed):
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
    monkeypatch.setattr(search_module, "by_tree", lambda *_: None)
    from_anywhere = search(target, asked, np.random.RandomState(0), lambda *_: None).placement
    assert by_its_tree.stress < 0.95 * from_anywhere.stress
    assert by_its_tree.stress == pytest.approx(target.stress(by_its_tree.u, by_its_tree.log_scale))


def test_an_order_that_was_improved_leads_lower_than_the_mean_of_random_ones():
    _, lengths = a_tree(300, 8)
    lengths += np.abs(np.random.default_rng(0).normal(0, 0.02, lengths.shape))
    lengths = (lengths + lengths.T) / 2
    np.fill_diagonal(lengths, 0.0)
    target = target_of(lengths)
    tree = Tree.of(target)
    effort = Effort(free=True, tol=1e-2, max_iter=200)
    rng = np.random.RandomState(0)
    everything = Sample.of(target, np.arange(300))
    layouts = [Layout(27.0, rng.standard_normal((len(tree.order), 2))) for _ in range(6)]
    random = [everything.judged(tree, layout, effort).stress for layout in layouts]
    improved = by_tree(target, 27.0, 2, 3, None, np.random.RandomState(0), None)
    end = descend(improved, target, effort, np.random.RandomState(0)).placement
    assert end.stress < np.mean(random) - np.std(random)


def test_where_starts_are_better_there_is_no_tree_and_on_a_line_never():
    _, lengths = a_tree(40, 9)
    target = target_of(lengths)
    rng = np.random.RandomState(0)
    asked = Search(n_components=2, scale=None, power=0, n_init=2, tol=1e-3, max_iter=1000)
    end = search(target, asked, rng, lambda *_: None).placement
    assert by_tree(target, None, 2, 1, end, rng, None) is None
    assert by_tree(target, None, 1, 1, None, rng, None) is None
    assert by_tree(Target.of(lengths[:3, :3] / lengths.max(), 0), None, 2, 1, None, rng, None) is None


def test_a_rival_is_worth_what_a_descent_from_it_is():
    rng = np.random.RandomState(0)
    inside = Placement(rng.uniform(-1.5, 1.5, (60, 2)), 0.0)
    lengths = ball_distance_matrix(inside.points, inside.points) * (1.0 + 0.1 * rng.standard_normal((60, 60)))
    lengths = np.abs(lengths + lengths.T) / 2
    np.fill_diagonal(lengths, 0.0)
    target, scale = target_of(lengths), float(lengths.max())
    rival = Placement(inside.u / scale * rng.uniform(0.9, 1.1, (60, 1)), np.log(scale)).measured(target)
    placement = by_tree(target, scale, 2, 1, None, np.random.RandomState(0), None)
    effort = Effort(free=False, tol=1e-3, max_iter=1000)
    ends = [descend(start, target, effort, rng).placement.stress for start in (placement, rival)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-3)
    assert ends[1] < 0.9 * rival.stress
    assert by_tree(target, scale, 2, 1, rival, np.random.RandomState(0), None) is None


def test_a_given_scale_is_kept():
    _, lengths = a_tree(80, 10)
    assert by_tree(target_of(lengths), 14.0, 2, 1, None, np.random.RandomState(0), None).scale == pytest.approx(14.0)


def test_copies_and_stars_are_placed():
    _, lengths = a_tree(30, 11)
    twice = np.tile(lengths, (2, 2))
    star = 1.0 - np.eye(40)
    for matrix in (twice, star):
        placement = by_tree(target_of(matrix), None, 2, 1, None, np.random.RandomState(0), None)
        assert np.isfinite(placement.u).all()
        assert np.isfinite(placement.stress)


def test_the_same_bits_for_any_number_of_jobs():
    _, lengths = a_tree(90, 12)
    one, other = (by_tree(target_of(lengths), None, 2, 3, None, np.random.RandomState(0), k) for k in (None, 2))
    assert_array_equal(one.u, other.u)
    assert one.log_scale == other.log_scale
