"""The parts of the search for a placement: exact arithmetic, finite differences, scipy, and what cannot change."""

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
from kernels import compiled
from scipy.optimize import minimize
from scipy.spatial.distance import pdist, squareform
from threadpoolctl import threadpool_limits

import hyperkit.embedding.search._few as few_module
import hyperkit.embedding.search._search as search_module
from hyperkit.embedding.search import Placement, Search, Target, best_landmark, place_rows_from, refine_cell, search
from hyperkit.embedding.search._descent import Effort, _rays, _stage, descend, jumped_from, lower
from hyperkit.embedding.search._few import Candidate
from hyperkit.embedding.search._hydra import hydra
from hyperkit.embedding.search._place import place_all, solve_places
from hyperkit.embedding.search._placement import FAR, MEAN
from hyperkit.embedding.search.kernels.logarithm import log1p_of
from hyperkit.embedding.search.kernels.pairs import descend_pairs
from hyperkit.embedding.search.kernels.place import _derivatives, _ray, _straighten
from hyperkit.embedding.search.kernels.stress import stress_and_gradient
from hyperkit.geometry import ball_distance_matrix, pairwise_distances, random_uniform_ball
from hyperkit.models import BallPoints, ball_to_tangent, from_ball, tangent_to_ball, to_ball

ASKED = Search(n_components=2, scale=None, power=0, n_init=1, tol=1e-3, max_iter=300)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def unseen(placement, n_iter):
    """Watches nothing."""


def dissimilarities(rng, n, m=None):
    """Of the first m of n points, the largest 1."""
    lengths = squareform(pdist(rng.normal(size=(n, 4))))
    return np.ascontiguousarray(lengths[:m] / lengths.max())


# ---- exact arithmetic: the hyperboloid in 60 digits


def exact_distance(v, w):
    """Of the ends of two tangent vectors at the origin: cosh d = cosh r cosh s - sinh r sinh s cos(angle)."""
    r, s = (mp.sqrt(sum(c * c for c in vector)) for vector in (v, w))
    dot = sum(a * b for a, b in zip(v, w, strict=True))
    across = mp.sinh(r) * mp.sinh(s) * dot / (r * s) if r and s else mp.mpf(0)
    return mp.acosh(max(mp.cosh(r) * mp.cosh(s) - across, mp.mpf(1)))


def exact_squared_stress(u, log_scale, lengths, power, floor):
    scale = mp.exp(log_scale)
    v = [[scale * c for c in row] for row in u]
    above = below = mp.mpf(0)
    for i, row in enumerate(lengths):
        for j in range(i + 1, len(v)):
            length = mp.mpf(float(row[j]))
            weight = max(length, mp.mpf(floor)) ** -power
            above += weight * (exact_distance(v[i], v[j]) / scale - length) ** 2
            below += weight * length**2
    return above / below


def exact_gradient(u, log_scale, *rest):
    """Value and slopes by log(scale) and by u, from central differences in 60 digits."""
    step = mp.mpf(10) ** -20
    u = [[mp.mpf(float(c)) for c in row] for row in u]
    log_scale = mp.mpf(log_scale)

    def slope(move):
        values = []
        for sign in (1, -1):
            table = [row.copy() for row in u]
            values.append(exact_squared_stress(table, move(table, sign * step), *rest))
        return float((values[0] - values[1]) / (2 * step))

    def of_entry(i, c):
        def move(table, step):
            table[i][c] += step
            return log_scale

        return move

    by_u = np.array([[slope(of_entry(i, c)) for c in range(len(u[0]))] for i in range(len(u))])
    return float(exact_squared_stress(u, log_scale, *rest)), slope(lambda _, step: log_scale + step), by_u


def assert_exact(target, u, log_scale, rtol):
    with mp.workdps(60):
        expected = exact_gradient(u, log_scale, target.lengths, target.power, target.floor)
    found = target.value_and_gradient(u, log_scale)
    assert found[0] == pytest.approx(expected[0], rel=rtol)
    assert found[1] == pytest.approx(expected[1], rel=rtol, abs=rtol * np.abs(expected[2]).max())
    np.testing.assert_allclose(found[2], expected[2], rtol=rtol, atol=rtol * np.abs(expected[2]).max())


# ---- stress and gradient


@pytest.mark.parametrize("power", [0, 1, 2])
@pytest.mark.parametrize("n_components", [1, 2, 5])
@pytest.mark.parametrize("m", [3, 7])
def test_stress_and_gradient_agree_with_sixty_digits(rng, power, n_components, m):
    target = Target.of(dissimilarities(rng, 7, m), power)
    for log_scale in (-4.0, 1.5):
        assert_exact(target, 0.5 * rng.normal(size=(7, n_components)), log_scale, 1e-12)


