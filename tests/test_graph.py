"""Neighbour graphs and their shortest paths against brute force, Kruskal, networkx and scipy."""

import tracemalloc
import warnings

import joblib
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csgraph, csr_array
from scipy.spatial.distance import cdist

from hyperkit.datasets import make_branching_diffusion
from hyperkit.embedding import graph_distances
from hyperkit.embedding.graph import (
    _cell_lists,
    _given,
    _neighbor_lists,
    as_graph,
    distances_through,
    distinct_rows,
    landmark_distances,
    neighbor_graph,
    neighbor_lists,
    shortest_bridges,
)
from hyperkit.embedding.graph._cell_lists import lists_by_cells


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def brute_force(X, k, queries=None):
    """Nearest rows in order of distance, then row, all in float64 from differences of coordinates."""
    distances = cdist(X if queries is None else queries, X)
    if queries is None:
        np.fill_diagonal(distances, np.inf)
    rows = np.lexsort((np.broadcast_to(np.arange(len(X)), distances.shape), distances), axis=1)[:, :k]
    return np.take_along_axis(distances, rows, axis=1), rows


def assert_same_lists(found, expected):
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    np.testing.assert_array_equal(found[1], expected[1])


# ---- lists of neighbours


@pytest.mark.parametrize("scale", [1.0, 1e-60, 1e60])
def test_lists_are_those_of_brute_force(rng, scale):
    X = scale * rng.normal(size=(300, 7))
    assert_same_lists(neighbor_lists(X, 6), brute_force(X, 6))
    queries = scale * rng.normal(size=(40, 7))
    assert_same_lists(neighbor_lists(X, 6, queries=queries), brute_force(X, 6, queries))


def test_rows_that_float32_cannot_tell_apart_keep_their_order(rng):
    """200 rows within 1e-9 of each other, far from the mean of all: in float32 one point."""
    X = np.vstack([rng.normal(size=(100, 5)), 3 + 1e-9 * rng.normal(size=(200, 5))])
    assert_same_lists(neighbor_lists(X, 8), brute_force(X, 8))


def test_copies_are_neighbours_of_each_other_and_no_row_of_itself(rng):
    X = np.repeat(rng.normal(size=(4, 3)), 20, axis=0)
    lengths, rows = neighbor_lists(X, 19)
    assert (lengths == 0).all()
    for row, near in enumerate(rows):
        group = row // 20 * 20
        assert near.tolist() == [other for other in range(group, group + 20) if other != row]


def test_of_ties_the_earlier_rows_come_first():
    X = np.random.default_rng(3).integers(0, 2, size=(150, 6)).astype(float)
    lengths, rows = neighbor_lists(X, 5)
    expected = brute_force(X, 5)
    np.testing.assert_allclose(lengths, expected[0], rtol=1e-15)
    np.testing.assert_array_equal(rows, expected[1])


def test_rows_in_a_far_place_keep_their_neighbours(rng):
    X = rng.normal(size=(200, 5))
    assert_same_lists(neighbor_lists(X + 1e7, 5), brute_force(X + 1e7, 5))


def test_all_other_rows_can_be_neighbours(rng):
    X = rng.normal(size=(9, 2))
    assert_same_lists(neighbor_lists(X, 8), brute_force(X, 8))
    assert_same_lists(neighbor_lists(X, 9, queries=X), brute_force(X, 9, X))
    with pytest.raises(ValueError, match="n_neighbors=9 must be a whole number from 1 to 8"):
        neighbor_lists(X, 9)


def test_one_query_at_a_time_gives_the_bits_of_many(rng):
    X, queries = rng.normal(size=(500, 4)), rng.normal(size=(7, 4))
    together = neighbor_lists(X, 5, queries=queries)
    for i in range(7):
        for one, many in zip(neighbor_lists(X, 5, queries=queries[i : i + 1]), together, strict=True):
            assert np.array_equal(one[0], many[i])


