"""HyperbolicMDS with new rows, landmarks, graphs and tables of all kinds."""

import pickle
import tracemalloc
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csr_array, csr_matrix
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.pipeline import make_pipeline

from hyperkit.embedding import HyperbolicMDS, _fit, graph_distances
from hyperkit.embedding._cell_by_cell import Cells
from hyperkit.embedding._metrics import FittedMetric
from hyperkit.embedding._sources import MetricSource
from hyperkit.embedding.search import _descent, _search
from hyperkit.geometry import distance, pairwise_distances
from hyperkit.models import check_points

# What these tests are about does not depend on the quality of the minimum.
QUICK = {"n_init": 1, "tol": 0.05}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def X(rng):
    return rng.normal(size=(40, 3))


WAYS = [
    {},
    {"n_landmarks": 10},
    {"metric": "euclidean"},
    {"metric": "euclidean", "n_landmarks": 10},
    {"metric": "cosine", "weight_power": 2},
    {"metric": "manhattan", "n_components": 3},
    {"model": "hyperboloid", "weight_power": 1},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_fitted_rows_come_back_to_their_places_and_rows_do_not_depend_on_each_other(X, way):
    mds = HyperbolicMDS(**QUICK, **way).fit(X)
    order = np.random.default_rng(1).permutation(40)
    assert np.array_equal(mds.transform(X[order]), mds.embedding_[order])
    new = X[:12] + 0.1
    together = mds.transform(new)
    assert np.array_equal(np.concatenate([mds.transform(new[[k]]) for k in range(12)]), together)
    check_points(together, mds.model)


@pytest.mark.parametrize("metric", ["geodesic", "euclidean", "cosine"])
def test_rows_that_are_almost_equal_are_told_apart(X, metric):
    rows = np.vstack([X, X + 1e-10, 2 * X])
    mds = HyperbolicMDS(metric=metric, **QUICK).fit(rows)
    assert np.array_equal(mds.transform(rows), mds.embedding_)


def test_held_out_rows_are_placed_as_well_as_fitted_ones(rng):
    t = rng.uniform(-3, 3, size=(160, 2))
    table = np.column_stack([t, np.sin(t[:, 0])])
    mds = HyperbolicMDS(metric="euclidean").fit(table[:120])
    everyone = np.concatenate([mds.embedding_, mds.transform(table[120:])])
    placed = pairwise_distances(everyone) / np.sqrt(-mds.curvature_)
    error = (placed - cdist(table, table))[:, :120] ** 2
    assert error[120:].mean() < 1.5 * error[:120].mean()


@pytest.mark.parametrize("off", [10.0, 1e3, 1e6, 1e12])
def test_far_rows_are_placed_in_their_direction_and_named(rng, off):
    X = rng.normal(size=(40, 2))
    mds = HyperbolicMDS(curvature=-1.0, **QUICK).fit(X)
    far = X[[3]] + off
    with pytest.warns(UserWarning, match=r"row 1 is .* from the nearest fitted sample: no two neighbours of the graph"):
        near_place, far_place = mds.transform(np.vstack([X[:1], far]))
    assert np.array_equal(near_place, mds.embedding_[0])
    assert 10 < distance(far_place, np.zeros(2)) < 36
    nearest = cdist(far, X)[0].argmin()
    to_fitted = distance(far_place, mds.embedding_)
    assert to_fitted[nearest] < np.median(to_fitted)


def test_far_rows_do_not_leave_the_ball_where_the_fitted_ones_are_wide():
    path = np.abs(np.subtract.outer(np.arange(12.0), np.arange(12.0)))
    mds = HyperbolicMDS(metric="precomputed", curvature=-9.0, **QUICK).fit(path)
    for model in ("poincare", "tangent", "hyperboloid"):
        mds.set_params(model=model).fit(path)
        check_points(mds.transform(path[[0, 11]] + 100.0), model)


def test_klein_coordinates_that_end_before_a_far_row_say_whose_place_it_is(rng):
    X = rng.normal(size=(40, 2))
    mds = HyperbolicMDS(curvature=-1.0, model="klein", **QUICK).fit(X)
    with (
        pytest.warns(UserWarning, match="row 1 is .* from the nearest"),
        pytest.raises(ValueError, match=r"the places of X: row 1 is at polar radius .* where float64 klein"),
    ):
        mds.transform([[0.0, 0.0], [1e3, 0.0]])


def test_distances_to_landmarks_place_like_distances_to_all(X):
    distances = cdist(X, X)
    mds = HyperbolicMDS(metric="precomputed", n_landmarks=12, **QUICK).fit(distances)
    new = cdist(X[:7] + 0.2, X)
    assert np.array_equal(mds.transform(distances), mds.embedding_)
    assert mds.landmarks_.tolist() == sorted(set(mds.landmarks_))
    scale = np.sqrt(-mds.curvature_)
    costs = [
        np.square(pairwise_distances(places, mds.embedding_[mds.landmarks_]) - scale * new[:, mds.landmarks_]).sum(1)
        for places in (mds.transform(new), mds.transform(new[:, mds.landmarks_]))
    ]
    assert (costs[0] <= costs[1] * 1.001).all()  # all distances tell which fitted row is nearest, one more start
    with pytest.raises(ValueError, match=r"X has 13 columns; .* 40 fitted objects.* or to the 12 of `landmarks_`"):
        mds.transform(new[:, :13])
    for entry, message in ((np.nan, "is not finite"), (-1.0, "is negative")):
        bad = new.copy()
        bad[2, 5] = entry
        with pytest.raises(ValueError, match=f"row 2, column 5 {message}"):
            mds.transform(bad)


def knn_graph(X, k=6):
    """As scanpy stores it: of each row the nearest others, and itself with a stored zero."""
    distances = cdist(X, X)
    nearest = distances.argsort(axis=1)[:, : k + 1]
    rows = np.repeat(np.arange(len(X)), k + 1)
    return csr_matrix((distances[rows, nearest.ravel()], (rows, nearest.ravel())), shape=distances.shape)


def test_a_given_graph_gives_what_its_distances_give(X):
    graph = knn_graph(X)
    assert (graph != graph.T).nnz
    by_graph = HyperbolicMDS(metric="precomputed_graph", **QUICK).fit(graph)
    by_distances = HyperbolicMDS(metric="precomputed", **QUICK).fit(graph_distances(graph))
    np.testing.assert_allclose(by_graph.embedding_, by_distances.embedding_, atol=1e-9)
    assert np.array_equal(by_graph.transform(graph), by_graph.embedding_)
    assert by_graph.n_features_in_ == 40
    with_landmarks = HyperbolicMDS(metric="precomputed_graph", n_landmarks=9, **QUICK).fit(graph)
    assert np.array_equal(with_landmarks.transform(graph), with_landmarks.embedding_)


def test_new_vertices_of_a_graph_are_checked_by_row(X):
    mds = HyperbolicMDS(metric="precomputed_graph", **QUICK).fit(knn_graph(X))
    new = coo_array(([0.5, 0.2, 0.3], ([0, 0, 1], [4, 7, 2])), shape=(2, 40))
    assert mds.transform(new).shape == (2, 2)
    with pytest.raises(ValueError, match="row 1 names no fitted object"):
        mds.transform(coo_array(([0.5], ([0], [4])), shape=(2, 40)))
    with pytest.raises(ValueError, match="row 1 holds -3; distances are finite and not negative"):
        mds.transform(coo_array(([0.5, -3.0], ([0, 1], [4, 1])), shape=(2, 40)))
    for wrong in (np.ones((2, 40)), csr_array((2, 39)), csr_array((0, 40))):
        with pytest.raises(ValueError, match="a sparse array with 40 columns and at least one row"):
            mds.transform(wrong)
    with pytest.raises(TypeError, match="complex"):
        mds.transform(csr_array(np.ones((1, 40), dtype=complex)))


@pytest.mark.parametrize("metric", ["geodesic", "manhattan"])
def test_sparse_features_give_what_dense_ones_give(rng, metric):
    dense = rng.normal(size=(40, 6)) * (rng.uniform(size=(40, 6)) < 0.6)
    dense[7] = dense[30]
    sparse = csr_array(dense)
    found = HyperbolicMDS(metric=metric, **QUICK).fit(sparse)
    expected = HyperbolicMDS(metric=metric, **QUICK).fit(dense)
    # their distances differ in the last digit, which a search of a thousand steps makes more of
    assert found.stress_ == pytest.approx(expected.stress_, rel=1e-2)
    assert np.array_equal(found.transform(sparse), found.embedding_)
    dense[3, 2] = np.nan
    with pytest.raises(ValueError, match="row 3 is not finite: column 2 is nan"):
        HyperbolicMDS(metric=metric).fit(csr_array(dense))
    named = pd.DataFrame(dense).add_prefix("gene_")
    with pytest.raises(ValueError, match=r"row 3 is not finite: column 2 \('gene_2'\) is nan"):
        HyperbolicMDS(metric=metric).fit(named)


def test_float32_and_mapped_tables_are_not_copied_as_float64(rng, tmp_path):
    table = rng.normal(size=(1000, 5000)).astype(np.float32)
    np.save(tmp_path / "table.npy", table)
    estimator = HyperbolicMDS(n_landmarks=5, n_init=1, max_iter=1, tol=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        clone(estimator).fit(table[:, :5])  # kernels and imports take memory of their own
    for given in (table, np.load(tmp_path / "table.npy", mmap_mode="r")):
        tracemalloc.start()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                mds = clone(estimator).fit(given)
            assert tracemalloc.get_traced_memory()[1] < 1.5 * table.nbytes  # float64 takes 2
        finally:
            tracemalloc.stop()
        assert np.shares_memory(mds._placer.known.table, given)


def test_a_metric_of_scikit_learn_needs_no_float64_copy_of_float32_either(rng):
    table = rng.normal(size=(20000, 100)).astype(np.float32) + 1000  # far off, where squares have few digits left
    chosen = np.arange(0, 20000, 5000)
    tracemalloc.start()
    try:
        source = MetricSource(table, FittedMetric.of(table, "euclidean"))
        lengths = source.lengths(chosen)
        new = source.known(chosen, lengths).new(table[:3])
        assert tracemalloc.get_traced_memory()[1] < 1.9 * table.nbytes  # float64 takes 2
    finally:
        tracemalloc.stop()
    expected = cdist(table[chosen].astype(float), table)
    np.testing.assert_allclose(lengths, expected, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(new.to_landmarks, expected[:, :3].T, rtol=1e-12)
    assert new.is_copy.all()


@pytest.mark.parametrize("metric", ["seuclidean", "mahalanobis"])
def test_variances_are_learnt_in_fit_and_used_in_transform(X, metric):
    kind = {"seuclidean": {"V": X.var(axis=0, ddof=1)}, "mahalanobis": {"VI": np.linalg.inv(np.cov(X.T))}}[metric]
    for n_landmarks in (None, 12):
        mds = HyperbolicMDS(metric=metric, n_landmarks=n_landmarks, **QUICK).fit(X)
        assert np.array_equal(mds.transform(X), mds.embedding_)
        same = HyperbolicMDS(metric="precomputed", n_landmarks=n_landmarks, **QUICK).fit(cdist(X, X, metric, **kind))
        new = X[:3] + 0.1
        expected = same.transform(cdist(new, X, metric, **kind))
        np.testing.assert_allclose(mds.embedding_, same.embedding_, atol=1e-6)
        np.testing.assert_allclose(mds.transform(new), expected, atol=1e-4)
    flat = np.column_stack([X, np.ones(len(X))])
    message = {"seuclidean": "column 3 is constant; leave it out", "mahalanobis": "4 columns, which has rank 3"}[metric]
    with pytest.raises(ValueError, match=message):
        HyperbolicMDS(metric=metric).fit(flat)


def test_mahalanobis_distances_do_not_depend_on_units(X):
    units = np.array([1e-9, 1.0, 1e9])
    expected = FittedMetric.of(X, "mahalanobis").distances(X)
    np.testing.assert_allclose(expected, cdist(X, X, "mahalanobis", VI=np.linalg.inv(np.cov(X.T))), atol=1e-9)
    np.testing.assert_allclose(FittedMetric.of(X * units, "mahalanobis").distances(X * units), expected, atol=1e-9)
    follows = np.column_stack([X, X @ [1.0, 2.0, 3.0]]) * [*units, 1e5]
    for dependent in (follows, np.column_stack([X, np.full(len(X), 0.1)]) * [*units, 1.0]):
        with pytest.raises(ValueError, match="4 columns, which has rank 3"):
            FittedMetric.of(dependent, "mahalanobis")


@pytest.mark.parametrize("matrix", [csr_array, csr_matrix])
def test_sparse_rows_that_are_too_far_are_named(X, matrix):
    mds = HyperbolicMDS(metric="euclidean", **QUICK).fit(matrix(X))
    far = X[:3].copy()
    far[1, 2] = 1e200
    with pytest.raises(ValueError, match=r"X: row 1 is 1e\+200 from the first fitted row"):
        mds.transform(matrix(far))


@pytest.mark.parametrize("metric", ["geodesic", "euclidean", "cosine"])
def test_what_is_no_row_like_the_fitted_ones_is_named(X, metric):
    mds = HyperbolicMDS(metric=metric, **QUICK).fit(X)
    far = X[:3].copy()
    for off in (1e39, 1e200):
        far[1, 2] = off
        with pytest.raises(ValueError, match=r"X: row 1 is 1e\+(39|200) from the first fitted row, .* same units\?"):
            mds.transform(far)
    with pytest.raises(ValueError, match=r"X: row 1 holds 3\+2j in column 0\. Complex data not supported"):
        mds.transform(np.array([[1, 2, 3], [3 + 2j, 0, 0]]))
    for text in (np.array([[1, 2, 3], [1, "T cell", 3]], dtype=object), [["1", "2", "3"], ["1", "T cell", "3"]]):
        with pytest.raises(TypeError, match=r"X: row 1 holds .*T cell.* in column 1; leave out columns of text"):
            mds.transform(text)
    with pytest.raises(ValueError, match="Complex data not supported"):
        HyperbolicMDS(metric=metric).fit(X + 1j)


def test_a_fitted_model_keeps_what_places_new_rows_and_no_more(rng):
    X = rng.uniform(size=(600, 2))
    distances = cdist(X, X)
    edges = csr_array(np.where(distances < np.quantile(distances, 0.2), distances, 0.0))
    for metric, given in (("precomputed", distances), ("precomputed_graph", edges)):
        mds = HyperbolicMDS(metric=metric, n_landmarks=20, n_init=1, max_iter=50, tol=0.1).fit(given)
        size = len(pickle.dumps(mds))
        assert size < 8 * 600 * 2 * 3 + 4 * 600 * 20 * (metric == "precomputed_graph") + 6000, (metric, size)
        assert np.array_equal(pickle.loads(pickle.dumps(mds)).transform(given[:5]), mds.transform(given[:5]))


# ---- as scikit-learn has it


def test_frames_pipelines_and_pickles(X):
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=[f"cell {i}" for i in range(40)])
    mds = HyperbolicMDS(**QUICK).set_output(transform="pandas")
    placed = mds.fit_transform(frame)
    assert placed.columns.tolist() == mds.get_feature_names_out().tolist() == ["hyperbolicmds0", "hyperbolicmds1"]
    assert placed.index.tolist() == frame.index.tolist()
    assert mds.transform(frame[5:7]).index.tolist() == ["cell 5", "cell 6"]
    with pytest.raises(ValueError, match="feature names"):
        mds.transform(frame.rename(columns={"a": "z"}))
    again = pickle.loads(pickle.dumps(mds))
    assert np.array_equal(again.transform(frame + 0.1), mds.transform(frame + 0.1))
    pipeline = make_pipeline(PCA(2), HyperbolicMDS(**QUICK)).fit(X)
    assert np.array_equal(pipeline.transform(X[:4]), pipeline[-1].embedding_[:4])
    assert not hasattr(clone(mds), "embedding_")
    with pytest.raises(NotFittedError):
        clone(mds).transform(X)


def test_what_is_set_after_fit_needs_another_fit(X):
    mds = HyperbolicMDS(**QUICK).fit(X)
    for changed in ({"model": "klein"}, {"metric": "euclidean"}):
        with pytest.raises(ValueError, match=r"were set after fit, .* fit again, or set them back"):
            clone(mds).fit(X).set_params(**changed).transform(X)
    mds.set_params(metric="euclidean", model="klein").fit(X)
    assert not hasattr(mds, "n_neighbors_")
    assert np.array_equal(mds.transform(X), mds.embedding_)


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_models_hold_the_same_points(X, model):
    placed = HyperbolicMDS(model=model, **QUICK).fit(X)
    expected = HyperbolicMDS(**QUICK).fit(X)
    check_points(placed.embedding_, model)
    np.testing.assert_allclose(
        pairwise_distances(placed.embedding_, model=model), pairwise_distances(expected.embedding_), atol=1e-6
    )
    assert placed.stress_ == pytest.approx(expected.stress_, rel=1e-6)


# ---- few rows, few landmarks, other sizes


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("n_components", [1, 2, 10])
@pytest.mark.parametrize("n_landmarks", [1, 2, 3, 40, 1000])
def test_any_number_of_landmarks_works(X, n_landmarks, n_components):
    mds = HyperbolicMDS(n_components, n_landmarks=n_landmarks, n_init=1, tol=0.05, max_iter=60).fit(X)
    assert len(mds.landmarks_) == min(n_landmarks, 40)
    check_points(mds.embedding_, "poincare")
    assert np.array_equal(mds.transform(X), mds.embedding_)
    assert np.isfinite(mds.transform(X + 0.1)).all()
    if n_landmarks >= 40:
        everyone = HyperbolicMDS(n_components, n_landmarks=None, n_init=1, tol=0.05, max_iter=60).fit(X)
        assert np.array_equal(everyone.embedding_, mds.embedding_)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("way", [{}, {"n_landmarks": 1}, {"curvature": -1.0}, {"metric": "euclidean"}], ids=str)
def test_two_and_three_rows_keep_their_distances(X, n, way):
    mds = HyperbolicMDS(**way).fit(X[:n])
    if "n_landmarks" not in way:
        placed = pairwise_distances(mds.embedding_) / np.sqrt(-mds.curvature_)
        np.testing.assert_allclose(placed, cdist(X[:n], X[:n]), atol=1e-6)
    assert np.array_equal(mds.transform(X[:n]), mds.embedding_)


def test_the_landmark_form_is_near_the_full_one(rng):
    t = rng.uniform(-2, 2, size=(150, 2))
    full = HyperbolicMDS(metric="euclidean", n_init=2).fit(t)
    few = HyperbolicMDS(metric="euclidean", n_init=2, n_landmarks=40).fit(t)
    distances = cdist(t, t)
    for mds in (full, few):
        placed = pairwise_distances(mds.embedding_) / np.sqrt(-mds.curvature_)
        assert np.sqrt(((placed - distances) ** 2).sum() / (distances**2).sum()) < 2e-3


def test_all_samples_in_one_place_have_no_stress_with_landmarks_too():
    mds = HyperbolicMDS(metric="precomputed", n_landmarks=2).fit(np.zeros((5, 5)))
    assert mds.stress_ == 0.0
    assert pairwise_distances(mds.embedding_).max() < 1e-2


@pytest.mark.parametrize("size", [2.0**200, 2.0**-200])  # which round nothing, and so lead to the same minimum
def test_lengths_beyond_float32_are_refused_with_landmarks_only(X, size):
    with pytest.raises(ValueError, match="out of the range 1e-30 to 1e30 of float32; rescale"):
        HyperbolicMDS(n_landmarks=10, **QUICK).fit(X * size)
    assert HyperbolicMDS(**QUICK).fit(X * size).stress_ == HyperbolicMDS(**QUICK).fit(X).stress_


def test_a_callable_that_is_not_symmetric_is_refused_with_landmarks_too(X):
    with pytest.raises(ValueError, match="differs from its mirror image"):
        HyperbolicMDS(metric=lambda a, b: max(0.0, (a - b).max()), n_landmarks=10, **QUICK).fit(X)


@pytest.mark.parametrize("way", [{}, {"n_landmarks": 10}], ids=str)
def test_jobs_change_no_bit(X, way):
    one, two = (HyperbolicMDS(n_jobs=n_jobs, **QUICK, **way).fit(X) for n_jobs in (1, 2))
    assert np.array_equal(one.embedding_, two.embedding_)
    assert np.array_equal(one.transform(X + 0.1), two.transform(X + 0.1))


@pytest.mark.parametrize("way", [{}, {"n_landmarks": 10}], ids=str)
def test_processes_change_no_bit(X, way):
    here = HyperbolicMDS(**QUICK, **way).fit(X)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = HyperbolicMDS(**QUICK, **way).fit(X)
    assert np.array_equal(here.embedding_, there.embedding_)


def test_ctrl_c_keeps_the_best_so_far(monkeypatch):
    X = np.random.default_rng(1).normal(size=(160, 4))  # more than the landmarks of a start
    stage, calls = _descent._stage, []

    def interrupted(*args):
        calls.append(args)
        if len(args[1].lengths) == len(X) and len(calls) > 3:
            raise KeyboardInterrupt
        return stage(*args)

    monkeypatch.setattr(_descent, "_stage", interrupted)
    with pytest.warns(ConvergenceWarning, match="was interrupted: stress"):
        mds = HyperbolicMDS(n_init=1, tol=1e-6).fit(X)
    assert mds.stress_ < 1
    check_points(mds.embedding_, "poincare")


def interrupted_once(function, at, calls):
    """The function, in the place of which Ctrl-C comes at one call of it."""

    def interrupted(*args, **kwargs):
        calls.append(args)
        if len(calls) == at:
            raise KeyboardInterrupt
        return function(*args, **kwargs)

    return interrupted


@pytest.mark.parametrize("way", [{"n_landmarks": None}, {"n_landmarks": 50}])
def test_ctrl_c_while_rows_are_placed_keeps_what_the_search_has_found(way, monkeypatch):
    X = np.random.default_rng(1).normal(size=(400, 4))
    module, calls = (_search, []) if way["n_landmarks"] is None else (_fit, [])
    monkeypatch.setattr(module, "place_all", interrupted_once(module.place_all, 1, calls))
    with pytest.warns(ConvergenceWarning, match="was interrupted: stress"):
        mds = HyperbolicMDS(n_init=1, **way).fit(X)
    assert len(calls) == 2
    assert mds.stress_ < 0.5


def test_ctrl_c_keeps_the_rounds_of_cells_that_are_done(monkeypatch):
    X = np.random.default_rng(1).normal(size=(400, 4))
    monkeypatch.setattr(_fit, "FEW_ROWS", 0)
    found = []
    for at in (1, 2):
        monkeypatch.setattr(_fit.Cells, "refined", interrupted_once(Cells.refined, at, []))
        with pytest.warns(ConvergenceWarning, match="was interrupted: stress"):
            found.append(HyperbolicMDS(n_init=1, n_landmarks=50).fit(X).embedding_)
    assert not np.allclose(*found)
