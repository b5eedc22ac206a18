"""HyperbolicMDS and HyperbolicEncoder against exact recovery, finite differences and brute force."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from hyperkit.embedding import HyperbolicEncoder, HyperbolicMDS, _dissimilarities
from hyperkit.embedding._dissimilarities import geodesic_distances
from hyperkit.embedding._metrics import FittedMetric
from hyperkit.embedding._sources import MetricSource
from hyperkit.embedding.graph import distinct_rows, shortest_bridges
from hyperkit.embedding.search import _few
from hyperkit.geometry import distance, frechet_mean, pairwise_distances, random_uniform_ball
from hyperkit.models import convert


def stress_of(mds, distances):
    """Normalised stress by its definition, from the public attributes alone."""
    placed = pairwise_distances(mds.embedding_) / np.sqrt(-mds.curvature_)
    return np.sqrt(np.sum((placed - distances) ** 2) / np.sum(distances**2))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# `test_common` has the checks of the plain estimator. How good the minimum is matters to none of them.
QUICK = {"n_init": 1, "tol": 0.5, "max_iter": 20}


@pytest.mark.parametrize(
    "estimator",
    [HyperbolicMDS(metric="cosine", weight_power=2, **QUICK), HyperbolicMDS(n_landmarks=10, **QUICK)],
)
def test_scikit_learn_checks_pass_without_expected_failure(estimator, monkeypatch):
    monkeypatch.setattr(_few, "LEVEL_ITERATIONS", 20)
    monkeypatch.setattr(_few, "_TREE_LENGTHS", (18.0,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks provoke warnings on purpose; SkipTestWarning of the array API
        results = check_estimator(estimator, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert [r["check_name"] for r in results if r["status"] == "skipped"] in ([], ["check_array_api_input"])


# ---- HyperbolicMDS


@pytest.mark.parametrize("n_components", [2, 3])
@pytest.mark.parametrize("unit", [1.0, 7.0])
def test_points_of_hyperbolic_space_are_recovered_with_their_curvature(n_components, unit):
    points = random_uniform_ball(80, n_components, radius=4.0, random_state=0)
    distances = unit * pairwise_distances(points)
    mds = HyperbolicMDS(n_components=n_components, metric="precomputed").fit(distances)
    assert mds.stress_ < 1e-9
    assert mds.curvature_ == pytest.approx(-1 / unit**2, rel=1e-6)
    np.testing.assert_allclose(
        pairwise_distances(mds.embedding_) / np.sqrt(-mds.curvature_), distances, atol=1e-6 * unit
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # "auto" gains digits for 2000 iterations
@pytest.mark.parametrize(("curvature", "accuracy"), [(-1.0, 1e-12), ("auto", 1e-4)])
def test_points_far_from_each_other_are_recovered(curvature, accuracy):
    distances = pairwise_distances(random_uniform_ball(80, 2, radius=10.0, random_state=2))
    mds = HyperbolicMDS(metric="precomputed", curvature=curvature, random_state=0).fit(distances)
    assert mds.stress_ < accuracy
    assert mds.curvature_ == pytest.approx(-1.0, rel=accuracy)


def test_points_of_the_plane_end_at_almost_no_curvature(rng):
    X = rng.normal(size=(60, 2))
    mds = HyperbolicMDS(metric="euclidean", random_state=0).fit(X)
    assert mds.stress_ < 1e-4
    assert mds.curvature_ > -1e-3


def test_stress_and_curvature_describe_the_embedding(rng):
    X = rng.normal(size=(90, 4))
    for curvature in ("auto", -2.0):
        mds = HyperbolicMDS(metric="manhattan", curvature=curvature, **QUICK, random_state=0).fit(X)
        assert stress_of(mds, cdist(X, X, "cityblock")) == pytest.approx(mds.stress_, rel=1e-9)
        assert mds.embedding_.shape == (90, 2)
        assert mds.embedding_.dtype == np.float64
    assert mds.curvature_ == -2.0


def test_auto_is_no_worse_than_a_fixed_curvature(rng):
    X = rng.normal(size=(70, 3))
    auto = HyperbolicMDS(random_state=0).fit(X)
    for curvature in (-0.01, -1.0, -4.0):
        # 3 %: the stress has several minima
        assert auto.stress_ <= 1.03 * HyperbolicMDS(curvature=curvature, random_state=0).fit(X).stress_


def test_a_tree_fits_better_than_in_the_plane():
    parent = (np.arange(31) - 1) // 2
    distances = np.zeros((31, 31))
    for i in range(1, 31):
        distances[i, :i] = distances[:i, i] = distances[parent[i], :i] + 1
    tree = HyperbolicMDS(metric="precomputed", random_state=0).fit(distances)
    flat = HyperbolicMDS(metric="precomputed", curvature=-1e-6, random_state=0).fit(distances)
    assert tree.stress_ < 0.06
    assert tree.stress_ < flat.stress_ / 3


def test_same_seed_gives_the_same_bits(rng):
    X = rng.normal(size=(50, 3))
    first, second = (HyperbolicMDS(random_state=7).fit(X) for _ in range(2))
    assert np.array_equal(first.embedding_, second.embedding_)
    assert first.stress_ == second.stress_


@pytest.mark.parametrize("metric", ["geodesic", "euclidean"])
def test_threads_change_no_bit(rng, metric):
    X = rng.normal(size=(300, 40))
    placed = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            placed.append(HyperbolicMDS(metric=metric, n_init=1, tol=0.1, random_state=0).fit_transform(X))
    assert np.array_equal(*placed)


def test_input_is_not_modified(rng):
    X = rng.normal(size=(20, 3))
    D = cdist(X, X)
    copies = X.copy(), D.copy()
    HyperbolicMDS(random_state=0).fit(X)
    HyperbolicMDS(metric="precomputed", random_state=0).fit(D)
    assert np.array_equal(X, copies[0])
    assert np.array_equal(D, copies[1])


def test_the_mean_of_the_embedding_is_the_origin(rng):
    mds = HyperbolicMDS(random_state=0).fit(rng.normal(size=(40, 3)))
    assert distance(frechet_mean(mds.embedding_), np.zeros(2)) < 1e-7


def test_duplicated_rows_share_a_point_and_keep_their_places(rng):
    X = rng.normal(size=(20, 3))
    order = rng.permutation(np.repeat(np.arange(20), 3))
    placed = HyperbolicMDS(random_state=0).fit_transform(X[order])
    for i in range(20):
        assert (placed[order == i] == placed[order == i][0]).all()
    assert len(np.unique(placed, axis=0)) == 20


@pytest.mark.parametrize("X", [[[1.0, 2.0]], [[1.0, 2.0]] * 4])
def test_a_single_place_is_the_origin_with_stress_zero(X):
    mds = HyperbolicMDS().fit(X)
    assert np.array_equal(mds.embedding_, np.zeros((len(X), 2)))
    assert mds.stress_ == 0.0
    assert mds.curvature_ == -1.0


@pytest.mark.parametrize("n_landmarks", [None, 2])
def test_a_single_place_takes_any_curvature(n_landmarks):
    mds = HyperbolicMDS(curvature=-1e6, n_landmarks=n_landmarks).fit([[1.0, 2.0]] * 4)
    assert np.array_equal(mds.embedding_, np.zeros((4, 2)))
    assert mds.curvature_ == -1e6


def test_two_points_keep_their_distance():
    mds = HyperbolicMDS(random_state=0).fit([[0.0, 0.0], [3.0, 4.0]])
    assert distance(*mds.embedding_) / np.sqrt(-mds.curvature_) == pytest.approx(5.0)


@pytest.mark.parametrize("n_components", [1, 3, 9])
def test_any_number_of_components_works_also_more_than_samples(rng, n_components):
    mds = HyperbolicMDS(n_components=n_components).fit(rng.normal(size=(6, 3)))
    assert mds.embedding_.shape == (6, n_components)
    assert np.isfinite(mds.embedding_).all()


def test_n_neighbors_is_capped_at_the_other_samples(rng):
    X = rng.normal(size=(8, 2))
    mds = HyperbolicMDS(n_neighbors=100, random_state=0).fit(X)
    assert mds.n_neighbors_ == 7
    assert mds.stress_ == pytest.approx(stress_of(mds, cdist(X, X)))


def test_callable_metric_and_its_name_agree(rng):
    X = rng.normal(size=(15, 3))
    by_name = HyperbolicMDS(metric="chebyshev", random_state=0).fit(X)
    by_call = HyperbolicMDS(metric=lambda a, b: np.abs(a - b).max(), random_state=0).fit(X)
    np.testing.assert_allclose(by_name.embedding_, by_call.embedding_, atol=1e-12)


def test_too_few_iterations_are_reported(rng):
    with pytest.warns(ConvergenceWarning, match="max_iter=1 "):
        HyperbolicMDS(max_iter=1, random_state=0).fit(rng.normal(size=(40, 4)))


def test_wide_fixed_curvature_stays_inside_the_ball():
    star = 2.0 - 2.0 * np.eye(20)
    star[0], star[:, 0] = 1.0, 1.0
    star[0, 0] = 0.0
    mds = HyperbolicMDS(metric="precomputed", curvature=-(29.5**2), random_state=0).fit(star)
    assert np.isfinite(convert(mds.embedding_, "poincare", "tangent")).all()
    assert stress_of(mds, star) == pytest.approx(mds.stress_, rel=1e-3)


def test_one_long_distance_is_kept_at_a_wide_curvature():
    distances = 0.01 * (1.0 - np.eye(20))
    distances[0, 1] = distances[1, 0] = 1.0
    mds = HyperbolicMDS(metric="precomputed", curvature=-2000.0, random_state=0).fit(distances)
    assert np.isfinite(convert(mds.embedding_, "poincare", "tangent")).all()
    assert stress_of(mds, distances) == pytest.approx(mds.stress_, rel=1e-9)


def test_an_outlier_beyond_the_rim_is_blamed_on_the_curvature():
    distances = 0.01 * (1.0 - np.eye(20))
    distances[0, 1:] = distances[1:, 0] = 1.0
    for curvature in (-2000.0, -3500.0):
        with pytest.raises(ValueError, match=rf"curvature={curvature}: .* take a curvature nearer to 0"):
            HyperbolicMDS(metric="precomputed", curvature=curvature, random_state=0).fit(distances)
    for curvature in (-1200.0, "auto"):
        assert HyperbolicMDS(metric="precomputed", curvature=curvature, random_state=0).fit(distances).stress_ < 0.013


def test_verbose_shows_a_bar_and_changes_nothing(rng, capsys):
    X = rng.normal(size=(20, 3))
    loud = HyperbolicMDS(random_state=0, verbose=True).fit_transform(X)
    shown = capsys.readouterr()
    assert "search: stress" in shown.err
    assert shown.out == ""
    assert np.array_equal(loud, HyperbolicMDS(random_state=0).fit_transform(X))


def test_a_size_that_cannot_fit_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(_dissimilarities, "_memory", lambda: 1e6)
    with pytest.raises(ValueError, match=r"n_samples=300: .* at most 204 fit"):
        HyperbolicMDS().fit(np.random.default_rng(0).normal(size=(300, 2)))
    with pytest.raises(ValueError, match=r"n_landmarks=250: .* at most 204 fit"):
        HyperbolicMDS(n_landmarks=250).fit(np.random.default_rng(0).normal(size=(300, 2)))


def test_this_machine_has_a_known_amount_of_memory():
    assert _dissimilarities._memory() > 1e8


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components=0 must be a whole number of at least 1"),
        ({"n_neighbors": 1.5}, "n_neighbors=1.5"),
        ({"max_iter": 0}, "max_iter=0"),
        ({"tol": 0.0}, "tol=0.0"),
        ({"curvature": 1.0}, "curvature=1.0"),
        ({"curvature": "flat"}, "curvature='flat'"),
        ({"curvature": -1e9}, "would span"),
        ({"metric": "geodetic"}, "metric='geodetic'"),
        ({"metric": 3}, "metric=3"),
    ],
)
def test_bad_parameters_are_named(rng, parameters, message):
    with pytest.raises(ValueError, match=message):
        HyperbolicMDS(**parameters).fit(rng.normal(size=(10, 3)))


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ((1, 2), np.nan, "row 1, column 2 is not finite"),
        ((0, 3), np.inf, "row 0, column 3 is not finite"),
        ((2, 1), -1.0, "-1 in row 2, column 1 is negative"),
        ((2, 2), 0.5, "row 2, column 2 lies on the diagonal"),
        ((0, 1), 9.0, "row 0, column 1 differs from its mirror image"),
    ],
)
def test_matrices_that_are_no_distances_are_refused_by_entry(entry, value, message):
    distances = 1.0 - np.eye(4)
    distances[entry] = value
    with pytest.raises(ValueError, match=message):
        HyperbolicMDS(metric="precomputed").fit(distances)


def test_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match="not square"):
        HyperbolicMDS(metric="precomputed").fit(np.zeros((3, 4)))


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_data_whose_squares_leave_the_doubles_are_refused(rng, size):
    with pytest.raises(ValueError, match="rescale the data"):
        HyperbolicMDS().fit(size * rng.normal(size=(5, 2)))


def test_only_precomputed_is_pairwise():
    assert HyperbolicMDS(metric="precomputed").__sklearn_tags__().input_tags.pairwise
    assert not HyperbolicMDS().__sklearn_tags__().input_tags.pairwise


# ---- distances


def floyd_warshall(weights):
    lengths = weights.copy()
    for k in range(len(lengths)):
        lengths = np.minimum(lengths, lengths[:, [k]] + lengths[[k]])
    return lengths


def test_geodesic_distances_are_shortest_paths_through_neighbours(rng):
    X = rng.normal(size=(40, 2))
    euclidean = cdist(X, X)
    near = euclidean.argsort(axis=1)[:, 1:7]
    weights = np.full((40, 40), np.inf)
    rows = np.repeat(np.arange(40), 6)
    weights[rows, near.ravel()] = euclidean[rows, near.ravel()]
    weights = np.minimum(weights, weights.T)
    np.fill_diagonal(weights, 0)
    np.testing.assert_allclose(geodesic_distances(X, 6), floyd_warshall(weights), rtol=1e-12)


@pytest.mark.parametrize("metric", ["euclidean", "l2", "sqeuclidean"])
def test_data_far_from_the_origin_keep_their_distances(rng, metric):
    X = rng.normal(size=(300, 20))
    np.testing.assert_allclose(geodesic_distances(X + 1e7, 5), geodesic_distances(X, 5), rtol=1e-7)
    rows = np.arange(300)
    lengths, far = (MetricSource(table, FittedMetric.of(table, metric)).lengths(rows) for table in (X, X + 1e7))
    np.testing.assert_allclose(far, lengths, rtol=1e-7)


def test_parts_are_joined_by_their_shortest_bridges(rng):
    X = np.vstack([rng.normal(size=(12, 2)) + np.array([shift, 0]) for shift in (0, 30, 100)])
    with pytest.warns(UserWarning, match="3 components; they are joined by their 2 shortest bridges"):
        lengths = geodesic_distances(X, 4)
    between = cdist(X[:12], X[12:24]).min()
    assert np.isfinite(lengths).all()
    assert lengths[:12, 12:24].min() == pytest.approx(between)
    # the far part hangs on the middle one
    assert lengths[:12, 24:].min() > between + cdist(X[12:24], X[24:]).min()


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 1000))
def test_bridges_are_a_minimum_spanning_tree_of_the_parts(n_parts, seed):
    rng = np.random.default_rng(seed)
    part = rng.permutation(np.concatenate([np.arange(n_parts), rng.integers(0, n_parts, 15)]))
    X = rng.normal(size=(len(part), 2))
    bridges = shortest_bridges(X, part)
    gaps = cdist(X, X)
    # Kruskal on single edges
    group, total = part.copy(), 0.0
    for i, j in zip(*np.unravel_index(gaps.argsort(axis=None), gaps.shape), strict=True):
        if group[i] != group[j]:
            total += gaps[i, j]
            group[group == group[j]] = group[i]
    assert len(bridges) == n_parts - 1
    assert gaps[bridges[:, 0], bridges[:, 1]].sum() == pytest.approx(total)


def test_distinct_rows_keep_the_order_of_first_appearance():
    X = np.array([[2.0], [1.0], [2.0], [3.0], [1.0]])
    first, inverse = distinct_rows(X)
    assert first.tolist() == [0, 1, 3]
    assert inverse.tolist() == [0, 1, 0, 2, 1]


# ---- HyperbolicEncoder


def test_encoder_is_the_exponential_map_at_the_origin(rng):
    X = rng.normal(size=(30, 3)) * 4
    points = HyperbolicEncoder().fit_transform(X)
    np.testing.assert_allclose(distance(points, np.zeros(3)), np.linalg.norm(X, axis=1), rtol=1e-12)
    np.testing.assert_allclose(
        points / np.linalg.norm(points, axis=1)[:, None], X / np.linalg.norm(X, axis=1)[:, None], atol=1e-14
    )


def test_encoder_shrinks_long_rows_by_one_learned_factor(rng):
    X = rng.normal(size=(10, 2))
    X[3] = [60.0, 0.0]
    encoder = HyperbolicEncoder()
    with pytest.warns(UserWarning, match="row 3 has length 60"):
        encoder.fit(X)
    assert encoder.scale_ == 0.5
    # at radius 30 the spacing of doubles below 1 is worth 3e-4 of distance
    np.testing.assert_allclose(distance(encoder.transform(X), np.zeros(2)), 0.5 * np.linalg.norm(X, axis=1), rtol=1e-5)


def test_encoder_leaves_rows_alone_that_were_scaled_to_the_limit():
    """Rows brought to length 30 have it up to rounding: no warning (an error in this suite), no factor of 1 - 1e-16."""
    X = np.random.default_rng(0).normal(size=(1000, 3))
    X *= 30 / np.linalg.norm(X, axis=1, keepdims=True)
    assert np.linalg.norm(X, axis=1).max() > 30
    assert HyperbolicEncoder().fit(X).scale_ == 1.0


def test_encoder_refuses_new_rows_beyond_the_rim():
    encoder = HyperbolicEncoder().fit([[1.0, 0.0]])
    with pytest.raises(ValueError, match="row 0"):
        encoder.transform([[50.0, 0.0]])


def test_encoder_names_its_coordinates_and_works_in_a_pipeline(rng):
    X = rng.normal(size=(20, 5))
    pipeline = make_pipeline(PCA(2), HyperbolicEncoder())
    assert pipeline.fit_transform(X).shape == (20, 2)
    assert pipeline.get_feature_names_out().tolist() == ["pca0", "pca1"]


def refuse(*args, **kwargs):
    raise AssertionError


def test_an_embedding_is_not_checked_like_an_array_of_the_user(monkeypatch):
    from hyperkit.models import _convert

    monkeypatch.setattr(_convert, "check_points", refuse)  # what `convert` begins with
    mds = HyperbolicMDS(max_iter=50, tol=1.0).fit(np.random.default_rng(0).normal(size=(20, 3)))
    assert mds.stress_ < 1


def test_an_encoder_needs_no_points_to_learn_its_scale(monkeypatch):
    from hyperkit import _base

    monkeypatch.setattr(_base, "checked_to_ball", refuse)
    with pytest.warns(UserWarning, match="row 1 has length 60"):
        assert HyperbolicEncoder().fit([[1.0, 0.0], [0.0, 60.0]]).scale_ == 0.5


def test_a_matrix_of_distances_taken_for_features_is_not_taken_in_silence(rng):
    X = rng.normal(size=(12, 3))
    with pytest.warns(UserWarning, match='looks like a matrix of distances .* say metric="precomputed"'):
        HyperbolicMDS(n_init=1, max_iter=200, tol=0.1).fit(cdist(X, X))
