import numpy as np
import pytest
import reference

import hyperkit as hk
from hyperkit import minimum_spanning_tree, nearest_neighbors
from hyperkit.delaunay import ball_spanning_tree, spanning_tree_edges
from hyperkit.models import to_ball


def cluster(n, d, radius, size, seed=0):
    """Points about one at polar `radius`, spread by `size`."""
    centre = hk.convert(radius * np.eye(d)[0], "tangent", "poincare")
    return hk.random_wrapped_normal(n, centre, scale=size, random_state=seed)


SETS = {
    "gauss": lambda n, d: cluster(n, d, 0, 1.0),
    "tiny": lambda n, d: cluster(n, d, 1, 1e-9),
    "cluster at radius 18": lambda n, d: cluster(n, d, 18, 1.0),
    "cluster at radius 30": lambda n, d: cluster(n, d, 30, 1.0),
    "ball of radius 10": lambda n, d: hk.random_uniform_ball(n, d, radius=10.0, random_state=0),
    "ball of radius 30": lambda n, d: hk.random_uniform_ball(n, d, radius=30.0, random_state=0),
    "every point twice": lambda n, d: np.repeat(cluster(n // 2, d, 1, 1.0), 2, axis=0),
}


@pytest.mark.parametrize("d", [1, 2, 3, 6])
@pytest.mark.parametrize("family", SETS)
def test_neighbours_equal_brute_force(family, d):
    points = SETS[family](300, d)
    matrix = hk.pairwise_distances(points)
    np.fill_diagonal(matrix, np.inf)
    distances, indices = nearest_neighbors(points, 7)
    np.testing.assert_allclose(distances, np.sort(matrix, axis=1)[:, :7], rtol=1e-14)
    np.testing.assert_allclose(distances, np.take_along_axis(matrix, indices, axis=1), rtol=1e-14)
    assert all(len(set(row)) == 7 for row in indices.tolist())
    assert (indices != np.arange(300)[:, None]).all()


@pytest.mark.parametrize("family", SETS)
def test_neighbours_of_other_points_equal_brute_force(family):
    points = SETS[family](300, 3)
    queries = np.concatenate([points[:50], hk.random_uniform_ball(50, 3, radius=20.0, random_state=1)])
    distances, indices = nearest_neighbors(points, 300, queries)
    matrix = hk.pairwise_distances(queries, points)
    np.testing.assert_allclose(distances, np.sort(matrix, axis=1), rtol=1e-14)
    assert (np.sort(indices, axis=1) == np.arange(300)).all()
    few, rows = nearest_neighbors(points, 5, queries)
    np.testing.assert_allclose(few, distances[:, :5], rtol=1e-14)
    np.testing.assert_allclose(hk.distance(queries[:, None], points[rows]), few, rtol=1e-14)


def test_nearest_neighbour_at_the_rim_is_right_to_500_digits():
    points = cluster(40, 2, 33, 0.5)
    distances, indices = nearest_neighbors(points, 1)
    for i in range(40):
        exact = [reference.distance(points[i], points[k], "poincare") for k in range(40) if k != i]
        assert float(min(exact)) == pytest.approx(distances[i, 0], rel=1e-13)
        assert float(reference.distance(points[i], points[indices[i, 0]], "poincare") / min(exact)) < 1 + 1e-13


def test_equals_come_by_row():
    points = np.array([[0.5, 0.0], [0.0, 0.0], [0.0, 0.5], [-0.5, 0.0], [0.0, -0.5], [0.0, 0.0], [0.0, 0.0]])
    _, indices = nearest_neighbors(points, 5)
    assert indices[1].tolist() == [5, 6, 0, 2, 3]
    assert indices[5].tolist() == [1, 6, 0, 2, 3]
    assert indices[0].tolist()[:3] == [1, 5, 6]


def test_many_identical_points_are_each_others_neighbours():
    _, indices = nearest_neighbors(np.zeros((20_000, 3)), 3)
    assert indices[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert (indices[4:] == [0, 1, 2]).all()


def test_tiny_differences_do_not_underflow():
    points = 1e-200 * np.random.default_rng(0).normal(size=(50, 2))
    _, indices = nearest_neighbors(points, 4)
    _, expected = nearest_neighbors(points * 2.0**600, 4)
    assert (indices == expected).all()


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_every_model_gives_the_same_neighbours(model):
    points = hk.random_uniform_ball(200, 3, radius=4.0, random_state=0)
    expected, rows = nearest_neighbors(points, 5)
    distances, indices = nearest_neighbors(hk.convert(points, "poincare", model), 5, model=model)
    np.testing.assert_allclose(distances, expected, rtol=1e-11)
    assert (indices == rows).all()


def test_any_number_of_threads_gives_the_same_bits():
    points = cluster(10_000, 3, 2, 1.0)
    for one, two in zip(nearest_neighbors(points, 6), nearest_neighbors(points, 6, n_jobs=2), strict=True):
        assert np.array_equal(one, two)


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
def test_spanning_tree_has_the_lengths_of_prims(family, d):
    points = SETS[family](200, d)
    edges, lengths = minimum_spanning_tree(points)
    assert is_spanning_tree(200, edges)
    np.testing.assert_allclose(np.sort(lengths), prim(hk.pairwise_distances(points)), rtol=1e-13)
    np.testing.assert_allclose(lengths, hk.distance(points[edges[:, 0]], points[edges[:, 1]]), rtol=1e-14)
    assert (edges[:, 0] < edges[:, 1]).all()
    assert (np.diff(edges @ [200, 1]) > 0).all()


def test_a_plane_in_space_has_the_spanning_tree_of_the_plane():
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
def test_equal_edges_are_taken_by_row(d):
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


def test_identical_rows_hang_on_the_first_of_them():
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


def test_one_point_has_a_tree_without_edges():
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
