import io
import re
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from graph_files import FILES
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_trees import tree_length
from scipy.optimize import minimize
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

import hyperkit as hk
from hyperkit import HyperSteiner
from hyperkit.models import to_ball
from hyperkit.steiner._tree_distance import distance_to_tree, segment_distance
from hyperkit.steiner.greedy._candidates import subtrees
from hyperkit.steiner.greedy.kernels.small_trees import full_trees


def polygon(n, radius):
    """Regular n-gon at polar `radius`, in tangent coordinates."""
    turn = np.arange(n) * 2 * np.pi / n
    return radius * np.column_stack([np.cos(turn), np.sin(turn)])


def assert_spans(tree, n):
    vertices = len(tree.points)
    assert tree.n_terminals == n
    assert tree.edges.shape == (vertices - 1, 2)
    graph = coo_array((np.ones(vertices - 1), tree.edges.T), shape=(vertices, vertices))
    assert connected_components(graph)[0] == 1
    assert tree.length <= tree.mst_length * (1 + 1e-12)
    assert np.bincount(tree.edges.ravel(), minlength=vertices)[n:].min(initial=3) == 3


STAR = np.array([[0, 3], [1, 3], [2, 3]])
TWO_PAIRS = np.array([[0, 4], [1, 4], [4, 5], [2, 5], [3, 5]])
PAIRING = np.array([[0, 1, 2, 3]])


def best_by_scipy(terminals, edges, seed=0):
    """Least length of a topology by a derivative-free search in tangent coordinates, from several starts."""
    rng = np.random.default_rng(seed)
    m, d = terminals.shape
    k = edges.max() + 1 - m

    def length(flat):
        return tree_length(np.vstack([terminals, flat.reshape(k, d)]), *edges.T)

    starts = [terminals[rng.integers(m, size=k)] + 0.1 * rng.normal(size=(k, d)) for _ in range(6)]
    options = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20000, "maxfev": 20000}
    return min(minimize(length, s.ravel(), method="Nelder-Mead", options=options).fun for s in starts)


def small_trees(terminals):
    """Lengths of full trees on terminals of shape (T, k, d), in tangent coordinates."""
    count, k, d = terminals.shape
    points, most = to_ball(terminals.reshape(-1, d), "tangent"), np.full(count, np.inf)
    corners = np.arange(count * k).reshape(count, k)
    rows, _, found, _, _ = full_trees(points.z, points.gap, corners, PAIRING, most, True if d == 2 else None)
    lengths = np.full(count, np.inf)
    lengths[rows] = found
    return lengths


