import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import reference
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

import hyperkit as hk
from hyperkit import HyperbolicDelaunay
from hyperkit.delaunay import ball_delaunay, spanning_tree_edges
from hyperkit.models import ball_gap, tangent_to_ball, to_ball


def edge_set(delaunay):
    return {tuple(edge) for edge in delaunay.edges.tolist()}


def cluster(n, radius, size, seed, d=2):
    """Points about one at polar `radius`, spread by `size`."""
    rng = np.random.default_rng(seed)
    centre = tangent_to_ball(radius * np.eye(d)[0]).z
    return hk.random_wrapped_normal(n, centre, scale=size, random_state=rng.integers(2**31))


@given(st.integers(0, 2**32 - 1), st.integers(2, 14), st.floats(0, 20), st.floats(-10, 0.5))
@settings(max_examples=150, deadline=None)
def test_edges_equal_brute_force_in_fractions_on_random_sets(seed, n, radius, log_size):
    points = cluster(n, radius, 10.0**log_size, seed)
    assume(len(np.unique(points, axis=0)) == n)
    assert edge_set(HyperbolicDelaunay(points)) == reference.delaunay_edges(points)


@pytest.mark.parametrize("size", [0.01, 1.0, 5.0, 14.0])
def test_edges_equal_brute_force_in_fractions_on_larger_sets(size):
    points = hk.random_uniform_ball(40, radius=size, random_state=0)
    assert edge_set(HyperbolicDelaunay(points)) == reference.delaunay_edges(points)


def test_small_clusters_keep_hull_edges_with_large_circles():
    # Nearly collinear: the circumcircle of the first three has radius 0.25, far beyond the cluster but inside the disk.
    points = np.array([[-1e-3, 0.0], [0.0, -2e-6], [1e-3, 0.0], [0.0, -1e-3]])
    delaunay = HyperbolicDelaunay(points)
    assert edge_set(delaunay) == reference.delaunay_edges(points)
    assert (0, 2) in edge_set(delaunay)


NINE_AND_ONE = np.vstack([np.column_stack([np.linspace(-0.4, 0.4, 9), np.zeros(9)]), [[0.05, 0.7]]])


@pytest.mark.parametrize(
    "points",
    [
        [[0.1, 0.2]],
        [[0.1, 0.2], [0.9, -0.1]],
        [[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]],
        NINE_AND_ONE[:9],
        NINE_AND_ONE,
        NINE_AND_ONE[:, ::-1] * [0.5, 1.0],
    ],
    ids=["one", "two", "three obtuse", "nine collinear", "nine collinear and one off", "on the other axis"],
)
def test_degenerate_sets_equal_brute_force(points):
    assert edge_set(HyperbolicDelaunay(points)) == reference.delaunay_edges(points)


def test_three_points_with_an_obtuse_one_between_have_two_edges():
    assert HyperbolicDelaunay([[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]]).edges.tolist() == [[0, 1], [1, 2]]


def test_nine_collinear_points_and_one_near_the_middle_have_13_edges():
    x = np.linspace(-0.8, 0.8, 9)
    points = np.vstack([np.column_stack([x, np.zeros(9)]), [[0.0, 0.3]]])
    delaunay = HyperbolicDelaunay(points)
    assert len(delaunay.edges) == 13
    assert edge_set(delaunay) == reference.delaunay_edges(points)


def test_regular_octagon_has_its_sides_and_the_diagonals_of_one_triangulation():
    turn = np.arange(8) * np.pi / 4
    # Multiples of 2^-40, so that opposite corners are exact mirror images.
    points = np.round(0.5 * np.column_stack([np.cos(turn), np.sin(turn)]) * 2**40) / 2**40
    delaunay = HyperbolicDelaunay(points)
    assert len(delaunay.edges) == 13
    assert len(delaunay.simplices) == 6
    assert edge_set(delaunay) >= {(k, k + 1) for k in range(7)} | {(0, 7)}


def test_exactly_cocircular_grid_has_all_short_edges_and_one_diagonal_a_cell():
    grid = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=-1).reshape(-1, 2) / 64
    delaunay = HyperbolicDelaunay(grid)
    assert edge_set(delaunay) <= reference.delaunay_edges(grid)
    assert len(delaunay.edges) == 84 + 36
    assert len(grid) - len(delaunay.edges) + len(delaunay.simplices) == 1


