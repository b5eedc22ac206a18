"""Measures of embeddings: against definitions written out, scikit-learn, scipy, and what may not change them."""

import re
from importlib import import_module

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kendalltau, spearmanr
from sklearn.manifold import trustworthiness
from sklearn.metrics import average_precision_score

import hyperkit as hk
from hyperkit.datasets import make_branching_diffusion
from hyperkit.embedding import quality

# As an attribute of its package, `quality` is the function.
TALLIES = import_module("hyperkit.embedding.quality._tallies")
RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(90, 5))
POINTS = 0.7 * np.tanh(FEATURES[:, :2] / 2)
WANTED, FOUND = squareform(pdist(FEATURES)), hk.pairwise_distances(POINTS)
PAIRS = np.triu_indices(90, 1)
# Integers, as of a graph: almost everything is tied.
TIED_WANTED, TIED_FOUND = np.ceil(WANTED / 2), np.ceil(FOUND)


def row_of(points, reference, **options):
    """The one row of the frame."""
    return quality(points, reference, **options).to_frame().iloc[0]


def judge(wanted, found, **options):
    return quality(found, wanted, metric="precomputed", model="precomputed", **options)


def ranks_by_hand(wanted, found):
    """Ranks of all others in both, by sorting tuples: ties of the first by the second, of the second against it."""
    n = len(wanted)
    ranks = np.zeros((2, n, n), dtype=int)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        # where both are tied, both take the number of the row
        near = sorted((wanted[i, j], found[i, j], j) for j in others)
        close = sorted((found[i, j], -wanted[i, j], j) for j in others)
        for one, order in enumerate((near, close)):
            for rank, (_, _, j) in enumerate(order, start=1):
                ranks[one, i, j] = rank
    return ranks


def curve_by_hand(wanted, found):
    """Q_nx from the co-ranking matrix, its corners summed."""
    n = len(wanted)
    here, there = ranks_by_hand(wanted, found)
    coranking = np.zeros((n - 1, n - 1))
    for i in range(n):
        for j in range(n):
            if i != j:
                coranking[here[i, j] - 1, there[i, j] - 1] += 1
    return np.array([coranking[:k, :k].sum() / (k * n) for k in range(1, n)])


def local_and_global_by_hand(curve):
    """As Poincaré maps: the split is where the curve is farthest above k / (n - 1), and belongs to both sides."""
    best, split = -np.inf, None
    for k, value in enumerate(curve, start=1):
        if value - k / len(curve) > best:
            best, split = value - k / len(curve), k
    return np.mean(curve[:split]), np.mean(curve[split - 1 :]), split


def triplets_by_hand(wanted, found):
    right = compared = 0
    n = len(wanted)
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if len({i, j, k}) == 3 and wanted[i, j] < wanted[i, k]:
                    compared += 1
                    right += found[i, j] < found[i, k]
    return right / compared


@pytest.mark.parametrize(("wanted", "found"), [(WANTED, FOUND), (TIED_WANTED, TIED_FOUND), (TIED_WANTED, FOUND)])
def test_the_curve_and_its_two_means_are_those_of_the_coranking_matrix(wanted, found):
    judged = judge(wanted, found)
    curve = curve_by_hand(wanted, found)
    np.testing.assert_allclose(judged.q_nx["points"], curve, rtol=1e-13)
    row = judged.to_frame().iloc[0]
    np.testing.assert_allclose([row.q_local, row.q_global, row.k_max], local_and_global_by_hand(curve), rtol=1e-12)


@pytest.mark.parametrize("k", [1, 7, 15])
def test_trustworthiness_and_continuity_are_those_of_scikit_learn(k):
    row = row_of(FEATURES[:, :2], FEATURES, model="euclidean", metric="euclidean", n_neighbors=k)
    assert row.trustworthiness == pytest.approx(trustworthiness(FEATURES, FEATURES[:, :2], n_neighbors=k), rel=1e-12)
    assert row.continuity == pytest.approx(trustworthiness(FEATURES[:, :2], FEATURES, n_neighbors=k), rel=1e-12)