def test_points_almost_in_one_place_and_at_the_rim_keep_their_digits(rng):
    # 1e-12 apart at a distance of 0.7 from the origin, where doubles are 1e-16 apart
    close = np.array([[0.3, 0.2], [0.3 + 1e-12, 0.2], [0.0, 0.0], [15.0, 0.0]])
    assert_exact(Target.of(dissimilarities(rng, 4), 0), close, float(np.log(2.0)), 3e-4)
    # 1e-12 apart at the origin, and at polar radius 30
    close = np.array([[0.0, 0.0], [1e-12, 0.0], [15.0, 0.0], [0.0, -15.0], [-10.0, 11.0]])
    assert_exact(Target.of(dissimilarities(rng, 5), 1), close, float(np.log(2.0)), 1e-12)


def test_a_pair_as_close_as_its_length_of_1e_12_has_no_stress():
    lengths = np.array([[0.0, 1e-12, 1.0], [1e-12, 0.0, 1.0], [1.0, 1.0, 0.0]])
    target = Target(lengths, 2, floor=1e-12, norm=3.0)
    u = np.array([[0.0, 0.0], [0.0, 1e-12], [1.0, 0.0]])
    assert target.stress(u, 0.0) < 1e-12
    assert target.stress(np.array([[0.0, 0.0], [0.0, 2e-12], [1.0, 0.0]]), 0.0) == pytest.approx(3**-0.5, rel=1e-9)


@pytest.mark.parametrize(("n", "m", "power"), [(1100, 3, 0), (1100, 3, 2), (560, 560, 1), (513, 512, 0)])
def test_blocks_of_rows_add_up_to_the_double_sum(rng, n, m, power):
    lengths = dissimilarities(rng, n, m)
    target = Target.of(lengths, power)
    u = rng.normal(size=(n, 2))
    pairs = np.arange(m)[:, None] < np.arange(n)
    weights = np.where(pairs, lengths, 1.0) ** -float(power)

    def squared(u, log_scale):
        scale = np.exp(log_scale)
        placed = pairwise_distances(scale * u[:m], scale * u, model="tangent") / scale
        return (pairs * weights * (placed - lengths) ** 2).sum() / (pairs * weights * lengths**2).sum()

    value, by_log_scale, by_u = target.value_and_gradient(u, 1.0)
    assert value == pytest.approx(squared(u, 1.0), rel=1e-12)
    assert target.stress(u, 1.0) == pytest.approx(np.sqrt(value), rel=1e-15)
    step = 1e-5
    slope = (squared(u, 1.0 + step) - squared(u, 1.0 - step)) / (2 * step)
    assert by_log_scale == pytest.approx(slope, rel=1e-7)
    for rows in (slice(None), slice(m - 1, m + 2), slice(510, 514)):
        way = np.zeros_like(u)
        way[rows] = rng.normal(size=way[rows].shape)
        slope = (squared(u + step * way, 1.0) - squared(u - step * way, 1.0)) / (2 * step)
        assert np.vdot(by_u, way) == pytest.approx(slope, rel=1e-6, abs=1e-9 * np.abs(by_u).max())


@pytest.mark.parametrize("power", [0, 2])
def test_float32_dissimilarities_are_summed_in_float64(rng, power):
    single = dissimilarities(rng, 40, 9).astype(np.float32)
    u = rng.normal(size=(40, 3))
    found = Target.of(single, power).value_and_gradient(u, 0.5)
    expected = Target.of(single.astype(np.float64), power).value_and_gradient(u, 0.5)
    assert found[0] == pytest.approx(expected[0], rel=1e-6)
    np.testing.assert_allclose(found[2], expected[2], atol=1e-6 * np.abs(expected[2]).max())


@pytest.mark.parametrize("power", [0, 1, 2])
def test_coincident_points_and_lengths_of_zero_give_a_finite_gradient(power):
    lengths = 1.0 - np.eye(4)
    lengths[0, 1] = lengths[1, 0] = 0.0
    u = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    value, by_log_scale, by_u = Target.of(lengths, power).value_and_gradient(u, 0.0)
    assert value == pytest.approx(1 / 5)  # of five pairs of length 1 the last is in one place
    assert np.isfinite(by_log_scale)
    assert np.isfinite(by_u).all()


