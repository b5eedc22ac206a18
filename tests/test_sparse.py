"""Graphs for csgraph: what they hold, and that no call of csgraph gets indices that scipy before 1.17 refuses."""

import ast
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csgraph, issparse

import hyperkit as hk
from hyperkit._sparse import sparse_graph
from hyperkit.steiner.components._concatenation import concatenate

ROOT = Path(hk.__file__).parent


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint16])
@pytest.mark.parametrize("weights", [1.0, True, np.arange(1, 5), np.linspace(0.1, 0.4, 4)])
def test_entries_are_weights_and_sums_where_an_edge_repeats(dtype, weights):
    edges = np.array([[0, 1], [2, 1], [4, 0], [3, 3]], dtype=dtype)
    graph = sparse_graph(5, edges, weights)
    dense = np.zeros((5, 5), dtype=np.asarray(weights).dtype)
    dense[tuple(edges.T)] = weights
    np.testing.assert_array_equal(graph.toarray(), dense)
    assert graph.dtype == dense.dtype
    assert graph.indices.dtype == graph.indptr.dtype == np.int32
    if graph.dtype == np.float64:
        twice = sparse_graph(5, np.concatenate([edges, edges]), np.resize(weights, 8))
        np.testing.assert_array_equal(twice.toarray(), 2 * dense)


def test_no_edges_and_no_vertices_are_graphs():
    none = np.empty((0, 2), dtype=np.int64)
    assert sparse_graph(3, none).shape == (3, 3)
    assert csgraph.connected_components(sparse_graph(3, none))[0] == 3
    assert sparse_graph(0, none).shape == (0, 0)


@pytest.mark.parametrize(("n_vertices", "n_edges"), [(2**31, 1), (5, 2**31), (2**40, 0)])
def test_more_than_int32_counts_is_an_error_not_an_overflow(n_vertices, n_edges):
    edges = np.broadcast_to(np.int64(0), (n_edges, 2))  # takes no memory
    with pytest.raises(ValueError, match=rf"a graph of {n_vertices} vertices and {n_edges} edges is too large"):
        sparse_graph(n_vertices, edges)


def called_functions():
    """Functions of csgraph that the package calls."""
    names = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # Called by its full name, or this test would not see it.
            assert not (isinstance(node, ast.ImportFrom) and node.module == "scipy.sparse.csgraph"), path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "csgraph":
                names.add(node.attr)
    return names


def test_every_call_of_csgraph_gets_int32_indices(monkeypatch):
    names, seen = called_functions(), set()

    def watched(name, function):
        def call(graph, *arguments, **options):
            if issparse(graph):
                assert graph.indices.dtype == graph.indptr.dtype == np.int32, name
                seen.add(name)
            return function(graph, *arguments, **options)

        return call

    for name in names:
        monkeypatch.setattr(csgraph, name, watched(name, getattr(csgraph, name)))

    rng = np.random.default_rng(0)
    points = hk.random_uniform_ball(24, radius=4.0, random_state=0)
    tree = hk.HyperSteiner(method="thorough", n_restarts=2).fit(points).tree_
    hk.HyperSteiner(method="local", init=tree).fit(points)  # edges from the user
    hk.HyperSteiner(init=tree.edges, fixed_topology=True).fit(points)
    hk.HyperbolicMDS(n_neighbors=5).fit(rng.normal(size=(24, 4)))
    hk.hierarchy.SteinerClustering(3).fit(points)
    hk.datasets.load_wordnet_mammals()
    # Of any triples of 12 terminals the relaxation violates cuts, which are found as flows.
    pairs = [np.array([i, j]) for i in range(12) for j in range(i)]
    triples = [rng.choice(12, 3, replace=False) for _ in range(60)]
    concatenate(12, pairs + triples, np.concatenate([rng.uniform(0.9, 1, 66), rng.uniform(1.6, 1.85, 60)]))
    assert seen == names
    assert hk.HyperbolicDelaunay(points).adjacency().indices.dtype == np.int32  # users hand it to csgraph
