"""Pictures as they are printed: in the width of a column and of a page, with few and many points and classes, nothing
is cut, nothing warns, text stays text; and the canonical ones look as they did."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from hyperkit import HyperbolicDelaunay, HyperbolicVoronoi, HyperDGA, HyperSteiner, random_uniform_ball
from hyperkit.embedding import compare, quality
from hyperkit.hierarchy import from_steiner
from hyperkit.plot import (
    figure_for,
    plot_comparison,
    plot_delaunay,
    plot_hierarchy,
    plot_points,
    plot_quality,
    plot_scan,
    plot_tree,
    plot_voronoi,
)
from hyperkit.plot._labels import shortened_apart


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def points():
    return random_uniform_ball(400, radius=4.0, random_state=0)


@pytest.fixture(scope="module")
def steiner(points):
    return HyperSteiner(method="greedy").fit(points[:60]).tree_


def axes_of(width, height, **options):
    return Figure(figsize=(width, height), **options).add_subplot()


def drawn(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas


def legend_box(ax):
    drawn(ax.figure)
    return ax.get_legend().get_window_extent(), ax.figure.bbox


def names_of(ax):
    drawn(ax.figure)
    return {text.get_text() for text in ax.texts if isinstance(text, Annotation) and text.get_visible()} - {""}


class TestLegend:
    # A warning, as of a layout whose axes collapse, is an error here.
    @pytest.mark.parametrize(
        ("layout", "width", "long"),
        [("constrained", 2.0, True), ("constrained", 3.3, False), ("constrained", 7.0, True), (None, 3.3, True)],
    )
    @pytest.mark.parametrize("n_classes", [2, 20, 51, 300])
    def test_a_legend_is_whole_beside_a_disk_that_can_be_seen(self, points, layout, width, n_classes, long):
        labels = [f"{k} {'of the many names ' * long}{k % 7}" for k in np.arange(400) % n_classes]
        ax = plot_points(points, labels, ax=axes_of(width, 0.75 * width, layout=layout))
        box, figure = legend_box(ax)
        assert box.x0 >= ax.get_window_extent().x1 - 1
        assert box.x1 <= figure.x1 + 1
        assert figure.y0 - 1 <= box.y0 < box.y1 <= figure.y1 + 1
        assert ax.get_window_extent().width > 0.3 * figure.width
        assert min(text.get_fontsize() for text in ax.get_legend().get_texts()) >= 5

    def test_a_figure_that_is_made_smaller_gets_another_legend(self, points):
        ax = plot_points(points, [f"a rather long name {k}" for k in np.arange(400) % 51])
        assert len(ax.get_legend().get_texts()) == 51
        ax.get_legend().set_title("types")
        ax.figure.set_size_inches(3.3, 2.5)
        drawn(ax.figure)
        box, figure = legend_box(ax)
        assert box.x1 <= figure.x1
        assert ax.get_legend().get_title().get_text() == "types"
        listed = len(ax.get_legend().get_texts()) - 1
        assert ax.get_legend().get_texts()[-1].get_text() == f"(and {51 - listed} more)"
        ax.get_legend().remove()
        assert ax.get_legend() is None
        drawn(ax.figure)

    def test_classes_that_no_line_is_left_for_are_not_said_to_be_grey(self, points):
        labels = [f"a rather long name {k}" for k in np.arange(400) % 51]
        legend = plot_points(points, labels, ax=axes_of(3.3, 2.5)).get_legend()
        assert legend.legend_handles[-1].get_color() == "none"

    def test_names_that_are_shortened_stay_apart(self, points):
        middles = ["ventral", "dorsal", "lateral and medial"]
        labels = [f"epidermis {middles[k % 3]} progenitors {k % 12 // 3}" for k in range(400)]
        legend = plot_points(points, labels, ax=axes_of(2.6, 2.2)).get_legend()
        texts = [text.get_text() for text in legend.get_texts()]
        assert any("…" in text for text in texts)
        assert len(set(texts)) == len(texts)

    def test_names_that_differ_in_their_middles_only_stay_apart(self, points):
        many = [f"{'x' * 30} {a} {'y' * 30} {b} {'z' * 30}" for a in ("one", "two", "three") for b in ("one", "two")]
        labels = np.resize(many, 400)
        for width in (3.3, 7.0):
            ax = plot_points(points, labels, ax=axes_of(width, 0.75 * width, layout="constrained"))
            drawn(ax.figure)
            texts = [text.get_text() for text in ax.get_legend().get_texts()]
            assert len(set(texts)) == len(many)
            assert max(map(len, texts)) < 70
        ax = plot_points(points, labels, legend="on data", ax=axes_of(7, 7))
        assert len({text.get_text() for text in ax.texts if text.get_text()}) == len(many)

    @pytest.mark.parametrize("longest", [10, 14, 40])
    def test_shortened_names_are_as_many_as_names(self, longest):
        rng = np.random.default_rng(0)
        for letters in ("ab", "abcdefgh "):
            parts = ["".join(rng.choice(list(letters), size)) for size in rng.integers(0, 40, 12)]
            names = list({"".join(rng.choice(parts, 4)) for _ in range(300)})
            short = shortened_apart(names, longest)
            assert len(set(short)) == len(names)
            assert max(map(len, short)) < 3 * longest + 30

    def test_subfigures_and_several_axes_have_room_of_their_own(self, points):
        labels = [f"a rather long name {k}" for k in np.arange(400) % 30]
        figure = Figure(figsize=(7, 6), layout="constrained")
        left, right = figure.subfigures(1, 2)
        parts = [left.add_subplot(), *right.subplots(2, 1)]
        for ax in parts:
            plot_points(points, labels, ax=ax)
        drawn(figure)
        boxes = [ax.get_legend().get_window_extent() for ax in parts]
        assert boxes[0].x1 <= left.bbox.x1 + 1
        assert max(box.x1 for box in boxes[1:]) <= right.bbox.x1 + 1
        assert not boxes[1].overlaps(boxes[2])

    def test_names_on_the_data_stand_among_the_rows_of_their_class(self, points):
        labels = np.where(points[:, 0] > 0, "right", "left")
        ax = plot_points(points, labels, legend="on data")
        assert ax.get_legend() is None
        assert names_of(ax) == {"right", "left"}
        places = {text.get_text(): text.xy for text in ax.texts if text.get_text()}
        assert places["left"][0] < 0 < places["right"][0]
        assert any(np.array_equal(row, places["left"]) for row in points)

    @pytest.mark.parametrize("layout", ["rectangular", "disk"])
    def test_names_of_classes_and_of_nodes_do_not_collide(self, steiner, layout):
        tree = from_steiner(steiner, names=[f"cell {k}" for k in range(60)])
        ax = plot_hierarchy(tree, [f"class {k % 5}" for k in tree.rows], layout=layout, legend="on data")
        shown = names_of(ax)
        assert sum(name.startswith("class") for name in shown) == 5
        assert sum(name.startswith("cell") for name in shown) > 10
        texts = [text for text in ax.texts if text.get_text() in shown and re.match("c(lass|ell) ", text.get_text())]
        boxes = [Text.get_window_extent(text) for text in texts]
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                high = min(one.y1, other.y1) - max(one.y0, other.y0)
                assert wide <= 0 or high <= 0.3 * one.height  # letters do not fill their boxes

    @pytest.mark.parametrize("side", [3.3, 6, 7])
    def test_names_on_the_data_never_overlap_nor_leave_the_axes(self, points, side):
        labels = [f"epidermal progenitors {k}" for k in np.arange(400) % 51]
        figure = Figure(figsize=(side, 0.75 * side), layout="constrained")
        ax = plot_points(0.3 * points, labels, legend="on data", ax=figure.add_subplot())
        drawn(figure)
        texts = [text for text in ax.texts if text.get_visible() and text.get_text().startswith("epidermal")]
        boxes = [text.get_window_extent() for text in texts]
        assert len(boxes) >= 5
        assert any(text.get_text() == f"{len(boxes)} of 51 names have room" for text in ax.texts)
        for i, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[:i])
            assert ax.bbox.x0 <= one.x0 < one.x1 <= ax.bbox.x1
            assert ax.bbox.y0 <= one.y0 < one.y1 <= ax.bbox.y1
        (leaders,) = (lines for lines in ax.collections if isinstance(lines, LineCollection))
        places = np.array([text.xy for text in texts])
        for place, end in leaders.get_segments():  # from the row of a name that is shown, to the box of a name
            assert np.linalg.norm(places - place, axis=1).min() < 1e-9
            x, y = ax.transData.transform(end)
            assert any(box.padded(0.01).contains(x, y) for box in boxes)

    def test_numbers_have_a_bar_unless_there_is_no_legend(self, points):
        for legend, n_axes in (("right", 2), ("on data", 2), ("none", 1)):
            assert len(plot_points(points, points[:, 0], legend=legend).figure.axes) == n_axes

    def test_every_picture_refuses_what_is_no_legend(self, points, steiner):
        few = points[:30]
        scanned = HyperDGA().fit(few[:15]).compare(few[15:], scan=True, n_permutations=19)
        for draw, data in (
            (plot_points, few),
            (plot_delaunay, HyperbolicDelaunay(few)),
            (plot_voronoi, HyperbolicVoronoi(few)),
            (plot_tree, steiner),
            (plot_hierarchy, from_steiner(steiner)),
            (plot_comparison, compare(few, few)),
            (plot_quality, quality(few, few)),
            (plot_scan, scanned),
        ):
            for wrong in (True, False, None, "left"):
                with pytest.raises(ValueError, match=f"legend={wrong!r} must be one of '"):
                    draw(data, legend=wrong)
        with pytest.raises(ValueError, match="legend='on data' must be one of 'right', 'none'"):
            plot_scan(scanned, legend="on data")
        assert plt.get_fignums() == []


class TestMarks:
    def test_dots_and_lines_are_smaller_in_smaller_axes_and_among_more(self, points):
        graph = HyperbolicDelaunay(points)
        large, small = (plot_delaunay(graph, ax=axes_of(side, side)) for side in (7, 3.3))
        few = plot_delaunay(HyperbolicDelaunay(points[:50]), ax=axes_of(7, 7))
        dots = [ax.collections[1].get_sizes()[0] for ax in (small, large, few)]
        lines = [ax.collections[0].get_linewidths()[0] for ax in (small, large, few)]
        assert dots == sorted(dots)
        assert lines == sorted(lines)
        assert dots[0] < dots[1] < dots[2]
        # By less than the axes: a quarter of the area would leave nothing to see.
        assert dots[0] > 0.3 * dots[1]

    def test_sizes_that_are_given_hold(self, points):
        ax = plot_delaunay(HyperbolicDelaunay(points), size=5, linewidth=2, ax=axes_of(2, 2))
        assert ax.collections[1].get_sizes()[0] == 25
        assert ax.collections[0].get_linewidths()[0] == 2

    def test_alpha_is_that_of_the_dots(self, points):
        ax = plot_points(points, alpha=0.3)
        assert set(ax.collections[0].get_facecolors()[:, 3]) == {0.3}
        for wrong in (-0.1, 1.1, "half", np.nan):
            with pytest.raises(ValueError, match=r"alpha=.* must be a number in \[0, 1\]"):
                plot_points(points, alpha=wrong)

    @pytest.mark.parametrize(("given", "found"), [("auto", [False, True]), (True, [True, True]), (False, [False] * 2)])
    def test_many_points_are_pixels_in_a_vector_format(self, points, given, found):
        many = np.tile(points, (13, 1))
        for X, wanted in zip((points, many), found, strict=True):
            ax = plot_points(X, rasterized=given)
            assert bool(ax.collections[0].get_rasterized()) is wanted
        with pytest.raises(ValueError, match="rasterized='yes' must be 'auto', True or False"):
            plot_points(points, rasterized="yes")

    def test_twenty_thousand_points_take_less_than_a_megabyte(self):
        X = random_uniform_ball(21_612, radius=5.0, random_state=0)
        buffer = io.BytesIO()
        plot_points(X, np.arange(len(X)) % 51 + 0.5).figure.savefig(buffer, format="svg", dpi=200)
        assert buffer.tell() < 1_000_000

    def test_pixels_of_lines_and_dots_are_one_image(self, points, steiner):
        tree, X = from_steiner(steiner), points[:60]
        for ax in (
            plot_tree(steiner, rasterized=True),
            plot_hierarchy(tree, rasterized=True),
            plot_hierarchy(tree, layout="disk", rasterized=True),
            plot_delaunay(HyperbolicDelaunay(X), rasterized=True),
            plot_voronoi(HyperbolicVoronoi(X), rasterized=True),
        ):
            buffer = io.StringIO()
            ax.figure.savefig(buffer, format="svg")
            assert buffer.getvalue().count("<image") == 1


def test_what_is_no_steiner_tree_is_told_where_to_go(points, steiner):
    with pytest.raises(
        TypeError, match=r"tree must be a SteinerTree.*got Hierarchy; a Hierarchy is drawn by plot_hier"
    ):
        plot_tree(from_steiner(steiner))
    with pytest.raises(TypeError, match=r"got HyperSteiner; give its \.tree_"):
        plot_tree(HyperSteiner().fit(points[:5]))


class TestText:
    def saved(self, figure, kind):
        buffer = io.BytesIO()
        before = mpl.rcParams.copy()
        figure.savefig(buffer, format=kind)
        assert mpl.rcParams == before
        return buffer.getvalue()

    @pytest.mark.parametrize("own", [False, True])
    def test_names_are_text_in_svg_and_pdf(self, points, own):
        labels = np.resize(["T helper", "B $naive"], 400)
        for legend in ("right", "on data"):
            figure = figure_for(labels, 400, legend=legend) if own else None
            ax = plot_points(points, labels, legend=legend, ax=figure.add_subplot() if own else None)
            svg = self.saved(ax.figure, "svg").decode()
            assert re.search("<text[^>]*>T helper</text>", svg)
            assert re.search(r"<text[^>]*>B \$naive</text>", svg)
            assert b"/CIDFontType2" in self.saved(ax.figure, "pdf")

    @pytest.mark.parametrize("legend", ["right", "on data"])
    def test_half_a_surrogate_is_told_as_python_tells_it(self, points, legend):
        ax = plot_points(points, np.resize(["a\udcff", "b"], 400), legend=legend)
        assert re.search(r"<text[^>]*>a\\udcff</text>", self.saved(ax.figure, "svg").decode())

    @pytest.mark.parametrize("draw", [plot_points, lambda X, **options: plot_voronoi(HyperbolicVoronoi(X), **options)])
    def test_points_that_crowd_at_the_rim_are_told_of(self, draw):
        far = random_uniform_ball(40, radius=9.0, random_state=0)
        share = np.mean(np.linalg.norm(far, axis=1) > 0.99)
        assert share > 0.9
        (note,) = draw(far).texts
        way_out = "are within 1 % of the rim: draw with center=, or embed with a weaker curvature"
        assert note.get_text().replace("\n", " ") == f"{100 * share:.0f} % of the points {way_out}"
        near = random_uniform_ball(40, radius=4.0, random_state=0)
        for without in (draw(near), draw(far, center=0), draw(far[:5])):
            assert not without.texts

    def test_measures_in_two_panels_of_a_column_have_names_that_leave_room(self, points):
        both = {"one": points[:60], "other": points[60:120]}
        figure = Figure((3.3, 2.2), layout="constrained")
        curves, measures = plot_quality(quality(both, points[:60], metric="poincare"), axes=figure.subplots(1, 2))
        drawn(figure)
        boxes = [label.get_window_extent() for label in measures.get_yticklabels()]
        assert all(below.y1 <= above.y0 for above, below in pairwise(boxes))
        assert all(curves.get_window_extent().x1 < box.x0 for box in boxes)
        assert min(ax.get_window_extent().width for ax in (curves, measures)) > 0.25 * figure.bbox.width

    @pytest.mark.parametrize(("width", "n"), [(6.9, 2), (6.9, 3), (3.3, 1)])
    def test_notes_below_a_row_of_disks_are_whole(self, width, n):
        X = random_uniform_ball(50, 4, random_state=0)
        figure = Figure((width, width / n), layout="constrained")
        for ax in figure.subplots(1, n, squeeze=False)[0]:
            plot_points(X, ax=ax)
        drawn(figure)
        for ax in figure.axes:
            box, disk = ax.texts[0].get_window_extent(), ax.get_window_extent()
            assert box.y0 >= 0
            assert disk.y0 - box.height < box.y1 <= disk.y0
            assert disk.width > 0.8 * figure.bbox.height

    def test_a_long_note_is_broken_below_a_small_disk(self):
        X = random_uniform_ball(40, 5, radius=2.0, random_state=0)
        ax = plot_points(X, ax=axes_of(2.2, 2.4, layout="constrained"))
        drawn(ax.figure)
        (note,) = ax.texts
        assert "\n" in note.get_text()
        box, figure = note.get_window_extent(), ax.figure.bbox
        assert figure.x0 <= box.x0 < box.x1 <= figure.x1
        assert figure.y0 <= box.y0


# Ink of the canonical pictures in 8 x 8 tiles, red, green and blue, from 0 (none) to z (all), row by row. If a picture
# was changed on purpose, look at it, and put here what the test found.
_PRINTS = {
    "points": "000455777887778111000000444566211333666456000000665113000113231766654000866000230322444656989000"
    "56412300000000023389a000687321134122000777464000333767451333554778000000000344877679566111000000",
    "delaunay": "00000077977877844500000000097b557333333444333000000cba555777444666333000745988444444444667222222"
    "434878444555444555222222000a9b555555768111333000000768667555333111333000000000556667444444000000",
    "tree": "000000677878aa9677000000000666789000666889455000000887334000123565878000222877555565766666b9a222"
    "222564455000000000567222000899766556000333899000000444888776666887878000000000445a99789555000000",
    "dendrogram": "000000000666567777467354333678aabbbc978534000000666aaa9bc322000000000000556888ba9686231111000000"
    "555444877878888778123000444787bbba88432000000000454545666aab9a9565000000666666444777777555555444",
}


def canonical(name):
    X = random_uniform_ball(150, radius=4.0, random_state=1)
    labels = np.arange(150) % 9
    ax = axes_of(5, 4, layout="constrained", dpi=64)
    if name == "points":
        plot_points(X, labels, ax=ax)
    elif name == "delaunay":
        plot_delaunay(HyperbolicDelaunay(X), X[:, 0], disk="klein", center=3, ax=ax, legend="none")
    else:
        tree = HyperSteiner(method="greedy").fit(X).tree_
        if name == "tree":
            plot_tree(tree, labels, ax=ax, legend="none")
        else:
            plot_hierarchy(from_steiner(tree), labels, ax=ax, legend="none")
    return ax.figure


def ink(figure):
    """Tiles (8, 8, 3) from 0 to 35; the square root shows thin lines."""
    rgb = np.asarray(drawn(figure).buffer_rgba())[..., :3] / 255.0
    height, width = rgb.shape[0] // 8 * 8, rgb.shape[1] // 8 * 8
    tiles = rgb[:height, :width].reshape(8, height // 8, 8, width // 8, 3).mean(axis=(1, 3))
    return np.rint(35 * (1 - tiles) ** 0.5).astype(int)


class TestLooks:
    @pytest.mark.parametrize("name", _PRINTS)
    def test_canonical_pictures_look_as_they_did(self, name):
        found = ink(canonical(name))
        text = "".join(np.base_repr(value, 36).lower() for value in found.ravel())
        expected = np.array([int(letter, 36) for letter in _PRINTS[name]]).reshape(found.shape)
        # Fonts and versions of matplotlib move edges of letters and lines.
        assert np.abs(found - expected).max() <= 2, text
        assert np.abs(found - expected).mean() <= 0.3, text

    def test_other_pictures_do_not(self):
        first = ink(canonical("points"))
        X = random_uniform_ball(150, radius=4.0, random_state=1)
        for change in ({"size": 2}, {"cmap": "tab10"}, {"legend": "none"}, {"disk": "klein"}):
            ax = axes_of(5, 4, layout="constrained", dpi=64)
            other = ink(plot_points(X, np.arange(150) % 9, ax=ax, **change).figure)
            assert np.abs(first - other).max() > 2
