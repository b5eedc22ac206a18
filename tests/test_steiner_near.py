"""Steiner trees of rows that are nearly the same, and of tight clusters far from each other."""

import time
from itertools import combinations

import mpmath as mp
import numpy as np
import pytest
from test_steiner import assert_spans

from hyperkit import HyperSteiner
from hyperkit.datasets import load_krumsiek11
from hyperkit.delaunay import ball_spanning_tree
from hyperkit.models import to_ball
from hyperkit.steiner._network import are_narrow
from hyperkit.steiner._scales import tight_clusters
from hyperkit.steiner.local import _local


def near_rows(seed, d, radius):
    """20 to 60 rows about a few centres at polar `radius`, each coordinate 0 to 8 ulps off."""
    rng = np.random.default_rng(seed)
    n, most = int(rng.integers(20, 60)), [1, 2, 2, 8][seed % 4]
    centre = rng.normal(size=(n // 5, d))
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    centre *= np.tanh(radius * rng.uniform(0.5, 1, size=(len(centre), 1)) / 2)
    rows = centre[rng.integers(len(centre), size=n)]
    return rows + rng.integers(-most, most + 1, size=rows.shape) * np.spacing(np.abs(rows))


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("radius", [0.5, 3.0, 12.0, 30.0])
def test_rows_a_few_roundings_apart_are_fitted_in_little_more_time_than_by_greedy(d, radius):
    for seed in range(9, 18):
        X = near_rows(seed, d, radius)
        HyperSteiner().fit(X[:9])  # compiles and loads what both need
        begin = time.process_time()
        greedy = HyperSteiner(method="greedy").fit(X)
        middle = time.process_time()
        local = HyperSteiner().fit(X)
        assert time.process_time() - middle <= 20 * (middle - begin) + 5
        assert_spans(local.tree_, len(X))
        assert local.length_ <= greedy.length_ * (1 + 1e-14)


@pytest.mark.filterwarnings("ignore:method=.exact. has proven only")
@pytest.mark.parametrize("d", [2, 3])
def test_rows_a_few_roundings_apart_are_fitted_by_every_method(d):
    for seed in (15, 16, 17):
        X = near_rows(seed, d, 3.0)
        for options in ({"method": "thorough", "time_limit": 0.5}, {"method": "exact", "time_limit": 0.5}):
            steiner = HyperSteiner(**options).fit(X)
            assert_spans(steiner.tree_, len(X))
            assert steiner.length_ <= steiner.mst_length_ * (1 + 1e-14)


@pytest.mark.parametrize("options", [{"method": "local"}, {"method": "thorough", "n_restarts": 1}, {"method": "exact"}])
def test_search_that_comes_to_its_bound_says_so_once_at_the_users_line(monkeypatch, options):
    X = np.random.default_rng(0).uniform(-0.6, 0.6, size=(8, 2))
    monkeypatch.setattr(_local, "_MOST_LOOKS", 1)
    with pytest.warns(UserWarning, match="stopped at its bound") as caught:
        steiner = HyperSteiner(**options).fit(X)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert_spans(steiner.tree_, 8)


def exactly(points):
    """Poincaré points given in doubles, and the gap of each, to 50 digits."""
    points = [[mp.mpf(float(value)) for value in point] for point in points]
    return [(point, 1 - sum(a * a for a in point)) for point in points]


def half_squared(x, y):
    """sinh^2 of half the distance."""
    return sum((a - b) ** 2 for a, b in zip(x[0], y[0], strict=True)) / (x[1] * y[1])


def as_distance(squared):
    return 2 * mp.asinh(mp.sqrt(squared))


def exact_length(tree):
    points = exactly(tree.points)
    return sum(as_distance(half_squared(points[i], points[j])) for i, j in tree.edges)


def exact_spanning_length(X):
    """Length of the minimum spanning tree, by Kruskal's algorithm."""
    points = exactly(X)
    edges = sorted((half_squared(points[i], points[j]), i, j) for i, j in combinations(range(len(X)), 2))
    part, total = list(range(len(X))), mp.mpf(0)
    for squared, i, j in edges:
        if part[i] != part[j]:
            part = [part[i] if other == part[j] else other for other in part]
            total += as_distance(squared)
    return total


def two_clusters(seed, spread, d):
    """4 + 4 points, at polar radius 1 to 3 on different sides of the origin."""
    rng = np.random.default_rng([seed, d])
    centre = rng.normal(size=(2, d))
    centre *= np.tanh(rng.uniform(1, 3, size=(2, 1)) / 2) / np.linalg.norm(centre, axis=1, keepdims=True)
    centre[1] *= -np.sign(centre[0] @ centre[1])
    return [c + spread * (1 - c @ c) / 2 * rng.normal(size=(4, d)) for c in centre]


def assert_clusters_are_as_good_as_alone(seed, spread, d, **options):
    clusters = two_clusters(seed, spread, d)
    X = np.concatenate(clusters)
    with mp.workdps(50):
        length = exact_length(HyperSteiner(**options).fit(X).tree_)
        inside = sum(exact_spanning_length(part) for part in clusters)
        assert length <= exact_spanning_length(X)
        alone = sum(exact_length(HyperSteiner(**options).fit(part).tree_) for part in clusters)
        bridge = as_distance(min(half_squared(x, y) for x in exactly(clusters[0]) for y in exactly(clusters[1])))
        assert length - alone - bridge <= 1e-6 * inside


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("exponent", range(1, 13))
def test_tight_clusters_have_trees_as_short_as_alone(exponent, d):
    for seed in range(12):
        assert_clusters_are_as_good_as_alone(seed, 10.0**-exponent, d)


@pytest.mark.filterwarnings("ignore:method=.exact. has proven only")
@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize(
    "options", [{"method": "greedy"}, {"method": "thorough", "n_restarts": 1}, {"method": "exact", "time_limit": 2}]
)
def test_tight_clusters_have_trees_as_short_as_alone_by_every_method(options, d):
    for exponent in (1, 4, 7, 12):
        assert_clusters_are_as_good_as_alone(0, 10.0**-exponent, d, **options)


def nested_clusters(rng, d):
    """Pairs 1e-12 wide, in pairs 1e-6 wide, about three places."""
    centre = rng.uniform(-0.4, 0.4, size=(3, 1, 1, d))
    return (centre + 1e-6 * rng.normal(size=(3, 2, 1, d)) + 1e-12 * rng.normal(size=(3, 2, 2, d))).reshape(-1, d)


def scattered_clusters(rng, d):
    """One to three points about each of six places, 1e-5 to 1e-13 wide."""
    centre = rng.uniform(-0.4, 0.4, size=(6, d))
    width = 10.0 ** -rng.uniform(5, 13, size=6)
    return np.concatenate(
        [c + w * rng.normal(size=(rng.integers(1, 4), d)) for c, w in zip(centre, width, strict=True)]
    )


def pairs_of_points(rng, d):
    centre = rng.uniform(-0.4, 0.4, size=(6, d))
    return np.concatenate([centre, centre + 10.0 ** -rng.uniform(4, 12, size=(6, 1)) * rng.normal(size=(6, d))])


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("points", [nested_clusters, scattered_clusters, pairs_of_points])
def test_clusters_of_all_sizes_have_trees_with_wide_angles_no_longer_than_the_spanning_tree(points, d):
    for seed in range(10):
        X = points(np.random.default_rng([seed, d]), d)
        for method in ("greedy", "local"):
            tree = HyperSteiner(method=method).fit(X).tree_
            assert_spans(tree, len(X))
            with mp.workdps(50):
                assert exact_length(tree) <= exact_spanning_length(X) * (1 + mp.mpf("1e-40"))
        assert not are_narrow(to_ball(tree.points), tree.edges).any()


@pytest.mark.parametrize("d", [2, 3, 5])
def test_points_of_any_mixture_of_sizes_have_wide_angles(d):
    for seed in range(12):
        rng = np.random.default_rng([seed, d])
        X = rng.uniform(-0.4, 0.4, size=d) + 0.1 * 10.0 ** -rng.uniform(0, 12, size=(12, 1)) * rng.normal(size=(12, d))
        tree = HyperSteiner().fit(X).tree_
        assert not are_narrow(to_ball(tree.points), tree.edges).any()


@pytest.mark.parametrize("seed", range(5))
def test_tight_clusters_are_those_of_all_sets_that_are_far_from_the_rest_for_their_size(seed):
    X = scattered_clusters(np.random.default_rng(seed), 2)
    n = len(X)
    points = exactly(X)
    distance = np.array([[float(as_distance(half_squared(x, y))) for y in points] for x in points])
    found = set()
    for count in range(2, n):
        for rows in map(list, combinations(range(n), count)):
            out = np.delete(np.arange(n), rows)
            # Cheap bounds first: a spanning tree is no shorter than the set is wide.
            if distance[np.ix_(rows, rows)].max() < 1e-5 * distance[np.ix_(rows, out)].min():
                size = ball_spanning_tree(to_ball(X[rows]))[1].sum()
                if size < 1e-5 * distance[np.ix_(rows, out)].min():
                    found.add(frozenset(rows))
    largest = {one for one in found if not any(one < other for other in found)}
    clusters = tight_clusters(*ball_spanning_tree(to_ball(X)))
    groups = {frozenset(np.flatnonzero(clusters.of == c).tolist()) for c in range(len(clusters.row))}
    assert {group for group in groups if len(group) > 1} == largest
    assert all(clusters.of[clusters.row] == np.arange(len(clusters.row)))


def test_a_fit_does_not_depend_on_what_memory_held_before():
    rng = np.random.default_rng(0)
    points = load_krumsiek11().embedding
    fits = set()
    for _ in range(12):
        # Freed at once, so that arrays which a kernel does not fill come out as large, small or no numbers.
        junk = [np.full(size, value) for size in rng.integers(1, 3000, size=200) for value in (np.nan, np.inf, 1e300)]
        del junk
        fits.add(HyperSteiner().fit(points).tree_.points.tobytes())
    assert len(fits) == 1