def test_stress_is_the_least_over_all_scales_and_distortion_is_at_that_scale():
    row = row_of(POINTS, FEATURES, metric="euclidean")
    wanted, found = WANTED[PAIRS], FOUND[PAIRS]

    def stress(scale):
        return np.sqrt(((found - scale * wanted) ** 2).sum() / ((scale * wanted) ** 2).sum())

    assert row.stress == pytest.approx(stress(row.scale), rel=1e-12)
    assert all(row.stress < stress(row.scale * factor) for factor in (0.99, 1.01))
    assert row.distortion == pytest.approx(np.abs(found / (row.scale * wanted) - 1).mean(), rel=1e-12)


def test_stress_is_that_of_the_embedding_itself():
    mds = hk.HyperbolicMDS(n_neighbors=10).fit(FEATURES)
    row = row_of(mds.embedding_, FEATURES, n_neighbors=10)
    # The search leaves the scale where it is 2e-3 from the best.
    assert row.stress <= mds.stress_ * (1 + 1e-12)
    assert row.stress == pytest.approx(mds.stress_, rel=1e-3)
    assert row.scale == pytest.approx(np.sqrt(-mds.curvature_), rel=1e-2)


@pytest.mark.parametrize(("wanted", "found"), [(WANTED, FOUND), (TIED_WANTED, TIED_FOUND)])
def test_rank_correlation_is_that_of_scipy_over_all_pairs(wanted, found):
    row = judge(wanted, found).to_frame().iloc[0]
    assert row.rank_correlation == pytest.approx(spearmanr(wanted[PAIRS], found[PAIRS]).statistic, rel=1e-12)


@pytest.mark.parametrize(("wanted", "found"), [(WANTED, FOUND), (TIED_WANTED, TIED_FOUND), (WANTED, TIED_FOUND)])
def test_triplets_are_counted_one_by_one(wanted, found):
    n = 40
    row = judge(wanted[:n, :n], found[:n, :n]).to_frame().iloc[0]
    assert row.triplets == pytest.approx(triplets_by_hand(wanted[:n, :n], found[:n, :n]), rel=1e-13)


def test_triplets_are_kendalls_tau_of_each_row_where_nothing_is_tied():
    taus = [kendalltau(np.delete(WANTED[i], i), np.delete(FOUND[i], i)).statistic for i in range(90)]
    assert row_of(POINTS, FEATURES, metric="euclidean").triplets == pytest.approx((np.mean(taus) + 1) / 2, rel=1e-12)


@pytest.mark.parametrize("found", [FOUND, TIED_FOUND])
def test_mean_average_precision_is_that_of_scikit_learn(found):
    k = 6
    scores = []
    for i in range(90):
        others = np.delete(np.arange(90), i)
        near = WANTED[i, others] <= np.sort(WANTED[i, others])[k - 1]
        scores.append(average_precision_score(near, -found[i, others]))
    row = judge(WANTED, found, n_neighbors=k).to_frame().iloc[0]
    assert row.mean_average_precision == pytest.approx(np.mean(scores), rel=1e-12)


def graphs():
    graph = nx.random_geometric_graph(60, 0.35, seed=1)
    for a, b in graph.edges:
        graph.edges[a, b]["weight"] = float(np.linalg.norm(np.subtract(*(graph.nodes[v]["pos"] for v in (a, b)))))
    assert nx.is_connected(graph)
    return graph


