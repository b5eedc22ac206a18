"""The page to explore: what Python puts into it, read back, and what a browser may make of it."""

import base64
import hashlib
import json
import re
import struct
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import hyperkit as hk
from hyperkit import hierarchy
from hyperkit.cli import main
from hyperkit.plot import explorer
from hyperkit.plot.explorer._page import _MODULES, script_of

WEB = Path(explorer.__file__).parent / "web"
X = hk.random_uniform_ball(30, radius=3.0, random_state=0)
TREE = hk.HyperSteiner(method="greedy").fit(X).tree_
NODES = hierarchy.from_steiner(TREE)
KINDS = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "f4": np.float32, "f8": np.float64}
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'&{{DATA}}",
    "W" * 3000,
    "日本語 🧬\u2028",
]


class Parsed(HTMLParser):
    """Elements of a page, and the text in each kind of them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.attributes, self.open = [], {}, [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        key = self.open[-1] if self.open else ""
        self.texts[key] = self.texts.get(key, "") + data


def content(page):
    """Header and arrays of a page, by the rules that its docstring states."""
    text = re.search(r'<script type="text/plain" id="data">(.*?)</script>', page.html)[1]
    raw = zlib.decompress(base64.b64decode(text))
    (size,) = struct.unpack("<I", raw[:4])
    header = json.loads(raw[4 : 4 + size])
    arrays = {}
    for name, (kind, start, length) in header["arrays"].items():
        assert (4 + size + start) % np.dtype(KINDS[kind]).itemsize == 0
        arrays[name] = np.frombuffer(raw, KINDS[kind], length, 4 + size + start)
    return header, arrays


def labels_of(page, k=0):
    header, arrays = content(page)
    classes = [None, *header["columns"][k]["classes"]]
    return [classes[code] for code in arrays[f"column{k}"]]


def test_the_page_holds_the_tree_bit_for_bit():
    header, arrays = content(hk.plot.explore(TREE))
    np.testing.assert_array_equal(np.column_stack([arrays["x"], arrays["y"]]), NODES.points)
    np.testing.assert_array_equal(np.arange(len(NODES)) - arrays["up"], np.maximum(NODES.parent, 0))
    np.testing.assert_array_equal(arrays["row"].astype(int) - 1, NODES.row)
    np.testing.assert_allclose(arrays["length"], NODES.length, rtol=1e-6)
    assert header["names"] is None  # the numbers of the rows
    assert "support" not in arrays


def test_a_hierarchy_keeps_root_names_and_support():
    named = hierarchy.from_steiner(TREE, names=[f"cell {k}" for k in range(30)]).root_at("cell 7")
    support = np.where(named.is_leaf, np.nan, 0.5)
    header, arrays = content(hk.plot.explore(replace(named, support=support)))
    assert header["names"][0] == "cell 7"
    assert header["names"] == named.names.tolist()
    np.testing.assert_array_equal(arrays["support"], support.astype(np.float32))
    same, _ = content(hk.plot.explore(TREE, names=[f"cell {k}" for k in range(30)]))
    assert sorted(filter(None, same["names"])) == sorted(filter(None, named.names))


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_points_of_any_model_are_shown_where_they_are(model):
    moved = replace(NODES, points=hk.convert(NODES.points, "poincare", model), model=model)
    _, arrays = content(hk.plot.explore(moved))
    np.testing.assert_allclose(np.column_stack([arrays["x"], arrays["y"]]), NODES.points, atol=1e-12)


def test_more_than_two_dimensions_are_projected_and_the_page_says_so():
    points = hk.random_uniform_ball(20, 5, random_state=0)
    page = hk.plot.explore(hk.HyperSteiner(method="greedy").fit(points).tree_)
    header, arrays = content(page)
    assert "5 dimensions shown in 2 (tangent)" in header["note"]
    assert header["note"] in page.html
    assert len(arrays["x"]) == page.n_nodes
    one = hk.plot.explore(hk.HyperSteiner().fit([[0.1], [0.5], [-0.3]]).tree_)
    assert content(one)[0]["note"] == ""


def test_labels_are_read_as_pictures_read_them():
    labels = np.array(["b", "a", None, np.nan, 3] * 6, dtype=object)
    assert labels_of(hk.plot.explore(TREE, labels)) == ["b", "a", None, None, "3"] * 6
    ordered = pd.Categorical(["low", "high"] * 15, categories=["low", "middle", "high"])
    header, _ = content(hk.plot.explore(TREE, pd.Series(ordered, name="dose")))
    assert header["columns"][0]["name"] == "dose"
    assert header["columns"][0]["classes"] == ["low", "high"]
    colors = hk.plot.class_colors(["low", "high"])
    assert header["columns"][0]["colors"] == list(colors.values())
    header, _ = content(hk.plot.explore(TREE, ordered, cmap={"high": "black"}))
    assert header["columns"][0]["colors"] == [colors["low"], "#000000"]
    masked = np.ma.array(np.arange(30) % 2, mask=np.arange(30) < 2)
    assert labels_of(hk.plot.explore(TREE, masked))[:4] == [None, None, "0", "1"]
    assert labels_of(hk.plot.explore(TREE, ["1", 1] * 15))[:2] == ["'1'", "1"]
    assert labels_of(hk.plot.explore(TREE, ["(no label)", None] * 15))[:2] == ["'(no label)'", None]


def test_columns_come_from_frames_and_mappings():
    frame = pd.DataFrame({"type": ["a", "b"] * 15, "score": np.arange(30) / 7})
    page = hk.plot.explore(TREE, frame, values={"depth": [1.0, None] * 15, "n": np.arange(30) % 3})
    header, arrays = content(page)
    assert [column["name"] for column in header["columns"]] == ["type", "score", "depth", "n"]
    assert [column["classes"] for column in header["columns"]] == [["a", "b"], None, None, None]
    np.testing.assert_allclose(arrays["column1"], frame["score"], rtol=1e-6)
    assert np.isnan(arrays["column2"][1::2]).all()
    with pytest.raises(ValueError, match=r"several columns 'type'; rename"):
        hk.plot.explore(TREE, frame, values={"type": np.arange(30)})


def test_columns_come_from_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"type": ["a", "b"] * 15, "score": np.arange(30) / 4})
    header, arrays = content(hk.plot.explore(TREE, frame.select("type"), values=frame.select("score")))
    assert [column["name"] for column in header["columns"]] == ["type", "score"]
    np.testing.assert_array_equal(arrays["column1"], np.arange(30) / 4)


@pytest.mark.parametrize("numbers", [np.arange(30) + 2**24, np.geomspace(1e-300, 1, 30), np.full(30, 1e300)])
def test_numbers_that_float32_has_not_are_sent_whole(numbers):
    _, arrays = content(hk.plot.explore(TREE, values=numbers))
    np.testing.assert_array_equal(arrays["column0"], numbers)
    _, arrays = content(hk.plot.explore(TREE, values=np.arange(30) / 7))
    assert arrays["column0"].dtype == np.float32


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, r"labels has shape \(29,\)", {"labels": ["a"] * 29}),
        (TypeError, r"labels: column 'a' is 'b'; it must hold one label for each of the 30", {"labels": {"a": "b"}}),
        (TypeError, r"values: column 'value' holds 'a' in row 0; it must hold numbers", {"values": ["a"] * 30}),
        (TypeError, r"column 'value' holds '2,5' in row 2; it", {"values": [None, 1.5, "2,5", *["b"] * 27]}),
        (TypeError, r"column 'age' holds '3' in row 1; it", {"values": {"age": pd.Series([pd.NA, *["3"] * 29])}}),
        (TypeError, r"column 'value' holds category; it", {"values": pd.Categorical([1] * 30)}),
        (ValueError, r"values: column 'value' has 3 entries", {"values": [1.0, 2.0, 3.0]}),
        (ValueError, r"values: column 'value' must hold one number", {"values": np.ones((30, 2))}),
        (ValueError, r"column 'value': row 4 is inf", {"values": np.where(np.arange(30) == 4, np.inf, 0)}),
        (ValueError, r"labels: column 'label': row 0 is -inf", {"labels": np.full(30, -np.inf)}),
        (TypeError, r"cmap is a str; give a mapping", {"labels": ["a"] * 30, "cmap": "viridis"}),
        (
            ValueError,
            r"row 0 is '0' in hierarchy.names\[.*\] and '29' in values",
            {"values": pd.Series(range(30), index=[str(row) for row in range(29, -1, -1)])},
        ),
        (
            ValueError,
            r"row 0 is '0' in hierarchy.names\[.*\] and '29' in labels",
            {"labels": {"a": pd.Series(["a"] * 30, index=[str(row) for row in range(29, -1, -1)])}},
        ),
    ],
)
def test_what_does_not_fit_is_an_error(error, message, options):
    with pytest.raises(error, match=message):
        hk.plot.explore(TREE, **options)


def test_what_is_no_tree_or_has_no_points_says_what_to_do():
    with pytest.raises(ValueError, match=r"no points to show them at; hierarchy\.from_steiner .*plot_hierarchy"):
        hk.plot.explore(hierarchy.from_newick("(a:1,b:1);"))
    with pytest.raises(TypeError, match=r"tree is a ndarray; give a SteinerTree, such as .*, or a Hierarchy"):
        hk.plot.explore(X)
    with pytest.raises(ValueError, match="names is for a Steiner tree"):
        hk.plot.explore(NODES, names=["a"] * 30)


def test_labels_and_titles_are_text_whatever_they_hold():
    labels = np.resize(np.array(HOSTILE, dtype=object), 30)
    plain = Parsed(hk.plot.explore(TREE, ["a"] * 30, title="title").html)
    for title in HOSTILE:
        page = hk.plot.explore(TREE, {title: labels}, names=labels.tolist(), title=title)
        parsed = Parsed(page.html)
        assert parsed.tags == plain.tags
        assert parsed.texts["title"] == parsed.texts["h1"] == title
        assert labels_of(page) == labels.tolist()
        assert content(page)[0]["columns"][0]["name"] == title
        assert sorted(set(content(page)[0]["names"]) - {""}) == sorted(HOSTILE)


def test_half_a_surrogate_in_a_label_or_title_can_be_written(tmp_path):
    """Python reads names of files that are not UTF-8 with them."""
    name = "cells\udcff"
    page = hk.plot.explore(TREE, [name, "b"] * 15, title=name)
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html
    assert Parsed(page.html).texts["title"] == "cells\N{REPLACEMENT CHARACTER}"
    assert labels_of(page) == [name, "b"] * 15
    assert page._repr_html_().encode()


def test_the_page_asks_for_nothing_and_runs_its_own_script_only():
    page = hk.plot.explore(TREE, ["a", "b"] * 15)
    parsed = Parsed(page.html)
    policy = next(value for name, value in parsed.attributes if name == "content" and "default-src" in value)
    script = re.search(r'<script type="module">(.*?)</script>', page.html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert "base-uri 'none'; form-action 'none'" in policy  # which default-src says nothing of
    assert not [value for name, value in parsed.attributes if name in ("src", "href") and value != "data:,"]
    for path in WEB.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|innerHTML|\beval\(|@import|url\(", text), path.name


def test_modules_stand_in_the_order_of_their_imports_and_no_name_twice():
    assert {f"{name}.js" for name in _MODULES} == {path.name for path in WEB.glob("*.js")}
    exported = {}
    for place, module in enumerate(_MODULES):
        text = (WEB / f"{module}.js").read_text(encoding="utf-8")
        assert len(text.splitlines()) < 400, module
        assert all(len(line) <= 160 for line in text.splitlines()), module
        exported[module] = set(re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", text, re.MULTILINE))
        for names, source in re.findall(r'^import \{([^}]*)\} from "\./(\w+)\.js";', text, re.MULTILINE):
            assert source in _MODULES[:place], module
            for name in re.findall(r"\w+", names):
                assert name in exported[source], (module, name)
                assert len(re.findall(rf"\b{name}\b", text)) > 1, (module, name)
    script = script_of(_MODULES)
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
    assert "</script" not in script.lower()
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names))
    assert len(names) > 40


def test_elements_that_scripts_ask_for_are_in_the_template():
    template = (WEB / "template.html").read_text(encoding="utf-8")
    ids = re.findall(r' id="([\w-]+)"', template)
    assert len(ids) == len(set(ids))
    script = script_of(_MODULES)
    asked = set(re.findall(r'(?:\bby|getElementById)\("([\w-]+)"\)', script))
    assert len(asked) > 20
    assert asked <= set(ids)


def test_a_page_saves_itself_and_shows_itself_in_a_notebook(tmp_path):
    page = hk.plot.explore(TREE, title='A "tree"', path=tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html
    page.save(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.html.encode()
    assert repr(page).startswith("<Page title='A \"tree\"' n_nodes=")
    frame = Parsed(page._repr_html_())
    assert frame.tags == ["iframe"]
    assert dict(frame.attributes)["srcdoc"] == page.html
    assert dict(frame.attributes)["sandbox"] == "allow-scripts allow-downloads"
    assert page.html == hk.plot.explore(TREE, title='A "tree"').html


def test_the_summary_tells_size_and_largest_classes():
    text = Parsed(hk.plot.explore(TREE, {"type": ["a"] * 20 + ["b"] * 10}).html).texts["p"]
    assert "A hierarchy of 30 rows with" in text
    assert "type: 2 classes, the largest a (20), b (10)." in text
    reach = Parsed(hk.plot.explore(TREE).html).texts["span"]
    leaves, deepest = np.count_nonzero(NODES.is_leaf), NODES.depth.max()
    assert f"From its root it has {leaves} leaves, up to {deepest} edges and a distance of" in reach


def test_a_single_point_has_a_page():
    page = hk.plot.explore(hk.HyperSteiner().fit([[0.1, 0.2]]).tree_, ["a"])
    assert (page.n_nodes, page.n_rows) == (1, 1)


def test_twenty_thousand_rows_with_names_fit_a_page():
    n = 20_000
    rng = np.random.default_rng(0)
    parent = np.concatenate([[-1], [rng.integers(max(0, i - 50), i) for i in range(1, n)]])
    names = ["".join(rng.choice(list("ACGT"), 16)) + "-1" for _ in range(n)]
    tree = hierarchy.from_parents(parent, rng.random(n), names=names)
    points = hk.random_uniform_ball(n, radius=6.0, random_state=0)
    tree = replace(tree, points=points, model="poincare")
    page = hk.plot.explore(tree, [f"type {k % 50}" for k in range(n)])
    assert len(page.html) < 1_000_000


class TestCommand:
    @pytest.fixture
    def cells(self, tmp_path):
        frame = pd.DataFrame(X, columns=["x", "y"], index=[f"cell {row}" for row in range(30)])
        frame = frame.assign(kind=np.resize(["b", "a", "c"], 30), batch=np.resize(["p", "q"], 30))
        frame.to_csv(tmp_path / "cells.csv")
        return tmp_path / "cells.csv"

    def page(self, cells, *options):
        out = cells.with_name("page.html")
        done = CliRunner().invoke(main, ["tree", str(cells), "--html", str(out), *options])
        assert done.exit_code == 0, done.output
        assert f"Page: {out}" in done.output
        assert "names that repeat" not in done.output  # the page has them as they are
        return hk.plot.explorer.Page(out.read_text(encoding="utf-8"), "", 0, 0)

    def test_the_page_has_names_labels_groups_clusters_and_the_root_asked_for(self, cells):
        options = ("--labels", "kind", "--groups", "batch", "--clusters", "3", "--root", "cell 9")
        page = self.page(cells, *options)
        header, arrays = content(page)
        assert header["names"][0] == "cell 9"
        assert header["title"] == f"Tree of {cells}"
        assert arrays["row"].max() == 30
        assert [column["name"] for column in header["columns"]] == ["kind", "group", "cluster"]
        assert labels_of(page) == np.resize(["b", "a", "c"], 30).tolist()
        assert labels_of(page, 1) == np.resize(["p", "q"], 30).tolist()
        assert header["columns"][2]["classes"] == ["0", "1", "2"]

    def test_labels_name_no_rows(self, cells):
        frame = pd.read_csv(cells, index_col=0)
        frame.to_csv(cells, index=False)
        options = ("--labels", "kind", "--columns", "x,y")
        assert content(self.page(cells, *options))[0]["names"] is None
        assert content(self.page(cells, *options, "--clusters", "2"))[0]["names"] is None

    def test_names_that_repeat_stay_as_they_are(self, cells):
        frame = pd.read_csv(cells, index_col=0)
        frame.index = ["twin", "twin", *frame.index[2:]]
        frame.to_csv(cells)
        header, arrays = content(self.page(cells, "--labels", "kind", "--columns", "x,y"))
        named = {row: name for row, name in zip(arrays["row"], header["names"], strict=True) if row}
        assert [named[row] for row in (1, 2, 3)] == ["twin", "twin", "cell 2"]

    def test_stability_is_no_support(self, cells):
        page = self.page(cells, "--columns", "x,y", "--support", "2", "--jitter", "0.01", "--jobs", "1")
        assert "support" not in content(page)[1]

    def test_columns_of_one_name_are_told_apart(self, cells):
        frame = pd.read_csv(cells, index_col=0).rename(columns={"kind": "group"})
        frame.to_csv(cells)
        header, _ = content(self.page(cells, "--labels", "group", "--groups", "batch"))
        assert [column["name"] for column in header["columns"]] == ["group (label)", "group"]

    def test_other_files_are_refused_before_the_work(self, cells):
        done = CliRunner().invoke(main, ["tree", str(cells), "--columns", "x,y", "--html", "page.png"])
        assert done.exit_code == 2
        assert "--html page.png: the name must end in .html" in done.output
