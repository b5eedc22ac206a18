"""What holds for every estimator: scikit-learn's checks, and the checks of hyperbolic space on top of them.

The estimators on points (`HyperSteiner`, `HyperDGA`) are each summed up by a dictionary of numbers that must not depend
on coordinates, isometries, the order of the rows or the dtype. A new estimator on points joins by a line in
`SUMMARIES`; a new estimator of any kind joins `ESTIMATORS`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from hyperkit import (
    HyperbolicEncoder,
    HyperbolicMDS,
    HyperDGA,
    HyperSteiner,
    RelativeRepresentation,
    convert,
    distance,
    translate,
)
from hyperkit.embedding.search import _few
from hyperkit.hierarchy import SteinerClustering

# The checks fit hundreds of times, and how good the minimum is matters to none: one start takes a quarter of the time.
ESTIMATORS = [
    HyperSteiner(model="tangent"),
    HyperDGA(model="tangent"),
    HyperbolicMDS(n_init=1, tol=0.5),
    HyperbolicEncoder(),
    RelativeRepresentation(model="tangent"),
    SteinerClustering(model="tangent"),
]
MODELS = ["poincare", "klein", "hyperboloid", "halfspace"]
DIMENSIONS = [1, 2, 3]


# Two warnings are part of a right answer here, and scikit-learn's data bring out both: rows longer than 30 are scaled
# down, and far clusters leave a neighbour graph in parts.
@pytest.mark.filterwarnings("ignore:X. row .* has length:UserWarning")
@pytest.mark.filterwarnings("ignore:the graph of the .* nearest neighbours has:UserWarning")
@parametrize_with_checks(ESTIMATORS)
def test_estimators_pass_the_checks_of_scikit_learn_without_exception(estimator, check, monkeypatch):
    monkeypatch.setattr(_few, "LEVEL_ITERATIONS", 20)
    monkeypatch.setattr(_few, "_TREE_LENGTHS", (18.0,))
    check(estimator)


def steiner_summary(A: Any, B: Any, model: str) -> dict[str, float]:
    steiner = HyperSteiner(model=model).fit(A)
    return {
        "length": steiner.length_,
        "mst_length": steiner.mst_length_,
        "reduction": steiner.reduction_,
        "edges": len(steiner.tree_.edges),
        "longest": float(steiner.tree_.lengths.max(initial=0.0)),
        "score": steiner.score(B),
    }


def dga_summary(A: Any, B: Any, model: str) -> dict[str, float]:
    figures = asdict(HyperDGA(model=model).fit(A).compare(B))
    return {name: value for name, value in figures.items() if value is not None}


SUMMARIES = {"HyperSteiner": steiner_summary, "HyperDGA": dga_summary}


@pytest.fixture(params=SUMMARIES, ids=str)
def summary(request):
    return SUMMARIES[request.param]


@pytest.fixture(params=DIMENSIONS, ids=lambda d: f"d={d}")
def sets(request):
    """Two overlapping Poincare samples in general position, out to polar radius about 4."""
    rng = np.random.default_rng(7)
    d = request.param
    return tuple(convert(rng.normal(size=(n, d)) + shift, "tangent", "poincare") for n, shift in ((40, 0.0), (30, 0.5)))


OF_RELABELLING = ("expected_", "relative_", "z_score", "p_value", "generalized")


def assert_same(found: dict[str, float], expected: dict[str, float], rel: float = 1e-9) -> None:
    assert found == pytest.approx(expected, rel=rel, abs=1e-12)


def isometries(d: int) -> list:
    """Translation by 3, reflection and (above the line) rotation of the Poincare ball."""
    centre = np.zeros(d)
    centre[-1] = np.tanh(1.5)
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(d, d)))
    return [lambda x: translate(x, centre), lambda x: x * np.r_[-1, np.ones(d - 1)], lambda x: x @ turn]


def test_isometries_change_nothing(summary, sets):
    A, B = sets
    d = A.shape[1]
    expected = summary(A, B, "poincare")
    for isometry in isometries(d):
        assert_same(summary(isometry(A), isometry(B), "poincare"), expected)


@pytest.mark.parametrize("model", [*MODELS, "tangent"])
def test_all_models_agree(summary, sets, model):
    A, B = sets
    found = summary(convert(A, "poincare", model), convert(B, "poincare", model), model)
    assert_same(found, summary(A, B, "poincare"))


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_the_rows_does_not_matter(summary, sets, model):
    A, B = (convert(X, "poincare", model) for X in sets)
    rng = np.random.default_rng(1)
    assert_same(summary(rng.permutation(A), rng.permutation(B), model), summary(A, B, model))


@pytest.mark.parametrize("model", MODELS)
def test_float32_lists_and_frames_give_what_the_same_numbers_give_in_float64(summary, sets, model):
    A, B = (convert(X, "poincare", model).astype(np.float32) for X in sets)
    expected = summary(A.astype(np.float64), B.astype(np.float64), model)
    assert summary(A, B, model) == expected
    assert summary(A.tolist(), B.tolist(), model) == expected
    assert summary(pd.DataFrame(A), pd.DataFrame(B), model) == expected
    assert summary(np.asfortranarray(A), B[::-1][::-1], model) == expected


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_column_of_text_is_named_with_its_first_value(estimator):
    frame = pd.DataFrame({"x": [0.1, 0.2, 0.3], "cell": ["a", "b", "b"]})
    with pytest.raises(TypeError, match=r"column 'cell' holds text \('a' in row 0\); leave it out"):
        clone(estimator).fit(frame)


@pytest.mark.parametrize("estimator", [HyperbolicMDS(), HyperbolicEncoder()], ids=lambda e: type(e).__name__)
def test_frames_that_come_out_keep_the_index_of_those_that_went_in(estimator, sets):
    table = sets[0][:20]
    index = pd.Index([f"cell {row}" for row in range(20)], name="barcode")
    found = (
        clone(estimator).set_output(transform="pandas").fit_transform(pd.DataFrame(table, index=index).add_prefix("x"))
    )
    assert found.index.equals(index)
    assert found.columns.is_unique
    np.testing.assert_array_equal(found.to_numpy(), clone(estimator).fit_transform(table))


@pytest.mark.parametrize("estimator", [HyperSteiner(), HyperDGA()], ids=lambda e: type(e).__name__)
def test_column_names_are_kept_and_held_against_later_tables(estimator, sets):
    A, B = sets
    names = [f"axis {i}" for i in range(A.shape[1])]
    fitted = clone(estimator).fit(pd.DataFrame(A, columns=names))
    assert fitted.feature_names_in_.tolist() == names
    assert fitted.n_features_in_ == len(names)
    fitted.score(pd.DataFrame(B, columns=names))
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.score(pd.DataFrame(B, columns=[f"other {i}" for i in range(A.shape[1])]))


@pytest.mark.parametrize("model", [*MODELS, "tangent"])
def test_the_input_is_neither_changed_nor_kept(summary, sets, model):
    A, B = (convert(X, "poincare", model) for X in sets)
    copies = A.copy(), B.copy()
    expected = summary(A, B, model)
    np.testing.assert_array_equal(A, copies[0])
    np.testing.assert_array_equal(B, copies[1])
    A.setflags(write=False)
    B.setflags(write=False)
    assert summary(A, B, model) == expected


@pytest.mark.parametrize("estimator", [HyperSteiner(), HyperDGA()], ids=lambda e: type(e).__name__)
def test_scoring_changes_no_attribute_and_repeats_itself(estimator, sets):
    A, B = sets
    fitted = clone(estimator).fit(A)
    names = set(vars(fitted))
    first = fitted.score(B)
    A[:] = 0
    assert fitted.score(B) == first
    assert set(vars(fitted)) == names


@pytest.mark.parametrize("model", MODELS)
def test_repeated_rows_of_a_set_do_not_change_lengths_or_counts(summary, sets, model):
    A, B = (convert(X, "poincare", model) for X in sets)
    repeated = summary(np.concatenate([A, A[5:8], A[5:6]]), B, model)
    expected = summary(A, B, model)
    for name, more in (("edges", 4), ("n_repeated", 4)):  # each repeated row is a vertex of the tree, or reported
        if name in expected:
            expected[name] += more
    # A repeated row is an observation of its own: what relabelling makes of the counts is another question.
    for name in [name for name in expected if name.startswith(OF_RELABELLING)]:
        del repeated[name], expected[name]
    assert_same(repeated, expected)


@pytest.mark.parametrize("model", MODELS)
def test_a_single_repeated_point_is_legal(summary, sets, model):
    point = convert(sets[0][:1], "poincare", model)
    found = summary(np.repeat(point, 4, axis=0), point, model)
    assert all(np.isfinite(value) for value in found.values())
    assert found.get("length", 0.0) == found.get("score", 0.0) == found.get("distance", 0.0) == 0.0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("d", DIMENSIONS)
def test_one_and_two_points_have_the_obvious_answers(model, d):
    ends = np.zeros((2, d))
    ends[0, 0], ends[1, 0] = -0.3, 0.6
    length = float(distance(*ends))
    points = convert(ends, "poincare", model)

    one = HyperSteiner(model=model).fit(points[:1])
    assert (one.length_, one.mst_length_, one.reduction_) == (0.0, 0.0, 0.0)
    assert one.tree_.edges.shape == (0, 2)
    assert one.score(points[1:]) == pytest.approx(-length, rel=1e-12)
    two = HyperSteiner(model=model).fit(points)
    assert two.length_ == pytest.approx(length, rel=1e-12)
    assert two.tree_.edges.tolist() == [[0, 1]]
    assert two.score(points) == pytest.approx(0.0, abs=1e-12)

    assert HyperDGA(model=model).fit(points[:1]).score(points[1:]) == 1.0
    assert HyperDGA(model=model).fit(points).score(points[:1]) == 2 / 3  # A-A and A-B to the shared point, and itself


@pytest.mark.parametrize(("model", "radius"), [("poincare", 30), ("hyperboloid", 30), ("halfspace", 30), ("klein", 15)])
@pytest.mark.parametrize("d", DIMENSIONS)
def test_points_at_the_rim_keep_their_lengths(model, radius, d):
    """Points of one polar radius: their distances follow from the angles between them."""
    directions = np.random.default_rng(3).normal(size=(12, d)) if d > 1 else np.array([[-1.0], [1.0]])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    points = convert(directions * radius, "tangent", model)
    chords = np.linalg.norm(directions[:, None] - directions[None], axis=-1)
    expected = minimum_spanning_tree(2 * np.arcsinh(np.sinh(radius) * chords / 2)).sum()

    steiner = HyperSteiner(model=model).fit(points)
    # Rounding of a Poincare point at radius 30 moves it by 1e-3.
    assert steiner.mst_length_ == pytest.approx(expected, rel=1e-4)
    assert expected / 2 < steiner.length_ <= steiner.mst_length_
    assert steiner.tree_.n_terminals == len(points)
    assert len(steiner.tree_.edges) == len(steiner.tree_.points) - 1
    assert steiner.score(points) == pytest.approx(0.0, abs=1e-6)

    half = len(points) // 2
    result = HyperDGA(model=model).fit(points[:half]).compare(points[half:])
    assert result.n_shared == result.n_repeated == 0
    assert result.n_edges >= len(points) - 1


@pytest.mark.parametrize("estimator", [HyperSteiner(), HyperDGA()], ids=lambda e: type(e).__name__)
def test_rows_that_are_no_points_are_named(estimator, sets):
    A, B = sets
    bad = A.copy()
    bad[3, 0] = 1.5
    with pytest.raises(ValueError, match=r"row 3 has norm 1\.\d+; Poincaré points need norm < 1"):
        clone(estimator).fit(bad)
    fitted = clone(estimator).fit(A)
    worse = B.copy()
    worse[2, 0] = np.nan
    with pytest.raises(ValueError, match="row 2 is not finite"):
        fitted.score(worse)
    with pytest.raises(ValueError, match="model='kleen' is not a model"):
        clone(estimator).set_params(model="kleen").fit(A)


def asked_after_fit():
    A, B = np.random.default_rng(0).uniform(-0.3, 0.3, size=(2, 9, 2))
    yield HyperSteiner(), A, lambda e: e.score(B)
    yield HyperSteiner(), A, lambda e: e.insert(B)
    yield HyperDGA(), A, lambda e: e.compare(B)
    yield HyperDGA(), A, lambda e: e.score(B)
    yield RelativeRepresentation(anchors=3), A, lambda e: e.transform(B)
    yield HyperbolicEncoder(), A, lambda e: e.transform(B)


@pytest.mark.parametrize(("estimator", "X", "ask"), list(asked_after_fit()))
@pytest.mark.parametrize("later", [{"curvature": -2.0}, {"model": "klein"}])
def test_the_space_is_that_of_fit(estimator, X, ask, later):
    estimator.fit(X)
    if not later.keys() <= estimator.get_params().keys():
        pytest.skip("the model is fixed")
    before = estimator.get_params()
    estimator.set_params(**later)
    with pytest.raises(ValueError, match=r"set after fit, .*: fit again, or set them back"):
        ask(estimator)
    ask(estimator.set_params(**before))
    estimator.set_params(**later)
    ask(estimator.fit(X))
