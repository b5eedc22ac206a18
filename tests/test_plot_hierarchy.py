"""Pictures of hierarchies: nodes are where their lengths or points say, edges look as they are supported, names are
text that nothing covers."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pandas as pd
import pytest
from hierarchies import chain, random_tree, star, trees
from hypothesis import given, settings
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.text import Annotation
from scipy.cluster.hierarchy import average, dendrogram

from hyperkit import HyperSteiner, convert, distance, hierarchy, random_uniform_ball
from hyperkit.embedding import project_to_disk
from hyperkit.plot import plot_hierarchy, plot_tree


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def steiner():
    return HyperSteiner().fit(random_uniform_ball(60, radius=4.0, random_state=0)).tree_


def segments(ax):
    """The edges as polylines; the dendrogram draws the longest elbows first."""
    return [path.vertices for path in ax.collections[0].get_paths()]


def drawn_rows(ax):
    return np.asarray(ax.collections[1].get_offsets())


def names_of(ax):
    """Names that stand in the picture, and their boxes."""
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    shown = [
        text for text in ax.texts if isinstance(text, Annotation) and text.get_visible() and text.xycoords == "data"
    ]
    return {text.get_text(): text.get_window_extent(renderer) for text in shown}


class TestDendrogram:
    @given(trees(most=40))
    @settings(max_examples=25, deadline=None)
    def test_each_edge_ends_at_the_distance_of_its_node_from_the_root(self, tree):
        ax = plot_hierarchy(tree, names="none")
        ends = np.array([segment[-1] for segment in segments(ax)])
        assert len(ends) == len(tree) - 1
        np.testing.assert_array_equal(np.sort(ends[:, 0]), np.sort(tree.distance_from_root[1:]))
        np.testing.assert_array_equal(drawn_rows(ax)[:, 0], tree.distance_from_root[tree.node_of_rows])
        for segment in segments(ax):  # down, then across
            assert segment[0, 0] == segment[1, 0]
            assert segment[1, 1] == segment[2, 1]
        plt.close("all")

    def test_brackets_are_those_of_scipy(self):
        Z = average(np.random.default_rng(0).normal(size=(30, 3)))
        tree = hierarchy.from_linkage(Z)
        brackets = {}
        for segment in segments(plot_hierarchy(tree, names="none")):
            brackets.setdefault(tuple(segment[0]), []).append(segment[2, 1])
        # Of scipy: height of the merge, and the heights of its two children among the leaves, 5, 15, 25, ... there.
        drawn = dendrogram(Z, no_plot=True)
        expected = sorted((h[1], min(x), max(x)) for h, x in zip(drawn["dcoord"], drawn["icoord"], strict=True))
        found = sorted((Z[-1, 2] - 2 * x, 10 * min(y) + 5, 10 * max(y) + 5) for (x, _), y in brackets.items())
        np.testing.assert_allclose(found, expected, atol=1e-9)

    def test_leaves_stand_below_each_other_in_the_order_of_the_nodes(self):
        tree = random_tree(80, 1)
        ax = plot_hierarchy(tree, names="none")
        leaves = np.flatnonzero(tree.is_leaf)
        expected = {(x, y) for y, x in enumerate(tree.distance_from_root[leaves])}
        assert expected <= {tuple(segment[-1]) for segment in segments(ax)}
        assert ax.yaxis_inverted()

    @pytest.mark.parametrize(
        "tree", [chain(20_000), star(20_000), random_tree(20_000, 0)], ids=["chain", "star", "any"]
    )
    def test_deep_and_wide_trees_are_drawn(self, tree):
        ax = plot_hierarchy(tree, names="all")
        assert len(segments(ax)) == len(tree) - 1
        assert len(names_of(ax)) > 10
        assert any("of" in text.get_text() and "names have room" in text.get_text() for text in ax.texts)

    @pytest.mark.parametrize("unit", [1e-3, 1.0, 700.0])
    def test_the_scale_bar_is_as_long_as_its_number_says(self, unit):
        tree = random_tree(30, 2)
        tree = replace(tree, length=unit * tree.length)
        ax = plot_hierarchy(tree)
        ax.figure.canvas.draw()
        (bar,) = ax.lines
        start, stop = ax.transData.inverted().transform(bar.get_transform().transform(bar.get_xydata()))[:, 0]
        (number,) = (
            text for text in ax.texts if text.get_transform().transform((0, 0))[1] < ax.bbox.y0 and text.get_text()
        )
        assert stop - start == pytest.approx(float(number.get_text()))
        assert 0.05 * tree.distance_from_root.max() < stop - start <= 0.25 * tree.distance_from_root.max()
        boxes = [artist.get_window_extent() for artist in (bar, number, ax.xaxis.label, *ax.get_xticklabels())]
        assert ax.figure.bbox.y0 <= min(box.y0 for box in boxes)
        for box in boxes[2:]:
            assert not any(box.overlaps(own) for own in boxes[:2])

    def test_one_node_is_drawn(self):
        ax = plot_hierarchy(hierarchy.from_parents([-1], names=["alone"]))
        assert list(names_of(ax)) == ["alone"]
        assert segments(ax) == []


class TestInTheDisk:
    def test_edges_are_geodesics_between_the_points_of_the_nodes(self, steiner):
        tree = hierarchy.from_steiner(steiner)
        ax = plot_hierarchy(tree, layout="disk", names="none")
        np.testing.assert_allclose([s[0] for s in segments(ax)], tree.points[tree.parent[1:]], atol=1e-12)
        np.testing.assert_allclose([s[-1] for s in segments(ax)], tree.points[1:], atol=1e-12)
        for start, segment, stop, length in zip(
            tree.points[tree.parent[1:]], segments(ax), tree.points[1:], tree.length[1:], strict=True
        ):
            assert np.abs(distance(start, segment) + distance(segment, stop) - length).max() < 1e-7

    @pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
    def test_every_model_gives_the_same_picture(self, steiner, model):
        expected = drawn_rows(plot_hierarchy(hierarchy.from_steiner(steiner), layout="disk"))
        X = convert(steiner.points[: steiner.n_terminals], "poincare", model)
        tree = HyperSteiner(model=model).fit(X).tree_
        ax = plot_hierarchy(hierarchy.from_steiner(tree), layout="disk")
        np.testing.assert_allclose(drawn_rows(ax), expected, atol=1e-9)

    def test_the_root_can_be_in_the_middle(self, steiner):
        tree = hierarchy.from_steiner(steiner).root_at(7)
        ax = plot_hierarchy(tree, layout="disk", center=0)
        np.testing.assert_allclose(drawn_rows(ax)[7], 0, atol=1e-12)
        np.testing.assert_allclose(ax.collections[2].get_offsets(), [[0, 0]], atol=1e-12)  # its ring

    @pytest.mark.parametrize(("disk", "half"), [("poincare", 0.5), ("klein", 1.0)])
    @pytest.mark.parametrize("curvature", [-1.0, -4.0, -0.01])
    def test_numbers_of_the_scale_stand_at_their_distance_from_the_middle(self, disk, half, curvature):
        points = random_uniform_ball(5, radius=2.0, random_state=0) / np.sqrt(-curvature)
        tree = hierarchy.from_steiner(HyperSteiner(curvature=curvature).fit(points).tree_)
        ax = plot_hierarchy(tree, layout="disk", disk=disk, names="none")
        scale = {float(t.get_text()): t.get_position()[0] for t in ax.texts if t.get_text()[:1].isdigit()}
        assert len(scale) >= 3
        for value, place in scale.items():
            assert place == pytest.approx(np.tanh(half * value * np.sqrt(-curvature)), abs=1e-9)

    def test_more_dimensions_are_projected_and_the_note_says_so(self):
        X = random_uniform_ball(40, 5, radius=3.0, random_state=0)
        tree = hierarchy.from_steiner(HyperSteiner().fit(X).tree_)
        ax = plot_hierarchy(tree, layout="disk", names="none")
        plane = project_to_disk(tree.points).points
        np.testing.assert_allclose(drawn_rows(ax), plane[tree.node_of_rows], atol=1e-12)
        assert any("5 dimensions shown in 2" in text.get_text() for text in ax.texts)


class TestGroups:
    def test_edges_above_one_class_only_have_its_colour(self):
        tree = hierarchy.from_newick("((a:1,b:2)ab:3,(c:3,(d:4,e:5)de:6)cde:7);")
        colors = {"x": "red", "y": "blue", "z": "green"}
        ax = plot_hierarchy(tree, ["x", "x", "y", "z", "z"], cmap=colors)
        end = {tree.distance_from_root[node]: tree.names[node] for node in range(1, len(tree))}
        found = {end[s[-1, 0]]: tuple(c) for s, c in zip(segments(ax), ax.collections[0].get_colors(), strict=True)}
        for name, color in zip("abcde", ["red", "red", "blue", "green", "green"], strict=True):
            assert found[name] == to_rgba(color)
        assert found["ab"] == to_rgba("red")
        assert found["de"] == to_rgba("green")
        assert found["cde"] not in {to_rgba(color) for color in colors.values()}
        assert {tuple(c) for c in ax.collections[1].get_facecolors()} == set(
            map(tuple, to_rgba_array(list(colors.values())))
        )

    def test_inner_rows_count(self):
        tree = hierarchy.from_parents([-1, 0, 1, 1])
        same, other = (plot_hierarchy(tree, list(labels)).collections[0].get_colors() for labels in ("xyyy", "xxyy"))
        assert len(np.unique(same, axis=0)) == 1
        assert len(np.unique(other, axis=0)) == 2

    def test_numbers_colour_dots_only(self, steiner):
        tree = hierarchy.from_steiner(steiner)
        ax = plot_hierarchy(tree, np.linspace(0, 1, 60), layout="disk")
        assert len(np.unique(ax.collections[0].get_colors(), axis=0)) == 1
        assert len(ax.figure.axes) == 2


class TestSupport:
    NEWICK = "((a:1,b:2)0.4:3,((c:4,d:5)1:6,e:7)0.9:8);"

    def tree(self):
        return hierarchy.from_newick(self.NEWICK, inner_labels="support")

    def support_by_length(self, tree, values, ax):
        lengths = tree.distance_from_root
        at = dict(zip((s[-1, 0] for s in segments(ax)), values, strict=True))
        return np.array([at[lengths[node]] for node in range(1, len(tree))])

    def test_widths_follow_support(self):
        tree = self.tree()
        ax = plot_hierarchy(tree, linewidth=2.0)
        widths = self.support_by_length(tree, ax.collections[0].get_linewidths(), ax)
        known = tree.support[1:]
        assert set(widths[np.isnan(known)]) == {2.0}
        np.testing.assert_allclose(widths[~np.isnan(known)], 2.0 * (0.2 + 0.8 * known[~np.isnan(known)]))
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["support 1", "support 0.5", "support 0"]
        assert [line.get_linewidth() for line in ax.get_legend().get_lines()] == pytest.approx([2.0, 1.2, 0.4])

    def test_colours_follow_support(self):
        tree = self.tree()
        ax = plot_hierarchy(tree, support="color")
        found = self.support_by_length(tree, map(tuple, ax.collections[0].get_colors()), ax)
        for value, color in zip(tree.support[1:], found, strict=True):
            expected = to_rgba("0.8") if np.isnan(value) else mpl.colormaps["viridis_r"](value)
            np.testing.assert_allclose(color, expected)
        assert ax.figure.axes[1].get_ylabel() == "support"

    def test_support_can_be_left_out(self):
        ax = plot_hierarchy(self.tree(), support="none")
        assert len(np.unique(ax.collections[0].get_linewidths())) == 1
        assert ax.get_legend() is None


class TestNames:
    def test_names_are_text_and_never_mathematics(self):
        odd = ["$\\frac", "a$b$", r"\alpha", "x_1^2", "<b>", "_hidden", "tab\tand\nline", "ü (π)"]
        tree = hierarchy.from_parents([-1, *[0] * len(odd), 0, 0], names=["", *odd, " \n", None])
        found = names_of(plot_hierarchy(tree))
        assert list(found) == [*odd[:6], "tab and line", odd[7]]

    def test_long_names_lose_their_middle_and_stay_in_the_figure(self):
        tree = hierarchy.from_parents([-1, 0, 0], names=["", "start" + "x" * 3000 + "end", "b"])
        ax = plot_hierarchy(tree, ["x", "y", "z"])
        found = names_of(ax)
        assert len(found) == 2
        long = next(iter(found))
        assert len(long) == 40
        assert long.startswith("start")
        assert long.endswith("end")
        right = ax.get_legend().get_window_extent().x0
        assert all(box.x1 <= right for box in found.values())

    @pytest.mark.parametrize("layout", ["rectangular", "disk"])
    def test_no_name_lies_on_another_or_beyond_the_figure(self, steiner, layout):
        tree = hierarchy.from_steiner(steiner, names=[f"cell number {k}" for k in range(60)])
        ax = plot_hierarchy(tree, tree.rows % 3, layout=layout)
        boxes = list(names_of(ax).values())
        assert len(boxes) > 20
        for i, box in enumerate(boxes):
            figure = ax.figure.bbox
            assert figure.x0 <= box.x0 < box.x1 <= figure.x1
            for other in boxes[:i]:
                wide = min(box.x1, other.x1) - max(box.x0, other.x0)
                high = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert wide <= 0 or high <= 0.25 * box.height  # letters fill four fifths of their boxes
        note = [text.get_text() for text in ax.texts if "have room" in text.get_text()]
        assert note == ([f"{len(boxes)} of 60 names have room"] if len(boxes) < 60 else [])

    def test_a_larger_figure_has_room_for_more(self, steiner):
        tree = hierarchy.from_steiner(steiner, names=[f"cell number {k}" for k in range(60)])
        ax = plot_hierarchy(tree, layout="disk")
        before = len(names_of(ax))
        ax.figure.set_size_inches(30, 30)
        assert len(names_of(ax)) > before

    def test_axes_of_subfigures_do(self, steiner):
        tree = hierarchy.from_steiner(steiner)
        left, right = plt.figure(layout="constrained").subfigures(1, 2)
        for part, layout in ((left, "rectangular"), (right, "disk")):
            plot_hierarchy(tree, ax=part.add_subplot(), layout=layout)
        left.figure.canvas.draw()
        assert any(text.get_visible() for text in right.axes[0].texts)

    def test_many_names_are_written_only_when_asked_for(self):
        tree = star(102)
        assert names_of(plot_hierarchy(tree)) == {}
        assert len(names_of(plot_hierarchy(tree, names="all"))) > 50
        assert names_of(plot_hierarchy(star(50), names="none")) == {}

    def test_a_steiner_tree_has_names_beside_its_terminals(self, steiner):
        index = [f"cell {k}" for k in range(60)]
        found = names_of(plot_tree(steiner, names=index))
        assert set(found) <= set(index)
        assert len(found) > 30
        assert found.keys() == names_of(plot_tree(steiner, names=pd.DataFrame(index=index))).keys()
        assert list(names_of(plot_tree(steiner, names=["first", *[None] * 59]))) == ["first"]
        ax = plot_tree(steiner, names=["first", *[""] * 59])
        box = names_of(ax)["first"]
        place = ax.transData.transform(steiner.points[0])
        assert abs(box.x0 + box.width / 2 - place[0]) < box.width
        assert abs(box.y0 + box.height / 2 - place[1]) < 2 * box.height
        assert names_of(plot_tree(steiner)) == {}


class TestErrors:
    @pytest.mark.parametrize(
        ("given", "error", "message"),
        [
            ({"layout": "disk"}, ValueError, "no points; hierarchy.from_steiner"),
            ({"layout": "circle"}, ValueError, "layout='circle' must be one of 'rectangular', 'disk'"),
            ({"support": "width"}, ValueError, "support='width': the hierarchy has no support"),
            ({"support": "color"}, ValueError, "support='color': the hierarchy has no support"),
            ({"names": True}, ValueError, "names=True must be one of"),
            ({"labels": ["a"]}, ValueError, r"labels has shape \(1,\)"),
            ({"labels": ["a", "b", "c"], "cmap": {"a": "red"}}, ValueError, "no colour for label 'b'"),
            ({"linewidth": -1}, ValueError, "linewidth=-1 must be"),
            ({"size": "big"}, ValueError, "size='big' must be"),
            ({"center": 0}, ValueError, 'center=0 is for layout="disk"'),
            ({"ax": "big"}, TypeError, "ax is a str and no matplotlib Axes"),
        ],
    )
    def test_what_cannot_be_drawn_says_why(self, given, error, message):
        with pytest.raises(error, match=message):
            plot_hierarchy(hierarchy.from_parents([-1, 0, 0]), **given)
        assert plt.get_fignums() == []

    def test_a_tree_that_is_no_hierarchy_is_named(self, steiner):
        with pytest.raises(TypeError, match=r"hierarchy must be a Hierarchy.*; got SteinerTree"):
            plot_hierarchy(steiner)

    @pytest.mark.parametrize(
        ("names", "error", "message"),
        [("abc", TypeError, "names='abc' is one string"), (["a"], ValueError, "names has 1 entries; the tree has 60")],
    )
    def test_names_go_with_the_terminals(self, steiner, names, error, message):
        with pytest.raises(error, match=message):
            plot_tree(steiner, names=names)
        assert plt.get_fignums() == []

    def test_a_center_that_is_no_node_is_refused(self, steiner):
        tree = hierarchy.from_steiner(steiner)
        with pytest.raises(ValueError, match="center=900 is no row"):
            plot_hierarchy(tree, layout="disk", center=900)