def test_weights_are_those_of_the_sums(rng):
    lengths = dissimilarities(rng, 9)
    lengths[2, 5] = lengths[5, 2] = 0.0
    for power in (0, 1, 2):
        target = Target.of(lengths, power)
        weights = target.weights(lengths)
        assert weights.max() <= 1.0
        rows, columns = np.triu_indices(9, 1)
        shortest = lengths[lengths > 0].min()
        expected = (shortest / np.maximum(lengths[rows, columns], shortest)) ** power
        np.testing.assert_allclose(weights[rows, columns], expected, rtol=1e-14)
        np.testing.assert_allclose(target.without_lengths().weights(lengths), weights)
        assert target.norm * shortest**power == pytest.approx((expected * lengths[rows, columns] ** 2).sum())


def test_the_logarithm_is_right_to_two_units_of_the_last_place(rng):
    edges = np.concatenate([2.0 ** np.arange(60) - 1, 2.0 ** np.arange(-0.5, 60) - 1])
    x = np.concatenate(
        [
            [0.0, 5e-324, 1e-310, 1e-300, 1e-17, 1e-16, 2.2e-16, 1e-8, 1e29, 1e300],
            10.0 ** rng.uniform(-20, 30, 300),
            *(np.nextafter(edges, way) for way in (-np.inf, np.inf)),
            edges,
        ]
    )
    x = x[x >= 0]
    u, exponent, out = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    compiled(log1p_of)(x, len(x), u, u.view(np.uint64), exponent, exponent.view(np.uint64), out)
    with mp.workdps(400):
        expected = [mp.log(1 + mp.mpf(float(t))) for t in x]
        for t, found, exact in zip(x, out, expected, strict=True):
            assert abs(mp.mpf(float(found)) - exact) <= 2 * np.spacing(float(exact)), t


# ---- the steps of a descent


@pytest.mark.parametrize("n_moving", [6, 4])
def test_value_and_slope_of_the_variables_of_a_stage(rng, n_moving):
    n = 6
    target = Target.of(dissimilarities(rng, n), 1)
    u = rng.normal(size=(n, 3))
    u[2] = 0.0
    rays, across = _rays(u[:n_moving], 4.0)
    assert across[2] == pytest.approx(1.0)

    def found(x, farthest=35.0):
        slope, rest = np.empty_like(x), (target.lengths, 1, target.floor, 2.5, farthest)
        return stress_and_gradient(x, u, rays, across, 4.0, *rest, slope), slope

    x = 0.1 * rng.normal(size=1 + 3 * n_moving)
    end = u.copy()
    for k in range(n_moving):  # along the ray as it is, across it in units of `across`
        step, along = x[1 + 3 * k : 4 + 3 * k], np.outer(rays[k], rays[k])
        end[k] += along @ step + across[k] * (step - along @ step)
    value, slope = found(x)
    expected = target.value_and_gradient(end, np.log(4.0) + x[0])
    assert 2.5 * value == pytest.approx(expected[0] * target.norm, rel=1e-12)
    for k, way in enumerate(1e-6 * np.eye(len(x))):
        difference = (found(x + way)[0] - found(x - way)[0]) / 2e-6
        assert slope[k] == pytest.approx(difference, rel=1e-6, abs=1e-7)

    lost, slope = found(x, farthest=1.0)
    assert lost == np.inf
    assert not slope.any()


def test_a_stage_keeps_its_bounds_and_what_stays(rng):
    target = Target.of(1.0 - np.eye(24), 0)  # a star: no scale is wide enough
    begin = start(rng, 24).measured(target)
    wide, _ = lower(begin, target, free=True, max_iter=300)
    assert wide.scale > 4.0
    bound, _ = lower(begin, target, free=True, max_iter=300, widest=3.5)
    assert bound.scale == pytest.approx(3.5, rel=1e-15)
    assert bound.measured(target).stress < begin.stress
    held, _ = lower(begin, target, free=False, max_iter=30, n_moving=7)
    assert np.array_equal(held.u[7:], begin.u[7:])
    assert held.log_scale == begin.log_scale
    assert held.measured(target).stress < begin.stress


def start(rng, n=40, scale=3.0, n_components=2):
    return Placement(0.5 * rng.normal(size=(n, n_components)), float(np.log(scale)))


@pytest.mark.parametrize("power", [0, 1, 2])
def test_a_stage_lowers_the_stress_and_keeps_a_scale_that_is_not_free(rng, power):
    target = Target.of(dissimilarities(rng, 40), power)
    begin = start(rng).centred(target)
    for free in (True, False):
        moved, used = _stage(begin, target, Effort(free=free, tol=1e-3, max_iter=500), 20, MEAN)
        assert 0 < used <= 20
        assert moved.stress < begin.stress
        assert moved.stress == pytest.approx(target.stress(moved.u, moved.log_scale), rel=1e-12)
        assert free or moved.log_scale == begin.log_scale