def test_float32_gives_what_its_float64_copy_gives(rng):
    X = rng.normal(size=(400, 6)).astype(np.float32)
    for narrow, wide in zip(neighbor_lists(X, 7), neighbor_lists(X.astype(np.float64), 7), strict=True):
        assert np.array_equal(narrow, wide)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sparse_gives_what_dense_gives(rng, dtype):
    X = np.where(rng.random((300, 40)) < 0.2, rng.normal(size=(300, 40)), 0).astype(dtype)
    X = csr_array(X[np.r_[:300, 3]])  # the last row is a copy
    assert_same_lists(neighbor_lists(X, 6), neighbor_lists(X.toarray(), 6))
    queries = X[:10] * dtype(1.25)
    assert_same_lists(neighbor_lists(X, 6, queries=queries), neighbor_lists(X.toarray(), 6, queries=queries.toarray()))


def test_sparse_tables_are_not_tidied_in_place():
    X = csr_array((np.array([1.0, 2.0, 0.0, 3.0]), np.array([2, 0, 1, 2]), np.array([0, 3, 4])), shape=(2, 3))
    before = X.data.copy(), X.indices.copy()
    lengths, _ = neighbor_lists(X, 1)
    assert lengths[0, 0] == pytest.approx(np.sqrt(8))
    assert np.array_equal(before[0], X.data)
    assert np.array_equal(before[1], X.indices)


def test_a_mapped_table_is_not_copied_as_float64(tmp_path, rng):
    shape = 40_000, 100
    table = np.memmap(tmp_path / "table", np.float64, "w+", shape=shape)
    table[:] = rng.normal(size=shape)
    queries = rng.normal(size=(10, 100))
    tracemalloc.start()
    neighbor_lists(table, 3, queries=queries)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    shortest_bridges(table, np.arange(40_000) // 39_990)
    _, peak_of_bridges = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    distinct_rows(table)
    _, peak_of_distinct = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.75 * table.nbytes  # half of it is the copy in float32
    assert peak_of_bridges < 0.75 * table.nbytes
    assert peak_of_distinct < 0.3 * table.nbytes


@pytest.fixture(scope="module")
def diffusion():
    return make_branching_diffusion(20, depth=10, n_observations=3, random_state=0).data


@pytest.mark.parametrize("sparse", [False, True])
def test_lists_by_cells_find_nearly_all_neighbours(diffusion, sparse):
    X = diffusion[:3000] if not sparse else csr_array(np.where(abs(diffusion[:3000]) > 3, diffusion[:3000], 0))
    lengths, rows = lists_by_cells(X, 10, None)
    exact, nearest = neighbor_lists(X, 10)
    found = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(rows, nearest, strict=True)])
    assert found > 0.995
    assert (lengths >= exact * (1 - 1e-12)).all()
    assert (np.diff(lengths, axis=1) >= 0).all()
    assert not (rows == np.arange(len(rows))[:, None]).any()


def test_where_cells_do_not_help_all_pairs_are_compared_and_a_long_time_is_said(rng, monkeypatch):
    X = rng.normal(size=(2000, 40))
    for one, other in zip(lists_by_cells(X, 10, None), neighbor_lists(X, 10), strict=True):
        assert np.array_equal(one, other)
    monkeypatch.setattr(_cell_lists, "_LONG", 0.0)
    with pytest.warns(UserWarning, match=r"X: all pairs of 2000 rows are compared, about \d+ min .* in 40 dimensions"):
        lists_by_cells(X, 10, None)


def test_cells_hold_copies_without_end():
    X = np.zeros((3000, 3))
    X[2900:] = np.random.default_rng(0).normal(size=(100, 3))
    lengths, rows = lists_by_cells(X, 5, None)
    assert (lengths[:2900] == 0).all()
    assert (rows[:2900] < 2900).all()
    assert not (rows == np.arange(len(rows))[:, None]).any()
    assert np.isclose(lengths, brute_force(X, 5)[0])[2900:].mean() > 0.95


def test_large_tables_are_searched_by_cells(monkeypatch, rng):
    X = rng.normal(size=(1500, 3))
    monkeypatch.setattr(_neighbor_lists, "MOST_EXACT", 1499)
    for one, other in zip(neighbor_lists(X, 4), lists_by_cells(X, 4, None), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "search", [lambda X, jobs: neighbor_lists(X, 6, n_jobs=jobs), lambda X, n: lists_by_cells(X, 6, n)]
)
def test_lists_have_the_same_bits_with_any_number_of_jobs(diffusion, search):
    one, again, two = (search(diffusion[:4500], jobs) for jobs in (1, 1, 2))
    for a, b, c in zip(one, again, two, strict=True):
        assert np.array_equal(a, b)
        assert np.array_equal(a, c)


