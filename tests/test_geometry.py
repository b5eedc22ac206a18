from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning

import hyperkit as hk
from hyperkit.geometry import _distance, ball_distance, ball_distance_matrix
from hyperkit.models import to_ball

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]


def directions(n, d, seed):
    v = np.random.default_rng(seed).normal(size=(n, d))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def pairs_at(radius, apart, d, model, seed=0, n=20):
    """Pairs in generic directions: at polar `radius`, and if `apart` is given, that far from each other, about."""
    x = hk.convert(radius * directions(n, d, seed), "tangent", model)
    if apart is None:
        return x, hk.convert(radius * directions(n, d, seed + 1), "tangent", model)
    step = apart * directions(n, x.shape[1], seed + 2)
    if model == "hyperboloid":
        y = x[:, 1:] + step[:, 1:]
        return x, np.column_stack([np.sqrt(1 + (y**2).sum(axis=1)), y])
    return x, x + step


def assert_matches_reference(x, y, model, tolerance=1e-12):
    for a, b, value in zip(x, y, hk.distance(x, y, model=model), strict=True):
        exact = reference.distance(a, b, model)
        assert abs(float((value - exact) / exact)) < tolerance


@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize("radius", [1e-12, 0.01, 1.0, 5.0])
@pytest.mark.parametrize("model", MODELS)
def test_distance_of_points_1e_12_apart_is_exact_to_12_digits(model, radius, d):
    assert_matches_reference(*pairs_at(radius, 1e-12, d, model), model)


# Float64 Klein coordinates end at polar radius 18.
@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize(
    ("model", "radius"), [(m, r) for m in MODELS for r in (1.0, 10.0, 17.0, 25.0, 35.0) if m != "klein" or r < 18]
)
def test_distance_far_from_the_origin_is_exact_to_12_digits(model, radius, d):
    assert_matches_reference(*pairs_at(radius, None, d, model), model)


@pytest.mark.parametrize("d", [1, 2, 4])
@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-9])
@pytest.mark.parametrize(
    ("model", "radius"), [(m, r) for m in MODELS for r in (5.0, 17.0, 27.0, 35.0) if m != "klein" or r < 18]
)
def test_distance_of_points_on_nearly_one_ray_is_exact_to_12_digits(model, radius, spread, d):
    ray = directions(20, d, 0)
    inner = np.random.default_rng(1).uniform(0.5, 1.0, size=(20, 1)) * radius
    if model == "halfspace":
        # Rays that end at the far end of the rim, where the half-space has coordinates to tell them apart.
        ray[:, -1] = -np.abs(ray[:, -1])
    x = hk.convert(radius * ray, "tangent", model)
    y = hk.convert(inner * (ray + spread * directions(20, d, 2)), "tangent", model)
    assert_matches_reference(x, y, model)


@pytest.mark.parametrize("model", [m for m in MODELS if m != "halfspace"])
def test_distance_of_points_1e_200_from_the_origin_does_not_underflow(model):
    x, y = 1e-200 * directions(5, 3, 0), 1e-200 * directions(5, 3, 1)
    if model == "hyperboloid":
        x, y = (np.column_stack([np.ones(5), p]) for p in (x, y))
    assert_matches_reference(x, y, model)


@pytest.mark.parametrize("radius", [10.0, 20.0, 30.0])
def test_distance_of_close_points_near_the_rim_is_exact_to_12_digits(radius):
    x = hk.convert(radius * directions(20, 2, 0), "tangent", "poincare")
    y = x * (1 - 4 * np.exp(-radius) * np.random.default_rng(1).uniform(0.1, 1, size=(20, 2)))
    assert_matches_reference(x, y, "poincare")


@pytest.mark.parametrize("model", MODELS)
def test_distance_is_symmetric_and_zero_on_itself(model):
    x, y = pairs_at(3.0, None, 3, model)
    np.testing.assert_array_equal(hk.distance(x, y, model=model), hk.distance(y, x, model=model))
    assert (hk.distance(x, x, model=model) == 0).all()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("curvature", [-0.157, -3.0, -327.0])
