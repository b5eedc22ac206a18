"""Pictures: geodesics bend as they must, labels stay readable, and what cannot be drawn says so."""

from __future__ import annotations

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from hyperkit import (
    HyperbolicDelaunay,
    HyperbolicVoronoi,
    HyperDGA,
    HyperSteiner,
    convert,
    distance,
    mixing_profile,
    pairwise_distances,
    random_uniform_ball,
    random_wrapped_normal,
    translate,
)
from hyperkit.embedding import compare, project_to_disk, quality
from hyperkit.hierarchy import from_steiner
from hyperkit.plot import (
    plot_comparison,
    plot_delaunay,
    plot_hierarchy,
    plot_points,
    plot_profile,
    plot_quality,
    plot_scan,
    plot_tree,
    plot_voronoi,
)
from hyperkit.plot._arcs import arc_lines


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def points():
    return random_uniform_ball(60, radius=4.0, random_state=0)


@pytest.fixture
def far_pairs():
    ends = random_uniform_ball(400, radius=9.0, random_state=1)
    return ends[:200], ends[200:]


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def pixels(figure):
    """The picture as Agg draws it, (height, width, 3), 100 pixels an inch."""
    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def drawn_points(ax):
    """Positions of the dots, in the order of drawing."""
    return np.asarray(ax.collections[-1].get_offsets())


def note(ax):
    """The line below the disk."""
    (text,) = [text.get_text() for text in ax.texts] or [None]
    return text


def edge_segments(ax):
    return [path.vertices for path in ax.collections[0].get_paths()]


class TestArcs:
    def test_every_point_of_an_arc_lies_on_the_geodesic(self, far_pairs):
        start, stop = far_pairs
        for z, w, line in zip(start, stop, arc_lines(start, stop), strict=True):
            detour = distance(z, line) + distance(line, w) - distance(z, w)
            assert np.abs(detour).max() < 1e-7

    def test_an_arc_runs_from_its_first_end_to_its_last(self, far_pairs):
        start, stop = far_pairs
        lines = arc_lines(start, stop)
        np.testing.assert_allclose([line[0] for line in lines], start, atol=1e-14)
        np.testing.assert_allclose([line[-1] for line in lines], stop, atol=1e-14)

    def test_extended_arcs_meet_the_rim_at_right_angles(self, far_pairs):
        bent = [line for line in arc_lines(*far_pairs) if len(line) > 8]
        assert len(bent) > 50
        for line in bent:
            # The circle |p - c|^2 = R^2 is perpendicular to the rim iff |c|^2 = R^2 + 1, that is |p|^2 + 1 = 2 p.c.
            (_, residual, *_) = np.linalg.lstsq(2 * line, 1 + np.square(line).sum(axis=1), rcond=None)
            assert residual < 1e-20

    def test_polylines_keep_to_their_arcs_within_a_tenth_of_a_pixel(self, far_pairs):
        for line in arc_lines(*far_pairs):
            if len(line) > 3:
                center = np.linalg.lstsq(2 * line, 1 + np.square(line).sum(axis=1), rcond=None)[0]
                middles = (line[1:] + line[:-1]) / 2
                radius = np.linalg.norm(line[0] - center)
                assert np.abs(np.linalg.norm(middles - center, axis=1) - radius).max() < 1.1e-4

    def test_a_diameter_is_straight_and_equal_ends_are_harmless(self):
        (straight,) = arc_lines(np.array([[-0.9, 0.0]]), np.array([[0.8, 0.0]]))
        np.testing.assert_allclose(straight, [[-0.9, 0.0], [0.8, 0.0]], atol=1e-15)
        (still,) = arc_lines(np.array([[0.3, 0.4]]), np.array([[0.3, 0.4]]))
        np.testing.assert_array_equal(still, [[0.3, 0.4], [0.3, 0.4]])

    def test_short_edges_cost_one_piece(self):
        z = random_uniform_ball(500, radius=2.0, random_state=2)
        assert max(map(len, arc_lines(z, z + 1e-3))) == 2