# ---- graphs in one piece


def kruskal(X, part):
    """Total length of the shortest bridges, from all pairs of rows."""
    gaps = cdist(X, X)
    group, total = part.copy(), 0.0
    for i, j in zip(*np.unravel_index(gaps.argsort(axis=None), gaps.shape), strict=True):
        if group[i] != group[j]:
            total += gaps[i, j]
            group[group == group[j]] = group[i]
    return total


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.integers(0, 30), st.booleans(), st.integers(0, 1000))
def test_bridges_are_those_of_kruskal(n_parts, n_more, grid, seed):
    rng = np.random.default_rng(seed)
    part = rng.permutation(np.concatenate([np.arange(n_parts), rng.integers(0, n_parts, n_more)]))
    X = rng.integers(0, 4, (len(part), 2)).astype(float) if grid else rng.normal(size=(len(part), 2))
    bridges = shortest_bridges(X, part)
    assert len(bridges) == n_parts - 1
    joined = csr_array((np.ones(n_parts - 1), tuple(part[bridges].T)), shape=(n_parts, n_parts))
    assert csgraph.connected_components(joined, directed=False)[0] == 1
    for i, j in (bridges.T, shortest_bridges(csr_array(X), part).T):
        assert np.linalg.norm(X[i] - X[j], axis=1).sum() == pytest.approx(kruskal(X, part))


def test_bridges_look_across_blocks_of_rows(rng):
    X = rng.normal(size=(5000, 3))
    part = np.repeat([0, 1, 2], [4200, 500, 300])
    X[part == 1] += 20
    X[part == 2] += 50
    bridges = shortest_bridges(X, part, n_jobs=2)
    between = [cdist(X[part == a], X[part == b]).min() for a, b in ((0, 1), (1, 2))]
    np.testing.assert_allclose(sorted(np.linalg.norm(X[bridges[:, 0]] - X[bridges[:, 1]], axis=1)), sorted(between))


def dense_graph(graph):
    return np.where(graph.toarray() == 0, np.inf, graph.toarray())


def test_graph_has_the_edges_that_either_end_chose(rng):
    X = rng.normal(size=(80, 3))
    graph = neighbor_graph(X, 6)
    distances, near = cdist(X, X), brute_force(X, 6)[1]
    chosen = np.zeros((80, 80), dtype=bool)
    np.put_along_axis(chosen, near, True, axis=1)
    np.testing.assert_allclose(graph.toarray(), np.where(chosen | chosen.T, distances, 0), rtol=1e-13)
    assert (graph != graph.T).nnz == 0
    assert graph.indices.dtype == np.int32


@pytest.mark.parametrize("kind", [np.asarray, csr_array, lambda X: X.astype(np.float32)])
def test_parts_are_joined_with_a_warning(rng, kind):
    X = np.vstack([rng.normal(size=(12, 2)) + np.array([shift, 0]) for shift in (0, 30, 100)])
    with pytest.warns(UserWarning, match="3 components; they are joined by their 2 shortest bridges, the longest of"):
        graph = neighbor_graph(kind(X), 4)
    assert csgraph.connected_components(graph)[0] == 1
    assert graph.toarray()[:12, 12:24].sum() == pytest.approx(cdist(X[:12], X[12:24]).min(), rel=1e-6)
    assert graph[:12][:, 24:].nnz == 0


def test_one_row_is_a_graph_without_edges():
    graph = neighbor_graph(np.zeros((1, 3)), 1)
    assert graph.shape == (1, 1)
    assert landmark_distances(graph, np.array([0])).tolist() == [[0.0]]


# ---- paths


def test_paths_are_those_of_scipy_with_any_number_of_jobs(diffusion):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        graph = neighbor_graph(diffusion, 5)
    rows = np.array([5, 0, 6140, 77, 78])
    found = landmark_distances(graph, rows)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, csgraph.dijkstra(graph, directed=False, indices=rows), rtol=1e-7)
    assert np.array_equal(found, landmark_distances(graph, rows, n_jobs=2))
    np.testing.assert_array_equal(found[:, rows], found[:, rows].T)