def test_centring_changes_no_distance(rng):
    target = Target.of(dissimilarities(rng, 30), 0)
    begin = start(rng, 30)
    centred = begin.centred(target)
    assert centred.stress == pytest.approx(target.stress(begin.u, begin.log_scale), rel=1e-10)
    assert Placement(np.full((3, 2), 30.0), 1.0).centred(Target.of(dissimilarities(rng, 3), 0)).stress == np.inf


def test_what_is_brought_within_reach_is_within(rng):
    for _ in range(50):  # of random placements rounding left every other one beyond, from where nothing moves
        assert start(rng, 30, scale=100.0).within().radius <= FAR


def test_a_descent_ends_where_no_slope_is_left(rng):
    target = Target.of(dissimilarities(rng, 25), 0)
    end = descend(start(rng, 25), target, Effort(free=True, tol=1e-6, max_iter=5000), np.random.RandomState(0))
    assert end.end == "converged"
    _, by_log_scale, by_u = target.value_and_gradient(end.placement.u, end.placement.log_scale)
    before = target.value_and_gradient(*(lambda p: (p.u, p.log_scale))(start(rng, 25)))
    assert np.abs(by_u).max() < 1e-3 * np.abs(before[2]).max()
    assert abs(by_log_scale) < 1e-3


def test_a_descent_gives_no_more_stress_than_it_takes(rng):
    lengths = dissimilarities(rng, 30)
    for power in (0, 2):
        target = Target.of(lengths, power)
        rested = descend(start(rng, 30), target, Effort(True, 1e-4, 500), np.random.RandomState(0)).placement
        again = descend(rested, target, Effort(True, 1e-4, 500), np.random.RandomState(1)).placement
        assert again.stress <= rested.stress * (1 + 1e-12)


def test_a_lost_point_jumps_to_its_place(rng):
    """Behind the other points of a tree it would stay for ever, were there only L-BFGS."""
    points = tangent_to_ball(rng.normal(size=(40, 2)) * 2.0)
    lengths = ball_distance_matrix(points, points)
    unit = lengths.max()
    target = Target.of(np.ascontiguousarray(lengths / unit), 0)
    exact = Placement.at(points, unit)
    u = exact.u.copy()
    far = int(np.linalg.norm(u, axis=1).argmax())
    u[far] *= -1.0
    lost = replace(exact, u=u)
    jumped = jumped_from(lost, target, np.random.RandomState(0))
    assert target.stress(jumped.u, jumped.log_scale) < 0.5 * target.stress(u, exact.log_scale)
    stay = np.delete(np.arange(40), far)
    np.testing.assert_allclose(jumped.u[stay], u[stay], atol=1e-12)
    end = descend(lost, target, Effort(False, 1e-3, 500), np.random.RandomState(0))
    assert end.placement.stress < 0.5 * target.stress(u, exact.log_scale)


def test_where_a_descent_stops_is_said(rng):
    target = Target.of(dissimilarities(rng, 30), 0)
    end = descend(start(rng, 30), target, Effort(True, 1e-9, 7), np.random.RandomState(0))
    assert end.end == "max_iter"
    assert end.n_iter == 7
    seen = []
    descend(
        start(rng, 30),
        target,
        Effort(True, 1e-3, 500),
        np.random.RandomState(0),
        lambda p, n: seen.append((p.stress, n)),
    )
    assert [n for _, n in seen] == sorted(n for _, n in seen)
    assert seen[-1][0] <= seen[0][0]


# ---- points one by one


def own_cost(v, landmarks, lengths, weights):
    """Cost of one place, a tangent vector."""
    placed = pairwise_distances(v[None], landmarks, model="tangent")[0]
    return float((weights * (placed - lengths) ** 2).sum())