class TestDisk:
    @pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "halfspace", "tangent"])
    def test_points_of_every_model_fall_on_their_place(self, points, model):
        ax = plot_points(convert(points, "poincare", model), model=model)
        np.testing.assert_allclose(drawn_points(ax), points, atol=1e-12)

    def test_the_klein_disk_has_klein_positions_and_straight_edges(self, points):
        ax = plot_delaunay(HyperbolicDelaunay(points), disk="klein")
        np.testing.assert_allclose(drawn_points(ax), convert(points, "poincare", "klein"), atol=1e-12)
        assert {len(segment) for segment in edge_segments(ax)} == {2}

    @pytest.mark.parametrize("center", [7, -53, np.int64(7), np.array(7)])
    def test_the_row_named_as_center_comes_to_the_middle_and_distances_stay(self, points, center):
        positions = drawn_points(plot_points(points, center=center))
        np.testing.assert_allclose(positions[7], 0, atol=1e-15)
        np.testing.assert_allclose(pairwise_distances(positions), pairwise_distances(points), atol=1e-9)

    def test_a_center_can_be_coordinates_of_the_users_model(self, points):
        klein = convert(points, "poincare", "klein")
        positions = drawn_points(plot_points(klein, model="klein", center=list(klein[3])))
        np.testing.assert_allclose(positions[3], 0, atol=1e-12)

    def test_points_beyond_what_klein_doubles_hold_are_drawn_on_the_rim(self):
        tangent = [[30.0, 0.0], [0.0, 33.0], [0.0, 0.0]]
        positions = drawn_points(plot_points(tangent, model="tangent", disk="klein", center=0))
        assert np.isfinite(positions).all()
        assert np.linalg.norm(positions, axis=1).max() <= 1 + 1e-12

    def test_the_disk_is_round_and_bare(self, points):
        ax = plot_delaunay(HyperbolicDelaunay(points))
        assert ax.get_aspect() == 1.0
        assert not ax.axison

    @pytest.mark.parametrize("size", [None, 30.0])
    def test_dots_at_the_rim_are_whole_and_what_a_zoom_leaves_outside_is_cut_off(self, size):
        rim = 0.9999 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        ax = plot_points(rim, size=size, ax=Figure(figsize=(2.4, 2.4)).add_subplot())
        whole = pixels(ax.figure)
        for artist in (*ax.collections, *ax.patches):
            artist.set_clip_on(False)
        np.testing.assert_allclose(whole, pixels(ax.figure), atol=20 if size is None else 0)  # of 255: the rim's edge
        ax = plot_points(rim, size=size, ax=Figure(figsize=(2.4, 2.4)).add_subplot())
        ax.set_xlim(-0.5, 0.5)
        ax.set_ylim(0.2, 1.2)
        outside = pixels(ax.figure)[int(240 * 0.9) :]  # below the axes
        assert (outside == 255).all()

    def test_given_axes_are_used_and_no_figure_is_opened(self, points):
        ax = mpl.figure.Figure().add_subplot()
        assert plot_points(points, ax=ax) is ax
        assert plt.get_fignums() == []

    def test_input_is_left_as_it_was(self, points):
        before = points.copy()
        plot_points(points, labels=np.arange(60.0), center=1)
        np.testing.assert_array_equal(points, before)