def test_paths_and_lists_by_cells_are_the_same_with_a_backend_of_processes(diffusion):
    """Workers write into arrays of the caller, which processes have copies of: the result was what memory had held."""
    tree = nx.balanced_tree(2, 6)
    paths, (lengths, rows) = graph_distances(tree), lists_by_cells(diffusion, 5, None)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert np.array_equal(graph_distances(tree), paths)
        again = lists_by_cells(diffusion, 5, None)
    assert np.array_equal(again[0], lengths)
    assert np.array_equal(again[1], rows)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 25), st.integers(0, 60), st.integers(0, 10**6))
def test_all_paths_are_those_of_floyd_and_warshall(n, n_edges, seed):
    rng = np.random.default_rng(seed)
    edges = np.vstack([rng.integers(0, n, (n_edges, 2)), np.column_stack([np.arange(n), np.r_[0, np.arange(n - 1)]])])
    lengths = rng.integers(0, 6, len(edges)).astype(float)  # ties, and edges of length 0
    graph = coo_array((lengths, tuple(edges.T)), shape=(n, n))
    dense = np.full((n, n), np.inf)
    np.minimum.at(dense, tuple(edges.T), lengths)
    dense = np.minimum(dense, dense.T)
    np.fill_diagonal(dense, 0)
    for k in range(n):
        dense = np.minimum(dense, dense[:, [k]] + dense[[k]])
    assert np.array_equal(graph_distances(graph), dense)


def test_where_no_path_leads_the_length_is_infinite():
    graph = csr_array((np.ones(2), ([0, 1], [1, 0])), shape=(3, 3))
    assert landmark_distances(graph, np.array([0])).tolist() == [[0.0, 1.0, np.inf]]


def test_new_rows_reach_landmarks_through_their_neighbours(rng):
    X, new = rng.normal(size=(200, 3)), rng.normal(size=(30, 3))
    new[3] = X[17]
    to_landmarks = landmark_distances(neighbor_graph(X, 8), np.array([0, 40, 90]))
    lengths, rows = neighbor_lists(X, 5, queries=new)
    found = distances_through(lengths, rows, to_landmarks)
    expected = [[min(lengths[i] + paths[rows[i]]) for paths in to_landmarks] for i in range(30)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32
    assert np.array_equal(found[3], to_landmarks[:, 17])


# ---- rows that repeat


def unique_rows(X):
    _, first, inverse = np.unique(X, axis=0, return_index=True, return_inverse=True)
    return np.sort(first), first[inverse.reshape(-1)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.asarray, csr_array], ids=["dense", "sparse"])
def test_distinct_rows_are_those_of_numpy(rng, dtype, kind):
    X = rng.integers(-1, 2, size=(2000, 6)).astype(dtype) * dtype(0.3)  # products are -0.0 too
    first, place = distinct_rows(kind(X))
    expected = unique_rows(X)
    assert np.array_equal(first, expected[0])
    assert np.array_equal(first[place], expected[1])


def test_rows_whose_hashes_agree_are_compared(rng, monkeypatch):
    from hyperkit.embedding.graph import _feature_rows

    monkeypatch.setattr(_feature_rows, "_row_hashes", lambda X: np.arange(len(X), dtype=np.uint64) % 7)
    X = rng.integers(0, 3, size=(100, 2)).astype(float)
    first, place = distinct_rows(X)
    assert np.array_equal(first, unique_rows(X)[0])
    assert np.array_equal(X[first][place], X)


# ---- graphs that a user gives


def test_trees_of_networkx_have_their_path_lengths_in_the_order_of_nodes():
    tree = nx.balanced_tree(2, 4, create_using=nx.DiGraph)
    for edge in tree.edges:
        tree.edges[edge]["length"] = 1 + edge[1] % 3
    tree = nx.relabel_nodes(tree, {node: f"n{-node}" for node in tree})
    for weight in ("length", None):
        paths = dict(nx.all_pairs_dijkstra_path_length(tree.to_undirected(), weight=weight))
        expected = [[paths[a][b] for b in tree] for a in tree]
        np.testing.assert_array_equal(graph_distances(tree, weight=weight), expected)
    assert graph_distances(tree).max() == 8  # an edge without the attribute has length 1


def test_of_parallel_edges_the_shortest_counts_and_loops_do_not():
    graph = nx.MultiDiGraph([("a", "b", {"weight": 3.0}), ("a", "b", {"weight": 2.0}), ("b", "a", {"weight": 5.0})])
    graph.add_edge("a", "a", weight=0.1)
    assert graph_distances(graph).tolist() == [[0, 2], [2, 0]]
    lengths = coo_array(
        (np.array([3.0, 2.0, 5.0, 0.1]), (np.array([0, 0, 1, 0]), np.array([1, 1, 0, 0]))), shape=(2, 2)
    )
    assert graph_distances(lengths).tolist() == [[0, 2], [2, 0]]