@pytest.mark.parametrize("n_components", [1, 2, 4])
def test_places_are_the_minima_that_scipy_finds_from_there(rng, n_components):
    landmarks = rng.normal(size=(60, n_components)) * 1.5
    true = rng.normal(size=(30, n_components)) * 1.5
    lengths = np.abs(pairwise_distances(true, landmarks, model="tangent") + 0.05 * rng.normal(size=(30, 60)))
    weights = rng.uniform(0.1, 1.0, size=lengths.shape)
    ball = tangent_to_ball(landmarks)
    begin, cost = best_landmark(lengths, weights, ball_distance_matrix(ball, ball))
    expected = [min(own_cost(v, landmarks, *row) for v in landmarks) for row in zip(lengths, weights, strict=True)]
    np.testing.assert_allclose(cost, expected, rtol=1e-9)
    found = Placement.at(place_rows_from(ball.take(begin), ball, lengths, weights), 1.0).u
    n_best = 0
    for k in range(30):
        rest = (landmarks, lengths[k], weights[k])
        value = own_cost(found[k], *rest)
        assert value <= expected[k] * (1 + 1e-12)
        polished = minimize(own_cost, true[k], rest, method="BFGS").fun
        n_best += value <= polished * (1 + 1e-3)
    assert n_best >= 18  # there are other minima


@pytest.mark.parametrize(("n_components", "n_landmarks", "spread"), [(7, 25, 1.0), (4, 60, 1.4), (3, 60, 3.0)])
def test_no_place_is_left_from_which_scipy_goes_on(rng, n_components, n_landmarks, spread):
    # few landmarks, lengths 20 % off: with steps along geodesics half of these rows stalled in the valley around them
    landmarks = spread * rng.normal(size=(n_landmarks, n_components))
    true = spread * rng.normal(size=(40, n_components))
    lengths = pairwise_distances(true, landmarks, model="tangent")
    lengths *= np.exp(0.2 / spread * rng.normal(size=lengths.shape))
    weights = np.ones_like(lengths)
    ball = tangent_to_ball(landmarks)
    begin, _ = best_landmark(lengths, weights, ball_distance_matrix(ball, ball))
    found = Placement.at(place_rows_from(ball.take(begin), ball, lengths, weights), 1.0).u
    n_stalled = 0
    for v, *rest in zip(found, lengths, weights, strict=True):
        value = own_cost(v, landmarks, *rest)
        n_stalled += value > 1.001 * minimize(own_cost, v, (landmarks, *rest), method="BFGS").fun
    assert n_stalled <= 1


@pytest.mark.parametrize("at", [[0.0, 0.0], [1e-4, 2e-4], [0.7, -0.4], [9.0, 3.0]])
def test_second_derivatives_along_straight_lines_are_those_of_differences(rng, at):
    # near the landmarks too: where one should be farther its part is bounded, so that here all should be nearer
    landmarks, at = tangent_to_ball(rng.normal(size=(6, 2))), np.array(at)
    point = tangent_to_ball(at[None])
    lengths = 0.5 * ball_distance_matrix(point, landmarks)[0]
    table, gaps = np.vstack([landmarks.z, point.z]), np.append(landmarks.gap, point.gap)
    matrix, (slope, towards, ray) = np.empty((2, 2)), np.empty((3, 2))
    _derivatives(table, gaps, lengths, np.ones(6), matrix, slope, towards)
    radius, narrow = _ray(table, gaps, 6, ray)
    _straighten(matrix, slope, ray, radius, narrow)
    units = np.array([ray, [-ray[1], ray[0]]])
    steps = units * [[1.0], [narrow]]  # of length 1 there, as vectors at the origin

    def cost(v):
        return own_cost(v, from_ball(landmarks, "tangent"), lengths, np.ones(6)) / 2

    h = 1e-3
    found = units @ (np.tril(matrix) + np.tril(matrix, -1).T) @ units.T
    for a in (0, 1):
        for b in (0, 1):
            corners = [i * j * cost(at + h * (i * steps[a] + j * steps[b])) for i in (-1, 1) for j in (-1, 1)]
            assert sum(corners) / (4 * h * h) == pytest.approx(found[a, b], rel=1e-4, abs=1e-4)


def test_each_row_is_placed_as_if_it_were_alone(rng):
    ball = tangent_to_ball(rng.normal(size=(12, 2)))
    lengths, weights = rng.uniform(0.5, 3.0, size=(2, 20, 12))
    begin = ball.take(rng.integers(0, 12, 20))
    together = place_rows_from(begin, ball, lengths, weights)
    for k in range(20):
        alone = place_rows_from(begin.take([k]), ball, lengths[[k]], weights[[k]])
        assert np.array_equal(alone.z[0], together.z[k])
        assert alone.gap[0] == together.gap[k]


def test_blocks_of_rows_are_the_same_for_any_number_of_jobs(rng):
    ball = tangent_to_ball(rng.normal(size=(12, 2)))
    lengths = rng.uniform(0.1, 1.0, size=(1100, 12))
    target = Target.of(np.ones((1, 12)), 1)
    one, two = (place_all(ball, 2.0, lengths, target, n_jobs) for n_jobs in (1, 2))
    assert np.array_equal(one.z, two.z)