def test_horocycle_points_form_a_path():
    # On a circle that touches the rim no triangle is hyperbolic; in doubles these lie on it exactly.
    points = np.array([(0.0, 0.0), (0.5, 0.5), (0.5, -0.5)])
    assert HyperbolicDelaunay(points).edges.tolist() == [[0, 1], [0, 2]]


@pytest.mark.parametrize("n", [1000, 20000])
@pytest.mark.parametrize(("radius", "size"), [(0, 1e-9), (0, 1), (10, 1), (18, 1), (30, 0.5)])
def test_euler_characteristic_is_that_of_a_disk_and_the_graph_is_connected(n, radius, size):
    points = cluster(n, radius, size, 7)
    delaunay = HyperbolicDelaunay(points)
    distinct = n - len(delaunay.duplicates)
    assert distinct - len(delaunay.edges) + len(delaunay.simplices) == 1
    assert connected_components(delaunay.adjacency())[0] == 1 + len(delaunay.duplicates)


@pytest.mark.parametrize(
    ("radius", "size", "d"), [(0, 1, 2), (12, 1, 2), (2, 1e-6, 2), (0, 2, 3), (8, 1, 3), (1, 1, 5)]
)
def test_graph_contains_the_minimum_spanning_tree_of_all_pairs(radius, size, d):
    points = cluster(120, radius, size, 3, d)
    delaunay = HyperbolicDelaunay(points)
    tree = minimum_spanning_tree(hk.pairwise_distances(points))
    pairs = {tuple(sorted(pair)) for pair in zip(*map(list, tree.nonzero()), strict=True)}
    assert pairs <= edge_set(delaunay)


def isometry(rng):
    """A reflection or none, a rotation, a translation up to length 3."""
    angle, flip = rng.uniform(0, 2 * np.pi), rng.choice([-1.0, 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1.0, flip])
    base = tangent_to_ball(rng.uniform(0, 3) * np.array([1.0, 0.0])).z
    return lambda z: hk.translate(z, base) @ turn.T


@pytest.mark.parametrize("seed", range(12))
def test_isometry_leaves_edges_unchanged(seed):
    rng = np.random.default_rng(seed)
    # At 200 points and radius 4 margins are near 1e-4, the rounding of the map near 1e-13.
    points = hk.random_uniform_ball(200, radius=4.0, random_state=seed)
    assert edge_set(HyperbolicDelaunay(isometry(rng)(points))) == edge_set(HyperbolicDelaunay(points))


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_every_model_gives_the_same_edges(model):
    points = hk.random_uniform_ball(300, radius=3.0, random_state=1)
    delaunay = HyperbolicDelaunay(hk.convert(points, "poincare", model), model=model)
    assert edge_set(delaunay) == edge_set(HyperbolicDelaunay(points))
    assert delaunay.points.shape[1] == (3 if model == "hyperboloid" else 2)


def test_a_hub_has_its_thousands_of_neighbours_in_order():
    turn = np.random.default_rng(0).uniform(0, 2 * np.pi, 5000)
    rim = tangent_to_ball(26 * np.column_stack([np.cos(turn), np.sin(turn)])).z
    edges = HyperbolicDelaunay(np.vstack([np.zeros(2), rim])).edges
    np.testing.assert_array_equal(edges[:5000], np.column_stack([np.zeros(5000), np.arange(1, 5001)]))
    np.testing.assert_array_equal(edges, np.unique(edges, axis=0))


def test_order_of_rows_does_not_matter():
    points = hk.random_uniform_ball(500, radius=6.0, random_state=2)
    order = np.random.default_rng(0).permutation(500)
    shuffled = HyperbolicDelaunay(points[order])
    assert {tuple(sorted(order[edge])) for edge in shuffled.edges} == edge_set(HyperbolicDelaunay(points))


