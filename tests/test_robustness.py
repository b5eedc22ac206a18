"""Hyperbolic Delaunay graphs of random and of awkward sets against the slow oracles, in the plane and above.

Where points tie, which of the tied edges are given is free: all edges without a tie must be there, and no edge that is
none even with ties.
"""

from itertools import permutations, product

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

import hyperkit as hk
from hyperkit import HyperbolicDelaunay

SEEDS = st.integers(0, 2**32 - 1)
DIMENSIONS = st.sampled_from([2, 3, 4])
RADIUS = 65  # its square is a sum of squares in many ways


def edge_set(edges):
    return {tuple(sorted(edge)) for edge in edges.tolist()}


def assert_right(points):
    """The edges of `points` are right, ties or not, and join all points."""
    points = np.asarray(points, dtype=float)
    delaunay = HyperbolicDelaunay(points, method="exact")
    first = np.unique(delaunay.inverse)
    edges = edge_set(np.searchsorted(first, delaunay.edges))
    assert set(delaunay.edges.ravel().tolist()) <= set(first.tolist())
    distinct = points[first]
    with_ties = reference.delaunay_edges if points.shape[1] == 2 else reference.spatial_edges
    most = with_ties(distinct)
    assert edges <= most
    assert edges == most or edges >= reference.spatial_edges(distinct, strict=True)
    assert connected_components(delaunay.adjacency())[0] == 1 + len(points) - len(first)


def cluster(n, d, radius, size, seed):
    """Points about one at polar `radius`, spread by `size`."""
    centre = hk.convert(radius * np.eye(d)[0], "tangent", "poincare")
    return hk.random_wrapped_normal(n, centre, scale=size, random_state=seed)


def shell(d):
    """Points of whole coordinates at distance `RADIUS` from the origin."""
    bases = [(65,), (63, 16), (60, 25), (56, 33), (52, 39), (60, 20, 15), (52, 36, 15), (48, 36, 25), (48, 36, 20, 15)]
    padded = [base + (0,) * (d - len(base)) for base in bases if len(base) <= d]
    turned = {row for base in padded for row in permutations(base)}
    return np.array(sorted({tuple(np.multiply(row, signs)) for row in turned for signs in product((-1, 1), repeat=d)}))


def isometry(rng, d):
    """A random rotation or reflection after a random translation by up to 6."""
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    direction = rng.normal(size=d)
    base = hk.convert(direction / np.linalg.norm(direction) * rng.uniform(0, 6), "tangent", "poincare")
    return lambda z: hk.translate(z, base) @ turn.T


def some(rng, points, most=11):
    return points[rng.permutation(len(points))[: rng.integers(1, most + 1)]]


@given(SEEDS, DIMENSIONS, st.integers(1, 12), st.floats(0, 34), st.floats(-12, 0.5))
@settings(max_examples=100, deadline=None)
def test_clusters_of_any_size_from_the_origin_to_the_rim(seed, d, n, radius, log_size):
    size = 10.0**log_size
    # Samples lie within 7 standard deviations; beyond polar radius 36 doubles cannot hold them.
    assert_right(cluster(n, d, min(radius, 34 - 7 * size), size, seed))


@given(SEEDS, DIMENSIONS, st.integers(1, 12), st.floats(0.01, 30))
@settings(max_examples=60, deadline=None)
def test_uniform_balls_of_any_radius(seed, d, n, radius):
    assert_right(hk.random_uniform_ball(n, d, radius=radius, random_state=seed))