class TestLabels:
    def test_classes_get_a_legend_in_natural_order(self, points):
        labels = np.resize(["type 10", "type 9", "_hidden", "$x"], 60)
        texts = [t.get_text().lstrip("\u200b") for t in plot_points(points, labels).get_legend().get_texts()]
        assert texts == ["\\$x", "_hidden", "type 9", "type 10"]

    def test_a_pandas_categorical_keeps_its_order(self, points):
        labels = pd.Series(pd.Categorical(np.resize(["low", "high"], 60), categories=["low", "mid", "high"]))
        for given in (labels, labels.array):
            assert [t.get_text() for t in plot_points(points, given).get_legend().get_texts()] == ["low", "high"]

    def test_fifty_one_long_names_are_all_in_the_figure_beside_the_disk(self, points):
        names = [f"{i} a name as long as they come, 37 ch" for i in range(51)]
        ax = plot_points(np.tile(points, (2, 1)), np.resize(names, 120))
        ax.figure.canvas.draw()
        box = ax.get_legend().get_window_extent()
        figure = ax.figure.bbox
        assert len(ax.get_legend().get_texts()) == 51
        assert box.x0 >= ax.get_window_extent().x1 - 1
        assert box.x1 <= figure.x1
        assert figure.y0 <= box.y0 < box.y1 <= figure.y1

    @pytest.mark.parametrize("n_classes", [2, 10, 20, 51, 60])
    def test_no_two_classes_share_a_colour(self, n_classes):
        X = random_uniform_ball(n_classes, radius=3.0, random_state=0)
        ax = plot_points(X, [f"c{i}" for i in range(n_classes)])
        assert len(np.unique(ax.collections[0].get_facecolors(), axis=0)) == n_classes

    def test_few_integers_are_classes_and_other_numbers_a_scale(self, points):
        assert len(plot_points(points, np.arange(60) % 3).get_legend().get_texts()) == 3
        for labels in (np.arange(60), np.linspace(-1, 1, 60)):
            ax = plot_points(points, labels)
            assert ax.get_legend() is None
            assert len(ax.figure.axes) == 2
            assert ax.figure.axes[1].get_ylim() == (labels[0], labels[-1])

    def test_missing_labels_are_grey_and_named(self, points):
        labels = np.array(["a"] * 30 + [None] * 15 + [np.nan] * 15, dtype=object)
        ax = plot_points(points, labels)
        assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "(no label)"]
        assert (ax.collections[0].get_facecolors() == to_rgba("0.75")).all(axis=1).sum() == 30
        numbers = np.where(np.arange(60) < 10, np.nan, 1.5)
        colors = plot_points(points, numbers).collections[0].get_facecolors()
        assert (colors == to_rgba("0.75")).all(axis=1).sum() == 10

    def test_numbers_stay_a_scale_when_some_are_missing(self, points):
        for labels in (pd.array([None, *range(59)], dtype="Int64"), [None, *np.linspace(0, 1, 59)]):
            ax = plot_points(points, labels)
            assert ax.get_legend() is None
            assert (ax.collections[0].get_facecolors() == to_rgba("0.75")).all(axis=1).sum() == 1
        few = plot_points(points, [None, *np.resize([3, 1, 2], 59)])
        assert [t.get_text() for t in few.get_legend().get_texts()] == ["1", "2", "3", "(no label)"]

    @pytest.mark.parametrize(
        ("labels", "texts"),
        [
            (["g" * 40 + "1", "g" * 40 + "2"], [f"{'g' * 19}…{'g' * 19}1", f"{'g' * 19}…{'g' * 19}2"]),
            (["g" * 40 + "1", "h" * 41], ["g" * 39 + "…", "h" * 39 + "…"]),
            (
                ["g" * 40 + "1" + "g" * 30, "g" * 40 + "2" + "g" * 30],
                [f"{'g' * 19}…{one}…{'g' * 20}" for one in "12"],
            ),
            ([1, "1"], ["1", "'1'"]),
            ([1, "1", "'1'"], ["1", "'1'", "\"'1'\""]),
            (["(no label)", None], ["'(no label)'", "(no label)"]),
            (["(no label)", "1", "01"], ["01", "1", "(no label)"]),
        ],
    )
    def test_every_class_has_its_line_with_its_colour(self, points, labels, texts):
        n = len(labels)
        ax = plot_points(points, np.resize(np.array(labels, dtype=object), 60))
        assert legend_texts(ax) == texts
        drawn = np.unique(ax.collections[0].get_facecolors(), axis=0)
        listed = [to_rgba(handle.get_color()) for handle in ax.get_legend().legend_handles]
        np.testing.assert_array_equal(drawn, np.unique(listed, axis=0))
        assert len(drawn) == n

    @pytest.mark.parametrize(
        ("labels", "texts"),
        [
            (["a", float("nan")], ["a"]),
            (["a", pd.NA], ["a"]),
            (np.array(["2021-03-01", "NaT"], dtype="datetime64[ns]"), ["2021-03-01"]),
            (pd.Series(pd.to_datetime(["2021-03-01", None])), ["2021-03-01"]),
            (pd.Series(pd.to_datetime(["2021-03-01", None])).dt.tz_localize("UTC"), ["2021-03-01 00:00:00+00:00"]),
            (pd.Categorical(pd.to_datetime(["2021-03-01", None])), ["2021-03-01"]),
            (pd.to_timedelta([5, None], unit="D"), ["5 days"]),
            (pd.array([3, None], dtype="Int64"), ["3"]),
            (pd.Series([True, None], dtype="boolean"), ["True"]),
            (pd.Categorical([7, None]), ["7"]),
            (np.ma.array([4, 5], mask=[False, True]), ["4"]),
            (np.ma.array(["a", "b"], mask=[False, True]), ["a"]),
            (list(np.ma.array(["a", "b"], mask=[False, True])), ["a"]),
            (list(np.ma.array([4, 5], mask=[False, True])), ["4"]),
            ([None, None], []),
        ],
    )
    def test_what_is_missing_is_no_class(self, labels, texts):
        ax = plot_points([[0.0, 0.0], [0.5, 0.0]], labels)
        assert legend_texts(ax) == [*texts, "(no label)"]
        assert (ax.collections[0].get_facecolors() == to_rgba("0.75")).all(axis=1).sum() == 2 - len(texts)

    def test_masked_numbers_do_not_stretch_the_scale(self, points):
        labels = np.ma.array([1e9, np.inf, *np.linspace(0, 1, 58)], mask=[True] * 2 + [False] * 58)
        ax = plot_points(points, labels)
        assert ax.figure.axes[1].get_ylim() == (0, 1)
        assert (ax.collections[0].get_facecolors() == to_rgba("0.75")).all(axis=1).sum() == 2

    def test_a_thousand_classes_list_the_largest_and_count_the_rest(self):
        X = random_uniform_ball(1010, radius=3.0, random_state=0)
        names = ["large 2"] * 6 + ["large 1"] * 5 + [f"species {i} {'of many ' * 9}" for i in range(999)]
        ax = plot_points(X, names)
        texts = [t.get_text() for t in ax.get_legend().get_texts()]
        assert texts[:2] == ["large 1", "large 2"]
        assert texts[-1] == "(and 941 more)"
        assert len(texts) == 61
        grey = to_rgba(ax.get_legend().legend_handles[-1].get_color())
        assert (ax.collections[0].get_facecolors() == grey).all(axis=1).sum() == 941
        ax.figure.canvas.draw()
        assert ax.get_legend().get_window_extent().x1 <= ax.figure.bbox.x1
        assert ax.figure.get_size_inches()[0] < 18

    def test_rare_classes_are_drawn_on_top(self, points):
        labels = np.array(["rare", *["common"] * 59])
        np.testing.assert_allclose(drawn_points(plot_points(points, labels))[-1], points[0])

    def test_colours_can_be_named_one_by_one_or_by_a_map(self, points):
        labels = np.resize(["a", "b"], 60)
        colors = plot_points(points, labels, cmap={"a": "red", "b": "blue"}).collections[0].get_facecolors()
        assert (colors == to_rgba("red")).all(axis=1).sum() == 30
        colors = plot_points(points, labels, cmap="Set2").collections[0].get_facecolors()
        np.testing.assert_allclose(
            np.unique(colors[:, :3], axis=0), np.unique(mpl.colormaps["Set2"].colors[:2], axis=0)
        )

    def test_legend_false_leaves_it_out(self, points):
        assert plot_points(points, ["a"] * 60, legend="none").get_legend() is None