def test_duplicated_rows_are_reported_and_the_first_carries_the_edges():
    points = np.array(
        [[0.1, 0.2], [0.3, 0.0], [0.1, 0.2], [-0.2, 0.5], [0.3, 0.0], [0.1, 0.2], [-0.0, 0.0], [0.0, -0.0]]
    )
    delaunay = HyperbolicDelaunay(points)
    assert delaunay.inverse.tolist() == [0, 1, 0, 3, 1, 0, 6, 6]
    assert delaunay.duplicates.tolist() == [[2, 0], [4, 1], [5, 0], [7, 6]]
    assert set(delaunay.edges.ravel().tolist()) == {0, 1, 3, 6}
    first = [0, 1, 3, 6]
    expected = {(first[i], first[j]) for i, j in reference.delaunay_edges(points[first])}
    assert edge_set(delaunay) == expected
    assert np.array_equal(delaunay.points, points)


def test_edges_simplices_and_neighbors_fit_together():
    delaunay = HyperbolicDelaunay(hk.random_uniform_ball(400, radius=2.0, random_state=5))
    assert (delaunay.edges[:, 0] < delaunay.edges[:, 1]).all()
    assert (np.diff(delaunay.edges @ [400, 1]) > 0).all()
    sides = {tuple(sorted((t[k], t[(k + 1) % 3]))) for t in delaunay.simplices.tolist() for k in range(3)}
    assert sides <= edge_set(delaunay)
    for t, row in enumerate(delaunay.neighbors):
        for k, other in enumerate(row):
            if other >= 0:
                shared = set(delaunay.simplices[t]) - {delaunay.simplices[t, k]}
                assert shared < set(delaunay.simplices[other])
                assert t in delaunay.neighbors[other]
    a, b, c = (delaunay.points[delaunay.simplices[:, k]] for k in range(3))
    turns = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (turns > 0).all()
    n_shared = (delaunay.neighbors >= 0).sum() // 2
    assert n_shared + (delaunay.neighbors < 0).sum() == len(sides)


def test_simplices_have_circumcircles_inside_the_disk():
    points = hk.random_uniform_ball(100, radius=6.0, random_state=5)
    delaunay = HyperbolicDelaunay(points)
    assert 0 < len(delaunay.simplices) < 100
    for triangle in points[delaunay.simplices]:
        # The hyperbolic circumcentre exists: a timelike vector has equal Lorentz products with the three corners.
        lorentz = np.column_stack([-(2 - ball_gap(triangle)), 2 * triangle]) / ball_gap(triangle)[:, None]
        centre = np.linalg.solve(lorentz, -np.ones(3))
        assert centre[0] ** 2 > centre[1] ** 2 + centre[2] ** 2


def test_adjacency_is_symmetric_and_holds_the_edges():
    delaunay = HyperbolicDelaunay(hk.random_uniform_ball(50, radius=2.0, random_state=5))
    matrix = delaunay.adjacency()
    assert (matrix != matrix.T).nnz == 0
    upper = {(i, j) for i, j in zip(*matrix.nonzero(), strict=True) if i < j}
    assert upper == edge_set(delaunay)
    np.testing.assert_allclose(
        delaunay.edge_lengths, hk.distance(delaunay.points[delaunay.edges[:, 0]], delaunay.points[delaunay.edges[:, 1]])
    )


def test_on_a_line_neighbours_are_consecutive():
    delaunay = HyperbolicDelaunay([[0.5], [-0.9], [0.0], [0.7], [0.5]])
    assert delaunay.edges.tolist() == [[0, 2], [0, 3], [1, 2]]
    assert delaunay.method_used_ == "exact"
    assert delaunay.simplices.tolist() == [[1, 2], [2, 0], [0, 3]]
    assert delaunay.neighbors.tolist() == [[1, -1], [2, 0], [-1, 1]]


@pytest.mark.parametrize(("d", "method"), [(1, "exact"), (2, "exact"), (3, "exact"), (6, "exact"), (7, "rays")])
def test_the_method_follows_the_dimension(d, method):
    delaunay = HyperbolicDelaunay(cluster(20, 0, 1, 0, d=d))
    assert delaunay.method_used_ == method
    assert delaunay.recall_estimate_ == 1.0
    assert delaunay.simplices.shape[1] == d + 1


