"""Gromov's delta: by force on many metrics, by formula on known graphs, and what bounds it where it is not found."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import pdist, squareform

import hyperkit as hk
from hyperkit.embedding import delta_hyperbolicity


def delta_of(distances, quadruple):
    a, b, c, d = quadruple
    *_, second, first = sorted(
        [
            distances[a, b] + distances[c, d],
            distances[a, c] + distances[b, d],
            distances[a, d] + distances[b, c],
        ]
    )
    return (first - second) / 2


def by_force(distances):
    return max((delta_of(distances, four) for four in combinations(range(len(distances)), 4)), default=0.0)


def random_metric(seed):
    """Euclidean, of weighted graphs, hyperbolic, and of few integers with copies, of 1 to 15 rows."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 16))
    if seed % 4 == 0:
        return squareform(pdist(rng.normal(size=(n, 3)))) if n > 1 else np.zeros((1, 1))
    if seed % 4 == 1:
        lengths = rng.integers(1, 9, (n, n)).astype(float)
        return shortest_path(np.minimum(lengths, lengths.T) - np.diag(np.diag(lengths)), directed=False)
    if seed % 4 == 2:
        return hk.pairwise_distances(hk.random_uniform_ball(n, 2, radius=4.0, random_state=seed))
    return squareform(pdist(rng.integers(0, 3, (n, 2)).astype(float), "cityblock")) if n > 1 else np.zeros((1, 1))


@pytest.mark.parametrize("seed", range(100))
def test_the_search_finds_what_force_finds_and_bounds_hold_without_it(seed):
    distances = random_metric(seed)
    expected = by_force(distances)
    found, stopped = delta_hyperbolicity(distances), delta_hyperbolicity(distances, max_quadruples=1)
    slack = 1e-9 * distances.max()
    assert found.is_exact
    assert found.lower == found.upper == pytest.approx(expected, abs=slack)
    assert stopped.lower <= expected + slack
    assert expected <= stopped.upper + slack
    assert stopped.upper <= 2 * stopped.lower + slack
    for result in (found, stopped):
        if result.witness is not None:
            a, b, c, d = result.witness
            others = max(distances[a, c] + distances[b, d], distances[a, d] + distances[b, c])
            assert distances[a, b] + distances[c, d] - others == pytest.approx(2 * result.lower, abs=slack)