def test_a_graph_gives_shortest_paths_and_its_edges_are_the_neighbours():
    graph = graphs()
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    wanted = np.array([[lengths[a][b] for b in graph] for a in graph])
    scores = []
    for i in graph:
        others = [j for j in graph if j != i]
        is_near = [graph.has_edge(i, j) for j in others]
        scores.append(average_precision_score(is_near, -FOUND[i, others]))
    expected = row_of(POINTS[:60], wanted, metric="precomputed")
    sparse = nx.to_scipy_sparse_array(graph)
    one_way = coo_array(sparse)
    above = one_way.row < one_way.col
    one_way = csr_array((one_way.data[above], (one_way.row[above], one_way.col[above])), shape=one_way.shape)
    for given in (graph, graph.to_directed(), sparse, sparse.tocoo(), one_way):
        row = row_of(POINTS[:60], given)
        assert row.mean_average_precision == pytest.approx(np.mean(scores), rel=1e-12)
        for name in ("stress", "q_local", "trustworthiness", "triplets"):
            assert row[name] == pytest.approx(expected[name], rel=1e-12)


def test_rows_are_in_the_order_of_the_nodes_of_a_graph():
    graph = graphs()
    order = RNG.permutation(60)
    named = nx.Graph()
    named.add_nodes_from(f"node {v}" for v in order)
    named.add_edges_from((f"node {a}", f"node {b}", d) for a, b, d in graph.edges(data=True))
    pd.testing.assert_series_equal(row_of(POINTS[:60][order], named), row_of(POINTS[:60], graph))


@pytest.mark.parametrize("as_graph", [False, True])
def test_triplets_go_by_a_tree_and_everything_else_by_the_reference(as_graph):
    tree = make_branching_diffusion(n_features=5, depth=3, n_observations=4, random_state=0)
    graph = nx.Graph(tree.edges.tolist())
    lengths = dict(nx.all_pairs_shortest_path_length(graph))
    truth = np.array([[lengths[a][b] for b in tree.target] for a in tree.target], dtype=float)
    points = hk.random_uniform_ball(len(tree.data), radius=2.0, random_state=0)
    given = {"tree": graph if as_graph else tree.parent, "nodes": tree.target}
    with_tree, without = row_of(points, tree.data, **given), row_of(points, tree.data)
    assert with_tree.triplets == pytest.approx(triplets_by_hand(truth, hk.pairwise_distances(points)), rel=1e-13)
    pd.testing.assert_series_equal(with_tree.drop("triplets"), without.drop("triplets"))


def test_lengths_of_the_edges_of_a_tree_count():
    tree = nx.random_labeled_tree(50, seed=3)
    for a, b in tree.edges:
        tree.edges[a, b]["weight"] = 1.0 + (a * b) % 7
    points = POINTS[:50]
    assert row_of(points, FEATURES[:50], tree=tree).triplets == pytest.approx(row_of(points, tree).triplets, rel=1e-13)


def test_a_perfect_embedding_is_perfect_with_ties_too():
    for points, reference, options in (
        (POINTS, POINTS, {"metric": "poincare"}),
        (TIED_WANTED, TIED_WANTED, {"metric": "precomputed", "model": "precomputed"}),
        (np.repeat(POINTS, 2, axis=0), np.repeat(POINTS, 2, axis=0), {"metric": "poincare"}),
    ):
        row = row_of(points, reference, **options)
        assert row.stress == pytest.approx(0, abs=1e-12)
        assert row.distortion == pytest.approx(0, abs=1e-12)
        ones = ["mean_average_precision", "q_local", "q_global", "trustworthiness", "continuity", "triplets"]
        assert row[ones].tolist() == [1.0] * 6
        assert row.rank_correlation == pytest.approx(1)


def test_all_points_in_one_place_are_the_worst_of_embeddings():
    row = row_of(np.zeros((90, 2)), FEATURES, metric="euclidean")
    assert (row.stress, row.distortion, row.scale, row.triplets) == (1.0, 1.0, 0.0, 0.0)
    assert np.isnan(row.rank_correlation)
    assert row.q_local < 0.55
    assert row.trustworthiness < 0.01