@pytest.mark.parametrize("edges", [STAR, TWO_PAIRS], ids=["3", "4"])
@pytest.mark.parametrize(("size", "d"), [(0.01, 2), (1.0, 2), (4.0, 2), (1.0, 3)])
def test_full_trees_are_the_shortest_of_their_topology(edges, size, d):
    terminals = size * np.random.default_rng(1).normal(size=(40, len(edges) // 2 + 2, d))
    lengths = small_trees(terminals)
    full = np.flatnonzero(np.isfinite(lengths))
    assert len(full) >= 3
    for k in full[:5]:
        best = best_by_scipy(terminals[k], edges)
        assert lengths[k] == pytest.approx(best, rel=1e-9)
        assert lengths[k] <= best * (1 + 1e-12)


@pytest.mark.parametrize("size", [1e-9, 0.01, 1.0, 5.0, 15.0])
def test_newtons_method_in_the_plane_finds_what_moving_points_in_turn_finds_above_it(size):
    terminals = size * np.random.default_rng(2).normal(size=(400, 4, 2))
    terminals *= np.minimum(1, 25 / np.linalg.norm(terminals, axis=-1, keepdims=True))
    in_plane, in_space = small_trees(terminals), small_trees(np.pad(terminals, ((0, 0), (0, 0), (0, 1))))
    # Where an edge nearly vanishes, one may give up a tree that the other finds.
    full = np.isfinite(in_plane) & np.isfinite(in_space)
    assert full.sum() > 40
    assert (np.isfinite(in_plane) != np.isfinite(in_space)).sum() <= 2
    # Two points close to each other do not quite settle by turns.
    assert (in_plane[full] <= in_space[full] * (1 + 1e-13)).all()
    np.testing.assert_allclose(in_plane[full], in_space[full], rtol=1e-4)
    assert np.median(np.abs(in_plane[full] / in_space[full] - 1)) < 1e-13


@pytest.mark.parametrize("d", [2, 3])
def test_the_shortest_of_three_pairings_is_found_where_it_is_below_the_length_asked_for(d):
    points = to_ball(np.random.default_rng(3).normal(size=(800, d)), "tangent")
    corners = np.arange(800).reshape(200, 4)
    pairings = np.array([[0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 1, 2]])
    most = np.full(200, np.inf)
    plane = True if d == 2 else None
    alone = np.full((3, 200), np.inf)
    for k in range(3):
        rows, _, lengths, _, _ = full_trees(points.z, points.gap, corners, pairings[k : k + 1], most, plane)
        alone[k, rows] = lengths
    most = alone.min(axis=0) * np.where(np.arange(200) % 2, 0.999, 1.001)
    rows, kinds, lengths, _, _ = full_trees(points.z, points.gap, corners, pairings, most, plane)
    np.testing.assert_array_equal(rows, np.flatnonzero(np.isfinite(most) & (np.arange(200) % 2 == 0)))
    np.testing.assert_array_equal(kinds, alone.argmin(axis=0)[rows])
    np.testing.assert_allclose(lengths, alone.min(axis=0)[rows], rtol=1e-12)


def test_fermat_point_exists_iff_all_angles_are_below_120_degrees():
    terminals = np.random.default_rng(0).normal(size=(2000, 3, 2))
    angles = [hk.angle(*(terminals[:, (k + i) % 3] for i in range(3)), model="tangent") for k in range(3)]
    widest = np.max(angles, axis=0)
    exists = np.isfinite(small_trees(terminals))
    clear = np.abs(widest - 2 * np.pi / 3) > 1e-3
    np.testing.assert_array_equal(exists[clear], (widest < 2 * np.pi / 3)[clear])
    assert 0.2 < exists.mean() < 0.95


@pytest.mark.parametrize(
    ("radius", "size"), [(0.0, 1e-6), (8.0, 1e-6), (8.0, 1e-3), (8.0, 1.0), (16.0, 0.1), (12.0, 12.0)]
)
def test_edges_meet_at_120_degrees_in_small_triangles_far_out(radius, size):
    centre = hk.convert([[radius, 0.3]], "tangent", "poincare")
    corners = hk.exp_map(centre, polygon(3, size) * [1.0, 0.8])
    points = to_ball(corners)
    _, _, lengths, steiner, _ = full_trees(points.z, points.gap, np.arange(3)[None], PAIRING, np.array([np.inf]), True)
    assert len(lengths) == 1
    angles = [hk.angle(steiner[0], corners[i], corners[j]) for i, j in combinations(range(3), 2)]
    # The Steiner point is rounded to doubles: at radius r that moves it by 1e-16 e^r of hyperbolic length.
    tolerance = 1e-8 + 1e-15 * np.exp(radius) / min(size, 1)
    np.testing.assert_allclose(angles, 2 * np.pi / 3, atol=tolerance)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0, 15), st.floats(-6, 1))
@settings(max_examples=80, deadline=None)
def test_every_tree_spans_and_is_no_longer_than_the_spanning_tree(seed, n, radius, log_size):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2)) * 10.0**log_size
    X += radius * np.array([1.0, 0.0])
    X *= min(1.0, 30 / np.linalg.norm(X, axis=1).max())
    X = X[rng.integers(n, size=n)]  # with repeated rows
    steiner = HyperSteiner(model="tangent").fit(X)
    assert_spans(steiner.tree_, n)
    assert 0 <= steiner.reduction_ <= 0.5


@pytest.mark.parametrize("radius", [2.0, 12.0, 20.0, 28.0, 34.0])
def test_star_of_three_points_far_out_is_found(radius):
    X = hk.convert(polygon(3, radius) @ [[0.8, 0.6], [-0.6, 0.8]], "tangent", "hyperboloid")
    steiner = HyperSteiner(model="hyperboloid").fit(X)
    assert steiner.length_ == pytest.approx(3 * radius, rel=1e-3 if radius > 30 else 1e-6)


@pytest.mark.parametrize("radius", [10.0, 20.0, 28.0, 33.0])
def test_length_does_not_depend_on_the_order_of_the_rows(radius):
    rng = np.random.default_rng(int(radius))
    v = rng.normal(size=(12, 2))
    X = v / np.linalg.norm(v, axis=1, keepdims=True) * rng.uniform(radius - 2, radius, size=(12, 1))
    X = hk.convert(X, "tangent", "poincare")
    expected = HyperSteiner().fit(X).length_
    for _ in range(5):
        assert HyperSteiner().fit(rng.permutation(X)).length_ == pytest.approx(expected, rel=1e-9)


