"""The hyperbolic Delaunay complex above the plane: against integers, the plane's own route, and isometries."""

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree

import hyperkit as hk
from hyperkit import HyperbolicDelaunay
from hyperkit.delaunay.spatial._exact_sites import ExactSites
from hyperkit.delaunay.spatial._spatial import spatial_complex
from hyperkit.models import tangent_to_ball


def edge_set(found):
    edges = {tuple(sorted(edge)) for edge in found.edges.tolist()}
    assert len(edges) == len(found.edges)
    return edges


def cluster(n, radius, size, seed, d):
    """Distinct points about one at polar `radius`, spread by `size`."""
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=d)
    centre = tangent_to_ball(radius * direction / np.linalg.norm(direction)).z
    return np.unique(hk.random_wrapped_normal(n, centre, scale=size, random_state=seed), axis=0)


def shell(n, radius, seed, d):
    """Distinct points spread evenly over directions, most within a few units of polar `radius`."""
    rng = np.random.default_rng(seed)
    v = rng.normal(size=(n, d))
    radii = np.maximum(radius + np.log(rng.uniform(size=n)) / (d - 1), 0)
    return np.unique(tangent_to_ball(v * (radii / np.linalg.norm(v, axis=1))[:, None]).z, axis=0)


def directions(n, d, seed):
    v = np.random.default_rng(seed).normal(size=(n, d))
    return v / np.linalg.norm(v, axis=1)[:, None]


def grid(side, d, spacing):
    axis = (np.arange(side) - (side - 1) / 2) * spacing
    return np.stack(np.meshgrid(*[axis] * d), axis=-1).reshape(-1, d)


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 4]), st.floats(0, 24), st.floats(-6, 0.3), st.booleans())
@settings(max_examples=25, deadline=None)
def test_edges_equal_the_definition_in_integers_on_random_sets(seed, d, radius, log_size, both):
    points = cluster(14, radius, 10.0**log_size, seed, d)
    if both:
        points = np.unique(np.vstack([points, shell(8, 30 - radius, seed, d)]), axis=0)
    # In general position the two are one; a small cluster far out is a grid of doubles, with ties.
    edges = edge_set(spatial_complex(points))
    assert reference.spatial_edges(points, strict=True) <= edges <= reference.spatial_edges(points)


@pytest.mark.parametrize(
    "points",
    [
        grid(3, 3, 1 / 8),
        grid(2, 4, 1 / 4),
        np.vstack([grid(2, 3, 1 / 2), np.zeros((1, 3))]),
        np.random.default_rng(0).integers(-2, 3, (30, 3)) / 8,
        np.column_stack([np.random.default_rng(1).integers(-3, 4, (20, 2)) / 8, np.zeros((20, 2))]),
        np.vstack([np.eye(5), -np.eye(5)]) * 0.9,
    ],
    ids=["grid", "tesseract", "cube with a centre", "grid with holes", "plane grid in 4-d", "cross-polytope"],
)
def test_of_cospherical_sets_all_walls_and_only_true_neighbours_are_edges(points):
    points = np.unique(points, axis=0)
    edges = edge_set(spatial_complex(points))
    assert reference.spatial_edges(points, strict=True) <= edges <= reference.spatial_edges(points)


@pytest.mark.parametrize("d", [3, 4, 5])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7])
def test_few_points_and_points_in_a_subspace_equal_the_definition(n, d):
    rng = np.random.default_rng(n)
    for points in (
        rng.uniform(-0.4, 0.4, (n, d)),
        np.outer(rng.permutation(n) / 8, np.eye(d)[0]),  # on a line
        np.outer(np.append(rng.uniform(-0.3, 0.3, n - 1), 0.55), np.ones(d) / np.sqrt(d)),  # on a line but for rounding
        rng.uniform(-0.5, 0.5, (n, 2)) @ (np.eye(d)[:2] + np.eye(d)[1:3]),  # in a plane
    ):
        edges = edge_set(spatial_complex(points))
        assert reference.spatial_edges(points, strict=True) <= edges <= reference.spatial_edges(points)


