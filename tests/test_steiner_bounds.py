from itertools import permutations

import numpy as np
import pytest
from rich.progress import Progress

from hyperkit.delaunay import ball_spanning_tree
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import to_ball
from hyperkit.steiner._lower_bound import steiner_lower_bound
from hyperkit.steiner._proof import exact_tree
from hyperkit.steiner.local._joining import neighbor_joining


def shortest_tour(distances):
    n = len(distances)
    orders = np.array([(0, *rest) for rest in permutations(range(1, n))])
    return distances[orders, np.roll(orders, -1, axis=1)].sum(axis=1).min()


def bound_of(points):
    return steiner_lower_bound(points, ball_spanning_tree(points)[1].sum())


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("size", [0.3, 2.0, 8.0])
def test_bound_is_about_half_the_shortest_tour(size, d):
    rng = np.random.default_rng(d)
    shares = []
    for _ in range(8):
        points = to_ball(size * rng.normal(size=(8, d)), "tangent")
        half = shortest_tour(ball_distance_matrix(points, points)) / 2
        bound = bound_of(points)
        assert bound <= half
        shares.append(bound / half)
    assert np.mean(shares) >= 0.99


@pytest.mark.parametrize("scale", [1.0, 12.0])
def test_bound_is_below_the_shortest_tree_and_above_half_the_spanning_tree(scale):
    rng = np.random.default_rng(4)
    for _ in range(5):
        x = rng.normal(size=(8, 2))
        points = to_ball(scale * x / np.linalg.norm(x, axis=1)[:, None], "tangent")
        lengths = ball_spanning_tree(points)[1]
        start = neighbor_joining(points)
        shortest = exact_tree(points, start, *ball_spanning_tree(points), Progress(disable=True))
        assert shortest.proven
        assert lengths.sum() / 2 <= bound_of(points) <= shortest.lower_bound


def test_bound_is_nearly_tight_on_a_line():
    points = to_ball(np.linspace(-3, 5, 30)[:, None] ** 3 / 20, "tangent")
    # The tour there and back is twice the line. In a chain of clusters the ascent is slow, and stops up to 2 % short.
    assert 0.98 * (27 + 125) / 20 <= bound_of(points) <= (27 + 125) / 20


def test_bound_of_far_groups_counts_each_edge_between_them():
    # Six groups about 12 from the centre: their tree has six long edges, the spanning tree five of twice the length.
    rng = np.random.default_rng(7)
    turn = np.arange(60) % 6 * np.pi / 3
    x = 12 * np.column_stack([np.cos(turn), np.sin(turn)]) + 1e-5 * rng.normal(size=(60, 2))
    points = to_ball(x, "tangent")
    distances = ball_distance_matrix(points, points)
    around = sum(distances[i, (i + 1) % 6] for i in range(6))
    assert around / 2 * (1 - 1e-3) <= bound_of(points) <= around / 2 * (1 + 0.05)


def test_bound_of_few_points():
    one, two = (to_ball(np.array([[0.5, 0.1], [-0.3, 0.2]])[:n], "tangent") for n in (1, 2))
    assert bound_of(one) == 0
    assert bound_of(two) == pytest.approx(ball_distance_matrix(two, two)[0, 1])


def test_bound_is_the_same_twice():
    points = to_ball(np.random.default_rng(0).normal(size=(70, 2)), "tangent")
    assert bound_of(points) == bound_of(points)


@pytest.mark.parametrize("radius", [18.0, 24.0, 28.0])
@pytest.mark.parametrize("spread", [1e-1, 1e-2, 1e-4])
def test_bound_holds_on_rays_near_the_rim_where_it_is_tight(radius, spread):
    # The tree is the path from the first to the last; gaps that disagree with rounded coordinates made it shorter than
    # half the tour, by up to 4e-5.
    rng = np.random.default_rng(0)
    for trial in range(40):
        ray = rng.normal(size=2 + trial % 2)
        at = radius + spread * rng.normal(size=(int(rng.integers(3, 7)), 1))
        points = to_ball(at * ray / np.linalg.norm(ray), "tangent")
        assert bound_of(points) <= ball_spanning_tree(points)[1].sum()
