from fractions import Fraction

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csgraph

import hyperkit as hk
from hyperkit import minimum_spanning_tree, nearest_neighbors
from hyperkit._sparse import sparse_graph
from hyperkit.delaunay import ball_spanning_tree, spanning_tree_edges
from hyperkit.delaunay.neighbors import _neighbors, _scan, _search_tree, _spanning
from hyperkit.models import to_ball


def cluster(n, d, radius, size, seed=0):
    """Points about one at polar `radius`, spread by `size`."""
    centre = hk.convert(radius * np.eye(d)[0], "tangent", "poincare")
    return hk.random_wrapped_normal(n, centre, scale=size, random_state=seed)


def clusters(n, d):
    """Clusters all over, some by the rim and far from each other; near the rim no two points of one have a product."""
    radii = (28, -28, 20, -20, 10, 1)
    return np.concatenate([cluster(n // 6, d, radius, 0.5, seed) for seed, radius in enumerate(radii)])


SETS = {
    "gauss": lambda n, d: cluster(n, d, 0, 1.0),
    "tiny": lambda n, d: cluster(n, d, 1, 1e-9),
    "cluster at radius 18": lambda n, d: cluster(n, d, 18, 1.0),
    "cluster at radius 30": lambda n, d: cluster(n, d, 30, 1.0),
    "ball of radius 10": lambda n, d: hk.random_uniform_ball(n, d, radius=10.0, random_state=0),
    "ball of radius 30": lambda n, d: hk.random_uniform_ball(n, d, radius=30.0, random_state=0),
    "clusters by the rim": clusters,
    "every point twice": lambda n, d: np.repeat(cluster(n // 2, d, 1, 1.0), 2, axis=0),
}


@pytest.fixture(params=["searches", "all pairs"])
def way(request, monkeypatch):
    """Neighbours and spanning trees by the k-d tree, or by a look at all pairs, whatever the points."""
    for module in (_neighbors, _spanning):
        monkeypatch.setattr(module, "prunes", lambda points, queries: request.param == "searches")
    monkeypatch.setattr(_spanning, "_FEW", 0)


@pytest.mark.parametrize("d", [1, 2, 3, 6, 12])
@pytest.mark.parametrize("family", SETS)
def test_neighbours_equal_brute_force(family, d, way):
    points = SETS[family](300, d)
    matrix = hk.pairwise_distances(points)
    np.fill_diagonal(matrix, np.inf)
    distances, indices = nearest_neighbors(points, 7)
    np.testing.assert_allclose(distances, np.sort(matrix, axis=1)[:, :7], rtol=1e-14)
    np.testing.assert_allclose(distances, np.take_along_axis(matrix, indices, axis=1), rtol=1e-14)
    assert all(len(set(row)) == 7 for row in indices.tolist())
    assert (indices != np.arange(300)[:, None]).all()


@pytest.mark.parametrize("family", SETS)
def test_neighbours_of_other_points_equal_brute_force(family, way):
    points = SETS[family](300, 3)
    queries = np.concatenate([points[:50], hk.random_uniform_ball(50, 3, radius=20.0, random_state=1)])
    distances, indices = nearest_neighbors(points, 300, queries)
    matrix = hk.pairwise_distances(queries, points)
    np.testing.assert_allclose(distances, np.sort(matrix, axis=1), rtol=1e-14)
    assert (np.sort(indices, axis=1) == np.arange(300)).all()
    few, rows = nearest_neighbors(points, 5, queries)
    np.testing.assert_allclose(few, distances[:, :5], rtol=1e-14)
    np.testing.assert_allclose(hk.distance(queries[:, None], points[rows]), few, rtol=1e-14)


@pytest.mark.parametrize("d", [2, 8])
def test_nearest_neighbour_at_the_rim_is_right_to_500_digits(d, way):
    points = cluster(40, d, 33, 0.5)
    distances, indices = nearest_neighbors(points, 1)
    for i in range(40):
        exact = [reference.distance(points[i], points[k], "poincare") for k in range(40) if k != i]
        assert float(min(exact)) == pytest.approx(distances[i, 0], rel=1e-13)
        assert float(reference.distance(points[i], points[indices[i, 0]], "poincare") / min(exact)) < 1 + 1e-13


def test_equals_come_by_row(way):
    points = np.array([[0.5, 0.0], [0.0, 0.0], [0.0, 0.5], [-0.5, 0.0], [0.0, -0.5], [0.0, 0.0], [0.0, 0.0]])
    _, indices = nearest_neighbors(points, 5)
    assert indices[1].tolist() == [5, 6, 0, 2, 3]
    assert indices[5].tolist() == [1, 6, 0, 2, 3]
    assert indices[0].tolist()[:3] == [1, 5, 6]


@pytest.mark.parametrize("d", [3, 8])
def test_many_identical_points_are_each_others_neighbours(d):
    _, indices = nearest_neighbors(np.zeros((20_000, d)), 3)
    assert indices[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert (indices[4:] == [0, 1, 2]).all()


def test_tiny_differences_do_not_underflow(way):
    points = 1e-200 * np.random.default_rng(0).normal(size=(50, 2))
    _, indices = nearest_neighbors(points, 4)
    _, expected = nearest_neighbors(points * 2.0**600, 4)
    assert (indices == expected).all()


def test_queries_far_from_a_tiny_set_do_not_overflow(way):
    points = 1e-200 * np.random.default_rng(0).normal(size=(50, 2))
    distances, indices = nearest_neighbors(points, 3, [[0.5, 0.0]])
    np.testing.assert_allclose(distances, hk.distance([0.5, 0.0], [0.0, 0.0]), rtol=1e-15)
    assert indices.tolist() == [[0, 1, 2]]  # at one distance, as doubles know it


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_every_model_gives_the_same_neighbours(model):
    points = hk.random_uniform_ball(200, 3, radius=4.0, random_state=0)
    expected, rows = nearest_neighbors(points, 5)
    distances, indices = nearest_neighbors(hk.convert(points, "poincare", model), 5, model=model)
    np.testing.assert_allclose(distances, expected, rtol=1e-11)
    assert (indices == rows).all()


@pytest.mark.parametrize("d", [3, 12])
def test_any_number_of_threads_gives_the_same_bits(d):
    points = cluster(10_000, d, 2, 1.0)
    for one, two in zip(nearest_neighbors(points, 6), nearest_neighbors(points, 6, n_jobs=2), strict=True):
        assert np.array_equal(one, two)


coordinates = st.one_of(
    st.floats(-0.3, 0.3), st.sampled_from([0.0, 0.25, -0.25, 0.1, 1e-8, -1e-8, 1e-150, 1e-165, -1e-200, 5e-324])
)


tables = st.tuples(st.integers(2, 40), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=coordinates)
)


@given(tables, st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_scan_finds_what_the_tree_finds_to_the_bit(points, by_the_rim):
    if by_the_rim:  # beside the pole, where what tells points apart is far below their coordinates
        points = np.column_stack([np.full(len(points), 1 - 1e-13), points * 1e-10])
    ball = to_ball(points)
    held = _search_tree.scaled(ball, _search_tree.scale_exponent(ball.z))
    own, k = np.arange(len(held)), min(5, len(held) - 1)
    *expected, _ = _search_tree.nearest_rows(*_search_tree.search_tree(held), held.z, held.gap, own, k)
    found = _scan.ready_to_scan(held).nearest(held.z, held.gap, own, k)
    for (keys, rows), (same, these) in zip(zip(*expected, strict=True), zip(*found, strict=True), strict=True):
        assert sorted(zip(keys, rows, strict=True)) == sorted(zip(same, these, strict=True))


@pytest.mark.parametrize("family", SETS)
def test_products_are_lower_bounds_of_exact_half_chords(family):
    ball = to_ball(SETS[family](60, 5))
    held = _search_tree.scaled(ball, 0)
    scan = _scan.ready_to_scan(held)
    bounds = _scan._query_rows(held.z - scan.middle) @ scan.lifted
    for i in range(0, 60, 4):
        for j in range(60):
            w, z = ([Fraction(float(value)) for value in held.z[row]] for row in (i, j))
            squared = sum((a - b) ** 2 for a, b in zip(w, z, strict=True))
            exact = squared / Fraction(float(held.gap[j]))
            assert bounds[i, j] <= exact
            # And they are worth something where rounding leaves it.
            assert float(exact) - bounds[i, j] <= 1e-13 / held.gap[j]


def test_a_surface_in_ten_dimensions_is_searched_and_a_ball_is_scanned():
    rng = np.random.default_rng(0)
    surface = hk.convert(rng.normal(size=(3000, 2)) @ rng.normal(size=(2, 10)), "tangent", "poincare")
    ball = hk.random_uniform_ball(3000, 10, radius=3.0, random_state=0)
    for points, expected in ((surface, True), (ball, False), (ball[:, :3], True), (surface[:900], False)):
        assert _search_tree.prunes(to_ball(points), to_ball(points)) == expected
        assert not _search_tree.prunes(to_ball(points), to_ball(points[:10]))


def test_no_queries_have_no_neighbours():
    distances, indices = nearest_neighbors([[0.1, 0.2]], 1, np.empty((0, 2)))
    assert distances.shape == indices.shape == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.1, 0.2]], 1), "k=1, but X has 0 other rows"),
        (([[0.1, 0.2]], 2, [[0.0, 0.0]]), "k=2, but X has 1 rows; give a k from 1 to 1"),
        (([[0.1, 0.2], [0.0, 0.0]], 0), "k=0"),
        (([[0.1, 0.2]], 1, [[0.0, 0.0, 0.0]]), "queries have dimension 3, but X has 2"),
        (([0.1, 0.2], 1), r"X has shape \(2,\); give a table"),
        (([[0.1, 0.2]], 1, [[0.1, 1.2]]), "queries: row 0 has norm"),
    ],
)
def test_bad_arguments_of_the_neighbour_search_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        nearest_neighbors(*arguments)