def test_exact_and_rays_agree_on_generic_sets_in_every_exact_dimension():
    for d in range(1, 6):
        points = cluster(40, 1, 1, d, d=d)
        np.testing.assert_array_equal(HyperbolicDelaunay(points).edges, HyperbolicDelaunay(points, method="rays").edges)


def test_edges_that_only_the_quadratic_program_finds_are_counted():
    delaunay = HyperbolicDelaunay(hk.random_uniform_ball(100, 5, radius=4.0, random_state=0))
    assert delaunay.n_quadratic_ > 0
    assert HyperbolicDelaunay(hk.random_uniform_ball(100, radius=4.0, random_state=0)).n_quadratic_ == 0


def test_bad_options_are_named():
    with pytest.raises(ValueError, match="method='qhull' must be one of 'auto', 'exact', 'rays'"):
        HyperbolicDelaunay([[0.0, 0.0]], method="qhull")
    with pytest.raises(ValueError, match="'exact' goes up to dimension 6, and these have 7"):
        HyperbolicDelaunay(np.zeros((3, 7)), method="exact")
    with pytest.raises(ValueError, match="n_rays=0 must be a whole number of at least 1"):
        HyperbolicDelaunay([[0.0, 0.0]], n_rays=0)


def test_bad_points_are_named():
    with pytest.raises(ValueError, match=r"points: row 1 has norm 1\.5"):
        HyperbolicDelaunay([[0.0, 0.0], [1.5, 0.0]])
    with pytest.raises(ValueError, match="table of shape"):
        HyperbolicDelaunay([0.1, 0.2])
    with pytest.raises(ValueError, match="n >= 1"):
        HyperbolicDelaunay(np.empty((0, 2)))


@pytest.mark.parametrize("size", [1e-12, 1e-30, 1e-60])
def test_tiny_sets_equal_brute_force(size):
    points = size * np.random.default_rng(0).normal(size=(9, 2))
    assert edge_set(HyperbolicDelaunay(points)) == reference.delaunay_edges(points)


def test_coordinates_too_small_for_exact_signs_are_refused():
    with pytest.raises(ValueError, match=r"row 1 has Poincaré coordinates .*too small"):
        HyperbolicDelaunay([[0.0, 0.0], [0.5, 5e-324], [0.1, 0.1]])


def test_points_are_a_copy():
    X = np.array([[0.1, 0.2], [0.3, 0.4]])
    delaunay = HyperbolicDelaunay(X)
    X[0] = 0.9
    assert delaunay.points[0].tolist() == [0.1, 0.2]


def parts_of(delaunay):
    return delaunay.edges, delaunay.simplices, delaunay.neighbors


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("asked", [False, True])
def test_a_graph_can_be_copied_and_pickled_before_and_after_its_parts_are_made(d, asked):
    points = hk.random_wrapped_normal(60, [0.0] * d, random_state=0)
    expected = parts_of(HyperbolicDelaunay(points))
    delaunay = HyperbolicDelaunay(points)
    if asked:
        parts_of(delaunay)
    for other in (pickle.loads(pickle.dumps(delaunay)), copy.copy(delaunay), copy.deepcopy(delaunay)):
        for part, own in zip(parts_of(other), expected, strict=True):
            np.testing.assert_array_equal(part, own)
        assert repr(other) == repr(delaunay)


def test_parts_are_made_once_and_the_same_for_threads_that_ask_at_once():
    points = hk.random_wrapped_normal(20_000, [0.0, 0.0], random_state=0)
    expected = parts_of(HyperbolicDelaunay(points))
    delaunay = HyperbolicDelaunay(points)
    with ThreadPoolExecutor(8) as pool:
        for parts in pool.map(parts_of, [delaunay] * 16):
            for part, own in zip(parts, expected, strict=True):
                np.testing.assert_array_equal(part, own)
    assert all(part is again for part, again in zip(parts_of(delaunay), parts_of(delaunay), strict=True))