@pytest.mark.parametrize("radius", [0.5, 5.0])
def test_distance_of_close_points_is_exact_at_any_curvature(model, curvature, radius):
    x = hk.convert(radius / np.sqrt(-curvature) * directions(20, 3, 0), "tangent", model, curvature=curvature)
    y = x * (1 + 1e-12 * np.random.default_rng(0).uniform(0.2, 1, size=x.shape))
    if model == "hyperboloid":
        y[:, 0] = np.sqrt(-1 / curvature + (y[:, 1:] ** 2).sum(axis=1))
    for a, b, value in zip(x, y, hk.distance(x, y, model=model, curvature=curvature), strict=True):
        assert abs(float(value / reference.distance(a, b, model, curvature)) - 1) < 1e-12


@pytest.mark.parametrize("model", MODELS)
def test_functions_of_points_take_single_points(model):
    x, y = (hk.convert(v, "tangent", model) for v in ([0.3, 0.1], [0.2, -0.4]))
    assert hk.distance(x, y, model=model).shape == ()
    assert hk.angle(x, y, hk.midpoint(x, y, model=model), model=model) == pytest.approx(0, abs=1e-7)
    for point in (
        hk.midpoint(x, y, model=model),
        hk.translate(x, y, model=model),
        hk.exp_map(x, [0.1, 0.2], model=model),
    ):
        assert point.shape == x.shape
    assert hk.log_map(x, y, model=model).shape == (2,)
    assert hk.random_wrapped_normal(3, model=model, random_state=0).shape == (3, len(x))


@pytest.mark.parametrize(("model", "x"), [("tangent", [800.0, 0.0]), ("hyperboloid", [1e200, 1e200, 0.0])])
def test_distances_that_would_overflow_are_refused(model, x):
    with pytest.raises(ValueError, match="x: the point is farther than 170"):
        hk.distance(x, x, model=model)


def test_half_space_distances_near_and_far_from_the_rim_do_not_underflow():
    assert float(hk.distance([0.0, 1e-200], [0.0, 2e-200], model="halfspace")) == pytest.approx(np.log(2), rel=1e-14)


