"""What moves a placement out of a local minimum, and the samples that stand for all objects."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from hyperkit.embedding.search import Placement, Target
from hyperkit.embedding.search._descent import Effort, descend
from hyperkit.embedding.search._sample import nested_samples, stratified
from hyperkit.embedding.search._shaking import _placed_anew, _turned, shaken
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import tangent_to_ball


def target_of(points):
    lengths = ball_distance_matrix(points, points)
    return Target.of(lengths / lengths.max(), 0)


def branching(rng, d=2, n_branches=8, n_each=10):
    """Tangent vectors near some rays."""
    rays = rng.standard_normal((n_branches, 1, d))
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    return rng.uniform(2.0, 5.0, (n_branches, n_each, 1)) * rays + 0.2 * rng.standard_normal((n_branches, n_each, d))


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_a_turned_branch_keeps_its_shape_its_radii_and_its_direction(rng, d):
    v = branching(rng, d).reshape(-1, d)
    rows = np.arange(10, 30)
    turned = _turned(Placement(v, 0.0), rows).u
    others = np.setdiff1d(np.arange(len(v)), rows)
    assert_array_equal(turned[others], v[others])
    before, after = (tangent_to_ball(u[rows]) for u in (v, turned))
    assert_allclose(ball_distance_matrix(after, after), ball_distance_matrix(before, before), atol=1e-9)
    assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(v, axis=1))
    directions = [(u[rows] / np.linalg.norm(u[rows], axis=1)[:, None]).sum(axis=0) for u in (v, turned)]
    assert_allclose(*directions, atol=1e-9)
    assert_allclose(_turned(Placement(turned, 0.0), rows).u, v, atol=1e-12)
    assert not np.allclose(turned, v)


def test_objects_taken_away_come_back_to_where_the_others_say(rng):
    v = branching(rng).reshape(-1, 2)
    points = tangent_to_ball(v)
    target = target_of(points)
    scale = ball_distance_matrix(points, points).max()
    exact = Placement.at(points, scale)
    wrong = exact.u.copy()
    wrong[5] = -wrong[5]
    moved = [
        _placed_anew(Placement(wrong, exact.log_scale), target, np.random.RandomState(seed)).u for seed in range(20)
    ]
    back = [np.abs(u[5] - exact.u[5]).max() < 0.01 for u in moved]
    assert 0 < sum(back) < 20
    assert all(np.allclose(u[5], wrong[5], atol=1e-9) for u, is_back in zip(moved, back, strict=True) if not is_back)


@pytest.mark.parametrize("free", [True, False])
def test_a_branch_on_the_wrong_side_is_turned_back(rng, free):
    """Of points of the plane: no descent gets there, as everything else is where it should be."""
    v = branching(rng).reshape(-1, 2)
    points = tangent_to_ball(v)
    target = target_of(points)
    exact = Placement.at(points, ball_distance_matrix(points, points).max())
    wrong = _turned(exact, np.arange(20, 30)).centred(target)
    down = descend(wrong, target, Effort(free=free, tol=1e-3, max_iter=500), rng).placement
    assert down.stress > 1e-3
    up = shaken(down, target, free=free, rounds=2, rng=rng)
    assert up.stress < 0.1 * down.stress
    assert up.stress == pytest.approx(target.stress(up.u, up.log_scale))
    if not free:
        assert up.scale == pytest.approx(exact.scale)


def test_a_try_goes_on_only_where_a_glance_has_hope(rng, monkeypatch):
    target = Target.of(cdist(*[rng.random_sample((40, 4))] * 2), 0)
    start = descend(
        Placement(rng.standard_normal((40, 2)), 1.0), target, Effort(free=True, tol=1e-3, max_iter=500), rng
    ).placement
    best, glances, went_on = start.stress, [], []

    def watched(moved, target, effort, rng):
        nonlocal best
        end = descend(moved, target, effort, rng)
        if effort.max_iter == 20:
            glances.append(end.placement.stress / best)
        else:
            went_on.append(len(glances) - 1)
            best = min(best, end.placement.stress)
        return end

    monkeypatch.setattr("hyperkit.embedding.search._shaking.descend", watched)
    end = shaken(start, target, free=True, rounds=2, rng=rng)
    assert end.stress == best
    assert went_on == [i for i, part in enumerate(glances) if part < 1.03]
    assert 0 < len(went_on) < len(glances)


def test_shaking_never_ends_higher_and_leaves_alone_what_is_exact(rng):
    target = Target.of(cdist(*[rng.random_sample((30, 4))] * 2), 0)
    for n_components in (1, 2, 3):
        start = Placement(rng.standard_normal((30, n_components)), 1.0).centred(target)
        assert shaken(start, target, free=True, rounds=1, rng=rng).stress <= start.stress
    points = tangent_to_ball(branching(rng).reshape(-1, 2))
    exact = Placement.at(points, ball_distance_matrix(points, points).max()).centred(target_of(points))
    assert shaken(exact, target_of(points), free=True, rounds=1, rng=rng) is exact


@pytest.mark.parametrize(("n", "m"), [(1, 1), (7, 7), (10, 3), (1275, 300), (301, 300)])
def test_a_stratified_sample_has_one_of_each_stretch(rng, n, m):
    counts = np.zeros(n)
    for _ in range(400 if n < 20 else 3):
        chosen = stratified(n, m, rng)
        assert len(chosen) == m
        assert (np.diff(chosen) > 0).all()
        assert (chosen >= np.floor(np.arange(m) * n / m)).all()
        assert (chosen < np.ceil((np.arange(m) + 1) * n / m)).all()
        counts[chosen] += 1
    if n < 20:  # 5 standard deviations of a share of 1 / 4 or more
        assert (np.abs(counts / 400 - m / n) < 0.11).all()


def test_samples_are_nested_and_give_every_cluster_its_share(rng):
    centres = 100.0 * rng.standard_normal((5, 3))
    sizes = [40, 80, 120, 160, 200]
    cluster = np.repeat(np.arange(5), sizes)
    mixed = rng.permutation(600)
    points = (centres[cluster] + rng.standard_normal((600, 3)))[mixed]
    order = nested_samples(Target.of(cdist(points, points), 0), [60, 300], rng)
    assert_array_equal(np.sort(order), np.arange(600))
    for m in (60, 300):
        counts = np.bincount(cluster[mixed][order[:m]], minlength=5)
        assert (np.abs(counts - np.array(sizes) * m / 600) <= 2).all()