def walk(x, y, length):
    """The point at `length` from `x` on the geodesic to `y`, on the hyperboloid."""
    cosh = x[0] * y[0] - x[1:] @ y[1:]
    tangent = (y - cosh * x) / np.sqrt(cosh**2 - 1)
    return np.cosh(length) * x + np.sinh(length) * tangent


def test_pairs_move_along_their_geodesics_by_at_most_one(rng):
    v = rng.normal(size=(6, 3))
    lengths = 3.0 * dissimilarities(rng, 6)
    lengths[0, 1] = lengths[1, 0] = 20.0
    weights = rng.uniform(0.2, 1.0, size=(6, 6))
    weights = weights + weights.T
    first, second = np.triu_indices(6, 1)
    points = tangent_to_ball(v)
    z, gap = points.z.copy(), points.gap.copy()
    descend_pairs(z, gap, lengths, weights, first, second, 0.7)
    norm = np.linalg.norm(v, axis=1, keepdims=True)
    x = np.hstack([np.cosh(norm), np.sinh(norm) * v / norm])
    for i, j in zip(first, second, strict=True):
        distance = np.arccosh(x[i, 0] * x[j, 0] - x[i, 1:] @ x[j, 1:])
        reach = min(1.0, 0.7 * weights[i, j]) * (distance - lengths[i, j]) / 2
        # at most 1 long
        reach = np.clip(reach, -1.0, 1.0)
        x[i], x[j] = walk(x[i], x[j], reach), walk(x[j], x[i], reach)
    np.testing.assert_allclose(z, x[:, 1:] / (1 + x[:, :1]), rtol=1e-9)
    np.testing.assert_allclose(gap, 1 - (z**2).sum(axis=1), rtol=1e-9)


# ---- Hydra


@pytest.mark.parametrize("n_components", [1, 2, 4])
def test_hydra_alone_recovers_points_of_hyperbolic_space(n_components):
    points = random_uniform_ball(60, n_components, radius=3.0, random_state=1)
    distances = pairwise_distances(points)
    v = hydra(distances, n_components, np.random.RandomState(0))
    np.testing.assert_allclose(pairwise_distances(v, model="tangent"), distances, atol=1e-6)


def test_hydra_does_not_overflow_where_cosh_would():
    distances = 900.0 * squareform(pdist(np.arange(5.0)[:, None]))
    assert np.isfinite(hydra(distances, 2, np.random.RandomState(0))).all()


def test_hydra_gives_few_points_all_axes_they_ask_for():
    distances = 1.0 - np.eye(3)
    v = hydra(distances, 5, np.random.RandomState(0))
    assert v.shape == (3, 5)
    np.testing.assert_allclose(pairwise_distances(v, model="tangent"), distances, atol=1e-6)


# ---- the whole search


@pytest.mark.parametrize("n", [60, 160])
def test_a_search_gives_the_same_bits_for_any_number_of_threads(rng, n):
    target = Target.of(dissimilarities(rng, n), 1)
    found = []
    for n_jobs, threads in ((1, 1), (2, 1), (1, 2)):
        with threadpool_limits(threads):
            asked = replace(ASKED, power=1, n_init=2, tol=0.1, n_jobs=n_jobs)
            found.append(search(target, asked, np.random.RandomState(3), unseen).placement)
    for other in found[1:]:
        assert np.array_equal(found[0].u, other.u)
        assert found[0].log_scale == other.log_scale


def test_landmarks_and_the_rows_placed_by_them_are_recovered():
    points = random_uniform_ball(150, 2, radius=3.0, random_state=4)
    lengths = pairwise_distances(points)
    lengths /= lengths.max()
    few = search(Target.of(np.ascontiguousarray(lengths[:20, :20]), 0), ASKED, np.random.RandomState(0), unseen)
    assert few.placement.stress < 1e-6
    everyone = place_all(few.placement.points, few.placement.scale, lengths[:, :20], Target.of(lengths, 0))
    placed = Placement.at(everyone, few.placement.scale)
    assert Target.of(lengths, 0).stress(placed.u, placed.log_scale) < 1e-5