CYCLES = {nx.cycle_graph(n): (n // 4 - 1 / 2 if n % 4 == 1 else n // 4) for n in range(3, 30)}
GRIDS = {nx.grid_2d_graph(a, b): min(a, b) - 1 for a, b in ((2, 2), (3, 3), (4, 9), (12, 7))}
COMPLETE = {nx.complete_graph(n): 0 for n in (1, 2, 3, 4, 9)}
TREES = {nx.random_labeled_tree(80, seed=seed): 0 for seed in range(3)} | {nx.star_graph(30): 0, nx.path_graph(50): 0}
OTHERS = {nx.petersen_graph(): 0.5, nx.hypercube_graph(4): 2, nx.complete_bipartite_graph(3, 4): 1}


@pytest.mark.parametrize(("graph", "expected"), (CYCLES | GRIDS | COMPLETE | TREES | OTHERS).items(), ids=str)
def test_known_graphs(graph, expected):
    result = delta_hyperbolicity(graph)
    assert result.is_exact
    assert result.lower == expected


def test_rings_and_grids_on_a_tree_have_the_delta_of_the_largest():
    graph = nx.random_labeled_tree(100, seed=1)
    graph = nx.disjoint_union_all([graph, nx.cycle_graph(12), nx.grid_2d_graph(6, 6), nx.cycle_graph(7)])
    graph.add_edges_from([(3, 105), (40, 115), (111, 150)])
    result = delta_hyperbolicity(graph)
    assert (result.lower, result.is_exact) == (5.0, True)
    distances = np.array(nx.floyd_warshall_numpy(graph))
    assert delta_of(distances, result.witness) == 5.0
    assert delta_hyperbolicity(distances).lower == 5.0
    assert delta_hyperbolicity(nx.windmill_graph(5, 3)).lower == 0.0


def test_the_mammals_are_a_tree_but_for_the_elephants():
    words = hk.datasets.load_wordnet_mammals()
    graph = nx.Graph(words.edges.tolist())
    (ring,) = (block for block in nx.biconnected_components(graph) if len(block) > 2)
    rows = sorted(ring)
    result = delta_hyperbolicity(graph)
    assert result.is_exact
    assert result.lower == by_force(words.distances[np.ix_(rows, rows)]) > 0


@pytest.mark.parametrize("dimension", [2, 3])
def test_hyperbolic_space_has_the_logarithm_of_two(dimension):
    # A square whose corners go to infinity has it in the limit, and nothing has more.
    corners = 10.0 * np.concatenate([np.eye(dimension)[:2], -np.eye(dimension)[:2]])
    square = delta_hyperbolicity(corners, metric="tangent")
    assert square.lower == pytest.approx(np.log(2), rel=1e-4)
    assert square.suggested_curvature == pytest.approx(-1, rel=1e-3)
    points = hk.random_uniform_ball(100, dimension, radius=6.0, random_state=0)
    assert delta_hyperbolicity(points, metric="poincare").lower < np.log(2)


def test_lengths_of_a_tree_in_doubles_are_a_tree():
    tree = nx.random_labeled_tree(60, seed=0)
    rng = np.random.default_rng(0)
    for a, b in tree.edges:
        tree.edges[a, b]["weight"] = rng.uniform(0.1, 3.0)
    result = delta_hyperbolicity(tree)
    assert (result.lower, result.upper, result.is_exact, result.witness) == (0.0, 0.0, True, None)
    assert result.suggested_curvature == -np.inf
    assert result.relative_delta == 0.0


def test_units_and_the_order_of_rows_change_nothing():
    points = hk.random_uniform_ball(60, 3, radius=3.0, random_state=0)
    distances = hk.pairwise_distances(points)
    order = np.random.default_rng(0).permutation(60)
    one, other = delta_hyperbolicity(distances), delta_hyperbolicity(7 * distances[np.ix_(order, order)])
    assert other.lower == pytest.approx(7 * one.lower, rel=1e-9)
    assert other.relative_delta == pytest.approx(one.relative_delta, rel=1e-9)
    moved = hk.translate(points, [0.5, 0.1, -0.3])
    assert delta_hyperbolicity(moved, metric="poincare").lower == pytest.approx(one.lower, rel=1e-9)


def test_copies_of_rows_change_nothing():
    points = hk.random_uniform_ball(30, 2, radius=3.0, random_state=0)
    one = delta_hyperbolicity(points, metric="poincare")
    copied = delta_hyperbolicity(np.repeat(points, 3, axis=0), metric="poincare")
    assert copied.is_exact
    assert copied.lower == pytest.approx(one.lower, rel=1e-9)


def test_features_are_read_as_the_metric_says():
    X = np.random.default_rng(0).normal(size=(50, 4))
    for metric in ("euclidean", "manhattan"):
        expected = delta_hyperbolicity(squareform(pdist(X, {"manhattan": "cityblock"}.get(metric, metric)))).lower
        assert delta_hyperbolicity(X, metric=metric).lower == pytest.approx(expected, rel=1e-9)
    geodesics = hk.embedding._dissimilarities.geodesic_distances(X, 8)
    found = delta_hyperbolicity(X, metric="geodesic", n_neighbors=8)
    assert found.lower == pytest.approx(by_force(geodesics[:, :]), rel=1e-9)


def test_a_sample_gives_a_lower_bound_and_says_so():
    points = np.random.default_rng(0).normal(size=(150, 2))
    whole = delta_hyperbolicity(points, metric="euclidean")
    sampled = delta_hyperbolicity(points, metric="euclidean", sample_size=30)
    assert not sampled.is_exact
    assert sampled.n_sampled == 30
    assert sampled.lower <= whole.lower <= sampled.upper
    # The corners are in the sample.
    assert sampled.lower > 0.8 * whole.lower
    a, b, c, d = sampled.witness
    assert delta_of(squareform(pdist(points)), (a, b, c, d)) == pytest.approx(sampled.lower, rel=1e-9)
    assert sampled == delta_hyperbolicity(points, metric="euclidean", sample_size=30)
    assert "lower=" in repr(sampled)
    assert "n_sampled=30" in sampled._repr_html_().replace("</th><td>", "=").replace("n sampled", "n_sampled")


def test_few_points_are_a_tree():
    for n in (1, 2, 3):
        result = delta_hyperbolicity(1 - np.eye(n))
        assert (result.lower, result.upper, result.is_exact) == (0.0, 0.0, True)
    assert delta_hyperbolicity(np.zeros((1, 1))).relative_delta == 0.0


def test_what_is_no_metric_is_refused():
    distances = squareform(pdist(np.random.default_rng(0).normal(size=(20, 2)))) ** 2
    with pytest.raises(ValueError, match=r"distances are no metric: rows \d+ and \d+ are .* apart, and by way of row"):
        delta_hyperbolicity(distances)
    with pytest.raises(ValueError, match=r"distances: shape .* is not square"):
        delta_hyperbolicity(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="distances has no rows"):
        delta_hyperbolicity(np.zeros((0, 2)), metric="euclidean")