class TestTree:
    def test_terminals_steiner_points_and_edges_are_all_there(self, points):
        tree = HyperSteiner().fit(points).tree_
        ax = plot_tree(tree, np.resize(["a", "b"], 60))
        edges, terminals, steiner_points = ax.collections
        assert len(edges.get_paths()) == len(tree.points) - 1
        assert len(terminals.get_offsets()) == 60
        np.testing.assert_allclose(steiner_points.get_offsets(), tree.points[60:], atol=1e-12)
        assert steiner_points.get_sizes()[0] < terminals.get_sizes()[0]

    def test_a_single_point_is_a_picture_too(self):
        ax = plot_tree(HyperSteiner().fit([[0.1, 0.2]]).tree_)
        np.testing.assert_allclose(drawn_points(ax), [[0.1, 0.2]])

    def test_a_tree_can_be_centred_on_a_steiner_point(self, points):
        tree = HyperSteiner().fit(points).tree_
        ax = plot_tree(tree, center=len(tree.points) - 1)
        np.testing.assert_allclose(drawn_points(ax)[-1], 0, atol=1e-12)


class TestVoronoi:
    @pytest.mark.parametrize("disk", ["poincare", "klein"])
    @pytest.mark.parametrize("center", [None, 7])
    def test_walls_are_as_far_from_the_points_on_either_side(self, points, disk, center):
        voronoi = HyperbolicVoronoi(points)
        ax = plot_voronoi(voronoi, disk=disk, center=center)
        sites = convert(drawn_points(ax), disk, "poincare")
        walls = edge_segments(ax)
        assert len(walls) == len(voronoi.ridge_points)
        for (i, j), wall in zip(voronoi.ridge_points, walls, strict=True):
            # Chords of arcs, short of the rim.
            middles = wall[np.linalg.norm(wall, axis=1) < 0.999] if disk == "poincare" else [wall.mean(axis=0)]
            if len(middles) > 0:
                places = convert(middles, disk, "poincare")
                np.testing.assert_allclose(distance(places, sites[i]), distance(places, sites[j]), atol=1e-7)

    @pytest.mark.parametrize("disk", ["poincare", "klein"])
    def test_walls_end_in_vertices_or_on_the_rim(self, points, disk):
        voronoi = HyperbolicVoronoi(points)
        vertices = convert(voronoi.vertices, "poincare", disk)
        for ends, wall in zip(voronoi.ridge_vertices, edge_segments(plot_voronoi(voronoi, disk=disk)), strict=True):
            for vertex, end in zip(ends, wall[[0, -1]], strict=True):
                if vertex < 0:
                    assert np.linalg.norm(end) == pytest.approx(1, abs=1e-12)
                else:
                    np.testing.assert_allclose(end, vertices[vertex], atol=1e-9)

    def test_a_far_cluster_brought_to_the_middle_looks_as_it_does_at_home(self):
        # At polar radius 18 doubles are 1e-8 apart, seen from the middle.
        home = random_uniform_ball(30, radius=1.0, random_state=2)
        home[0] = 0.0
        far = translate(home, [np.tanh(9.0), 0.0])
        expected, found = (plot_voronoi(HyperbolicVoronoi(z), center=0, disk="klein") for z in (home, far))
        np.testing.assert_allclose(edge_segments(found), edge_segments(expected), atol=1e-5)

    def test_a_few_points_are_pictures_too(self):
        assert len(edge_segments(plot_voronoi(HyperbolicVoronoi([[0.1, 0.2]])))) == 0
        (line,) = edge_segments(plot_voronoi(HyperbolicVoronoi([[-0.5, 0.0], [0.5, 0.0]])))
        np.testing.assert_allclose(line, [[0, -1], [0, 1]], atol=1e-12)


