from fractions import Fraction

import joblib
import numpy as np
import pytest
import reference
import scipy
from packaging.version import Version
from scipy.optimize import nnls
from scipy.sparse.csgraph import minimum_spanning_tree

import hyperkit as hk
from hyperkit.delaunay.rays._ray_neighbors import ray_neighbors
from hyperkit.delaunay.rays._rays import _is_gabriel, ray_edges
from hyperkit.delaunay.rays.kernels import ray_search as kernels
from hyperkit.models import BallPoints, ball_gap, tangent_to_ball, to_ball

ENOUGH = 10**9  # rays that settle any site


def edge_set(graph):
    return {tuple(edge) for edge in graph.edges.tolist()}


def uniform(n, d, radius, seed=0):
    return to_ball(hk.random_uniform_ball(n, d, radius=radius, random_state=seed))


def cluster(n, d, radius, size, seed=0):
    """Points about one at polar `radius`, spread by `size`."""
    centre = tangent_to_ball(radius * np.eye(d)[0]).z
    return to_ball(hk.random_wrapped_normal(n, centre, scale=size, random_state=seed))


def edges_by_least_distance(points, margin=1e-9):
    """True edges, and pairs too close to call: the face point nearest to i by nonnegative least squares.

    Least distance programming (Lawson, Hanson, "Solving least squares problems", 1974, chapter 23), with every point
    as a constraint, on the Möbius images of the points.
    """
    n, d = points.z.shape
    edges, unclear = set(), set()
    for i in range(n):
        # The bisector of the origin and w is the hyperplane of points with y . w = |w|^2 in Klein coordinates.
        w = _images(points, i)
        for j in range(i + 1, n):
            others = [k for k in range(n) if k not in (i, j)]
            g = np.vstack([w[j], -w[j], -w[others]])
            h = np.concatenate([[w[j] @ w[j], -(w[j] @ w[j])], -np.square(w[others]).sum(axis=1)])
            scale = np.linalg.norm(g, axis=1)
            system = np.vstack([(g / scale[:, None]).T, h / scale])
            target = np.append(np.zeros(d), 1.0)
            weights, rest = nnls(system, target, maxiter=100 * n)
            if rest < 1e-7:  # no such point, or one 1e7 away
                continue
            residual = system @ weights - target
            norm = np.linalg.norm(residual[:d] / residual[d])
            if abs(norm - 1) < margin:
                unclear.add((i, j))
            elif norm < 1:
                edges.add((i, j))
    return edges, unclear


def _images(points, i):
    """Möbius images by the textbook formula, z_i at the origin."""
    a, z = -points.z[i], points.z
    dot, aa, zz = z @ a, a @ a, np.square(z).sum(axis=1)
    return ((1 + 2 * dot + zz)[:, None] * a + (1 - aa) * z) / (1 + 2 * dot + aa * zz)[:, None]


@pytest.mark.skipif(Version(scipy.__version__) < Version("1.16"), reason="nnls of scipy 1.12 to 1.15 fails or is wrong")
@pytest.mark.parametrize(
    ("points", "d"),
    [(uniform(40, 5, 4.0), 5), (uniform(30, 8, 3.0), 8), (cluster(40, 4, 1.0, 0.7), 4), (cluster(30, 7, 0.0, 1.5), 7)],
)
def test_settled_edges_are_those_of_the_quadratic_program_over_all_points(points, d):
    graph = ray_edges(points, n_rays=ENOUGH, random_state=0)
    edges, unclear = edges_by_least_distance(points)
    assert not unclear
    assert graph.settled.all()
    assert graph.recall_estimate == 1
    assert edge_set(graph) == edges
    assert len(edges) < len(points.z) * (len(points.z) - 1) // 2


@pytest.mark.parametrize("radius", [0.01, 3.0, 10.0])
def test_in_the_plane_settled_edges_are_the_exact_ones(radius):
    points = uniform(300, 2, radius)
    graph = ray_edges(points, n_rays=ENOUGH, random_state=0)
    assert graph.settled.all()
    assert edge_set(graph) == edge_set(hk.HyperbolicDelaunay(points.z))