@pytest.mark.parametrize(("d", "method"), [(1, "exact"), (2, "exact"), (2, "rays"), (3, "exact")])
def test_edges_are_counted_by_labels_without_being_made(d, method):
    rng = np.random.default_rng(d)
    points = hk.random_wrapped_normal(150, [0.0] * d, random_state=0)
    points = points[rng.integers(0, 150, size=200)]
    graph = ball_delaunay(to_ball(points), method=method)
    labels = rng.integers(0, 5, size=200).astype(np.int8)
    counts = graph.complex.count_labels(labels, 6)
    expected = np.zeros((6, 6), dtype=np.int64)
    for i, j in graph.edges:
        expected[labels[i], labels[j]] += 1
    assert counts.shape == (6, 6)
    np.testing.assert_array_equal(counts + counts.T, expected + expected.T)


def test_spanning_tree_breaks_ties_by_the_pair_whatever_the_order_of_the_edges():
    edges = np.array([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    lengths = np.ones(6)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(6)
        rows = spanning_tree_edges(4, edges[order], lengths[order])
        assert sorted(edges[order][rows].tolist()) == [[0, 1], [0, 2], [0, 3]]


def test_spanning_tree_takes_edges_of_length_zero():
    edges = np.array([[0, 1], [0, 2], [1, 2]])
    assert spanning_tree_edges(3, edges, np.array([1.0, 1.0, 0.0])).tolist() == [0, 2]


class ReadOnce:
    """A table that can be read a single time, like a stream."""

    def __init__(self, table):
        self.left = [table]

    def __array__(self, dtype=None, copy=None):
        return np.array(self.left.pop(), dtype=dtype)


def test_the_points_are_read_once_and_kept_as_a_copy():
    table = np.random.default_rng(0).uniform(-0.5, 0.5, size=(12, 2))
    graph = hk.HyperbolicDelaunay(ReadOnce(table))
    np.testing.assert_array_equal(graph.points, table)
    own = table.copy()
    graph = hk.HyperbolicDelaunay(own)
    own[:] = 0
    np.testing.assert_array_equal(graph.points, table)


TINY = np.array([[0.1, 0.2], [0.3, 0.1], [-0.2, 0.1], [1e-70, 0.1], [0.4, 0.4]])
FINE = TINY[[0, 1, 2, 2, 4]] / 2


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("points", lambda: hk.HyperbolicDelaunay(TINY)),
        ("points", lambda: hk.HyperbolicVoronoi(TINY)),
        ("X", lambda: hk.minimum_spanning_tree(TINY)),
        ("X", lambda: hk.HyperSteiner().fit(TINY)),
        ("X", lambda: hk.HyperSteiner().fit(FINE).insert(TINY)),
        ("X", lambda: hk.HyperDGA().fit(TINY)),
        ("X", lambda: hk.HyperDGA().fit(FINE).compare(TINY)),
        ("the reference set", lambda: hk.HyperDGA(method="rays").fit(TINY).set_params(method="exact").compare(FINE)),
        ("A", lambda: hk.hyperdga(TINY, FINE)),
        ("B", lambda: hk.similarity.compare_sets(FINE, TINY)),
        (r"X\[1\]", lambda: hk.pairwise_hyperdga([FINE, TINY])),
        (r"X\[b\]", lambda: hk.pairwise_hyperdga({"a": FINE, "b": TINY}, joint=True)),
        (r"series\[1\]", lambda: hk.mixing_curve(FINE, [FINE, TINY])),
    ],
)
def test_coordinates_too_small_for_exact_signs_are_named_as_the_user_does(name, call):
    with pytest.raises(ValueError, match=rf"^{name}: row 3 has Poincaré coordinates \(1e-70, 0.1\)"):
        call()


def test_dimensions_too_high_for_exact_graphs_are_named_as_the_user_does():
    points = np.random.default_rng(0).uniform(-0.1, 0.1, size=(10, 7))
    with pytest.raises(ValueError, match=r"^points: method='exact' goes up to dimension 6, and these have 7"):
        hk.HyperbolicDelaunay(points, method="exact")
    with pytest.raises(ValueError, match=r"^A: method='exact'"):
        hk.similarity.compare_sets(points, points, method="exact")


def test_small_coordinates_are_fine_where_signs_are_not_exact_products():
    hk.HyperbolicDelaunay(TINY, method="rays")
    hk.HyperbolicDelaunay(np.column_stack([TINY, TINY[:, :1]]))