def test_pairwise_distances_of_nothing_are_nothing():
    assert hk.pairwise_distances(np.empty((0, 2))).shape == (0, 0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("curvature", [-0.25, -3.0])
def test_distance_scales_with_curvature(model, curvature):
    x, y = (hk.convert(p, "tangent", model, curvature=curvature) for p in (directions(9, 3, 0), directions(9, 3, 1)))
    for a, b, value in zip(x, y, hk.distance(x, y, model=model, curvature=curvature), strict=True):
        assert abs(float(value / reference.distance(a, b, model, curvature)) - 1) < 1e-13


def test_ball_kernels_agree_with_the_public_distance():
    x, y = pairs_at(6.0, None, 3, "poincare")
    a, b = to_ball(x), to_ball(y)
    np.testing.assert_allclose(ball_distance(a, b), hk.distance(x, y), rtol=1e-14)
    np.testing.assert_allclose(ball_distance_matrix(a, b), hk.pairwise_distances(x, y), rtol=1e-14)


@pytest.mark.parametrize("model", MODELS)
def test_pairwise_distances_equal_row_by_row_distances_whatever_the_blocks(model):
    x, y = pairs_at(2.0, None, 3, model, n=60)
    expected = hk.distance(x[:, None], y[None, :7], model=model)
    np.testing.assert_allclose(hk.pairwise_distances(x, y[:7], model=model), expected, rtol=1e-13)
    with config_context(working_memory=0.001):
        blocks = list(hk.pairwise_distances_chunked(x, y[:7], model=model))
    assert len(blocks) > 3
    np.testing.assert_array_equal(np.vstack([b for _, b in blocks]), hk.pairwise_distances(x, y[:7], model=model))


@pytest.mark.parametrize("model", MODELS)
def test_pairwise_distances_are_the_same_bits_however_many_rows_are_measured_at_once(model, monkeypatch):
    x, y = pairs_at(2.0, None, 3, model, n=60)
    expected = hk.pairwise_distances(x, y, model=model, curvature=-1.0)
    for at_once in (1, 100, 1000):
        monkeypatch.setattr(_distance, "_AT_ONCE", at_once)
        np.testing.assert_array_equal(hk.pairwise_distances(x, y, model=model), expected)


@pytest.mark.parametrize("model", ["poincare", "halfspace"])
def test_pairwise_distances_are_right_for_lengths_from_0_to_those_between_opposite_ends_of_the_rim(model):
    steps = np.array([0.0, 1e-145, 1e-100, 1e-20, 1e-12, 1e-8, 1e-3, 0.5, 0.9, 1 - 1e-9, 1 - 2.0**-53])
    x = np.column_stack([np.concatenate([-steps, steps]), np.zeros(22)])
    if model == "halfspace":
        x = np.column_stack([np.concatenate([-steps, steps]), np.tile(1 - steps + 1e-70, 2)])
    found = hk.pairwise_distances(x, model=model)
    for i in range(22):
        for j in range(22):
            exact = mp.re(reference.distance(x[i], x[j], model))  # of equal points only right to 1e-240
            assert abs(found[i, j] - exact) <= 1e-15 * exact + 1e-200


def test_pairwise_distances_of_one_set_are_symmetric_with_a_zero_diagonal():
    x, _ = pairs_at(3.0, None, 4, "poincare")
    matrix = hk.pairwise_distances(x)
    assert (matrix == matrix.T).all()
    assert (np.diag(matrix) == 0).all()


def test_distance_names_the_argument_that_is_wrong():
    with pytest.raises(ValueError, match="y: row 1 has norm 2"):
        hk.distance([[0.1, 0.1]], [[0.0, 0.0], [2.0, 0.0]])
    with pytest.raises(ValueError, match="x has 2 coordinates a row and y has 3"):
        hk.distance([[0.1, 0.1]], [[0.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="table of shape"):
        hk.pairwise_distances([0.1, 0.1])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("radius", [0.3, 8.0])
def test_geodesic_divides_the_distance_in_proportion(model, radius):
    x, y = pairs_at(radius, None, 3, model)
    t = np.array([0.0, 0.25, 0.5, 1.0])
    points = hk.geodesic(x, y, t, model=model)
    assert points.shape == (*x.shape[:-1], 4, x.shape[-1])
    whole = hk.distance(x, y, model=model)
    from_x = hk.distance(x[:, None], points, model=model)
    to_y = hk.distance(points, y[:, None], model=model)
    # An ulp of a Klein coordinate at radius 8 is 1e-16 e^16 = 1e-9 of hyperbolic length.
    tolerance = 1e-7 if model == "klein" else 1e-11
    np.testing.assert_allclose(from_x, whole[:, None] * t, atol=tolerance)
    np.testing.assert_allclose(from_x + to_y, np.broadcast_to(whole[:, None], to_y.shape), atol=tolerance)


def test_geodesic_of_length_70_keeps_its_middle():
    x = hk.convert([[35.0, 0.0]], "tangent", "poincare")
    middle = hk.midpoint(x, hk.convert([[0.0, 35.0]], "tangent", "poincare"))
    # The side of the right-angled ideal triangle is at distance arccosh(sqrt 2) from its corner.
    assert float(hk.distance(middle[0], [0.0, 0.0])) == pytest.approx(np.arccosh(np.sqrt(2)), rel=1e-12)
    assert np.abs(hk.midpoint(x, -x)).max() < 1e-15


def test_geodesic_from_a_point_to_itself_stays_there():
    x = [0.3, 0.4]
    np.testing.assert_allclose(hk.geodesic(x, x, [0, 0.3, 1]), [x] * 3, rtol=1e-15)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("curvature", [-1.0, -2.5])
def test_exponential_and_logarithm_undo_each_other(model, curvature):
    x, y = (hk.convert(2 * directions(30, 3, s), "tangent", model, curvature=curvature) for s in (0, 1))
    v = hk.log_map(x, y, model=model, curvature=curvature)
    np.testing.assert_allclose(
        np.linalg.norm(v, axis=1), hk.distance(x, y, model=model, curvature=curvature), rtol=1e-12
    )
    np.testing.assert_allclose(hk.exp_map(x, v, model=model, curvature=curvature), y, rtol=1e-9, atol=1e-11)


def test_logarithm_at_the_origin_gives_tangent_coordinates():
    z = hk.random_uniform_ball(20, 3, radius=4.0, random_state=0)
    np.testing.assert_allclose(hk.log_map([0, 0, 0], z), hk.convert(z, "poincare", "tangent"), rtol=1e-13)


def test_angles_obey_the_hyperbolic_law_of_cosines():
    a, b, c = (2 * directions(40, 3, s) for s in (0, 1, 2))
    ab, ac, bc = (hk.distance(p, q, model="tangent") for p, q in ((a, b), (a, c), (b, c)))
    cosine = (np.cosh(ab) * np.cosh(ac) - np.cosh(bc)) / (np.sinh(ab) * np.sinh(ac))
    np.testing.assert_allclose(np.cos(hk.angle(a, b, c, model="tangent")), cosine, atol=1e-11)


def test_angle_at_a_coinciding_point_is_refused():
    with pytest.raises(ValueError, match="y: the point coincides with vertex"):
        hk.angle([0.1, 0.0], [0.2, 0.0], [0.1, 0.0])


@given(st.integers(0, 2**32 - 1), st.sampled_from(MODELS), st.floats(0.0, 10.0))
@settings(max_examples=60, deadline=None)
def test_translation_is_an_isometry_that_brings_the_origin_home(seed, model, radius):
    origin = hk.convert(radius * directions(1, 3, seed)[0], "tangent", model)
    x = hk.convert(3 * directions(6, 3, seed + 1), "tangent", model)
    home = hk.translate(origin, origin, model=model)
    np.testing.assert_array_equal(hk.convert(home, model, "tangent"), 0)
    moved = hk.convert(hk.translate(x, origin, model=model), model, "tangent")
    before = hk.pairwise_distances(x, model=model)
    # In polar coordinates at radius 13 an ulp of direction is 1e-16 e^13 = 5e-11 of length; Klein output at radius 13
    # is rounded by 1e-16 e^26 = 2e-5 of length (seed 482: 1.7e-5), and so are both ends of a distance.
    tolerance = 4e-5 if model == "klein" else 1e-8
    np.testing.assert_allclose(hk.pairwise_distances(moved, model="tangent"), before, atol=tolerance)


def test_frechet_mean_has_zero_weighted_logarithms_and_follows_isometries():
    x = hk.random_wrapped_normal(50, [0.5, 0.2, -0.3], scale=1.5, random_state=0)
    weights = np.random.default_rng(0).uniform(size=50)
    mean = hk.frechet_mean(x, weights)
    np.testing.assert_allclose(weights @ hk.log_map(mean, x), 0, atol=1e-10)
    p = [0.6, 0.0, 0.1]
    moved = hk.frechet_mean(hk.translate(x, p), weights)
    np.testing.assert_allclose(moved, hk.translate(mean, p), atol=1e-12)


def test_frechet_mean_of_two_points_is_their_midpoint_even_near_the_rim():
    x = hk.convert([[30.0, 1.0], [-3.0, 28.0]], "tangent", "poincare")
    np.testing.assert_allclose(hk.frechet_mean(x), hk.midpoint(x[0], x[1]), atol=1e-9)


def test_frechet_mean_of_one_point_is_that_point():
    np.testing.assert_allclose(hk.frechet_mean([[0.3, 0.4]]), [0.3, 0.4], rtol=1e-15)


@pytest.mark.filterwarnings("error")
def test_frechet_mean_of_points_that_coincide_is_that_point_without_a_warning():
    rng = np.random.default_rng(0)
    for _ in range(200):
        d, n = rng.integers(1, 8), rng.integers(1, 8)
        v = rng.normal(size=d)
        v *= (1 - 10 ** rng.uniform(-6, 0)) / np.linalg.norm(v)
        mean = hk.frechet_mean(np.tile(v, (n, 1)), rng.random(n) + 0.1)
        np.testing.assert_allclose(mean, v, rtol=0, atol=1e-14)


def test_frechet_mean_says_when_it_did_not_converge():
    x = hk.random_wrapped_normal(20, [0.9, 0.0], scale=3.0, random_state=0)
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        hk.frechet_mean(x, np.arange(20), max_iter=1)


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1, -1], "entry 1 is -1"), ([0, 0], "all zero"), ([1], "shape"), ([1, np.nan], "row 1 is not finite")],
)
def test_frechet_mean_refuses_bad_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        hk.frechet_mean([[0.1, 0.0], [0.2, 0.0]], weights)


