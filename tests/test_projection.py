"""Projection to the disk: what lies in a plane stays as it is, isometries change nothing, and distortion is told."""

import pickle

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import ortho_group
from threadpoolctl import threadpool_limits

from hyperkit import convert, distance, frechet_mean, pairwise_distances, random_wrapped_normal, translate
from hyperkit.embedding import project_to_disk
from hyperkit.embedding._pairs import some_pairs
from hyperkit.embedding.projection._horopca import Horospheres
from hyperkit.models import to_ball
from hyperkit.plot import plot_points

METHODS = ["tangent", "horopca"]


@pytest.fixture
def points():
    return random_wrapped_normal(90, np.zeros(5), scale=np.array([1.5, 1.0, 0.8, 0.5, 0.3]), random_state=1)


def busemann(ideal, points):
    """Busemann function of an ideal point."""
    return np.log(np.square(points - ideal).sum(axis=1) / (1 - np.square(points).sum(axis=1)))


def random_horospheres(d, bend, seed=0):
    return Horospheres.of(np.append(np.random.default_rng(seed).normal(size=2 * d), bend))


class TestHorospheres:
    @pytest.mark.parametrize("bend", [0.1, 1.0, 3.0])
    def test_both_busemann_functions_are_kept_and_the_origin_s_side(self, points, bend):
        projection = random_horospheres(5, bend)
        angle = 2 * np.arctan(bend)
        other = np.cos(angle) * projection.ideal - np.sin(angle) * projection.along
        plane = projection(to_ball(points)).z @ np.array([projection.along, projection.ideal])
        for ideal in (projection.ideal, other):
            np.testing.assert_allclose(busemann(ideal, plane), busemann(ideal, points), atol=1e-12)
        # The spine is the circle about `middle` that meets the rim at right angles in the two ideal points; its radius
        # is tan(angle / 2).
        middle = (projection.ideal + other) / (1 + np.cos(angle))
        assert (np.linalg.norm(plane - middle, axis=1) >= bend - 1e-12).all()

    def test_no_distance_grows(self, points):
        before = pairwise_distances(points)
        for bend in (0.0, 0.3, 1.0, 5.0):
            after = pairwise_distances(random_horospheres(5, bend)(to_ball(points)).z)
            assert (after <= before + 1e-12).all()

    def test_far_spines_tend_to_the_limit_where_the_ideal_points_meet(self, points):
        limit = random_horospheres(5, 0.0)(to_ball(points)).z
        for bend in (1e-3, 1e-6, 1e-9):
            near = random_horospheres(5, bend)(to_ball(points)).z
            assert np.abs(near - limit).max() < 20 * bend

    @pytest.mark.parametrize("bend", [0.0, 1e-6, 0.4, 1.0])
    def test_the_gradient_is_that_of_the_variance(self, points, bend):
        ball, pairs = to_ball(points), some_pairs(90, 500, np.random.RandomState(0))
        free = np.concatenate(random_horospheres(5, bend)[:2])
        value, gradient = Horospheres.of(np.append(free, bend)).variance(ball, pairs)
        error = check_grad(
            lambda x: Horospheres.of(x).variance(ball, pairs)[0],
            lambda x: Horospheres.of(x).variance(ball, pairs)[1],
            np.append(free, bend + 1e-5),
            epsilon=1e-6,
        )
        assert error < 1e-5 * np.linalg.norm(gradient)
        after = Horospheres.of(np.append(free, bend))(ball).z
        assert value == pytest.approx(np.sum(distance(*after[pairs.T]) ** 2))


class TestPlane:
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("radius", [0.01, 3.0, 30.0])
    def test_points_of_a_geodesic_plane_come_out_as_they_lie(self, method, radius):
        rng = np.random.default_rng(3)
        vectors = np.zeros((60, 6))
        vectors[:, :2] = rng.normal(size=(60, 2))
        vectors *= radius / np.linalg.norm(vectors, axis=1).max()
        turned = convert(vectors @ ortho_group.rvs(6, random_state=4), "tangent", "hyperboloid")
        origin = convert([0.3, 0.2, -0.1, 0.2, 0.4, 0.1], "poincare", "hyperboloid")
        moved = translate(turned, origin, model="hyperboloid")
        projection = project_to_disk(moved, method=method, model="hyperboloid")
        wanted = pairwise_distances(vectors, model="tangent")
        got = pairwise_distances(projection.points, model="hyperboloid")
        np.testing.assert_allclose(got, wanted, atol=1e-11)
        assert projection.distortion < 1e-12
        assert projection.explained_variance == pytest.approx(1)

    @pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "halfspace", "tangent"])
    @pytest.mark.parametrize("method", METHODS)
    def test_points_of_the_plane_stay_to_the_bit(self, method, model):
        X = convert(random_wrapped_normal(20, [0.1, 0.5], random_state=0), "poincare", model)
        projection = project_to_disk(X, method=method, model=model)
        np.testing.assert_array_equal(projection.points, X)
        assert projection.points is not X
        assert (projection.distortion, projection.explained_variance, projection.method) == (0, 1, None)

    def test_points_of_the_line_get_a_second_coordinate(self):
        X = np.array([[-0.5], [0.2], [0.9]])
        np.testing.assert_array_equal(project_to_disk(X).points, np.column_stack([X, np.zeros(3)]))