def test_lists_of_neighbours_as_scanpy_stores_them_become_symmetric(rng):
    """Each row names its neighbours, itself first with a zero that is stored."""
    X = rng.normal(size=(50, 2))
    lengths, rows = neighbor_lists(X, 7, queries=X)
    stored = csr_array((lengths.ravel(), rows.ravel(), np.arange(0, 351, 7)), shape=(50, 50))
    assert stored.nnz == 350
    graph = as_graph(stored)
    assert (graph != neighbor_graph(X, 6)).nnz == 0
    assert stored.nnz == 350


def test_zeros_that_are_stored_join_two_vertices():
    graph = csr_array((np.array([0.0, 1.0]), np.array([1, 2]), np.array([0, 1, 2, 2])), shape=(3, 3))
    assert graph_distances(graph).tolist() == [[0, 0, 1], [0, 0, 1], [1, 1, 0]]


@pytest.mark.parametrize("dtype", [bool, np.int64, np.float32])
@pytest.mark.parametrize("form", ["csr", "csc", "lil", "dok"])
def test_any_sparse_form_of_real_numbers_is_a_graph(dtype, form):
    graph = csr_array(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=dtype)).asformat(form)
    assert graph_distances(graph).tolist() == [[0, 1, 2], [1, 0, 1], [2, 1, 0]]


@pytest.mark.parametrize(
    ("graph", "error", "message"),
    [
        (csr_array((2, 3)), ValueError, r"graph: shape \(2, 3\) is not square"),
        (csr_array((0, 0)), ValueError, "graph has no vertices"),
        (nx.Graph(), ValueError, "graph has no vertices"),
        (csr_array(np.array([[0, -2.0], [1, 0]])), ValueError, "length -2 in row 0, column 1 is negative"),
        (csr_array(np.array([[0, 1], [np.nan, 0]])), ValueError, "length nan in row 1, column 0 is not finite"),
        (csr_array(np.array([[0, 1j], [1, 0]])), TypeError, "graph has dtype complex128"),
        (np.eye(3), TypeError, r"graph is a ndarray; give a networkx graph, or a sparse array"),
        (nx.Graph([("a", "b", {"weight": -1})]), ValueError, "length -1 in edge 'a' to 'b' is negative"),
        (
            nx.Graph([("a", "b", {"weight": "is_a"})]),
            TypeError,
            "edge 'a' to 'b' has weight='is_a', which is no number",
        ),
    ],
)
def test_what_is_no_graph_of_lengths_is_refused_by_entry(graph, error, message):
    with pytest.raises(error, match=message):
        graph_distances(graph)


def test_a_graph_in_parts_is_refused_with_their_sizes():
    graph = nx.disjoint_union_all([nx.path_graph(2), nx.path_graph(5), nx.path_graph(3)])
    with pytest.raises(ValueError, match=r"graph has 3 components, of 5, 3, 2 vertices.*node 0 is not connected"):
        graph_distances(graph)
    with pytest.raises(ValueError, match=r"graph has 3 components, of 5, 3, 2 vertices.*row 0 is not connected"):
        graph_distances(nx.to_scipy_sparse_array(graph))
    with pytest.raises(ValueError, match=r"X has 7 components, of 1, 1, 1, 1, 1, \.\.\. vertices"):
        as_graph(csr_array((7, 7)), name="X")


def test_distances_beyond_the_memory_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(_given, "physical_memory", lambda: 1e4)
    with pytest.raises(ValueError, match=r"graph has 50 vertices: all their distances take .* GiB, and this machine"):
        graph_distances(nx.path_graph(50))


def test_numbered_nodes_are_rows_by_their_numbers_in_whatever_order_edges_came():
    backwards = nx.Graph([(3, 2), (2, 1), (1, 0)])
    np.testing.assert_array_equal(graph_distances(backwards), np.abs(np.subtract.outer(np.arange(4), np.arange(4))))
    named = nx.Graph([("d", "c"), ("c", "b")])
    assert graph_distances(named)[0, 2] == 2