@pytest.mark.parametrize("n_rays", [1, ENOUGH])
@pytest.mark.parametrize(("radius", "size", "n"), [(18, 1, 200), (30, 0.5, 200), (18, 1e-3, 60)])
def test_no_edge_is_false_on_a_cluster_by_the_rim(radius, size, n, n_rays):
    points = cluster(n, 2, radius, size)
    points = points.take(np.sort(np.unique(points.z, axis=0, return_index=True)[1]))
    true = edge_set(hk.HyperbolicDelaunay(points.z))
    graph = ray_edges(points, n_rays=n_rays, random_state=0)
    found = edge_set(graph)
    assert found <= true
    if n_rays == ENOUGH:
        at_settled = {edge for edge in true if graph.settled[list(edge)].any()}
        assert at_settled <= found
        assert len(at_settled) > 0.9 * len(true)


@pytest.mark.parametrize(("radius", "size"), [(18, 1.0), (30, 0.3), (3, 1e-6)])
def test_in_space_settled_edges_are_those_of_the_definition_in_integers(radius, size):
    points = cluster(25, 3, radius, size)
    points = points.take(np.sort(np.unique(points.z, axis=0, return_index=True)[1]))
    graph = ray_edges(points, n_rays=ENOUGH)
    true = reference.spatial_edges(points.z)
    assert edge_set(graph) <= true
    assert graph.settled.mean() > 0.8
    assert not any(graph.settled[list(edge)].any() for edge in true - edge_set(graph))


@pytest.mark.parametrize(("n_rays", "least"), [(1, 0.3), (30, 0.5), (80, 0.8)])
def test_with_a_small_budget_no_edge_is_false_and_the_estimate_is_near_the_recall(n_rays, least):
    points = uniform(300, 5, 4.0)
    true = edge_set(ray_edges(points, n_rays=ENOUGH))
    graph = ray_edges(points, n_rays=n_rays, random_state=3)
    found = edge_set(graph)
    assert found < true
    recall = len(found) / len(true)
    assert recall > least
    assert graph.recall_estimate == pytest.approx(recall, abs=0.1)
    missed = true - found
    assert not any(graph.settled[list(edge)].any() for edge in missed)


def test_half_the_misses_of_plain_random_rays_at_equal_cost_is_easily_reached():
    points = uniform(200, 5, 4.0)
    true = edge_set(ray_edges(points, n_rays=ENOUGH))
    found = edge_set(ray_edges(points, n_rays=300, random_state=0))
    rng = np.random.default_rng(0)
    plain = set()
    for site in range(200):
        columns, _, _ = kernels.half_spaces(points.z, points.z[site], points.gap[site])
        rays = rng.normal(size=(300, 5))
        products = rays / np.linalg.norm(rays, axis=1, keepdims=True) @ columns
        winners = products.argmax(axis=1)[products.max(axis=1) > 1]
        plain |= {(min(site, k), max(site, k)) for k in winners.tolist()}
    assert plain <= true
    assert len(true - found) < len(true - plain) / 10


@pytest.mark.parametrize(
    "points",
    [uniform(60, 4, 25.0), uniform(150, 3, 6.0), uniform(150, 8, 3.0), cluster(150, 3, 12, 1), cluster(150, 20, 0, 1)],
)
def test_the_smallest_budget_keeps_the_minimum_spanning_tree(points):
    tree = minimum_spanning_tree(hk.pairwise_distances(points.z)).tocoo()
    pairs = {tuple(sorted(pair)) for pair in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    assert pairs <= edge_set(ray_edges(points, n_rays=1))


def test_a_far_tight_pair_is_joined_though_its_rays_cannot_tell_the_two_apart():
    # The pair is 1e-9 wide at distance 0.5: its leads are near 1e-18, far below rounding.
    z = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.5, 1e-9, 0.0]])
    graph = ray_edges(BallPoints(z, ball_gap(z)), n_rays=1)
    assert (1, 2) in edge_set(graph)
    assert len(graph.edges) >= 2
    assert edge_set(graph) <= reference.spatial_edges(z)


def test_gabriel_signs_agree_with_integers_and_are_in_doubt_on_the_ball():
    # The origin is the midpoint of (0.6, 0) and (-0.6, 0), whose ball (0.36, 0.48) is on, to the last place.
    for step, sign in ((0.0, 0), (2.0**-40, 1), (-(2.0**-40), -1)):
        z = np.array([[0.625, 0.0], [-0.625, 0.0], [0.375, 0.5 + step]])
        assert np.sign(kernels.gabriel_sign(z, ball_gap(z), 0, 1, np.arange(3))) == sign
        assert _is_gabriel(z, 0, 1) == (sign > 0)
    points = cluster(40, 3, 18, 0.5)
    order = np.arange(len(points.z))
    for k in range(1, 40):
        assert (kernels.gabriel_sign(points.z, points.gap, 0, k, order) > 0) == _is_gabriel(points.z, 0, k)