def test_what_has_no_order_has_no_triplets():
    row = row_of(POINTS, 1 - np.eye(90), metric="precomputed")
    assert np.isnan(row.triplets)
    assert np.isnan(row.rank_correlation)
    assert row.mean_average_precision == row.q_local == row.trustworthiness == 1.0


@pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "halfspace", "tangent"])
def test_isometries_scales_models_and_the_order_of_rows_change_nothing(model):
    expected = row_of(POINTS, FEATURES, metric="euclidean")
    order = RNG.permutation(90)
    moved = hk.convert(hk.translate(POINTS, [0.3, -0.5])[order], "poincare", model)
    row = row_of(moved, 7 * FEATURES[order], metric="euclidean", model=model)
    np.testing.assert_allclose(row.drop("scale"), expected.drop("scale"), rtol=1e-9)
    assert row.scale == pytest.approx(expected.scale / 7)


def test_ties_do_not_depend_on_the_order_of_rows():
    order = RNG.permutation(90)
    expected = judge(TIED_WANTED, TIED_FOUND)
    shuffled = judge(TIED_WANTED[np.ix_(order, order)], TIED_FOUND[np.ix_(order, order)])
    np.testing.assert_allclose(shuffled.to_frame(), expected.to_frame(), rtol=1e-12)
    np.testing.assert_allclose(shuffled.q_nx, expected.q_nx, rtol=1e-12)


@pytest.mark.parametrize("sample_size", [None, 40])
def test_several_embeddings_are_judged_as_each_alone(sample_size):
    points = {"disk": POINTS, "flat": FEATURES[:, :2], "ready": FOUND}
    models = {"disk": "poincare", "flat": "euclidean", "ready": "precomputed"}
    options = {"metric": "euclidean", "sample_size": sample_size}
    judged = quality(points, FEATURES, model=models, **options)
    assert judged.to_frame().index.tolist() == judged.q_nx.columns.tolist() == ["disk", "flat", "ready"]
    assert repr(judged) == "<EmbeddingQuality n_rows=90 embeddings=disk, flat, ready>"
    for name, model in models.items():
        alone = quality(points[name], FEATURES, model=model, **options)
        assert judged.to_frame().loc[name].tolist() == alone.to_frame().iloc[0].tolist()
    np.testing.assert_allclose(judged.to_frame().loc["disk"], judged.to_frame().loc["ready"], rtol=1e-12)


def test_names_of_several_parts_are_an_index_of_several_levels():
    points = {("disk", d): POINTS[:, :d] for d in (1, 2)}
    judged = quality(points, FEATURES, metric="euclidean")
    assert judged.to_frame().loc["disk"].index.tolist() == [1, 2]
    assert judged.q_nx["disk"].columns.tolist() == [1, 2]


def test_geodesic_references_are_those_of_mds_and_copies_share_a_place():
    features = np.concatenate([FEATURES, FEATURES[:5]])
    points = np.concatenate([POINTS, POINTS[:5]])
    graph = hk.embedding._dissimilarities.geodesic_distances(FEATURES, 12)
    rows = np.r_[:90, :5]
    expected = row_of(points, graph[np.ix_(rows, rows)], metric="precomputed", n_neighbors=12)
    # The shortest way there and back differ by a rounding, and so do ranks that it parts or joins.
    np.testing.assert_allclose(row_of(points, features, n_neighbors=12), expected, rtol=1e-8)


