"""Short lines and small tables: what results show of themselves."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from hyperkit import HyperbolicDelaunay, HyperbolicVoronoi, HyperSteiner
from hyperkit._repr import html_table, short_repr
from hyperkit.steiner import SteinerTree


class Reader(HTMLParser):
    """Collects the tags and the texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not attrs

    def handle_data(self, data):
        self.texts.append(data)


def test_numbers_are_short_and_fields_of_none_left_out():
    assert short_repr("Name", n=3, share=1 / 3, far=np.float64(1e-30), other=None) == (
        "<Name n=3 share=0.333333 far=1e-30>"
    )


def test_a_line_stays_below_100_characters_and_one_line_whatever_it_holds():
    text = short_repr("Name", **{f"field_{k}": "label \n" * k for k in range(50)})
    assert len(text) < 100
    assert "\n" not in text
    assert text.endswith(" ...>")


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "a & b", '"quoted"', "<b>", "&lt;", "café\n</td>"])
def test_what_a_table_holds_is_text_and_never_markup(label):
    page = Reader(html_table(label, {label: label, "n": 3, "gone": None}))
    assert page.tags == {"table", "caption", "tbody", "tr", "th", "td"}
    assert page.texts == [label, label, label, "n", "3"]


def test_a_tree_tells_its_size_and_length():
    points = np.zeros((3, 3))
    points[:, 0] = 1
    tree = SteinerTree(points, np.array([[0, 1], [1, 2]]), np.array([1.0, 2.0]), 2, 4.0, "hyperboloid")
    assert repr(tree) == "<SteinerTree n_terminals=2 n_steiner=1 d=2 length=3 reduction=0.25 model=hyperboloid>"
    assert Reader(tree._repr_html_()).texts[:3] == ["SteinerTree", "n terminals", "2"]


def test_graphs_and_diagrams_tell_their_sizes():
    points = np.vstack([np.zeros((1, 2)), 0.5 * np.eye(2), -0.5 * np.eye(2)])
    graph, diagram = HyperbolicDelaunay(points), HyperbolicVoronoi(points)
    assert repr(graph) == f"<HyperbolicDelaunay n=5 d=2 edges={len(graph.edges)} model=poincare>"
    assert repr(diagram) == (
        f"<HyperbolicVoronoi n=5 d=2 walls={len(diagram.ridge_points)} vertices={len(diagram.vertices)} model=poincare>"
    )
    rays = HyperbolicDelaunay(points, method="rays", curvature=-0.25)
    assert re.fullmatch(
        r"<HyperbolicDelaunay n=5 d=2 edges=\d recall_estimate=[\d.]+ model=poincare curvature=-0.25>", repr(rays)
    )


@pytest.mark.parametrize("make", [HyperbolicDelaunay, HyperbolicVoronoi, lambda x, **k: HyperSteiner(**k).fit(x).tree_])
@pytest.mark.parametrize("n", [1, 2, 300])
def test_lines_are_short_and_tables_clean_for_one_point_and_for_many(make, n):
    points = np.random.default_rng(0).normal(size=(n, 3)) / 3
    shown = make(points, model="tangent", curvature=-1 / 3)
    assert len(repr(shown)) < 100
    assert "d=3" in repr(shown)
    page = Reader(shown._repr_html_())
    assert page.tags == {"table", "caption", "tbody", "tr", "th", "td"}
    assert {"tangent", "-0.333333"} <= set(page.texts)