class TestProjection:
    @pytest.fixture
    def space(self):
        return random_wrapped_normal(50, [0.1, 0.2, 0.3, 0.0], random_state=0)

    @pytest.mark.parametrize("projection", ["tangent", "horopca"])
    def test_points_graphs_and_trees_of_space_fall_where_the_projection_puts_them(self, space, projection):
        wanted = project_to_disk(space, method=projection)
        pictures = (
            plot_points(space, projection=projection),
            plot_delaunay(HyperbolicDelaunay(space), projection=projection),
        )
        for ax in pictures:
            np.testing.assert_allclose(drawn_points(ax), wanted.points, atol=1e-12)
            off = f"distances are off by {100 * wanted.distortion:.2g} % on average"
            assert note(ax) == f"4 dimensions shown in 2 ({projection}): {off}"
        tree = HyperSteiner(method="greedy").fit(space).tree_
        ax = plot_tree(tree, projection=projection)
        wanted = project_to_disk(tree.points, method=projection)
        np.testing.assert_allclose(ax.collections[1].get_offsets(), wanted.points[: tree.n_terminals], atol=1e-12)
        assert len(edge_segments(ax)) == len(tree.edges)
        assert "4 dimensions" in note(ax)

    def test_a_center_is_projected_with_the_points(self, space):
        klein = convert(space, "poincare", "klein")
        one = drawn_points(plot_points(space, center=7))
        other = drawn_points(plot_points(klein, model="klein", center=klein[7]))
        np.testing.assert_allclose(one[7], 0, atol=1e-12)
        np.testing.assert_allclose(one, other, atol=1e-9)
        with pytest.raises(ValueError, match=r"center has shape \(2,\)"):
            plot_points(space, center=[0.0, 0.1])

    def test_the_plane_and_the_line_need_no_note(self, points):
        assert note(plot_points(points)) is None
        ax = plot_points([[0.5], [-0.2]])
        np.testing.assert_array_equal(drawn_points(ax), [[0.5, 0], [-0.2, 0]])
        assert note(ax) is None


