"""Proven trees against the shortest of all topologies, minimised on the hyperboloid by code of the tests alone."""

import time

import networkx as nx
import numpy as np
import pytest
from reference_trees import all_topologies, distance_on_hyperboloid, on_hyperboloid, shortest_tree_length
from rich.progress import Progress

from hyperkit import HyperSteiner
from hyperkit.delaunay import ball_spanning_tree
from hyperkit.models import BallPoints, to_ball
from hyperkit.steiner._network import Network
from hyperkit.steiner.prices import certified_tree


def normal(rng, n, d):
    return rng.normal(size=(n, d))


def far(rng, n, d):
    """Up to polar radius 6: edges of 3 to 6."""
    x = rng.normal(size=(n, d))
    return rng.uniform(3, 6, size=(n, 1)) * x / np.linalg.norm(x, axis=1)[:, None]


def clusters(rng, n, d):
    return rng.normal(size=(3, d))[np.arange(n) % 3] + 0.1 * rng.normal(size=(n, d))


def noisy_line(rng, n, d):
    return np.outer(np.linspace(-1, 1, n), np.eye(d)[0]) + 0.05 * rng.normal(size=(n, d))


def polygon(rng, n, d):
    turn = 2 * np.pi * np.arange(n) / n
    return rng.uniform(1, 2) * np.column_stack([np.cos(turn), np.sin(turn)])


def tree_length(x, steiner, edges):
    """Length of a tree, on the hyperboloid; terminals (time, space), Steiner points in the Poincaré ball."""
    assert nx.is_tree(nx.Graph(edges.tolist()))
    gap = 1 - (steiner**2).sum(axis=1, keepdims=True)
    vertices = np.vstack([x, np.hstack([2 / gap - 1, 2 * steiner / gap])])
    assert len(np.unique(edges)) == len(vertices)
    return distance_on_hyperboloid(vertices[edges[:, 0]], vertices[edges[:, 1]]).sum()


def test_all_topologies_are_different_and_as_many_as_there_are():
    for n, count in [(3, 1), (4, 3), (5, 15), (6, 105), (7, 945)]:
        seen = set()
        for near in all_topologies(n):
            graph = nx.Graph([(n + v, int(w)) for v, row in enumerate(near) for w in row])
            assert nx.is_tree(graph)
            hops = dict(nx.all_pairs_shortest_path_length(graph))
            seen.add(tuple(hops[i][j] for i in range(n) for j in range(i)))
        assert len(seen) == len(all_topologies(n)) == count


def test_the_reference_knows_what_trees_are_known():
    third = 2 * np.pi / 3 * np.arange(3)
    for radius in (1e-3, 1.0, 6.0):
        x = radius * np.column_stack([np.cos(third), np.sin(third)])
        assert shortest_tree_length(on_hyperboloid(x)) == pytest.approx(3 * radius, rel=1e-9)
    line = np.outer([0.3, -1.0, 2.0, 0.5, 4.0], [0.6, 0.8])
    assert shortest_tree_length(on_hyperboloid(line)) == pytest.approx(5, rel=1e-9)
    # All sides of a small polygon but one, where angles are above 120 degrees.
    for n in (7, 8):
        corners = np.exp(2j * np.pi / n * np.arange(n))
        side = 2 * np.arcsinh(np.sinh(0.1) * np.sin(np.pi / n))
        x = on_hyperboloid(0.1 * np.column_stack([corners.real, corners.imag]))
        assert shortest_tree_length(x) == pytest.approx((n - 1) * side, rel=1e-9)


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize(("kind", "seed"), [(normal, 0), (far, 0), (clusters, 1)])
def test_exact_trees_of_eight_points_are_the_shortest_of_all_topologies(kind, seed, d):
    X = kind(np.random.default_rng([seed, d]), 8, d)
    x = on_hyperboloid(X)
    best = shortest_tree_length(x)
    steiner = HyperSteiner(model="tangent", method="exact").fit(X)
    tree = HyperSteiner(method="exact").fit(x[:, 1:] / (1 + x[:, :1])).tree_  # Poincaré
    assert steiner.length_ == pytest.approx(best, rel=1e-8)
    assert best * (1 - 1e-8) <= steiner.lower_bound_ <= best
    assert tree_length(x, tree.points[8:], tree.edges) == pytest.approx(best, rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "n", "seed"),
    [(normal, 7, 3), (normal, 8, 2), (far, 5, 1), (clusters, 7, 0), (noisy_line, 7, 0), (polygon, 6, 0)],
)
def test_prices_prove_the_shortest_of_all_topologies(kind, n, seed):
    X = kind(np.random.default_rng(seed), n, 2)
    x = on_hyperboloid(X)
    best = shortest_tree_length(x)
    points = to_ball(X, "tangent")
    # From the spanning tree, so that what is found is found by the prices.
    start = Network(BallPoints(np.empty((0, 2)), np.empty(0)), ball_spanning_tree(points)[0])
    found = certified_tree(points, start, Progress(disable=True), time.monotonic() + 1000)
    assert best * (1 - 2e-9) <= found.lower_bound <= best * (1 + 1e-10)
    network = found.network
    assert tree_length(x, network.steiner_points.z, network.edges) == pytest.approx(best, rel=1e-8)