def test_hub_of_a_thousand_edges_is_no_trouble():
    rng = np.random.default_rng(0)
    X = np.vstack([[[0.0, 0.0]], polygon(1000, 20.0) + 0.01 * rng.normal(size=(1000, 2))])
    steiner = HyperSteiner(model="tangent").fit(X)
    assert_spans(steiner.tree_, 1001)
    assert steiner.reduction_ > 0.1


def test_three_points_at_120_degrees_meet_in_the_middle():
    steiner = HyperSteiner(model="tangent").fit(polygon(3, 2.0))
    assert steiner.length_ == pytest.approx(6.0, rel=1e-14)
    side = 2 * np.arcsinh(np.sinh(2.0) * np.sin(np.pi / 3))
    assert steiner.mst_length_ == pytest.approx(2 * side, rel=1e-13)
    np.testing.assert_allclose(steiner.tree_.points[3], 0, atol=1e-7)  # 1e-15 of the length is as far as this


def test_square_has_two_steiner_points():
    tree = HyperSteiner(model="tangent").fit(polygon(4, 2.0)).tree_
    assert len(tree.points) == 6
    assert tree.length == pytest.approx(best_by_scipy(polygon(4, 2.0), TWO_PAIRS), rel=1e-9)


def test_spanning_tree_length_equals_that_of_all_pairs():
    X = hk.random_uniform_ball(150, radius=8.0, random_state=0)
    graph = nx.from_numpy_array(hk.pairwise_distances(X))
    expected = nx.minimum_spanning_tree(graph).size(weight="weight")
    assert HyperSteiner().fit(X).mst_length_ == pytest.approx(expected, rel=1e-12)


def test_identical_rows_are_vertices_of_their_own():
    X = np.repeat(polygon(3, 1.0), [1, 3, 2], axis=0)
    tree = HyperSteiner(model="tangent").fit(X).tree_
    assert_spans(tree, 6)
    assert (tree.lengths == 0).sum() == 3
    assert tree.length == pytest.approx(HyperSteiner(model="tangent").fit(polygon(3, 1.0)).length_)
    same = HyperSteiner().fit([[0.1, 0.2]] * 4)
    assert_spans(same.tree_, 4)
    assert same.length_ == same.reduction_ == 0


def test_on_a_line_the_tree_is_the_spanning_tree():
    X = hk.random_wrapped_normal(30, np.zeros(1), random_state=0)
    steiner = HyperSteiner().fit(X)
    assert_spans(steiner.tree_, 30)
    assert steiner.length_ == pytest.approx(float(hk.distance(X.min(axis=0), X.max(axis=0))), rel=1e-12)


def test_points_keep_the_users_coordinates_and_lengths_match_them():
    X = hk.random_uniform_ball(60, radius=3.0, model="klein", random_state=0)
    tree = HyperSteiner(model="klein").fit(X).tree_
    np.testing.assert_allclose(tree.points[:60], X, rtol=1e-14)
    i, j = tree.edges.T
    np.testing.assert_allclose(tree.lengths, hk.distance(tree.points[i], tree.points[j], model="klein"), rtol=1e-9)


def test_subtrees_of_edges_that_follow_each_other_are_each_found_once():
    # Vertex 1 is a hub; around it, in order, lie 0, 2, 3, 6.
    positions = [[0.5, 0.0], [0.0, 0.0], [0.0, 0.5], [-0.5, 0.0], [-0.7, 0.1], [-0.8, 0.2], [0.0, -0.5]]
    tree = np.array([[0, 1], [1, 2], [1, 3], [3, 4], [4, 5], [1, 6]])
    opposite = [{0, 2}, {1, 5}]  # rows of edges at the hub with another edge between them on either side
    two, three = subtrees(to_ball(positions), tree)
    for found, size in ((two, 2), (three, 3)):
        expected = set()
        for rows in combinations(range(len(tree)), size):
            graph = nx.Graph(tree[list(rows)].tolist())
            star = all(1 in tree[row] for row in rows)
            apart = any(pair <= set(rows) for pair in opposite)
            if nx.is_connected(graph) and not (apart and not (star and size == 3)):
                expected.add(rows)
        rows = [tuple(sorted(row)) for row in found.edges.tolist()]
        assert sorted(rows) == sorted(expected)
        for vertices, edges in zip(found.vertices, found.edges, strict=True):
            assert sorted(vertices) == sorted(set(tree[edges].ravel()))
        for edges, within in zip(found.edges, found.within, strict=True):
            assert set(two.edges[within].ravel()) == set(edges)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_segment_distance_equals_a_fine_search_along_the_segment(d):
    rng = np.random.default_rng(0)
    points, a, b = (2 * rng.normal(size=(50, d)) for _ in range(3))
    a[0] = b[0]  # a segment of length zero
    points[1] = a[1]
    ball = [to_ball(x, "tangent") for x in (points, a, b)]
    along = hk.geodesic(a, b, np.linspace(0, 1, 4001), model="tangent")
    brute = hk.distance(points[:, None], along, model="tangent").min(axis=1)
    found = segment_distance(*ball)
    assert (found <= brute + 1e-12).all()
    np.testing.assert_allclose(found, brute, atol=1e-3)
    assert found[1] == 0