def prim(matrix):
    """Length of the minimum spanning tree of a distance matrix."""
    to_tree, outside, lengths = matrix[0].copy(), np.ones(len(matrix), dtype=bool), []
    outside[0] = False
    while outside.any():
        i = np.flatnonzero(outside)[to_tree[outside].argmin()]
        lengths.append(to_tree[i])
        outside[i] = False
        to_tree = np.minimum(to_tree, matrix[i])
    return np.sort(lengths)


def is_spanning_tree(n, edges):
    component = list(range(n))
    for i, j in edges.tolist():
        if component[i] == component[j]:
            return False
        component = [component[i] if c == component[j] else c for c in component]
    return len(edges) == n - 1


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("family", SETS)
def test_spanning_tree_has_the_lengths_of_prims(family, d, way):
    points = SETS[family](198, d)
    edges, lengths = minimum_spanning_tree(points)
    assert is_spanning_tree(198, edges)
    np.testing.assert_allclose(np.sort(lengths), prim(hk.pairwise_distances(points)), rtol=1e-13)
    np.testing.assert_allclose(lengths, hk.distance(points[edges[:, 0]], points[edges[:, 1]]), rtol=1e-14)
    assert (edges[:, 0] < edges[:, 1]).all()
    assert (np.diff(edges @ [198, 1]) > 0).all()