def test_other_metrics_are_those_of_scikit_learn_or_a_callable():
    expected = row_of(POINTS, squareform(pdist(FEATURES, "cityblock")), metric="precomputed")
    for metric in ("manhattan", lambda a, b: np.abs(a - b).sum()):
        np.testing.assert_allclose(row_of(POINTS, FEATURES, metric=metric), expected, rtol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_is_within_its_error_of_the_whole(seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(800, 4))
    points = 0.7 * np.tanh(features[:, :2] + 0.2 * rng.normal(size=(800, 2)))
    whole = row_of(points, features, metric="euclidean")
    sampled = row_of(points, features, metric="euclidean", sample_size=200, random_state=seed)
    assert sampled.n_sampled == 200
    names = [name.removesuffix("_error") for name in sampled.index if name.endswith("_error")]
    assert len(names) == 9
    gaps = np.array([(sampled[name] - whole[name]) / sampled[f"{name}_error"] for name in names])
    # Nine dependent figures: 4 standard errors, and 2 for most of them.
    assert np.abs(gaps).max() < 4
    assert np.median(np.abs(gaps)) < 2
    assert not whole.index.str.endswith("_error").any()


def test_more_rows_than_are_all_looked_at_are_sampled(monkeypatch):
    monkeypatch.setattr(TALLIES, "_MOST_EXACT", 80)
    monkeypatch.setattr(TALLIES, "_ROWS", 60)
    row = row_of(POINTS, FEATURES, metric="euclidean")
    assert row.n_sampled == 60
    pd.testing.assert_series_equal(row, row_of(POINTS, FEATURES, metric="euclidean", sample_size=60))
    # All rows, of which some pairs are left out.
    whole = row_of(POINTS, FEATURES, metric="euclidean", sample_size=90)
    assert whole.n_sampled == 90
    assert whole.trustworthiness_error == whole.q_local_error == 0 < whole.stress_error
    monkeypatch.undo()
    assert whole.triplets == pytest.approx(row_of(POINTS, FEATURES, metric="euclidean").triplets, rel=1e-13)


def test_errors_are_as_large_as_samples_differ():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 4))
    points = 0.7 * np.tanh(features[:, :2] + 0.2 * rng.normal(size=(600, 2)))
    many = [row_of(points, features, metric="euclidean", sample_size=100, random_state=seed) for seed in range(40)]
    for name in ("mean_average_precision", "q_local", "trustworthiness", "triplets"):
        spread = np.std([row[name] for row in many], ddof=1)
        assert np.mean([row[f"{name}_error"] for row in many]) == pytest.approx(spread, rel=0.4), name


def test_the_same_bits_for_a_seed_whatever_the_jobs(monkeypatch):
    monkeypatch.setattr(TALLIES, "_BLOCK", 2000)
    for sample_size in (None, 50):
        one, two = (
            quality(POINTS, FEATURES, metric="euclidean", sample_size=sample_size, n_jobs=n_jobs) for n_jobs in (1, 2)
        )
        pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), check_exact=True)
        pd.testing.assert_frame_equal(one.q_nx, two.q_nx, check_exact=True)


def test_blocks_make_no_difference(monkeypatch):
    expected = row_of(POINTS, FEATURES, metric="euclidean")
    monkeypatch.setattr(TALLIES, "_BLOCK", 500)
    np.testing.assert_allclose(row_of(POINTS, FEATURES, metric="euclidean"), expected, rtol=1e-13)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_few_rows_have_fewer_neighbours(n):
    row = row_of(POINTS[:n], FEATURES[:n])
    assert row.n_neighbors == (n - 1) // 2
    assert row.notna().all()
    curve = curve_by_hand(WANTED[:n, :n], FOUND[:n, :n])
    np.testing.assert_allclose(quality(POINTS[:n], WANTED[:n, :n], metric="precomputed").q_nx["points"], curve)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_rows_are_refused(n):
    with pytest.raises(ValueError, match=rf"points has {n} rows; neighbours and triplets need at least 3"):
        quality(POINTS[:n], FEATURES[:n], metric="euclidean")