class TestErrors:
    def test_cells_of_another_dimension_say_what_to_do(self):
        way_out = r"voronoi.points lies in 3-dimensional .* project with hyperkit.embedding.project_to_disk"
        with pytest.raises(ValueError, match=way_out):
            plot_voronoi(HyperbolicVoronoi(0.1 * np.eye(4)[:, :3]))

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"labels": ["a", "b"]}, ValueError, "one label for each of the 60 points"),
            ({"center": 60}, ValueError, "center=60 is no row: there are 60 rows"),
            ({"center": True}, TypeError, "center=True must be the index of a row"),
            ({"center": 0.5}, TypeError, "center=0.5 must be the index of a row"),
            ({"center": np.array(0.5)}, TypeError, "center=0.5 must be the index of a row"),
            ({"center": [[0.1, 0.2]]}, ValueError, "the coordinates of one point"),
            ({"center": [2.0, 0.0]}, ValueError, "center"),
            ({"disk": "halfspace"}, ValueError, "disk='halfspace' must be one of 'poincare', 'klein'"),
            ({"labels": ["a"] * 60, "cmap": {"b": "red"}}, ValueError, "no colour for label 'a'"),
            ({"labels": np.linspace(0, 1, 60), "cmap": {0.0: "red"}}, TypeError, "cmap is a mapping"),
            ({"labels": dict.fromkeys(range(60), "a")}, TypeError, "labels is a dict; it must be a list or an array"),
            ({"labels": [{}] * 60}, TypeError, "hashable values .*dict"),
            ({"size": -1}, ValueError, "size=-1 must be a finite number of at least 0"),
            ({"size": np.nan}, ValueError, "size=nan must be"),
            ({"size": "large"}, ValueError, "size='large' must be"),
            ({"labels": np.full(60, np.inf)}, ValueError, "row 0 is inf"),
        ],
    )
    def test_what_does_not_fit_is_named(self, points, arguments, error, message):
        with pytest.raises(error, match=message):
            plot_points(points, **arguments)
        assert plt.get_fignums() == []

    def test_what_is_no_axes_is_named(self, points):
        steiner = HyperSteiner(method="greedy").fit(points)
        scanned = HyperDGA().fit(points[:9]).compare(points[9:], scan=True, n_permutations=19)
        profile = mixing_profile(points[:9], points[9:], max_hops=2, n_permutations=19)
        pictures = {
            "points": lambda ax: plot_points(points, ax=ax),
            "delaunay": lambda ax: plot_delaunay(HyperbolicDelaunay(points), ax=ax),
            "voronoi": lambda ax: plot_voronoi(HyperbolicVoronoi(points), ax=ax),
            "tree": lambda ax: plot_tree(steiner.tree_, ax=ax),
            "dendrogram": lambda ax: plot_hierarchy(from_steiner(steiner.tree_), ax=ax),
            "disk": lambda ax: plot_hierarchy(from_steiner(steiner.tree_), ax=ax, layout="disk"),
            "scan": lambda ax: plot_scan(scanned, ax=ax),
            "profile": lambda ax: plot_profile(profile, ax=ax),
        }
        figure = Figure()
        for draw in pictures.values():
            with pytest.raises(TypeError, match=r"^ax is a Figure and no matplotlib Axes: such as figure\.add_subplot"):
                draw(figure)
            with pytest.raises(TypeError, match=r"^ax is a ndarray and no matplotlib Axes: give one of them, ax\[0\]"):
                draw(figure.subplots(1, 2))
            with pytest.raises(TypeError, match=r"^ax is a str and no matplotlib Axes"):
                draw("x")
            for projection in ("polar", "3d", "mollweide"):
                with pytest.raises(TypeError, match=rf"^ax is a \w+ \({projection}\); give Axes without a projection"):
                    draw(Figure().add_subplot(projection=projection))
            draw(Figure().add_subplot())
        two = {
            "comparison": (compare(points, points), plot_comparison),
            "quality": (quality(points, points), plot_quality),
        }
        for result, draw in two.values():
            with pytest.raises(TypeError, match=r"^axes is a Figure; give a list of two matplotlib Axes"):
                draw(result, axes=figure)
            with pytest.raises(TypeError, match=r"^axes\[1\] is a str and no matplotlib Axes"):
                draw(result, axes=[figure.add_subplot(), "right"])
        assert plt.get_fignums() == []

    def test_an_estimator_in_place_of_its_tree_is_explained(self, points):
        with pytest.raises(TypeError, match=r"HyperSteiner\(\).fit\(X\).tree_; got HyperSteiner"):
            plot_tree(HyperSteiner().fit(points))