def test_a_plane_in_space_has_the_spanning_tree_of_the_plane(way):
    points = hk.random_uniform_ball(3000, radius=8.0, random_state=0)
    edges, lengths = minimum_spanning_tree(np.column_stack([points, np.zeros(3000)]))
    flat_edges, flat_lengths = minimum_spanning_tree(points)
    assert np.array_equal(edges, flat_edges)
    np.testing.assert_allclose(lengths, flat_lengths, rtol=1e-14)


def test_spanning_tree_of_a_large_set_is_that_of_its_neighbour_graph():
    # A tree of the neighbour graph can only be longer; with 25 neighbours it is not.
    points = cluster(20_000, 3, 1, 1.0)
    distances, indices = nearest_neighbors(points, 25)
    pairs = np.sort(np.column_stack([np.repeat(np.arange(20_000), 25), indices.ravel()]), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    rows = spanning_tree_edges(20_000, pairs, distances.ravel()[first])
    _, lengths = minimum_spanning_tree(points)
    assert len(rows) == 19_999
    assert lengths.sum() == pytest.approx(distances.ravel()[first][rows].sum(), rel=1e-13)


@pytest.mark.parametrize("d", [2, 3])
def test_equal_edges_are_taken_by_row(d, way):
    # A star of six, all at one distance from the middle, in every order of the rows.
    star = np.vstack([np.zeros(d), 0.5 * np.eye(d), -0.5 * np.eye(d)])
    grid = np.stack(np.meshgrid(*[np.arange(-1, 2)] * d), axis=-1).reshape(-1, d) / 4
    for points in (star, np.concatenate([star, star]), grid):
        for seed in range(4):
            shuffled = np.random.default_rng(seed).permutation(points)
            edges, _ = minimum_spanning_tree(shuffled)
            n = len(points)
            pairs = np.column_stack(np.triu_indices(n, 1))
            rows = spanning_tree_edges(n, pairs, hk.distance(shuffled[pairs[:, 0]], shuffled[pairs[:, 1]]))
            assert np.array_equal(edges, pairs[rows])


@pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "tangent"])
@pytest.mark.parametrize("family", [*SETS, "grid", "polygon"])
def test_the_edges_passed_over_in_the_plane_are_in_no_spanning_tree(family, model):
    # Klein coordinates end at polar radius 18; lengths know the user's gaps, which other coordinates round.
    if family == "grid":
        points = np.stack(np.meshgrid(*[np.arange(-9, 10) / 16] * 2), axis=-1).reshape(-1, 2)
    elif family == "polygon":
        turn = 2 * np.pi * np.arange(60) / 60
        points = np.column_stack([np.cos(turn), np.sin(turn)]) * 0.9
    else:
        points = SETS[family](600, 2)
    vectors = hk.convert(points, "poincare", "tangent")
    longest = np.linalg.norm(vectors, axis=1).max()
    if model == "klein" and longest > 17:
        vectors *= 17 / longest
    X = hk.convert(vectors, "tangent", model)
    graph = hk.HyperbolicDelaunay(X, model)
    rows = spanning_tree_edges(len(X), graph.edges, graph.edge_lengths)
    edges, lengths = minimum_spanning_tree(X, model=model)
    of_copies = np.isin(edges[:, 1], graph.duplicates[:, 0])
    assert np.array_equal(edges[~of_copies], graph.edges[rows])
    np.testing.assert_allclose(lengths[~of_copies], graph.edge_lengths[rows], rtol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_spanning_forests_of_graphs_have_the_edges_of_scipys(seed):
    rng = np.random.default_rng(seed)
    pairs = np.unique(np.sort(rng.integers(0, 200, size=(150 * (seed + 1), 2)), axis=1), axis=0)
    pairs = rng.permutation(pairs[pairs[:, 0] < pairs[:, 1]])
    lengths = rng.permutation(len(pairs)) + 1.0
    theirs = csgraph.minimum_spanning_tree(sparse_graph(200, pairs, lengths)).tocoo()
    ours = pairs[spanning_tree_edges(200, pairs, lengths)]
    assert {tuple(edge) for edge in ours.tolist()} == set(zip(theirs.row.tolist(), theirs.col.tolist(), strict=True))


def test_identical_rows_hang_on_the_first_of_them(way):
    for d in (2, 3):
        points = np.zeros((6, d))
        points[[1, 4]] = 0.25
        edges, lengths = minimum_spanning_tree(points)
        assert edges.tolist() == [[0, 1], [0, 2], [0, 3], [0, 5], [1, 4]]
        assert (lengths == 0).tolist() == [False, True, True, True, True]


def test_lengths_use_the_gap_of_the_users_own_coordinates():
    # Rounded to Poincaré coordinates these two are still 2 * 30 apart, but to three digits only.
    ball = to_ball([[30.0, 0.1, 0.0], [-30.0, 0.0, 0.2]], "tangent")
    _, lengths = ball_spanning_tree(ball)
    assert lengths[0] == hk.distance([30.0, 0.1, 0.0], [-30.0, 0.0, 0.2], model="tangent")


def test_one_point_has_a_tree_without_edges(way):
    for d in (1, 2, 3):
        edges, lengths = minimum_spanning_tree(np.full((1, d), 0.1))
        assert edges.shape == (0, 2)
        assert lengths.shape == (0,)


def test_tree_of_nothing_is_refused():
    with pytest.raises(ValueError, match="n >= 1"):
        minimum_spanning_tree(np.empty((0, 3)))


def test_verbose_shows_progress(capsys):
    hk.nearest_neighbors(hk.random_uniform_ball(20, random_state=0), 3, verbose=True)
    assert "searching neighbours" in capsys.readouterr().err