@pytest.mark.parametrize("method", METHODS)
class TestBothMethods:
    def test_isometries_change_nothing(self, method, points):
        origin = np.array([0.2, 0.3, -0.4, 0.1, 0.3])
        moved = translate(points @ ortho_group.rvs(5, random_state=2), origin)
        one, other = project_to_disk(points, method=method), project_to_disk(moved, method=method)
        np.testing.assert_allclose(one.points, other.points, atol=1e-11)
        assert one.distortion == pytest.approx(other.distortion, rel=1e-9)

    def test_models_and_curvatures_agree(self, method, points):
        wanted = project_to_disk(points, method=method)
        for model in ("klein", "hyperboloid", "halfspace", "tangent"):
            scale = 1 if model == "halfspace" else 2
            X = convert(points, "poincare", model) * scale
            got = project_to_disk(X, method=method, model=model, curvature=-0.25)
            flat = convert(got.points / scale, model, "poincare")
            np.testing.assert_allclose(flat, wanted.points, atol=1e-10)
            assert got.distortion == pytest.approx(wanted.distortion)

    def test_the_distortion_is_what_it_says(self, method, points):
        projection = project_to_disk(points, method=method)
        upper = np.triu_indices(90, 1)
        before, after = pairwise_distances(points)[upper], pairwise_distances(projection.points)[upper]
        assert projection.distortion == pytest.approx(np.mean(np.abs(after - before) / before))
        assert projection.explained_variance == pytest.approx(np.sum(after**2) / np.sum(before**2))

    def test_the_mean_comes_to_the_middle_and_other_points_go_the_same_way(self, method, points):
        projection = pickle.loads(pickle.dumps(project_to_disk(points, method=method)))
        np.testing.assert_allclose(projection.transform(points), projection.points, atol=1e-15)
        np.testing.assert_allclose(projection.transform([frechet_mean(points)]), [[0, 0]], atol=1e-12)
        with pytest.raises(ValueError, match="X has dimension 2, but the projection is of 5 dimensions"):
            projection.transform([[0.1, 0.2]])

    def test_copies_land_together_and_leave_the_distortion_finite(self, method):
        X = np.tile([[0.1, 0.2, 0.3]], (5, 1))
        projection = project_to_disk(X, method=method)
        np.testing.assert_allclose(projection.points, 0, atol=1e-15)
        assert (projection.distortion, projection.explained_variance) == (0, 1)
        assert project_to_disk(X[:1], method=method).points.shape == (1, 2)
        assert np.isfinite(project_to_disk([*X, [0.5, 0, 0]], method=method).points).all()


def test_horopca_explains_more_variance_than_any_tangent_plane_it_starts_from(points):
    best = project_to_disk(points, method="horopca").explained_variance
    centred = to_ball(translate(points, frechet_mean(points)))
    pairs = some_pairs(90, 10**5, np.random.RandomState(0))
    whole = np.sum(distance(*points[pairs.T]) ** 2)
    for seed in range(200):
        free = random_horospheres(5, [0, 1][seed % 2], seed)
        assert free.variance(centred, pairs)[0] / whole <= best
    assert best <= 1


def test_the_same_seed_gives_the_same_bits_and_samples_agree():
    X = random_wrapped_normal(900, np.zeros(3), random_state=0)
    one, same, other = (project_to_disk(X, method="horopca", random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.points, same.points)
    assert one.distortion == same.distortion
    assert one.distortion == pytest.approx(other.distortion, rel=0.02)


def test_threads_of_blas_change_no_bit():
    X = random_wrapped_normal(300, np.zeros(3), random_state=0)
    placed = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            placed.append(project_to_disk(X, method="horopca").points)
    np.testing.assert_array_equal(*placed)


def test_what_cannot_be_projected_says_so():
    with pytest.raises(ValueError, match="method='umap' must be one of 'tangent', 'horopca'"):
        project_to_disk([[0.0, 0.0, 0.0]], method="umap")
    for X in ([0.1, 0.2, 0.3], np.empty((0, 3)), np.zeros((2, 2, 3))):
        with pytest.raises(ValueError, match=r"points has shape .*; give a table with one point a row"):
            project_to_disk(X)
    with pytest.raises(ValueError, match="points: row 1 has norm 1"):
        project_to_disk([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize("projection", ["tangent", "horopca"])
def test_a_picture_of_many_dimensions_has_its_centre_where_it_is_asked_for(projection):
    points = random_wrapped_normal(12, np.zeros(4), random_state=0)
    ax = plot_points(points, projection=projection, center=3)
    np.testing.assert_allclose(ax.collections[0].get_offsets()[3], 0.0, atol=1e-9)