@pytest.mark.parametrize("power", [0, 1])
def test_a_cell_that_lies_in_one_place_is_unfolded_and_the_landmarks_stand_still(power):
    points = to_ball(random_uniform_ball(60, 2, radius=4.0, random_state=5))
    lengths = pairwise_distances(from_ball(points))
    landmarks = points.take(np.s_[25:])
    target = Target.of(np.ascontiguousarray(lengths[:25]) / 8.0, power)
    in_one_place = BallPoints(np.zeros((25, 2)), np.ones(25))
    refined = refine_cell(in_one_place, landmarks, 8.0, target, 0)

    def off(cell):
        found = pairwise_distances(from_ball(cell.joined(landmarks)))[:25]
        return np.abs(found - lengths[:25]).mean()

    assert off(refined) < 0.2 * off(in_one_place)  # after twenty iterations: it is no minimum yet
    again = refine_cell(in_one_place, landmarks, 8.0, target, 0)
    assert np.array_equal(refined.z, again.z)


def test_a_scale_that_is_given_is_kept(rng):
    target = Target.of(dissimilarities(rng, 50), 0)
    end = search(target, replace(ASKED, scale=5.0, n_init=2), np.random.RandomState(0), unseen)
    assert end.placement.scale == pytest.approx(5.0, rel=1e-12)


def test_a_scale_that_moves_goes_no_further_than_the_widest(rng):
    points = a_tree_of_points(rng, 2)
    lengths = ball_distance_matrix(points, points)
    target = Target.of(lengths / lengths.max(), 0)
    begin = Placement.at(points, 4.0).measured(target)
    ends = {}
    for widest in (6.0, 40.0):
        effort = Effort(free=True, tol=1e-3, max_iter=500, widest=widest)
        ends[widest] = descend(begin, target, effort, np.random.RandomState(0)).placement
    assert ends[6.0].scale == pytest.approx(6.0, rel=1e-12)
    assert ends[40.0].scale > 6.5


def test_of_one_object_or_all_in_one_place_there_is_nothing_to_search():
    for n in (1, 4):
        end = search(Target.of(np.zeros((n, n)), 0), ASKED, np.random.RandomState(0), unseen)
        assert end.placement.stress == 0.0
        assert np.array_equal(end.placement.u, np.zeros((n, 2)))


def test_no_pair_weighs_more_than_one_of_a_hundredth_of_the_largest_length():
    lengths = np.array([[0.0, 1e-6, 1.0], [1e-6, 0.0, 0.5], [1.0, 0.5, 0.0]])
    target = Target.of(lengths, 2)
    np.testing.assert_allclose(target.weights(lengths)[[0, 0, 1], [1, 2, 2]], [1.0, 1e-4, 4e-4])
    assert target.norm == pytest.approx(1e-12 * 1e4 + 1 + 1)


def a_tree_of_points(rng, d, n_branches=6, n_each=12):
    """Points near some rays, some way out: the clusters of their distances are the rays."""
    rays = rng.standard_normal((n_branches, d))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    along = rng.uniform(2.0, 5.0, (n_branches, n_each, 1))
    return tangent_to_ball((along * rays[:, None] + 0.2 * rng.standard_normal((n_branches, n_each, d))).reshape(-1, d))


@pytest.mark.parametrize(
    ("module", "work"),
    [(few_module, "_more_begins"), (few_module, "_shaken"), (few_module, "_lowered"), (search_module, "descend")],
)
def test_interrupted_anywhere_a_search_keeps_the_best_so_far(rng, monkeypatch, module, work):
    points = a_tree_of_points(rng, 2, 12, 100)
    lengths = ball_distance_matrix(points, points) * rng.uniform(0.9, 1.1, (1200, 1200))
    lengths += lengths.T

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(few_module, "_BEHIND", np.inf)  # or there are no more begins
    monkeypatch.setattr(module, work, interrupted)
    asked = Search(n_components=2, scale=None, power=0, n_init=2, tol=1e-3, max_iter=500)
    target = Target.of(lengths / lengths.max(), 0)
    found = search(target, asked, np.random.RandomState(0), lambda *_: None)
    assert found.end == "interrupted"
    assert found.placement.stress == pytest.approx(target.stress(found.placement.u, found.placement.log_scale))
    assert found.placement.stress < 0.1


def with_stress(some, of_all):
    return Candidate(np.arange(1), Placement(np.zeros((1, 2)), 0.0, some), Placement(np.zeros((1, 2)), 0.0, of_all))


def test_the_median_gain_counts_what_cannot_be_shaken_as_no_gain():
    def gained(*pairs):
        return few_module._gained(*([with_stress(stress, 1.0) for stress in each] for each in zip(*pairs, strict=True)))

    assert gained((1.0, 0.9), (2.0, 1.0), (1.0, 1.0)) == pytest.approx(0.1)
    assert gained((1.0, 0.9), (2.0, 1.0)) == pytest.approx(0.3)
    assert gained((0.0, 0.0), (np.inf, np.inf), (1.0, 0.9), (1.0, 0.9), (1.0, 0.9)) == pytest.approx(0.1)
    assert gained((0.0, 0.0)) == 0.0


