"""Alignment against isometries that are known, relative representations against distances, both under isometries."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import ortho_group, special_ortho_group

from hyperkit import RelativeRepresentation, align, convert, distance, pairwise_distances, translate
from hyperkit.geometry import move_from_origin
from hyperkit.models import BallPoints, tangent_to_ball, to_ball
from hyperkit.similarity.alignment._alignment import _procrustes
from hyperkit.similarity.alignment._refined import _generators, derivatives, refined

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


def heavy_tailed(n, d, seed, reach=None):
    """A set whose two first rows are at a polar radius of `reach`."""
    rng = np.random.RandomState(seed)
    vectors = rng.gamma(2, size=(n, d)) * rng.choice([-1, 1], (n, d))
    if reach is not None:
        vectors[:2] *= reach / np.linalg.norm(vectors[:2], axis=1)[:, None]
    return vectors


def pairs_of(n, d, seed, *, noise=None, reach=None):
    """Points of the ball: a set somewhere else, and itself with noise, or one that has nothing to do with it."""
    vectors = heavy_tailed(n, d, seed, reach)
    rng = np.random.RandomState(seed + 100)
    other = heavy_tailed(n, d, seed + 1) if noise is None else vectors + noise * rng.normal(size=vectors.shape)
    moved = translate(convert(other, "tangent", "hyperboloid"), some_place(d), model="hyperboloid")
    return to_ball(moved, "hyperboloid"), to_ball(vectors, "tangent")


def some_place(d):
    return convert(np.linspace(0.5, 1.2, d)[None], "tangent", "hyperboloid")[0]


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_a_nudge_is_a_turn_and_a_move_about_the_target(d):
    rng = np.random.RandomState(d)
    a, b = pairs_of(10, d, d)
    isometry = _procrustes(a, b, False)
    step = rng.normal(size=d * (d + 1) // 2)
    skew = np.zeros((d, d))
    skew[np.triu_indices(d, 1)] = step[d:]
    seen = isometry.centred(a)
    turned = BallPoints(seen.z @ expm(skew - skew.T).T, seen.gap)
    expected = move_from_origin(move_from_origin(turned, tangent_to_ball(step[:d])), isometry.target)
    found = isometry.nudged(step)
    np.testing.assert_allclose(found(a).z, expected.z, atol=1e-13)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(d), atol=1e-13)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_derivatives_are_those_of_mpmath(d):
    a, b = pairs_of(4, d, 3)
    b.z[0], b.gap[0] = 0.0, 1.0
    isometry, generators = _procrustes(a, b, False), _generators(d)
    slopes, bends = derivatives(isometry, a, b, generators)

    def on_hyperboloid(z):
        z = [mp.mpf(float(x)) for x in z]
        gap = 1 - mp.fsum(x * x for x in z)
        return mp.matrix([(2 - gap) / gap, *(2 * x / gap for x in z)])

    def boost(z, sign):
        """The translation from the origin to z, or back, as a matrix."""
        x = on_hyperboloid(z)
        space = mp.matrix([x[k + 1] * sign for k in range(d)])
        matrix = mp.eye(d + 1)
        matrix[0, 0] = x[0]
        for j in range(d):
            matrix[0, j + 1] = matrix[j + 1, 0] = space[j]
            for k in range(d):
                matrix[j + 1, k + 1] += space[j] * space[k] / (1 + x[0])
        return matrix

    with mp.workdps(60):
        turn = mp.eye(d + 1)
        for j, k in np.ndindex(d, d):
            turn[j + 1, k + 1] = mp.mpf(float(isometry.rotation[j, k]))
        seen = [turn * boost(isometry.source.z, -1) * on_hyperboloid(z) for z in a.z]
        there = [boost(isometry.target.z, -1) * on_hyperboloid(z) for z in b.z]

        def half_squares(*step):
            nudge = mp.eye(d + 1)
            for entry, generator in zip(step, generators, strict=True):
                nudge += entry * mp.matrix(generator.tolist())
            square = sum(((e * mp.matrix(g.tolist())) for e, g in zip(step, generators, strict=True)), mp.zeros(d + 1))
            nudge += square * square / 2  # exp up to the second power, which is all that derivatives see
            total = mp.mpf(0)
            for p, q in zip(seen, there, strict=True):
                moved = nudge * p
                total += mp.acosh(moved[0] * q[0] - mp.fsum(moved[k] * q[k] for k in range(1, d + 1))) ** 2 / 2
            return total

        m, h = len(generators), mp.mpf(10) ** -15

        def around(**by):
            return half_squares(*(h * by.get(f"e{k}", 0) for k in range(m)))

        for j in range(m):
            one, other = around(**{f"e{j}": 1}), around(**{f"e{j}": -1})
            assert slopes[j] == pytest.approx(float((one - other) / (2 * h)), rel=1e-9, abs=1e-9)
            assert bends[j, j] == pytest.approx(float((one - 2 * around() + other) / h**2), rel=1e-9)
            for k in range(j):
                corners = [around(**{f"e{j}": s, f"e{k}": t}) * s * t for s in (1, -1) for t in (1, -1)]
                expected = float(mp.fsum(corners) / (4 * h**2))
                assert bends[j, k] == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(bends).max())


@pytest.mark.parametrize(
    ("n", "d", "noise", "reach"),
    [
        (300, 10, None, None),
        (60, 10, 0.3, None),
        (60, 3, None, None),
        (30, 2, 0.3, 14.0),
        (30, 3, 0.3, 14.0),
        (9, 1, 1, 9),
    ],
)
def test_the_end_is_a_minimum_however_different_the_sets_are(n, d, noise, reach):
    a, b = pairs_of(n, d, 0, noise=noise, reach=reach)
    found = refined(_procrustes(a, b, False), a, b)
    slopes, bends = derivatives(found, a, b, _generators(d))
    sizes, axes = np.linalg.eigh(bends)
    assert sizes.min() > 0
    # What a further step would take away of half the sum of squares.
    assert ((axes.T @ slopes) ** 2 / sizes).sum() < 1e-9


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