def test_a_shell_at_the_rim_takes_no_time_and_keeps_the_minimum_spanning_tree():
    v = np.random.default_rng(0).normal(size=(100, 10))
    points = tangent_to_ball(20 * v / np.linalg.norm(v, axis=1)[:, None])
    points = BallPoints(points.z, ball_gap(points.z))
    graph = ray_edges(points, n_rays=10)
    tree = minimum_spanning_tree(hk.pairwise_distances(points.z)).tocoo()
    pairs = {tuple(sorted(pair)) for pair in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    assert pairs <= edge_set(graph)
    assert graph.recall_estimate < 1


def test_normals_err_less_than_the_bound_says():
    points = cluster(40, 3, 18, 0.5)
    bound = kernels.relative_error(3)
    a = [Fraction(x) for x in points.z[0].tolist()]
    columns, lengths, _ = kernels.half_spaces(points.z, points.z[0], ball_gap(points.z)[0])
    gap = 1 - sum(x * x for x in a)
    largest = 0.0
    for k in range(1, 40):
        delta = [Fraction(x) - y for x, y in zip(points.z[k].tolist(), a, strict=True)]
        squared = sum(x * x for x in delta)
        if squared == 0:
            continue
        exact = [gap * x / squared - y for x, y in zip(delta, a, strict=True)]
        error = sum((Fraction(float(x)) - y) ** 2 for x, y in zip(columns[:, k], exact, strict=True))
        largest = max(largest, float(error) ** 0.5 / lengths[k])
    assert 0 < largest < bound / 2


def test_isometry_leaves_edges_unchanged():
    points = uniform(120, 6, 3.0)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    moved = hk.translate(points.z @ rotation.T, tangent_to_ball(2.0 * np.eye(6)[1]).z)
    assert edge_set(ray_edges(to_ball(moved), n_rays=ENOUGH)) == edge_set(ray_edges(points, n_rays=ENOUGH))


def same(a, b):
    return (
        np.array_equal(a.edges, b.edges) and a.recall_estimate == b.recall_estimate and (a.settled == b.settled).all()
    )


def test_every_number_of_jobs_and_backend_gives_the_same_bits():
    points = uniform(150, 5, 4.0)
    one = ray_edges(points, n_rays=40, random_state=1, n_jobs=1)
    assert not one.settled.all()
    assert same(one, ray_edges(points, n_rays=40, random_state=1, n_jobs=2))
    assert not same(one, ray_edges(points, n_rays=40, random_state=2))
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert same(one, ray_edges(points, n_rays=40, random_state=1))


def test_a_dask_cluster_gives_the_same_bits():
    distributed = pytest.importorskip("distributed")
    points = uniform(100, 4, 3.0)
    here = ray_edges(points, n_rays=20, random_state=1)
    with (
        distributed.Client(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None),
        joblib.parallel_config(backend="dask"),
    ):
        assert same(here, ray_edges(points, n_rays=20, random_state=1))


def test_edges_are_sorted_pairs_without_repetition():
    edges = ray_edges(uniform(60, 4, 3.0), n_rays=ENOUGH).edges
    assert edges.dtype == np.int64
    assert (edges[:, 0] < edges[:, 1]).all()
    assert (np.diff(edges @ [60, 1]) > 0).all()


@pytest.mark.parametrize("d", [1, 2, 7])
def test_one_and_two_points(d):
    z = np.vstack([np.zeros(d), np.full(d, 0.3)])
    alone = ray_edges(to_ball(z[:1]), n_rays=1)
    assert alone.edges.shape == (0, 2)
    assert alone.recall_estimate == 1
    assert alone.settled.all()
    assert ray_edges(to_ball(z), n_rays=ENOUGH).edges.tolist() == [[0, 1]]


def test_collinear_points_form_a_path():
    x = np.sort(np.random.default_rng(0).uniform(-0.9, 0.9, 30))
    z = np.zeros((30, 8))
    z[:, 0] = x
    graph = ray_edges(to_ball(z), n_rays=ENOUGH)
    assert graph.edges.tolist() == [[k, k + 1] for k in range(29)]
    assert graph.settled.all()


def test_ties_are_left_out_and_their_sites_not_called_settled():
    # The eight corners of a cube: its diagonals touch in one point only.
    corners = np.stack(np.meshgrid(*[[-0.25, 0.25]] * 3), axis=-1).reshape(-1, 3)
    graph = ray_edges(to_ball(corners), n_rays=ENOUGH)
    differing = [(corners[i] != corners[j]).sum() for i, j in graph.edges]
    assert differing == [1] * 12
    assert not graph.settled.any()


def test_verbose_shows_progress(capsys):
    ray_edges(uniform(20, 3, 1.0), n_rays=5, verbose=True)
    assert "shooting rays" in capsys.readouterr().err


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="n_rays=0 must be a whole number of at least 1"):
        ray_edges(uniform(5, 3, 1.0), n_rays=0)
    close = np.array([[0.5, 0.0], [0.0, 0.0], [1e-160, 0.0]])
    with pytest.raises(ValueError, match="rows 1 and 2 are less than 1e-150 apart"):
        ray_edges(to_ball(close), n_rays=5)
    points = uniform(5, 3, 1.0).z
    with pytest.raises(ValueError, match="sites: 5 is no row of points"):
        ray_neighbors(points, [0, 5])
    with pytest.raises(TypeError, match="sites has shape"):
        ray_neighbors(points, [0.5])
    with pytest.raises(ValueError, match="block_size=0 must be a whole number of at least 1"):
        ray_neighbors(points, [0], block_size=0)
    with pytest.raises(ValueError, match="table of shape"):
        ray_neighbors(points[0], [0])
    points[4, 1] = np.nan
    with pytest.raises(ValueError, match=r"points\[3:5\]: row 1 is not finite"):
        ray_neighbors(points, [0], block_size=3)