@pytest.mark.parametrize(("radius", "d"), [(0.5, 2), (4.0, 2), (12.0, 2), (2.0, 3)])
def test_distance_to_the_tree_equals_brute_force_over_all_edges(radius, d):
    X = hk.random_uniform_ball(80, d, radius=radius, random_state=0)
    queries = to_ball(hk.random_uniform_ball(40, d, radius=radius * 1.2, random_state=1))
    steiner = HyperSteiner().fit(X)
    vertices, edges = to_ball(steiner.tree_.points), steiner.tree_.edges
    a, b = vertices.take(edges[:, 0]), vertices.take(edges[:, 1])
    spread = type(queries)(
        queries.z[:, None].repeat(len(edges), axis=1), queries.gap[:, None].repeat(len(edges), axis=1)
    )
    every = segment_distance(
        type(queries)(spread.z.reshape(-1, d), spread.gap.ravel()),
        type(a)(np.tile(a.z, (40, 1)), np.tile(a.gap, 40)),
        type(b)(np.tile(b.z, (40, 1)), np.tile(b.gap, 40)),
    ).reshape(40, -1)
    np.testing.assert_allclose(distance_to_tree(queries, vertices, edges), every.min(axis=1), rtol=1e-12)


def test_score_is_zero_on_the_terminals_and_on_points_of_edges_and_falls_with_distance():
    X = hk.random_uniform_ball(100, radius=3.0, random_state=0)
    steiner = HyperSteiner().fit(X)
    tree = steiner.tree_
    assert steiner.score(X) == 0
    on_edges = hk.geodesic(tree.points[tree.edges[:, 0]], tree.points[tree.edges[:, 1]], 0.3)
    assert -1e-12 < steiner.score(on_edges) <= 0
    assert steiner.score(hk.random_uniform_ball(100, radius=5.0, random_state=1)) < -0.1


def test_fit_is_the_same_to_the_bit_when_repeated():
    X = hk.random_uniform_ball(300, radius=4.0, random_state=0)
    first, second = HyperSteiner().fit(X).tree_, HyperSteiner().fit(X).tree_
    np.testing.assert_array_equal(first.points, second.points)
    np.testing.assert_array_equal(first.edges, second.edges)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method='best' must be one of"):
        HyperSteiner(method="best").fit([[0.1, 0.2]])


def test_networkx_graph_carries_lengths_and_kinds():
    steiner = HyperSteiner(model="tangent").fit(polygon(4, 1.0))
    graph = steiner.tree_.to_networkx()
    assert nx.is_tree(graph)
    assert graph.size(weight="length") == pytest.approx(steiner.length_)
    assert [graph.nodes[k]["terminal"] for k in graph] == [True] * 4 + [False] * 2
    assert [[graph.nodes[k]["x0"], graph.nodes[k]["x1"]] for k in graph] == steiner.tree_.points.tolist()


@pytest.mark.parametrize("file", FILES)
def test_networkx_graph_comes_back_from_files(file):
    graph = HyperSteiner().fit(polygon(4, 0.3)).tree_.to_networkx()
    again = nx.relabel_nodes(FILES[file](graph), int)
    assert {(*sorted(ends), length) for *ends, length in again.edges(data="length")} == set(graph.edges(data="length"))
    for key in ("terminal", "x0", "x1"):
        assert dict(again.nodes(data=key)) == dict(graph.nodes(data=key))