@pytest.mark.parametrize(
    "points",
    [
        hk.random_uniform_ball(2000, radius=2.0, random_state=1),
        cluster(2000, 0, 1.0, 2, 2),
        cluster(1000, 18, 1.0, 3, 2),
        cluster(300, 30, 0.5, 4, 2),
        shell(500, 12, 5, 2),
        cluster(200, 0, 1e-40, 6, 2),  # products of four coordinates underflow
        np.vstack([cluster(400, radius, 0.5, 7, 2) for radius in (30, -30)]),  # each in one square of the Hilbert curve
        np.geomspace(1e-30, 0.9, 1500)[:, None] * directions(1500, 2, 8),
    ],
    ids=["ball", "normal", "radius 18", "radius 30", "shell", "tiny", "two of radius 30", "all scales"],
)
def test_in_the_plane_both_routes_agree_edge_for_edge_and_triangle_for_triangle(points):
    planar, spatial = HyperbolicDelaunay(points), spatial_complex(points)
    assert edge_set(spatial) == edge_set(planar)
    assert set(map(frozenset, spatial.simplices.tolist())) == set(map(frozenset, planar.simplices.tolist()))


@pytest.mark.parametrize("d", [3, 4, 5])
def test_isometry_leaves_edges_and_simplices_unchanged(d):
    points = hk.random_uniform_ball(120, d, radius=3.0, random_state=d)
    turn = np.linalg.qr(np.random.default_rng(d).normal(size=(d, d)))[0]
    moved = hk.translate(points, tangent_to_ball(2.5 * np.eye(d)[1]).z) @ turn.T
    before, after = spatial_complex(points), spatial_complex(moved)
    assert edge_set(before) == edge_set(after)
    assert set(map(frozenset, before.simplices.tolist())) == set(map(frozenset, after.simplices.tolist()))


@pytest.mark.parametrize(
    "points",
    [
        cluster(150, 0, 1.0, 0, 3),
        cluster(150, 18, 1.0, 1, 3),
        cluster(150, 30, 0.5, 2, 4),
        cluster(150, 2, 1e-9, 3, 5),
        shell(100, 20, 4, 4),
    ],
    ids=["normal", "radius 18", "radius 30", "small", "shell"],
)
def test_graph_contains_the_minimum_spanning_tree_of_all_pairs(points):
    tree = minimum_spanning_tree(hk.pairwise_distances(points))
    pairs = {tuple(sorted(pair)) for pair in zip(*map(list, tree.nonzero()), strict=True)}
    assert pairs <= edge_set(spatial_complex(points))


@pytest.mark.parametrize(("d", "n"), [(3, 400), (4, 200), (5, 80), (6, 30)])
def test_simplices_edges_and_neighbors_fit_together(d, n):
    points = hk.random_uniform_ball(n, d, radius=1.5, random_state=d)
    found = spatial_complex(points)
    assert len(found.simplices) > n
    pairs = {tuple(sorted(pair)) for row in found.simplices.tolist() for pair in combinations(row, 2)}
    assert pairs <= edge_set(found)
    assert len(pairs) + found.n_quadratic >= len(found.edges)
    facets = Counter(frozenset(row) - {v} for row in found.simplices.tolist() for v in row)
    assert max(facets.values()) == 2
    assert sum(facets.values()) - len(facets) == np.count_nonzero(found.neighbors >= 0) / 2
    for t, k in np.argwhere(found.neighbors >= 0).tolist():
        other = found.neighbors[t, k]
        assert set(found.simplices[t]) - set(found.simplices[other]) == {found.simplices[t, k]}
        assert t in found.neighbors[other]
    volumes = np.linalg.det(points[found.simplices[:, 1:]] - points[found.simplices[:, :1]])
    assert (np.sign(volumes) == np.sign(volumes[0])).all()


@pytest.mark.parametrize("d", [3, 4, 5])
def test_simplices_have_empty_circumballs_inside_the_unit_ball(d):
    points = hk.random_uniform_ball(60, d, radius=3.0, random_state=d)
    simplices = spatial_complex(points).simplices
    assert len(simplices) > 0
    for row in simplices:
        base, *others = points[row]
        edges = np.array(others) - base
        offset = np.linalg.solve(2 * edges, np.square(edges).sum(axis=1))
        radius = np.linalg.norm(offset)
        assert np.linalg.norm(base + offset) + radius < 1
        outside = np.delete(points, row, axis=0)
        assert (np.linalg.norm(outside - base - offset, axis=1) > radius * (1 - 1e-9)).all()