def pairs_of(edges, sites):
    return sorted((s, int(b if a == s else a)) for s in sites for a, b in edges if s in (a, b))


@pytest.mark.parametrize("block_size", [37, 1000])
@pytest.mark.parametrize(("n", "d", "radius"), [(700, 3, 4.0), (400, 7, 3.0)])
def test_points_read_from_disk_in_blocks_have_the_neighbours_they_have_in_memory(tmp_path, n, d, radius, block_size):
    points = uniform(n, d, radius)
    on_disk = np.memmap(tmp_path / "points", dtype=np.float64, mode="w+", shape=(n, d))
    on_disk[:] = points.z
    sites = [5, 300, 17]
    found = ray_neighbors(on_disk, sites, block_size=block_size, n_rays=ENOUGH)
    assert found.settled.all()
    assert sorted(map(tuple, found.pairs.tolist())) == pairs_of(ray_edges(points, n_rays=ENOUGH).edges, sites)
    assert list(dict.fromkeys(found.pairs[:, 0].tolist())) == sites


def test_blocks_and_jobs_do_not_change_what_unsettled_sites_get():
    points = uniform(600, 6, 4.0).z
    one = ray_neighbors(points, np.arange(70), n_rays=20, block_size=600)
    two = ray_neighbors(points, np.arange(70), n_rays=20, block_size=101, n_jobs=2)
    assert not one.settled.any()
    assert np.array_equal(one.pairs, two.pairs)
    true = edge_set(ray_edges(to_ball(points), n_rays=ENOUGH))
    assert {tuple(sorted(pair)) for pair in one.pairs.tolist()} < true


def test_identical_rows_on_disk_are_stood_for_by_the_first():
    points = uniform(300, 4, 3.0).z
    sites = [10, 20]
    once = ray_neighbors(points, sites, n_rays=ENOUGH)
    repeated = ray_neighbors(
        np.vstack([points, points, -0.0 + points[:50]]), [*sites, 310], n_rays=ENOUGH, block_size=90
    )
    assert repeated.settled.all()
    of_copy = repeated.pairs[repeated.pairs[:, 0] == 310]
    assert np.array_equal(repeated.pairs[: len(once.pairs)], once.pairs)
    assert np.array_equal(of_copy[:, 1], once.pairs[once.pairs[:, 0] == 10, 1])


def test_ray_neighbors_takes_every_model_and_no_sites():
    points = uniform(100, 3, 2.0).z
    expected = ray_neighbors(points, [3], n_rays=ENOUGH).pairs
    for model in ("klein", "hyperboloid", "halfspace", "tangent"):
        found = ray_neighbors(hk.convert(points, "poincare", model), [3], model=model, n_rays=ENOUGH)
        assert np.array_equal(found.pairs, expected)
    assert ray_neighbors(points, []).pairs.shape == (0, 2)


def test_ray_neighbors_of_a_point_alone_or_among_copies_are_none():
    for points in ([[0.1, 0.2]], [[0.1, 0.2]] * 3):
        found = ray_neighbors(points, [0])
        assert found.pairs.shape == (0, 2)
        assert found.settled.all()