def read_newick(text):
    """Parse with Biopython-like care, by hand: nested tuples (name, length, children)."""
    stream = io.StringIO(text)

    def name():
        out, char = "", stream.read(1)
        if char == "'":
            while True:
                char = stream.read(1)
                if char == "'":
                    char = stream.read(1)
                    if char != "'":
                        return out, char
                out += char
        while char not in "():,;":
            out += char
            char = stream.read(1)
        return out, char

    def node():
        children = []
        start = stream.tell()
        if stream.read(1) == "(":
            char = ","
            while char == ",":
                child, char = node()
                children.append(child)
            assert char == ")"
        else:
            stream.seek(start)
        label, char = name()
        length = None
        if char == ":":
            digits, char = name()
            length = float(digits)
        return (label, length, children), char

    tree, end = node()
    assert end == ";"
    assert stream.read() == ""
    return tree


def newick_graph(tree):
    graph, stack, count = nx.Graph(), [(tree, 0)], 1
    graph.add_node(0, name=tree[0])
    while stack:
        (_, _, children), me = stack.pop()
        for child in children:
            graph.add_node(count, name=child[0])
            graph.add_edge(me, count, length=round(child[1], 9))
            stack.append((child, count))
            count += 1
    return graph


@pytest.mark.parametrize("root", [None, 0, 7, 30])
def test_newick_read_back_is_the_same_tree(root):
    X = hk.random_uniform_ball(30, radius=3.0, random_state=0)
    tree = HyperSteiner().fit(X).tree_
    labels = [f"cell {k}'s (a:b)" if k % 3 else f"c{k}" for k in range(30)]
    graph = newick_graph(read_newick(tree.to_newick(root=root, labels=labels, terminals="nodes")))
    expected = tree.to_networkx()
    for _, _, data in expected.edges(data=True):
        data["length"] = round(data["length"], 9)
    for k in expected:
        expected.nodes[k]["name"] = labels[k] if k < 30 else ""
    same = nx.is_isomorphic(
        graph, expected, node_match=lambda a, b: a["name"] == b["name"], edge_match=lambda a, b: a == b
    )
    assert same
    if root is not None:
        assert graph.nodes[0]["name"] == expected.nodes[root]["name"]


def test_newick_is_rooted_by_label_or_in_the_middle_of_the_longest_path():
    X = [[-0.5, 0.0], [-0.1, 0.0], [0.1, 0.0], [0.4, 0.0]]
    tree = HyperSteiner().fit(X).tree_
    assert read_newick(tree.to_newick(labels=list("abcd"), terminals="nodes"))[0] == "b"
    assert read_newick(tree.to_newick(root="d", labels=list("abcd"), terminals="nodes"))[0] == "d"
    assert HyperSteiner().fit([[0.1, 0.0]]).tree_.to_newick() == "0;"


def test_newick_of_a_path_of_thousands_does_not_recurse():
    X = np.column_stack([np.linspace(-0.9, 0.9, 5000), np.zeros(5000)])
    text = HyperSteiner().fit(X).tree_.to_newick(root=0)
    assert text.count("(") == 4999
    assert len(re.findall(r"[(,](\d+):", text)) == 5000


def test_every_terminal_is_a_tip_of_the_newick_tree():
    tree = HyperSteiner().fit([[-0.5, 0.0], [-0.1, 0.0], [0.1, 0.0], [0.4, 0.0]]).tree_
    ends = read_newick(tree.to_newick(root="b", labels=list("abcd")))
    tips = [(label, length) for label, length, children in ends[2] if not children]
    assert tips == [("b", 0.0), ("a", pytest.approx(tree.lengths[0]))]
    assert ends[0] == ""


def test_control_characters_in_labels_are_spaces_and_that_is_said():
    tree = HyperSteiner().fit([[0.5, 0.0], [-0.25, 0.43], [-0.25, -0.43]]).tree_
    with pytest.warns(UserWarning, match=r"2 names hold a tab, .* the first is 'a\\tb'"):
        text = tree.to_newick(labels=["a\tb", "c", "d\r\ne"])
    assert "'a b':" in text
    assert "'d  e':" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": ["a"]}, "labels has 1 entries; the tree has 3"),
        ({"root": 9}, "root=9 is no vertex"),
        ({"root": "x"}, "root='x' is the label of no terminal"),
        ({"root": 1.5}, "is no vertex"),
        ({"root": True}, "is no vertex"),
        ({"root": "a", "labels": ["a", "a", "b"]}, "2 terminals"),
        ({"terminals": "tips"}, "terminals='tips' must be one of 'leaves', 'nodes'"),
    ],
)
def test_newick_refuses_what_it_cannot_find(arguments, message):
    tree = HyperSteiner().fit([[0.1, 0.0], [0.2, 0.0], [0.3, 0.0]]).tree_
    with pytest.raises(ValueError, match=message):
        tree.to_newick(**arguments)