@pytest.mark.parametrize(("gain", "rounds"), [(0.02, [1, 1]), (0.04, [1, 1, 2, 2, 3])])
def test_shaking_goes_on_where_it_gains_much(monkeypatch, gain, rounds):
    rng, done = np.random.RandomState(0), []

    def watched(start, target, *, rounds, **options):
        done.append(rounds)
        return start

    monkeypatch.setattr(few_module, "shaken", watched)
    monkeypatch.setattr(few_module, "_gained", lambda *_: gain)
    lengths = squareform(pdist(rng.standard_normal((150, 5))))
    few_module.best_of_few(Target.of(lengths / lengths.max(), 0), replace(ASKED, n_init=2), rng)
    assert done == rounds


def test_interrupted_between_rounds_of_shaking_a_search_keeps_the_least(monkeypatch):
    rng, stresses = np.random.RandomState(0), iter([0.2, 0.1, 0.3])

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(few_module, "_shaken", lambda *_, rounds: with_stress(1.0, next(stresses)))
    monkeypatch.setattr(few_module, "_gained", interrupted)
    lengths = squareform(pdist(rng.standard_normal((150, 5))))
    asked = replace(ASKED, n_init=3)
    placement, was_stopped = few_module.best_of_few(Target.of(lengths / lengths.max(), 0), asked, rng)
    assert was_stopped
    assert placement.stress == 0.1


@pytest.mark.parametrize("scale", [None, 10.0])
def test_starts_in_one_place_are_placed(scale):
    """Of most samples nothing is told apart: of stress 0, which gains nothing by shaking."""
    X = np.zeros((300, 2))
    X[:2] = np.eye(2)
    target = Target.of(squareform(pdist(X)) / np.sqrt(2.0), 0)
    for seed in range(4):
        asked = Search(n_components=1, scale=scale, power=0, n_init=8, tol=2e-3, max_iter=300)
        assert search(target, asked, np.random.RandomState(seed), lambda *_: None).placement.stress < 0.1


def test_interrupted_among_its_starts_a_search_keeps_the_best_of_those_that_are_done(rng, monkeypatch):
    points = a_tree_of_points(rng, 2, 12, 15)
    lengths = ball_distance_matrix(points, points)
    one_start, begun = few_module._started, []

    def interrupted(*arguments):
        if len(begun) == 2:
            raise KeyboardInterrupt
        begun.append(one_start(*arguments))
        return begun[-1]

    monkeypatch.setattr(few_module, "_started", interrupted)
    asked = Search(n_components=2, scale=None, power=0, n_init=4, tol=1e-3, max_iter=500)
    target = Target.of(lengths / lengths.max(), 0)
    found = search(target, asked, np.random.RandomState(0), lambda *_: None)
    assert found.end == "interrupted"
    assert found.placement.stress == pytest.approx(min(one.all.stress for one in begun), rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_distances_to_landmarks_are_solved_for_the_place_exactly(rng, d):
    landmarks = tangent_to_ball(3.0 * rng.standard_normal((20, d)))
    points = tangent_to_ball(3.0 * rng.standard_normal((15, d)))
    solved = solve_places(landmarks, ball_distance_matrix(points, landmarks))
    assert ball_distance_matrix(solved, points).diagonal().max() < 1e-5
    one = solve_places(landmarks.take(np.zeros(4, dtype=int)), np.full((2, 4), 60.0))  # of one place, too far
    assert np.isfinite(ball_to_tangent(one)).all()


@pytest.mark.parametrize(("n", "radius", "seed"), [(130, 8.0, 0), (130, 6.0, 1), (200, 10.0, 2)])
def test_points_all_over_a_wide_disk_are_recovered(n, radius, seed):
    rng = np.random.default_rng(seed)
    angle, r = rng.uniform(0, 2 * np.pi, n), np.arccosh(1 + rng.uniform(size=n) * (np.cosh(radius) - 1))
    points = tangent_to_ball(r[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
    lengths = ball_distance_matrix(points, points)
    asked = Search(n_components=2, scale=None, power=0, n_init=1, tol=2e-3, max_iter=1000)
    found = search(Target.of(lengths / lengths.max(), 0), asked, np.random.RandomState(0), lambda *_: None)
    assert found.placement.stress < 1e-8
    assert found.placement.scale == pytest.approx(lengths.max(), rel=1e-6)