class TestQuality:
    def judged(self, points, **options):
        return quality({"good": points, "bad": 0.9 * points[::-1]}, points, metric="poincare", **options)

    def test_curves_and_dots_are_those_of_the_frames(self, points):
        judged = self.judged(points)
        curves, measures = plot_quality(judged)
        chance, good, good_end, bad, bad_end = curves.lines
        for line, end, name in ((good, good_end, "good"), (bad, bad_end, "bad")):
            sizes = line.get_xdata()
            np.testing.assert_array_equal(line.get_ydata(), judged.q_nx.loc[sizes, name])
            k_max = judged.to_frame().loc[name, "k_max"]
            assert end.get_xydata().tolist() == [[k_max, judged.q_nx.loc[k_max, name]]]
        np.testing.assert_allclose(chance.get_ydata(), chance.get_xdata() / 59)
        assert legend_texts(curves) == ["good", "bad", "chance"]
        shown = [text.get_text() for text in measures.get_yticklabels()]
        column = judged.to_frame()["trustworthiness"]
        row = shown.index("trustworthiness")
        dots = [line.get_xydata()[0] for line in measures.lines if line.get_marker() == "o"]
        assert [x for x, y in dots if abs(y - row) < 0.5] == column.tolist()

    def test_what_is_beyond_the_edge_is_a_number_and_what_is_undefined_nothing(self, points):
        alike = np.ones((60, 60)) - np.eye(60)
        _, measures = plot_quality(quality(points, alike, metric="precomputed"))
        assert len([line for line in measures.lines if line.get_marker() == "o"]) == 7  # no order, no triplets
        alike[:30, :30] *= 0.02
        judged = quality(points, alike, metric="precomputed")
        _, measures = plot_quality(judged)
        assert [text.get_text() for text in measures.texts] == [f"{judged.to_frame()['distortion'].iloc[0]:.3g}"]
        assert measures.get_xlim()[1] == 1.03

    def test_samples_have_bars_of_two_standard_errors(self, points):
        judged = self.judged(points, sample_size=20)
        _, measures = plot_quality(judged, legend="none")
        bars = measures.collections
        assert len(bars) == 18
        (low, y), (high, _) = bars[0].get_segments()[0]
        error = judged.to_frame()["mean_average_precision_error"].iloc[0]
        assert high - low == pytest.approx(4 * error)
        assert y == pytest.approx(-0.175)

    def test_axes_colours_and_other_things_are_looked_at(self, points):
        judged = self.judged(points)
        figure, axes = plt.subplots(1, 2)
        assert plot_quality(judged, axes=axes)[0] is axes[0]
        curves, _ = plot_quality(judged, cmap={"good": "red", "bad": "black"})
        assert to_rgba(curves.lines[1].get_color()) == to_rgba("red")
        with pytest.raises(ValueError, match="axes has 1 entries; give two"):
            plot_quality(judged, axes=[figure.add_subplot()])
        with pytest.raises(TypeError, match=r"quality must be what hyperkit\.embedding\.quality gives; got DataFrame"):
            plot_quality(judged.to_frame())