@pytest.mark.parametrize(("d", "radius"), [(1, 3.0), (2, 0.5), (2, 20.0), (3, 2.0), (3, 6.0), (6, 1.0), (6, 4.0)])
def test_uniform_ball_has_the_volume_distribution_of_hyperbolic_space(d, radius):
    x = hk.random_uniform_ball(4000, d, radius=radius, model="hyperboloid", random_state=d)
    r = np.arccosh(x[:, 0])
    grid = np.linspace(0, radius, 20001)
    volume = np.concatenate([[0], np.cumsum((np.sinh(grid[1:]) ** (d - 1) + np.sinh(grid[:-1]) ** (d - 1)) / 2)])
    assert kstest(r, lambda t: np.interp(t, grid, volume / volume[-1])).pvalue > 1e-3
    assert np.abs((x[:, 1:] / np.linalg.norm(x[:, 1:], axis=1, keepdims=True)).mean(axis=0)).max() < 0.06


def test_wrapped_normal_has_its_covariance_in_the_transported_frame():
    covariance = np.array([[1.0, 0.4], [0.4, 0.5]])
    mean = [0.5, 0.3]
    x = hk.random_wrapped_normal(20000, mean, scale=covariance, random_state=0)
    v = hk.log_map(mean, x)
    np.testing.assert_allclose(np.cov(v.T), covariance, atol=0.03)
    np.testing.assert_allclose(v.mean(axis=0), 0, atol=0.03)