def test_grid_is_filled_with_simplices_whose_volumes_add_up():
    points = grid(5, 3, 1 / 16)
    found = spatial_complex(points)
    corners = [[[Fraction(x) for x in points[v]] for v in row] for row in found.simplices]
    volumes = [
        abs(
            a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
        )
        for a, b, c in ([[u - v for u, v in zip(z, row[0], strict=True)] for z in row[1:]] for row in corners)
    ]
    assert min(volumes) > 0  # no flat simplex though all eight corners of a cell lie on a sphere
    assert sum(volumes) / 6 == Fraction(1, 4) ** 3


@pytest.mark.parametrize("d", [3, 4])
def test_order_of_rows_does_not_matter_and_the_result_is_the_same_each_time(d):
    points = cluster(200, 4, 1.0, d, d)
    order = np.random.default_rng(0).permutation(len(points))
    found, shuffled = spatial_complex(points), spatial_complex(points[order])
    assert {tuple(sorted(order[list(edge)])) for edge in edge_set(shuffled)} == edge_set(found)
    assert np.array_equal(found.simplices, spatial_complex(points).simplices)


@pytest.mark.parametrize("exponent", [-200, -600])
def test_tiny_sets_keep_the_edges_of_larger_ones(exponent):
    # Powers of two scale without rounding, and at 2^-40 already the space is flat but for the last bits.
    points = np.random.default_rng(0).normal(size=(40, 3))
    small, tiny = (spatial_complex(points * 2.0**e) for e in (-40, exponent))
    assert edge_set(tiny) == edge_set(small)
    assert len(tiny.simplices) == len(small.simplices)


@pytest.mark.parametrize("radius", [18, 30])
@pytest.mark.parametrize("d", [3, 5])
def test_rim_clusters_keep_the_edges_of_the_same_cluster_at_the_origin(d, radius):
    # A square grid of the doubles far out is coarse: 1e-16 beside a cluster of size 1e-8 or 1e-13; so take few points.
    points = cluster(15, 0, 0.5, d, d)
    moved = hk.translate(points, tangent_to_ball(radius * np.eye(d)[0]).z)
    assert edge_set(spatial_complex(moved)) == edge_set(spatial_complex(points)) == reference.spatial_edges(moved)


def test_verbose_shows_progress_on_standard_error(capsys):
    spatial_complex(cluster(50, 0, 1.0, 0, 3), verbose=True)
    output = capsys.readouterr()
    assert "triangulating" in output.err
    assert output.out == ""


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 4]))
@settings(max_examples=30, deadline=None)
def test_exact_signs_are_right_where_the_answer_is_known(seed, d):
    # Corners of a cube are cospherical about its centre: circumball and unit ball are compared by hand.
    rng = np.random.default_rng(seed)
    half = int(rng.integers(1, 12)) / 16
    centre = rng.integers(-3, 4, d) / 16
    cube = centre + half * np.array([*np.ndindex(*[2] * d)]) * 2 - half
    sites = ExactSites(np.vstack([cube, centre]))
    corner_and_next = [0, *(2**k for k in range(d))]
    margin = 1 - math.hypot(*centre) - half * math.sqrt(d)
    if (np.square(cube).sum(axis=1) < 1).all() and abs(margin) > 1e-9:
        assert sites.is_compact(corner_and_next) == (margin > 0)
    answers = {p: sites.is_in_circumball(corner_and_next, p) for p in (len(cube) - 1, len(cube))}
    flipped = {p: sites.is_in_circumball(corner_and_next[::-1], p) for p in (len(cube) - 1, len(cube))}
    assert not answers[len(cube) - 1]
    assert not flipped[len(cube) - 1]
    reversal_is_odd = (d + 1) // 2 % 2 == 1
    assert answers[len(cube)] != flipped[len(cube)] if reversal_is_odd else answers == flipped


@pytest.mark.parametrize("d", [3, 4])
def test_walls_decided_in_integers_equal_the_definition(d):
    # Floats decide nearly all of them; here integers decide every pair, with all points for neighbours.
    points = cluster(12, 3, 1.5, d, d)
    sites = ExactSites(points)
    found = {
        (i, j)
        for i, j in combinations(range(len(points)), 2)
        if sites.wall_meets_ball(i, j, [k for k in range(len(points)) if k != i])
    }
    assert found == reference.spatial_edges(points)