class TestScan:
    @pytest.fixture
    def result(self):
        A, B = random_wrapped_normal(60, random_state=0), random_wrapped_normal(60, [0.6, 0.0], random_state=1)
        return HyperDGA().fit(A).compare(B, scan=True, n_permutations=99)

    def test_rows_of_regions_have_the_colour_of_the_set_that_is_crowded(self, result):
        ax = plot_scan(
            result, cmap={"more A than by chance": "red", "more B than by chance": "blue", "as by chance": "k"}
        )
        rims = ax.collections[-1].get_edgecolors()
        colors = {tuple(place): tuple(color) for place, color in zip(drawn_points(ax), rims, strict=True)}
        regions = result.regions()
        assert set(regions["crowded"]) == {"A", "B"}
        expected = np.full(120, "k", dtype=object)
        for crowded, rows in zip(regions["crowded"], regions["rows"], strict=True):
            expected[rows] = "red" if crowded == "A" else "blue"
        insides = dict(zip(map(tuple, drawn_points(ax)), ax.collections[-1].get_facecolors(), strict=True))
        for row, (place, color) in enumerate(zip(result.ball_rows.z, expected, strict=True)):
            assert colors[tuple(place)] == to_rgba(color)
            # A row of A is a dot, one of B a ring.
            assert tuple(insides[tuple(place)]) == to_rgba(color if row < 60 else "white")
        assert [text.get_text() for text in ax.get_legend().get_texts()][-2:] == ["row of A", "row of B"]
        for number, medoid in regions["medoid"].items():
            (text,) = [text for text in ax.texts if text.get_text() == str(number)]
            np.testing.assert_array_equal(text.xy, result.ball_rows.z[medoid])

    def test_a_row_can_be_brought_to_the_middle_and_more_dimensions_are_projected(self, result):
        medoid = int(result.regions()["medoid"][0])
        places = drawn_points(plot_scan(result, center=medoid))
        assert np.hypot(*places.T).min() < 1e-12
        A, B = (random_wrapped_normal(30, np.zeros(3), random_state=seed) for seed in (0, 1))
        ax = plot_scan(HyperDGA().fit(A).compare(B, scan=True, n_permutations=19))
        assert "3 dimensions shown in 2" in note(ax)

    def test_the_p_value_and_the_number_of_regions_stand_below(self, result):
        below = plot_scan(result).texts[0].get_text()  # before the numbers of the regions
        assert below == f"{len(result.regions())} regions at level 0.05 (p = 0.01)"
        A = random_wrapped_normal(60, random_state=0)
        alike = HyperDGA().fit(A[:30]).compare(A[30:], scan=True, n_permutations=99)
        p = f"(p = {alike.p_value_scan:.2g})"
        assert alike.p_value_scan > 0.05
        assert note(plot_scan(alike)) == f"no region at level 0.05 {p}"
        assert "at level 0.01" in note(plot_scan(alike, level=0.01, legend="none"))

    def test_what_was_not_scanned_is_refused(self, result):
        with pytest.raises(TypeError, match="result must be a DGAResult"):
            plot_scan([1, 2])
        with pytest.raises(ValueError, match="made without a scan"):
            plot_scan(HyperDGA().fit(result.ball_rows.z[:5]).compare(result.ball_rows.z[5:]))


def dot_colors(ax):
    """Colours of the dots, in the order of drawing."""
    return ax.collections[-1].get_facecolors()