PARTS = nx.Graph([(0, 1), (2, 3)])
WRONG = {
    "points has 89 rows and reference has 90": lambda: quality(POINTS[1:], FEATURES),
    r"points\['b'\] has 89 rows": lambda: quality({"a": POINTS, "b": POINTS[1:]}, FEATURES),
    "give each embedding its model": lambda: quality({"a": POINTS}, FEATURES, model={"b": "klein"}),
    "points is an empty mapping": lambda: quality({}, FEATURES),
    "model='flat' must be one of": lambda: quality(POINTS, FEATURES, model="flat"),
    "metric='foo' cannot be computed": lambda: quality(POINTS, FEATURES, metric="foo"),
    "entry -1 in row 0, column 0 is negative": lambda: quality(POINTS, FEATURES, metric=lambda a, b: -1.0),
    r"row 1 has norm .*; Poincaré points": lambda: quality(POINTS * 9, FEATURES),
    "all distances are 0": lambda: quality(POINTS, np.zeros((90, 3))),
    "reference: shape .* is not square": lambda: quality(POINTS, FEATURES, metric="precomputed"),
    "reference has 2 components": lambda: quality(POINTS[:4], PARTS),
    "reference: length -1 in edge 0 to 1": lambda: quality(POINTS[:2], nx.Graph([(0, 1, {"weight": -1})])),
    "reference: shape .* is not square; give one row and one column per vertex": lambda: quality(
        POINTS, csr_array(FEATURES)
    ),
    "tree has 3 nodes and the embedding 90 rows": lambda: quality(POINTS, FEATURES, tree=[-1, 0, 0]),
    "tree has 2 roots": lambda: quality(POINTS[:3], FEATURES[:3], tree=[-1, -1, 0]),
    "node 1 has parent 7": lambda: quality(POINTS[:3], FEATURES[:3], tree=[-1, 7, 0]),
    "the parents of node 1 run in a circle": lambda: quality(POINTS[:3], FEATURES[:3], tree=[-1, 2, 1]),
    "tree has 2 components": lambda: quality(POINTS[:4], FEATURES[:4], tree=PARTS),
    "row 1 is at node 5": lambda: quality(POINTS[:3], FEATURES[:3], tree=[-1, 0], nodes=[0, 5, 1]),
    "nodes has 2 entries": lambda: quality(POINTS[:3], FEATURES[:3], tree=[-1, 0], nodes=[0, 1]),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_cannot_be_judged_says_why(message):
    with pytest.raises(ValueError, match=message):
        WRONG[message]()


def test_tables_of_other_things_are_refused():
    with pytest.raises(TypeError, match="points is a sparse"):
        quality(csr_array(POINTS), FEATURES)
    with pytest.raises(TypeError, match="reference has dtype complex128"):
        quality(POINTS, WANTED + 0j, metric="precomputed")


def test_trees_of_other_things_are_refused():
    with pytest.raises(TypeError, match="give the parent of each node as a whole number"):
        quality(POINTS[:3], FEATURES[:3], tree=[-1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="tree has 3 nodes and 3 edges; a tree has an edge less"):
        quality(POINTS[:3], FEATURES[:3], tree=nx.cycle_graph(3))


def test_a_matrix_of_distances_that_is_not_called_that_is_suspicious():
    with pytest.warns(UserWarning, match="reference looks like a matrix of distances"):
        quality(POINTS, WANTED)


def test_nothing_that_was_given_is_changed():
    points, wanted = POINTS.copy(), WANTED.copy()
    quality({"a": points, "b": points}, wanted, metric="precomputed")
    np.testing.assert_array_equal(points, POINTS)
    np.testing.assert_array_equal(wanted, WANTED)


def test_frames_and_notebooks_show_the_measures():
    judged = quality(pd.DataFrame(POINTS), pd.DataFrame(FEATURES))
    assert repr(judged) == "<EmbeddingQuality n_rows=90 embeddings=points>"
    assert (judged.n_rows, judged.embeddings) == (90, ["points"])
    assert re.search(rf"stress +{judged.to_frame()['stress'].iloc[0]:.4g}\n", str(judged))
    assert "trustworthiness" in judged._repr_html_()
    judged.to_frame()["stress"] = 0.0
    assert judged.to_frame()["stress"].iloc[0] > 0
