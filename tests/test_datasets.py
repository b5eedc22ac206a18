"""The bundled sets against what their sources say, the generators against their definitions."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from hyperkit import datasets
from hyperkit.datasets import (
    load_krumsiek11,
    load_pbmc68k_reduced,
    load_wordnet_mammals,
    make_binary_tree,
    make_branching_diffusion,
)
from hyperkit.embedding import HyperbolicMDS
from hyperkit.embedding._dissimilarities import geodesic_distances
from hyperkit.geometry import pairwise_distances

LOADERS = {
    "krumsiek11": load_krumsiek11,
    "pbmc68k_reduced": load_pbmc68k_reduced,
    "wordnet_mammals": load_wordnet_mammals,
}
SHIPPED = Path(datasets.__file__).parent / "data"
SOURCES = Path(__file__).parents[1] / "datasets"


def stress(bunch, distances):
    placed = pairwise_distances(bunch.embedding) / np.sqrt(-bunch.embedding_curvature)
    return np.sqrt(np.sum((placed - distances) ** 2) / np.sum(distances**2))


@pytest.mark.parametrize("name", LOADERS)
def test_embeddings_lie_in_the_ball_and_names_fit_the_targets(name):
    bunch = LOADERS[name]()
    n = len(bunch.target)
    assert bunch.embedding.shape == (n, 2)
    assert bunch.embedding.dtype == np.float64
    assert (np.linalg.norm(bunch.embedding, axis=1) < 1).all()
    assert np.array_equal(np.unique(bunch.target), np.arange(len(bunch.target_names)))
    assert Path(bunch.filename).parent == SHIPPED


@pytest.mark.parametrize("name", LOADERS)
def test_descriptions_state_origin_licence_and_citation_and_equal_the_readme(name):
    description = LOADERS[name]().DESCR
    for heading in ("## Origin", "## Licence", "## Citation"):
        assert heading in description
    assert description == (SOURCES / name / "README.md").read_text(encoding="utf-8")


def test_notices_of_the_sources_ship_with_the_data():
    assert "Princeton University" in (SHIPPED / "WORDNET_LICENSE.txt").read_text(encoding="utf-8")
    scanpy = (SHIPPED / "SCANPY_LICENSE.txt").read_text(encoding="utf-8")
    assert scanpy.startswith("BSD 3-Clause License")
    assert "10x Genomics" in load_pbmc68k_reduced().DESCR


def test_shipped_files_are_small():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 500_000


def test_krumsiek11_has_four_simulations_with_a_fate_each():
    cells = load_krumsiek11()
    assert cells.data.shape == (640, 11)
    assert cells.feature_names[[0, -1]].tolist() == ["Gata2", "Gfi1"]
    assert np.bincount(cells.target).tolist() == [320, 80, 80, 80, 80]
    labels = cells.target_names[cells.target]
    assert labels[[0, 79, 80, 159, 160, 319, 479, 639]].tolist() == [
        *("progenitor", "progenitor", "Mo", "Mo", "progenitor", "Ery", "Mk", "Neu")
    ]
    assert np.array_equal(cells.time, np.tile(np.arange(160), 4))
    assert cells.data[0, 0] == 0.8032


def test_embedding_of_krumsiek11_has_stress_below_one_percent():
    cells = load_krumsiek11()
    exact = stress(cells, geodesic_distances(cells.data, 15))
    assert exact < 0.01
    assert cells.embedding_stress == pytest.approx(exact, rel=1e-6)


def test_default_embedding_of_krumsiek11_is_better_than_one_percent():
    assert HyperbolicMDS(random_state=0).fit(load_krumsiek11().data).stress_ < 0.005


def test_fates_of_krumsiek11_lie_on_four_branches():
    cells = load_krumsiek11()
    distances = pairwise_distances(cells.embedding)
    ends = 159 + 160 * np.arange(4)
    # the two nearest ends are farther apart than every fate is wide
    between = distances[np.ix_(ends, ends)][np.triu_indices(4, 1)].min()
    width = max(np.median(distances[end, cells.target == fate + 1]) for fate, end in enumerate(ends))
    assert between > 4 * width
    # a nearest neighbour of the same fate, but for the cells at the four borders
    labels = cells.target
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.97


def test_pbmc_cells_are_what_scanpy_ships():
    cells = load_pbmc68k_reduced()
    assert cells.data.shape == (700, 50)
    assert cells.data.dtype == np.float64
    assert len(np.unique(cells.barcodes)) == 700
    counts = dict(zip(cells.target_names.tolist(), np.bincount(cells.target).tolist(), strict=True))
    assert counts["Dendritic"] == 240
    assert counts["CD34+"] == 13
    assert len(counts) == 10
    assert stress(cells, geodesic_distances(cells.data, 15)) == pytest.approx(cells.embedding_stress, rel=1e-4)
    assert cells.embedding_stress < 0.1  # ten seeds give .097 to .099


def test_wordnet_is_a_tree_but_for_the_elephant():
    words = load_wordnet_mammals()
    graph = nx.DiGraph(words.edges.tolist())
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (1170, 1170)
    assert nx.is_directed_acyclic_graph(graph)
    assert [words.names[v] for v in graph if graph.out_degree(v) == 0] == ["mammal.n.01"]
    assert [words.names[v] for v in graph if graph.out_degree(v) == 2] == ["elephant.n.01"]
    assert len(set(words.names)) == 1170


def test_wordnet_distances_and_depths_are_those_of_the_graph():
    words = load_wordnet_mammals()
    lengths = dict(nx.single_source_shortest_path_length(nx.Graph(words.edges.tolist()), 700))
    assert all(words.distances[700, v] == length for v, length in lengths.items())
    assert np.array_equal(words.depth, words.distances[0])
    assert np.array_equal(words.distances, words.distances.T)
    assert words.embedding_stress == pytest.approx(stress(words, words.distances), rel=1e-3)
    assert words.embedding_stress < 0.035


def test_wordnet_groups_are_whole_subtrees():
    words = load_wordnet_mammals()
    names = list(words.names)
    group = dict(zip(names, words.target_names[words.target], strict=True))
    assert group["mammal.n.01"] == group["placental.n.01"] == "mammal"
    assert group["dog.n.01"] == "carnivore"
    assert group["kangaroo.n.01"] == "metatherian"
    inside = (words.depth[words.edges[:, 0]] > 2) & (words.edges[:, 0] != names.index("elephant.n.01"))
    child, parent = words.edges[inside].T
    assert np.array_equal(words.target[child], words.target[parent])


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_squared_distances_of_the_noiseless_binary_tree_count_edges(depth):
    tree = make_binary_tree(depth=depth, noise=0.0)
    n = 2 ** (depth + 1) - 1
    assert tree.data.shape == (n, n)
    graph = nx.Graph(tree.edges.tolist())
    graph.add_node(0)
    assert nx.is_tree(graph)
    hops = np.array(nx.floyd_warshall_numpy(graph, nodelist=range(n)))
    np.testing.assert_allclose(cdist(tree.data, tree.data, "sqeuclidean"), hops)
    assert np.array_equal(tree.depth, hops[0])


def test_noise_of_the_binary_tree_has_its_standard_deviation():
    clean, noisy = make_binary_tree(depth=6, noise=0.0), make_binary_tree(depth=6, noise=0.3, random_state=0)
    assert np.std(noisy.data - clean.data) == pytest.approx(0.3, rel=0.02)
    assert np.array_equal(noisy.data, make_binary_tree(depth=6, noise=0.3, random_state=0).data)
    assert not np.array_equal(noisy.data, make_binary_tree(depth=6, noise=0.3, random_state=1).data)


def test_branching_diffusion_steps_and_observations_have_their_deviations():
    tree = make_branching_diffusion(
        n_features=40, depth=4, n_children=3, n_observations=6, step=2.0, noise=0.5, random_state=0
    )
    assert tree.nodes.shape == (121, 40)
    assert not tree.nodes[0].any()
    child, parent = tree.edges.T
    assert np.std(tree.nodes[child] - tree.nodes[parent]) == pytest.approx(2.0, rel=0.05)
    assert np.std(tree.data - tree.nodes[tree.target]) == pytest.approx(0.5, rel=0.05)
    assert np.array_equal(np.bincount(tree.target), np.full(121, 6))
    assert np.array_equal(tree.depth[child], tree.depth[parent] + 1)
    assert tree.parent[0] == -1


@pytest.mark.parametrize(
    ("make", "parameters", "message"),
    [
        (make_binary_tree, {"depth": -1}, "depth=-1"),
        (make_binary_tree, {"noise": np.nan}, "noise=nan"),
        (make_branching_diffusion, {"n_features": 0}, "n_features=0"),
        (make_branching_diffusion, {"n_children": 1.5}, "n_children=1.5"),
        (make_branching_diffusion, {"step": -1.0}, "step=-1.0"),
    ],
)
def test_bad_parameters_of_generators_are_named(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)


@pytest.mark.parametrize(
    ("make", "parameters", "message"),
    [
        (make_binary_tree, {"depth": 16}, "depth=16 .* 131,071 nodes; it may have 65,536 at most"),
        (make_binary_tree, {"depth": 10**9}, r"depth=1000000000 .* more than 10\^30 nodes"),
        (make_branching_diffusion, {"depth": 40}, "depth=40 .* 2,199,023,255,551 nodes; it may have 16,777,216"),
        (make_branching_diffusion, {"depth": np.int64(63)}, "depth=63 .* 18,446,744,073,709,551,615 nodes"),
        (
            make_branching_diffusion,
            {"depth": 10**12, "n_children": 1},
            "depth=1000000000000 .* 1,000,000,000,001 nodes",
        ),
    ],
)
def test_trees_that_no_memory_holds_are_refused_with_their_size(make, parameters, message):
    with pytest.raises(ValueError, match=message):
        make(**parameters)


def test_one_child_to_a_parent_makes_a_chain():
    chain = make_branching_diffusion(n_features=2, depth=100, n_children=1, n_observations=1, random_state=0)
    assert np.array_equal(chain.parent, np.arange(-1, 100))
