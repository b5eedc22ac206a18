"""Voronoi cells against definitions: distances in 500 digits, areas by angles and by sampling, all distances."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Voronoi

import hyperkit as hk
from hyperkit import HyperbolicVoronoi
from hyperkit.delaunay import ridge_ends
from hyperkit.models import ball_gap, tangent_to_ball

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]


def cluster(n, radius, size, seed, d=2):
    """Points about one at polar `radius`, spread by `size`."""
    return hk.random_wrapped_normal(n, tangent_to_ball(radius * np.eye(d)[0]).z, scale=size, random_state=seed)


def ring(n, radius):
    """Corners of a regular n-gon at polar `radius`."""
    turn = 2 * np.pi * (np.arange(n) + 0.25) / n
    return np.tanh(radius / 2) * np.column_stack([np.cos(turn), np.sin(turn)])


def octagon():
    return np.round(ring(8, 1.0) * 2**40) / 2**40


GRID = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=-1).reshape(-1, 2) / 8
LINE = np.column_stack([np.tanh(np.linspace(-2, 2, 9)), np.zeros(9)])
HOROCYCLE = hk.convert(np.column_stack([np.linspace(-3, 3, 13), np.ones(13)]), "halfspace", "poincare")
SETS = {
    "random": hk.random_uniform_ball(60, radius=3.0, random_state=0),
    "sparse": hk.random_uniform_ball(60, radius=8.0, random_state=1),
    "cluster": cluster(40, 6.0, 0.5, 2),
    "small": cluster(30, 1.0, 1e-6, 3),
    "octagon": octagon(),
    "grid": GRID,
    "line": LINE,
    "horocycle": HOROCYCLE,
    "two": LINE[:2],
}


@pytest.fixture(params=SETS, ids=str)
def points(request):
    return SETS[request.param]


class TestVertices:
    @pytest.mark.parametrize(("radius", "size"), [(0, 2.0), (0, 1e-6), (6, 0.5), (12, 1.0), (16, 0.3)])
    def test_vertex_is_as_far_from_each_of_its_points_in_500_digits(self, radius, size):
        voronoi = HyperbolicVoronoi(cluster(12, radius, size, 4))
        vertices = hk.convert(voronoi.vertices, "poincare", "poincare")
        assert len(vertices) > 3
        for vertex, simplex in zip(vertices, voronoi.delaunay.simplices, strict=True):
            d = [reference.distance(vertex, voronoi.points[row], "poincare") for row in simplex]
            # A vertex rounds to 2^-53 in the disk, exp(radius) times that in its surroundings.
            assert max(d) - min(d) < 1e-13 + size * 1e-9 + 1e-15 * np.exp(radius)

    @pytest.mark.parametrize("d", [2, 3, 4])
    @pytest.mark.parametrize("radius", [8.0, 20.0, 30.0])
    def test_vertex_far_from_its_points_is_as_far_from_each_in_500_digits(self, radius, d):
        directions = np.vstack([np.eye(d), -np.ones(d) / np.sqrt(d)]) + 0.1 * np.eye(d + 1, d, -1)
        points = tangent_to_ball(radius * directions / np.linalg.norm(directions, axis=1, keepdims=True)).z
        voronoi = HyperbolicVoronoi(points)
        (vertex,) = voronoi.vertices
        distances = [reference.distance(vertex, point, "poincare") for point in points]
        assert max(distances) - min(distances) < 1e-13

    @pytest.mark.parametrize("d", [1, 2, 3, 4])
    def test_no_point_is_nearer_to_a_vertex_than_its_own(self, d):
        points = hk.random_wrapped_normal(60, np.zeros(d), scale=0.9, random_state=5)
        voronoi = HyperbolicVoronoi(points)
        assert len(voronoi.vertices) > 20
        distances = hk.pairwise_distances(voronoi.vertices, points)
        own = np.take_along_axis(distances, voronoi.delaunay.simplices, axis=1)
        np.testing.assert_allclose(own, np.broadcast_to(own[:, :1], own.shape), rtol=0, atol=1e-9)
        assert (distances.min(axis=1) > own[:, 0] - 1e-9).all()

    def test_nearly_horocyclic_triangles_have_vertices_far_out(self):
        # One of three points on a horocycle moved by 1e-9: the circle through them hardly fits in the disk.
        near = np.array([[0.0, -1e-9], [0.5, 0.5], [-0.5, 0.5]])
        voronoi = HyperbolicVoronoi(near)
        assert len(voronoi.delaunay.simplices) == 1
        (vertex,) = voronoi.vertices
        distances = [float(reference.distance(vertex, point, "poincare")) for point in near]
        assert min(distances) > 8
        np.testing.assert_allclose(distances, distances[0], rtol=1e-7)

    def test_needles_are_solved_in_fractions(self):
        needle = np.array([[0.0, 0.0], [0.25, 1e-7], [0.5, 0.0], [0.25, -0.25]])
        voronoi = HyperbolicVoronoi(needle)
        for vertex, simplex in zip(voronoi.vertices, voronoi.delaunay.simplices, strict=True):
            d = [reference.distance(vertex, needle[row], "poincare") for row in simplex]
            assert max(d) - min(d) < 1e-8

    @pytest.mark.parametrize("model", MODELS)
    def test_every_model_gives_the_same_vertices_areas_and_walls(self, model):
        points = hk.random_uniform_ball(50, radius=2.0, random_state=6)
        expected = HyperbolicVoronoi(points)
        voronoi = HyperbolicVoronoi(hk.convert(points, "poincare", model), model=model)
        np.testing.assert_allclose(hk.convert(voronoi.vertices, model, "poincare"), expected.vertices, atol=1e-9)
        np.testing.assert_allclose(voronoi.cell_areas, expected.cell_areas, rtol=1e-8)
        np.testing.assert_array_equal(voronoi.ridge_vertices, expected.ridge_vertices)
        np.testing.assert_array_equal(
            voronoi.find(hk.convert(expected.vertices[:3] * 0.5, "poincare", model)),
            expected.find(expected.vertices[:3] * 0.5),
        )

    @pytest.mark.parametrize("radius", [17, 30, 35])
    def test_far_out_there_is_no_nan_and_no_vertex_on_the_rim(self, radius):
        voronoi = HyperbolicVoronoi(np.vstack([cluster(30, radius, 0.3, 7), -cluster(30, radius, 0.3, 8)]))
        assert (ball_gap(voronoi.vertices) > 0).all()
        assert (voronoi.cell_areas > 0).all()
        np.testing.assert_allclose(np.linalg.norm(voronoi.ideal_points, axis=-1), 1, rtol=1e-14)


class TestWalls:
    def test_points_of_a_wall_are_nearest_to_its_two_points(self, points):
        voronoi = HyperbolicVoronoi(points)
        ends = ridge_ends(voronoi)
        # Interior points of the geodesic, as convex combinations of its Klein ends.
        klein = 2 * ends.z / (2 - ends.gap)[..., None]
        for t in (0.1, 0.5, 0.9):
            inside = (1 - t) * klein[:, 0] + t * klein[:, 1]
            held = np.linalg.norm(inside, axis=1) < 1 - 1e-6
            assert held.any()
            distances = hk.pairwise_distances(hk.convert(inside[held], "klein", "poincare"), points)
            own = np.take_along_axis(distances, voronoi.ridge_points[held], axis=1)
            np.testing.assert_allclose(own[:, 0], own[:, 1], atol=1e-8)
            assert (distances.min(axis=1) > own[:, 0] - 1e-8).all()

    def test_a_wall_reaches_the_rim_where_it_has_no_vertex(self, points):
        voronoi = HyperbolicVoronoi(points)
        # Just inside the end on the rim the wall's points are still nearest.
        edge, side = np.nonzero(voronoi.ridge_vertices < 0)
        assert len(edge) > 0
        start, end = voronoi.ideal_points[edge, 1 - side], voronoi.ideal_points[edge, side]
        middle = (1 - 1e-7) * end + 1e-7 * start
        distances = hk.pairwise_distances(hk.convert(middle, "klein", "poincare"), points)
        own = np.take_along_axis(distances, voronoi.ridge_points[edge], axis=1)
        assert (distances.min(axis=1) > own.min(axis=1) - 1e-5).all()

    def test_first_end_is_to_the_right_and_second_to_the_left(self):
        voronoi = HyperbolicVoronoi([[-0.5, 0.0], [0.5, 0.0]])
        np.testing.assert_array_equal(voronoi.ridge_vertices, [[-1, -1]])
        np.testing.assert_allclose(voronoi.ideal_points, [[[0.0, -1.0], [0.0, 1.0]]], atol=1e-15)

    def test_bisectors_of_points_far_apart_at_the_rim_halve_the_angle(self):
        points = ring(24, 20.0)
        voronoi = HyperbolicVoronoi(points)
        i, j = voronoi.ridge_points.T
        beside = np.isin(j - i, (1, 23))
        assert beside.sum() == 24
        middle = points[i] + points[j]
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        nearest = np.abs(voronoi.ideal_points - middle[:, None]).max(axis=2).min(axis=1)
        assert nearest[beside].max() < 1e-6


def shoelace(corners):
    x, y = corners.T
    return (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2


class TestCells:
    def test_regions_run_counterclockwise_around_their_point(self):
        voronoi = HyperbolicVoronoi(SETS["random"])
        klein = hk.convert(voronoi.vertices, "poincare", "klein")
        compact = [region for region in voronoi.regions if -1 not in region]
        assert len(compact) > 15
        for region in compact:
            corners = klein[region]
            before, after = corners - np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0) - corners
            turns = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
            assert (turns > 0).all()  # convex, and once around
            assert shoelace(corners) > 0

    def test_each_wall_is_a_step_of_the_two_regions_beside_it(self, points):
        voronoi = HyperbolicVoronoi(points)
        steps = [set(zip(region, [*region[1:], region[0]], strict=True)) for region in voronoi.regions]
        for (i, j), (right, left) in zip(voronoi.ridge_points, voronoi.ridge_vertices, strict=True):
            assert (right, left) in steps[i]
            assert (left, right) in steps[j]
        assert sum(map(len, voronoi.regions)) == 2 * len(voronoi.ridge_points)

    def test_few_points(self):
        assert HyperbolicVoronoi([[0.1, 0.2]]).regions == [[-1]]
        assert HyperbolicVoronoi([[0.1, 0.2]]).cell_areas.tolist() == [np.inf]
        assert HyperbolicVoronoi(LINE[:2]).regions == [[-1], [-1]]
        assert HyperbolicVoronoi(LINE[:3]).regions == [[-1], [-1, -1], [-1]]
        assert HyperbolicVoronoi(LINE).vertices.shape == (0, 2)
        same = HyperbolicVoronoi([[0.1, 0.2]] * 3)
        assert same.regions == [[-1]] * 3
        assert same.find([[0.5, 0.5]]).tolist() == [0]

    @pytest.mark.parametrize(("n", "radius"), [(5, 2.0), (8, 1.0), (40, 3.0), (12, 1e-4)])
    def test_area_of_a_regular_polygon(self, n, radius):
        # The middle cell of a ring is a regular n-gon of 2n right triangles with angle pi/n and leg radius/2 beside it.
        voronoi = HyperbolicVoronoi(np.vstack([[[0.0, 0.0]], ring(n, radius)]))
        other_leg = np.arctanh(np.sinh(radius / 2) * np.tan(np.pi / n))
        triangle = 2 * np.arctan(np.tanh(radius / 4) * np.tanh(other_leg / 2))
        assert voronoi.cell_areas[0] == pytest.approx(2 * n * triangle, rel=1e-9)

    def test_a_polygon_too_large_to_close_has_infinite_area(self):
        # sinh(r/2) tan(pi/n) > 1: the walls of the middle cell do not meet.
        voronoi = HyperbolicVoronoi(np.vstack([[[0.0, 0.0]], ring(5, 3.0)]))
        assert voronoi.regions[0] == [-1] * 5
        assert (voronoi.cell_areas == np.inf).all()

    def test_areas_are_the_angle_deficits_of_the_cells(self):
        voronoi = HyperbolicVoronoi(SETS["random"])
        for region, area in zip(voronoi.regions, voronoi.cell_areas, strict=True):
            if -1 in region:
                assert area == np.inf
                continue
            corners = voronoi.vertices[region]
            angles = hk.angle(corners, np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0))
            assert area == pytest.approx((len(region) - 2) * np.pi - angles.sum(), abs=1e-9)

    def test_areas_against_sampling(self):
        voronoi = HyperbolicVoronoi(hk.random_uniform_ball(40, radius=2.0, random_state=8))
        radius = 3.0
        sample = hk.random_uniform_ball(400_000, radius=radius, random_state=9)
        hits = np.bincount(voronoi.find(sample), minlength=40)
        inside = [
            row
            for row, region in enumerate(voronoi.regions)
            if -1 not in region and hk.distance([0.0, 0.0], voronoi.vertices[region]).max() < radius
        ]
        assert len(inside) >= 8
        expected = hits[inside] / len(sample) * 2 * np.pi * (np.cosh(radius) - 1)
        assert (np.abs(voronoi.cell_areas[inside] / expected - 1) < 4.5 / np.sqrt(hits[inside])).all()

    @pytest.mark.parametrize("distance", [1.0, 6.0, 12.0])
    def test_isometry_leaves_areas_unchanged(self, distance):
        points = SETS["random"]
        moved = hk.translate(points, tangent_to_ball(np.array([0.6, 0.8]) * distance).z)
        areas = HyperbolicVoronoi(points).cell_areas
        np.testing.assert_allclose(HyperbolicVoronoi(moved).cell_areas, areas, rtol=1e-11 * np.exp(1.5 * distance))
        assert np.isfinite(areas).sum() > 15

    def test_small_cells_have_euclidean_areas(self):
        offsets = np.random.default_rng(10).normal(size=(60, 2))
        voronoi = HyperbolicVoronoi(1e-9 * offsets)
        euclidean = Voronoi(offsets)
        compared = 0
        for row, area in enumerate(voronoi.cell_areas):
            region = euclidean.regions[euclidean.point_region[row]]
            if -1 not in region:
                corners = euclidean.vertices[region]
                assert area == pytest.approx(4e-18 * abs(shoelace(corners[_ccw(corners)])), rel=1e-6)
                compared += 1
        assert compared > 30

    def test_repeated_rows_share_their_cell(self):
        points = np.repeat(SETS["random"], 2, axis=0)
        voronoi, single = HyperbolicVoronoi(points), HyperbolicVoronoi(SETS["random"])
        np.testing.assert_array_equal(voronoi.cell_areas, np.repeat(single.cell_areas, 2))
        assert voronoi.regions[0::2] == voronoi.regions[1::2]
        assert (voronoi.find(points) == np.repeat(np.arange(0, 120, 2), 2)).all()

    def test_open_cells_above_the_plane_reach_far(self):
        points = hk.random_wrapped_normal(80, np.zeros(3), scale=0.7, random_state=11)
        voronoi = HyperbolicVoronoi(points)
        far = hk.random_wrapped_normal(20_000, np.zeros(3), scale=1e-3, random_state=12)
        far = tangent_to_ball(20 * far / np.linalg.norm(far, axis=1, keepdims=True)).z
        reached = set(voronoi.find(far).tolist())
        reaching = {row for row, region in enumerate(voronoi.regions) if -1 in region}
        assert 0 < len(reaching) < 80
        assert reached <= reaching
        assert len(reached) > 0.9 * len(reaching)


def _ccw(corners):
    centre = corners.mean(axis=0)
    return np.argsort(np.arctan2(*(corners - centre).T[::-1]))


class TestFind:
    @given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0, 16), st.floats(-6, 0.4), st.integers(1, 4))
    @settings(max_examples=60, deadline=None)
    def test_nearest_point_as_by_all_distances(self, seed, n, radius, log_size, d):
        points = cluster(n, radius, 10.0**log_size, seed % 2**31, d)
        queries = cluster(100, radius, 10.0**log_size, (seed + 1) % 2**31, d)
        distances = hk.pairwise_distances(queries, points)
        found = HyperbolicVoronoi(points).find(queries)
        np.testing.assert_allclose(distances[np.arange(100), found], distances.min(axis=1), rtol=1e-13, atol=1e-300)

    def test_above_dimension_six_too(self):
        points = hk.random_wrapped_normal(40, np.zeros(8), scale=0.5, random_state=13)
        queries = hk.random_wrapped_normal(200, np.zeros(8), scale=0.5, random_state=14)
        voronoi = HyperbolicVoronoi(points)
        np.testing.assert_array_equal(voronoi.find(queries), hk.pairwise_distances(queries, points).argmin(axis=1))
        with pytest.raises(ValueError, match=r"vertices needs the simplices .* dimension 8"):
            _ = voronoi.vertices

    def test_ties_go_to_the_lowest_row(self):
        points = octagon()
        for shift in range(8):
            # Opposite corners are exact mirror images, so the middle is as far from all.
            rolled = np.roll(points, shift, axis=0)
            distances = np.square(rolled).sum(axis=1)
            lowest = np.flatnonzero(distances / (1 - distances) == (distances / (1 - distances)).min())[0]
            assert HyperbolicVoronoi(rolled).find([0.0, 0.0]) == lowest

    def test_the_nearest_about_a_hub_with_many_neighbours_is_found(self):
        points = np.vstack([[[0.0, 0.0]], ring(1500, 26.0), [[0.0, 0.0]]])
        queries = hk.random_uniform_ball(300, radius=26.0, random_state=15)
        expected = hk.pairwise_distances(queries, points).argmin(axis=1)
        np.testing.assert_array_equal(HyperbolicVoronoi(points).find(queries), expected)

    def test_shape_of_queries_is_kept(self):
        voronoi = HyperbolicVoronoi(SETS["random"])
        queries = hk.random_uniform_ball(12, radius=3.0, random_state=15).reshape(3, 4, 2)
        found = voronoi.find(queries)
        assert found.shape == (3, 4)
        np.testing.assert_array_equal(found.ravel(), voronoi.find(queries.reshape(-1, 2)))
        assert voronoi.find(queries[0, 0]).shape == ()
        assert voronoi.find(np.empty((0, 2))).shape == (0,)

    def test_queries_of_another_dimension_are_an_error(self):
        with pytest.raises(ValueError, match=r"X lies in 3-dimensional .* the points in 2"):
            HyperbolicVoronoi(SETS["random"]).find(np.zeros((2, 3)))


@pytest.mark.parametrize("attribute", ["ridge_vertices", "ideal_points", "cell_areas"])
@pytest.mark.parametrize("d", [1, 3])
def test_what_only_the_plane_has_says_so(attribute, d):
    voronoi = HyperbolicVoronoi(0.3 * np.random.default_rng(0).uniform(-1, 1, size=(12, d)))
    with pytest.raises(ValueError, match=f"{attribute} is defined in the plane; the points lie in {d}-dimensional"):
        getattr(voronoi, attribute)


@pytest.mark.parametrize("size", [1e-6, 1e-9, 1e-12, 1e-15])
def test_vertices_of_tiny_needles_are_as_far_from_all_corners_relative_to_their_size(size):
    flat = np.array([[-1.0, 0.0], [0.0, 1e-3], [1.0, 0.0]]) * size
    solid = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1e-9, -1.0]]) * size
    for points, radius in ((flat, 1000.001 * size), (solid, 2 * size)):
        (vertex,) = HyperbolicVoronoi(points).vertices
        distances = [float(reference.distance(vertex, point, "poincare")) for point in points]
        np.testing.assert_allclose(distances, radius, rtol=1e-5)
        assert np.ptp(distances) < 1e-9 * radius


def test_verbose_shows_progress(capsys):
    HyperbolicVoronoi(SETS["random"], verbose=True)
    assert "choosing triangles" in capsys.readouterr().err