@given(SEEDS, DIMENSIONS, st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_duplicates(seed, d, n):
    rng = np.random.default_rng(seed)
    points = hk.random_uniform_ball(n, d, radius=3.0, random_state=seed)
    assert_right(points[rng.integers(0, n, 2 * n)])


@given(SEEDS, DIMENSIONS, st.integers(0, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_parts_of_grids(seed, d, exponent, off_centre):
    rng = np.random.default_rng(seed)
    grid = np.array(list(product(range(3), repeat=d))) * 2.0 ** -(exponent + 3)
    assert_right(some(rng, grid, 14) + off_centre * np.eye(d)[0] / 2)


@given(SEEDS, DIMENSIONS, st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_points_of_one_sphere(seed, d, exponent):
    rng = np.random.default_rng(seed)
    sphere = some(rng, shell(d)) * 2.0 ** -(exponent + 7)
    middle = np.zeros((rng.integers(0, 2), d))
    assert_right(np.concatenate([sphere, middle]) + rng.integers(0, 2) * np.eye(d)[0] / 4)


@given(SEEDS, DIMENSIONS, st.integers(-1, 1), st.booleans())
@settings(max_examples=80, deadline=None)
def test_points_of_one_horosphere_and_of_one_a_little_smaller_or_larger(seed, d, nudge, on_a_horocycle):
    rng = np.random.default_rng(seed)
    points = shell(d)
    points = points[points[:, 0] < RADIUS]
    if on_a_horocycle:  # three of these have two edges or three, and only the nudge tells
        points = points[~points[:, 2:].any(axis=1)]
    # The sphere of radius 65/128 about (63/128, 0) touches the rim from inside; a shift of 2^-52 decides.
    assert_right(some(rng, points, 4 if on_a_horocycle else 11) / 128 + np.eye(d)[0] * (63 / 128 + nudge * 2.0**-52))


@given(SEEDS, DIMENSIONS, st.integers(1, 10), st.booleans())
@settings(max_examples=40, deadline=None)
def test_collinear_points(seed, d, n, through_the_origin):
    rng = np.random.default_rng(seed)
    direction = rng.integers(-3, 4, d)
    direction[0] |= 1
    places = rng.choice(np.arange(-60, 61), n, replace=False) / 1024
    assert_right(places[:, None] * direction + (not through_the_origin) * np.eye(d)[1] / 2)


@given(SEEDS, DIMENSIONS, st.sampled_from(["grid", "sphere", "line", "flat", "random"]))
@settings(max_examples=80, deadline=None)
def test_isometric_images_of_awkward_sets(seed, d, kind):
    # After the map the ties are ties up to rounding only: the hardest signs there are.
    rng = np.random.default_rng(seed)
    points = {
        "grid": lambda: np.array(list(product(range(3), repeat=d))) / 16,
        "sphere": lambda: shell(d) / 128,
        "line": lambda: rng.uniform(-0.9, 0.9, (10, 1)) * np.eye(d)[0],
        "flat": lambda: np.hstack([rng.uniform(-0.6, 0.6, (10, 2)), np.zeros((10, d - 2))]),
        "random": lambda: hk.random_uniform_ball(10, d, radius=3.0, random_state=seed),
    }[kind]()
    assert_right(isometry(rng, d)(some(rng, points)))


@given(SEEDS, DIMENSIONS, st.floats(0.1, 6))
@settings(max_examples=30, deadline=None)
def test_exact_isometries_and_the_order_of_rows_only_rename_edges(seed, d, radius):
    # Permutations and signs of the coordinates round nothing.
    rng = np.random.default_rng(seed)
    points = hk.random_uniform_ball(60, d, radius=radius, random_state=seed)
    rows = rng.permutation(60)
    image = points[rows][:, rng.permutation(d)] * rng.choice([-1.0, 1.0], d)
    expected = edge_set(HyperbolicDelaunay(points).edges)
    assert edge_set(rows[HyperbolicDelaunay(image).edges]) == expected
    order = np.lexsort(points.T)
    assert edge_set(order[HyperbolicDelaunay(points[order]).edges]) == expected


@pytest.mark.parametrize("d", [2, 3, 4])
@pytest.mark.parametrize("radius", [0.01, 3.0, 12.0, 30.0])
def test_larger_sets(d, radius):
    assert_right(hk.random_uniform_ball(40, d, radius=radius, random_state=7))


@pytest.mark.parametrize("d", [2, 3, 4])
@pytest.mark.parametrize("radius", [1e-6, 2.0, 10.0, 30.0])
def test_graph_contains_the_spanning_tree(d, radius):
    points = hk.random_uniform_ball(150, d, radius=radius, random_state=8)
    tree = minimum_spanning_tree(hk.pairwise_distances(points))
    assert edge_set(np.column_stack(tree.nonzero())) <= edge_set(HyperbolicDelaunay(points).edges)


@pytest.mark.parametrize("radius", [0.1, 3.0, 10.0, 30.0])
def test_the_two_oracles_agree_in_the_plane(radius):
    points = hk.random_uniform_ball(14, radius=radius, random_state=0)
    assert reference.spatial_edges(points) == reference.delaunay_edges(points)
    assert reference.spatial_edges(points, strict=True) == reference.delaunay_edges(points)


def test_the_oracle_tells_ties_apart():
    square = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 8
    sides = {(0, 1), (1, 2), (2, 3), (0, 3)}
    assert reference.spatial_edges(square, strict=True) == sides
    assert reference.spatial_edges(square) == sides | {(0, 2), (1, 3)}
    cube = np.array(list(product([-1, 1], repeat=3))) / 8
    # Opposite corners, of faces and of the cube, meet in a point or a line only: 12 edges of 28 are strict.
    assert len(reference.spatial_edges(cube)) == 28
    assert len(reference.spatial_edges(cube, strict=True)) == 12


def test_the_oracle_counts_no_ball_that_touches_the_rim():
    points = np.array([(0.0, 0.0, 0.0), (0.5, 0.5, 0.0), (0.5, -0.5, 0.0)])
    assert reference.spatial_edges(points) == {(0, 1), (0, 2)}


@given(SEEDS, DIMENSIONS, st.sampled_from(["grid", "sphere", "cluster", "image"]), st.floats(0, 34))
@settings(max_examples=40, deadline=None)
def test_rays_find_no_false_edge(seed, d, kind, radius):
    rng = np.random.default_rng(seed)
    points = {
        "grid": lambda: np.array(list(product(range(3), repeat=d))) / 16,
        "sphere": lambda: shell(d) / 128,
        "cluster": lambda: cluster(10, d, radius, 1.0, seed),
        "image": lambda: isometry(rng, d)(shell(d) / 128),
    }[kind]()
    points = np.unique(some(rng, points), axis=0)
    edges = edge_set(HyperbolicDelaunay(points, method="rays", n_rays=64).edges)
    assert edges <= reference.spatial_edges(points)
