"""Alignment against isometries that are known, relative representations against distances, both under isometries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ortho_group, special_ortho_group

from hyperkit import RelativeRepresentation, align, convert, distance, pairwise_distances, translate

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]


def cloud(n=60, d=2, seed=0):
    rng = np.random.RandomState(seed)
    return convert(rng.gamma(2, size=(n, d)) * np.linspace(1, 0.4, d), "tangent", "poincare")


def some_isometry(X, d, seed=0, reflect=False):
    rng = np.random.RandomState(seed)
    turn = special_ortho_group.rvs(d, random_state=rng) if d > 1 else np.eye(1)
    if reflect:
        turn = turn * np.r_[-1, np.ones(d - 1)]
    first, second = convert(rng.normal(size=(2, d)), "tangent", "poincare")
    return translate(translate(X, first) @ turn, second)


@pytest.mark.parametrize("d", [1, 2, 3, 8])
def test_a_known_isometry_is_found_from_pairs(d):
    B = cloud(d=d)
    A = some_isometry(B, d)
    found = align(A, B, pairs="rows")
    np.testing.assert_allclose(found.aligned, B, atol=1e-9)
    assert found.mean_squared_distance < 1e-18
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(d), atol=1e-12)
    assert np.linalg.det(found.rotation) > 0
    other = cloud(seed=1, d=d)
    np.testing.assert_allclose(found.transform(some_isometry(other, d)), other, atol=1e-8)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_reflections_are_found_by_the_flag_only(d):
    B = cloud(d=d)
    A = some_isometry(B, d, reflect=True)
    assert align(A, B, pairs="rows").mean_squared_distance > 0.01
    found = align(A, B, pairs="rows", reflections=True)
    assert found.mean_squared_distance < 1e-18
    assert np.linalg.det(found.rotation) < 0


@pytest.mark.parametrize("reflections", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_known_isometry_is_found_without_pairs(d, reflections):
    B = cloud(d=d)
    order = np.random.default_rng(0).permutation(len(B))
    A = some_isometry(B, d, reflect=reflections)[order]
    found = align(A, B, reflections=reflections)
    np.testing.assert_array_equal(found.pairs[:, 1], order[found.pairs[:, 0]])
    assert found.mean_squared_distance < 1e-18


def test_pairs_choose_rows_and_the_smaller_set_is_matched_into_the_larger():
    B = cloud()
    A = some_isometry(B, 2)
    some = np.array([[3, 3], [10, 10], [20, 20], [50, 50]])
    np.testing.assert_allclose(align(A, B, pairs=some).aligned, B, atol=1e-9)
    found = align(A[:40], B)
    assert found.pairs.shape == (40, 2)
    np.testing.assert_allclose(found.aligned, B[:40], atol=1e-9)


def test_no_other_isometry_is_better():
    """The mean squared distance of noisy pairs is a minimum: small moves and turns only raise it."""
    rng = np.random.RandomState(0)
    B = cloud(d=3)
    noisy = convert(convert(B, "poincare", "tangent") + 0.3 * rng.normal(size=B.shape), "tangent", "poincare")
    found = align(some_isometry(noisy, 3), B, pairs="rows")
    best = np.mean(distance(found.aligned, B) ** 2)
    assert found.mean_squared_distance == pytest.approx(best, rel=1e-12)
    assert best <= np.mean(distance(noisy, B) ** 2)
    for seed in range(20):
        small = np.random.RandomState(seed).normal(size=6) * 1e-3
        turn = np.eye(3) + np.array([[0, small[0], small[1]], [-small[0], 0, small[2]], [-small[1], -small[2], 0]])
        turn = np.linalg.qr(turn)[0] * np.sign(np.diag(np.linalg.qr(turn)[1]))
        moved = translate(found.aligned @ turn, small[3:])
        assert np.mean(distance(moved, B) ** 2) > best


@pytest.mark.parametrize("model", MODELS)
def test_all_models_align_alike(model):
    B = cloud()
    A = some_isometry(B, 2)
    found = align(convert(A, "poincare", model), convert(B, "poincare", model), pairs="rows", model=model)
    np.testing.assert_allclose(found.aligned, convert(B, "poincare", model), atol=1e-8)
    np.testing.assert_allclose(found.transform(convert(A, "poincare", model)), found.aligned, atol=1e-12)


def test_large_sets_are_matched_by_a_sample():
    B = cloud(n=1500)
    A = some_isometry(B, 2)
    found = align(A, B)
    assert found.pairs.shape == (1000, 2)
    assert found.aligned.shape == A.shape
    assert np.mean(distance(found.aligned, B)) < 0.2


def test_wrong_pairs_are_named():
    A, B = cloud(), cloud(50)
    with pytest.raises(ValueError, match="A has 60 rows and B has 50"):
        align(A, B, pairs="rows")
    with pytest.raises(ValueError, match="pairs='row' must be"):
        align(A, B, pairs="row")
    with pytest.raises(ValueError, match=r"pairs: row 1 is \(59, 50\)"):
        align(A, B, pairs=[[0, 0], [59, 50]])
    with pytest.raises(ValueError, match=r"pairs has shape \(2, 2\) and dtype float64"):
        align(A, B, pairs=[[0.0, 0], [1, 1]])
    with pytest.raises(ValueError, match="B has 3; they must agree"):
        align(A, cloud(d=3))


# --- relative representations


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3, 10])
def test_isometries_leave_relative_representations_unchanged(d, normalize):
    X = cloud(80, d)
    turn = ortho_group.rvs(d, random_state=0) if d > 1 else -np.eye(1)
    moved = translate(X, np.r_[np.zeros(d - 1), np.tanh(1.5)]) @ turn
    relative = RelativeRepresentation(anchors=[3, 1, 41], normalize=normalize)
    np.testing.assert_allclose(relative.fit_transform(moved), relative.fit_transform(X), atol=1e-9)


def test_columns_are_distances_to_the_anchors_and_standardised_over_the_fitted_set():
    X, Y = cloud(50), cloud(30, seed=1)
    plain = RelativeRepresentation(anchors=[7, 2], normalize=False).fit(X)
    np.testing.assert_array_equal(plain.transform(Y), pairwise_distances(Y, X[[7, 2]]))
    D = pairwise_distances(X, X[[7, 2]])
    scaled = RelativeRepresentation(anchors=[7, 2]).fit(X)
    np.testing.assert_allclose(scaled.transform(X).mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(scaled.transform(X).std(axis=0), 1, rtol=1e-13)
    np.testing.assert_allclose(scaled.transform(Y), (plain.transform(Y) - D.mean(0)) / D.std(0), rtol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_all_models_have_the_same_relative_representation(model):
    X = cloud()
    expected = RelativeRepresentation(anchors=5).fit_transform(X)
    found = RelativeRepresentation(anchors=5, model=model).fit_transform(convert(X, "poincare", model))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_anchors_are_drawn_chosen_or_given():
    X = cloud()
    drawn = RelativeRepresentation(anchors=5, random_state=3).fit(X)
    assert len({tuple(a) for a in drawn.anchors_} & {tuple(x) for x in X}) == 5
    np.testing.assert_array_equal(RelativeRepresentation(anchors=5, random_state=3).fit(X).anchors_, drawn.anchors_)
    np.testing.assert_array_equal(
        RelativeRepresentation(anchors=drawn.anchors_).fit(X).transform(X), drawn.transform(X)
    )
    assert drawn.get_feature_names_out().tolist() == [f"relativerepresentation{i}" for i in range(5)]


def test_a_constant_column_is_centred_only():
    X = [[0.5, 0.0], [0.0, 0.5], [-0.5, 0.0]]
    np.testing.assert_allclose(RelativeRepresentation(anchors=[[0.0, 0.0]]).fit_transform(X), 0, atol=1e-15)


def test_wrong_anchors_are_named():
    X = cloud()
    for anchors, message in (
        (61, "anchors=61 rows cannot be drawn from n_samples=60"),
        (0, "anchors=0"),
        ([1, 60], "entry 1 is 60; rows go from 0 to 59"),
        ([[0.0, 0.0, 0.0]], r"anchors has shape \(1, 3\)"),
        ([[0.0, 1.5]], "anchors: row 0 has norm 1.5"),
        ([0.5, 0.1], r"anchors has shape \(2,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            RelativeRepresentation(anchors=anchors).fit(X)