@pytest.mark.parametrize(
    "draw",
    [lambda s: hk.random_uniform_ball(9, 3, random_state=s), lambda s: hk.random_wrapped_normal(9, random_state=s)],
)
def test_random_points_repeat_with_their_seed(draw):
    np.testing.assert_array_equal(draw(3), draw(3))
    assert (draw(3) != draw(4)).any()


@pytest.mark.parametrize("curvature", [-1.0, -0.3, -7.0])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("d", [1, 2, 3, 7, 50])
def test_random_points_reach_to_where_coordinates_end(d, model, curvature):
    radius = (18 if model == "klein" else 36) / np.sqrt(-curvature)
    for seed in range(10):
        points = hk.random_uniform_ball(200, d, radius=radius, model=model, curvature=curvature, random_state=seed)
        assert np.isfinite(points).all()
        hk.convert(points, model, "tangent", curvature=curvature)  # takes them back
    with pytest.raises(ValueError, match=f"radius=.* must be a positive length of at most {radius:g}"):
        hk.random_uniform_ball(3, d, radius=1.0001 * radius, model=model, curvature=curvature)


@pytest.mark.parametrize("d", [2, 3, 20, 300])
@pytest.mark.parametrize("model", ["tangent", "hyperboloid"])
def test_points_at_radius_36_keep_their_gap_to_half_of_it(d, model):
    """Four roundings along the ray, as they come, are more than that: one row in 300 was refused in the plane."""
    far = hk.convert(36 * directions(500, d, 0), "tangent", model)
    for row in hk.convert(far, model, "poincare"):
        gap = 1 - sum(Fraction(x) ** 2 for x in row.tolist())
        assert 0.5 < float(gap) * np.cosh(18.0) ** 2 < 1.5


def test_random_points_beyond_the_model_are_refused():
    with pytest.raises(ValueError, match="at most 36"):
        hk.random_uniform_ball(10, radius=60.0, random_state=0)
    with pytest.raises(ValueError, match="too far out"):
        hk.random_wrapped_normal(10, scale=60.0, random_state=0)
    with pytest.raises(ValueError, match="radius"):
        hk.random_uniform_ball(10, radius=-1.0)
    with pytest.raises(ValueError, match="covariance"):
        hk.random_wrapped_normal(10, scale=[[1.0, 2.0], [2.0, 1.0]])


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e-100, 1.0, 1e100, 1e170, 1e300])
def test_matrices_of_the_half_space_agree_with_distances_at_every_height(scale):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(8, 2)), np.exp(rng.normal(size=8))]) * scale
    X[:2] = [[0.3, 0.2, 1.0], [-0.1, 0.4, 2.0]]
    expected = hk.distance(X[:, None], X[None], model="halfspace")
    found = hk.pairwise_distances(X, model="halfspace")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(hk.pairwise_distances(X[:3], X[3:], model="halfspace"), expected[:3, 3:], rtol=1e-12)
    # No isometry changes a distance: here, to multiply by a number.
    np.testing.assert_allclose(
        found[2:, 2:], hk.pairwise_distances(X[2:] / scale, model="halfspace"), rtol=1e-12, atol=1e-15
    )
