"""``hyperkit tree``: roots, groups, clusters, truth, support and JSON, held against the library and plain counting."""

from __future__ import annotations

import inspect
import json
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import adjusted_rand_score

import hyperkit.plot
from hyperkit import HyperbolicMDS, HyperSteiner, SteinerTree, random_uniform_ball
from hyperkit.cli import main
from hyperkit.hierarchy import compare, from_newick, from_steiner, stability

skbio = pytest.importorskip("skbio")

# Before click 8.2 stderr must be asked for; since then it always stands alone.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
N = 24
KINDS = np.array(["stem cell", "B", "T", "it's"])[np.arange(N) // 6]
ODD = ["it's", "a,b", "(c)", "d:1", "[e]", "f_g", "é", "日本", "a b", "x;y", '"q"', "'", *map(str, range(100, 112))]
TRUTH = "(B:1,(T:2,'it''s':1)'stem cell':1);"


@pytest.fixture
def points():
    """Four clumps of six points."""
    clumps = np.repeat([[0.0, 0.0], [0.7, 0.0], [-0.4, 0.6], [-0.4, -0.6]], 6, axis=0)
    return clumps + 0.15 * random_uniform_ball(N, radius=1.0, random_state=0)


@pytest.fixture
def frame(points):
    return pd.DataFrame(points, columns=["x", "y"], index=[f"cell {row}" for row in range(N)]).assign(kind=KINDS)


@pytest.fixture
def cells(tmp_path, frame):
    frame.to_csv(tmp_path / "cells.csv")
    return str(tmp_path / "cells.csv")


@pytest.fixture
def features(tmp_path, frame):
    """Rows of features, of which the first are a row each clump's own."""
    rng = np.random.default_rng(0)
    table = 4 * (KINDS[:, None] == np.unique(KINDS)) + rng.normal(size=(N, 4)) * 0.3
    table = pd.DataFrame(np.hstack([table, table @ rng.normal(size=(4, 6))]), index=frame.index).add_prefix("gene")
    table.assign(kind=KINDS).to_csv(tmp_path / "features.csv")
    return str(tmp_path / "features.csv")


@pytest.fixture
def truth(tmp_path):
    (tmp_path / "truth.nwk").write_text(TRUTH + "\n")
    return str(tmp_path / "truth.nwk")


def run(*arguments):
    return CliRunner(**APART).invoke(main, ["tree", *map(str, arguments)])


def error_of(*arguments):
    """The one line that a mistake gives."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.stdout
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


def shown(*arguments):
    """The table, as values by what stands on their left; a value on several lines is one."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    rows, quantity = {}, ""
    for line in result.stdout.splitlines()[1:]:
        left, value = re.fullmatch(r"(\s*\S.*?|)\s{2,}(\S.*)", line).groups()
        quantity = left.strip() or quantity
        rows[quantity] = f"{rows.get(quantity, '')} {value}".strip()
    return rows


def strict(text):
    """JSON as the standard has it, which has no NaN."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def as_json(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return strict(result.stdout)


def expected(points, frame, **options):
    return from_steiner(HyperSteiner(**options).fit(points).tree_, names=frame)


class TestRoot:
    @pytest.mark.parametrize("root", [None, "min-variance", "midpoint"])
    def test_criteria_are_those_of_the_library(self, cells, points, frame, root):
        arguments = () if root is None else ("--root", root)
        tree = expected(points, frame).root_at((root or "min_variance").replace("-", "_"))
        rows = shown(cells, "--labels", "kind", *arguments)
        assert rows["Height"] == f"{tree.distance_from_root.max():.6g}"
        assert rows["Root"].startswith((root or "min-variance") + ": ")
        assert run(cells, "--labels", "kind", "--output", "-", *arguments).stdout == tree.to_newick() + "\n"

    @pytest.mark.parametrize("root", ["cell 7", "7"])
    def test_a_row_is_the_root(self, cells, points, frame, root):
        rows = shown(cells, "--labels", "kind", "--root", root)
        assert rows["Root"] == "cell 7"
        assert rows["Height"] == f"{expected(points, frame).root_at(7).distance_from_root.max():.6g}"

    def test_a_row_named_as_a_criterion_is_a_row(self, tmp_path, points, frame):
        frame.rename(index={"cell 3": "midpoint"}).to_csv(tmp_path / "c.csv")
        assert as_json(tmp_path / "c.csv", "--labels", "kind", "--root", "midpoint")["root"] == {
            "criterion": None,
            "row": 3,
            "group": None,
            "name": "midpoint",
        }

    @pytest.mark.parametrize("root", ["stem cell", "B", "T", "it's"])
    def test_a_group_is_the_root_and_nothing_but_the_root_moves(self, cells, root):
        at_group = as_json(cells, "--groups", "kind", "--root", root)
        assert at_group["root"]["group"] == at_group["root"]["name"] == root
        trees = [
            skbio.TreeNode.read([found["newick"]], convert_underscores=False).tip_tip_distances(list(np.unique(KINDS)))
            for found in (at_group, as_json(cells, "--groups", "kind"))
        ]
        np.testing.assert_allclose(trees[0].data, trees[1].data, rtol=1e-12)

    def test_what_is_no_root_is_told_all_ways(self, cells):
        line = error_of(cells, "--groups", "kind", "--root", "nobody")
        assert (
            "give a number from 0 to 23, or a name such as 'cell 0', or a group such as 'stem cell', or min-va" in line
        )


class TestGroups:
    def test_the_newick_tree_has_one_node_a_group(self, cells, points, frame):
        text = run(cells, "--groups", "kind", "--output", "-").stdout
        assert text == expected(points, frame).condense(KINDS).to_newick() + "\n"
        assert sorted(tip.name for tip in skbio.TreeNode.read([text]).tips()) == sorted(set(KINDS))

    @pytest.mark.parametrize(
        ("root", "of_rows", "of_groups"),
        [
            (None, "min-variance: between rows", "min-variance: between groups"),
            ("7", "cell 7", "cell 7: B"),
            ("T", "T: between rows", "T"),
        ],
    )
    def test_the_trees_of_rows_and_of_groups_each_have_a_root(self, cells, tmp_path, root, of_rows, of_groups):
        options = (cells, "--groups", "kind", *(() if root is None else ("--root", root)))
        rows, found = shown(*options, "--rows", tmp_path / "r.csv"), as_json(*options)
        assert "Root" not in rows
        assert "Height" not in rows
        assert (rows["Root of the rows"], rows["Root of the groups"]) == (of_rows, of_groups)
        distances = pd.read_csv(tmp_path / "r.csv")["distance_from_root"]
        assert rows["Height of the rows"] == f"{distances.max():.6g}" == f"{found['tree_of_rows']['height']:.6g}"
        assert rows["Height of the groups"] == f"{max(found['nodes']['distance_from_root']):.6g}"
        assert (found["tree_of_rows"]["root"] or "between rows") in of_rows

    def test_labels_name_rows_beside_groups(self, tmp_path, frame):
        table = frame.reset_index(names="cell")
        table.to_csv(tmp_path / "c.csv", index=False)
        found = as_json(tmp_path / "c.csv", "--labels", "cell", "--groups", "kind")
        assert found["rows"]["name"] == list(frame.index)
        assert found["rows"]["group"] == list(KINDS)
        assert sorted(filter(None, found["nodes"]["name"])) == sorted(set(KINDS))

    def test_groups_of_an_npz_file_are_an_array(self, tmp_path, points):
        np.savez(tmp_path / "c.npz", X=points, time=np.arange(N) // 12, names=np.array(ODD))
        found = as_json(tmp_path / "c.npz", "--groups", "time", "--root", "0")
        assert found["rows"]["group"] == ["0"] * 12 + ["1"] * 12
        assert "no array 'day'" in error_of(tmp_path / "c.npz", "--groups", "day")

    def test_every_row_has_a_group_and_not_all_the_same(self, tmp_path, frame):
        frame.assign(one="a", hole=["", *"b" * (N - 1)]).to_csv(tmp_path / "c.csv")
        options = (tmp_path / "c.csv", "--columns", "x,y")
        assert "all rows are a; a tree needs two groups" in error_of(*options, "--groups", "one")
        assert "line 2 has a missing value ('') in --groups hole" in error_of(*options, "--groups", "hole")
        assert "no column 'type'" in error_of(*options, "--groups", "type")


class TestClusters:
    def test_clusters_are_told_and_written(self, cells, tmp_path, points, frame):
        tree = expected(points, frame)
        options = (cells, "--groups", "kind", "--clusters", "4")
        result = run(*options)
        assert re.search(r"Clusters\W+4 \(6, 6, 6, 6 rows\)", result.stdout)
        assert "Cluster of each row: pass --rows FILE or --json" in result.stderr
        assert "Cluster of each row" not in run(*options, "--rows", tmp_path / "r.csv").stderr
        rows = pd.read_csv(tmp_path / "r.csv", float_precision="round_trip")
        assert list(rows.columns) == ["name", "group", "cluster", "distance_from_root", "depth"]
        assert list(rows["name"]) == list(frame.index)
        assert list(rows["cluster"]) == tree.cut(4).tolist()
        assert adjusted_rand_score(rows["cluster"], rows["group"]) == 1.0
        np.testing.assert_array_equal(rows["distance_from_root"], tree.distance_from_root[tree.node_of_rows])
        assert as_json(*options)["rows"]["cluster"] == tree.cut(4).tolist()

    def test_of_many_clusters_sizes_are_summed_up(self, cells):
        sizes = np.bincount(as_json(cells, "--labels", "kind", "--clusters", "13")["rows"]["cluster"])
        told = shown(cells, "--labels", "kind", "--clusters", "13")["Clusters"]
        assert told == f"13 ({sizes.min()} to {sizes.max()} rows, half of them up to {int(np.median(sizes))})"
        assert shown(cells, "--labels", "kind", "--clusters", "12")["Clusters"].count(",") == 11

    def test_rows_go_to_stdout_alone(self, cells):
        result = run(cells, "--labels", "kind", "--clusters", "2", "--rows", "-")
        assert result.stdout.startswith("name,label,cluster,distance_from_root,depth\n")
        assert result.stdout.count("\n") == N + 1
        assert "Clusters" in result.stderr

    def test_more_clusters_than_rows_are_a_mistake(self, cells):
        assert "--clusters 25: " in error_of(cells, "--labels", "kind", "--clusters", "25")
        assert "0 is not in the range" in error_of(cells, "--labels", "kind", "--clusters", "0")


class TestTruth:
    def test_of_groups(self, cells, truth, points, frame):
        options = (cells, "--groups", "kind", "--root", "stem cell", "--truth", truth)
        rows, found = shown(*options), as_json(*options)["comparison"]
        assert rows["Truth"].replace(" ", "") == found["truth"] == truth  # the table breaks long names
        measures = {row["measure"]: row for row in found["measures"]}
        assert measures["ancestors_recall"]["value"] == 1.0  # the stem cell is the root
        assert rows["Groups compared"] == "4"
        assert rows["Ancestors recall"].startswith("1 (leaves below the same root: ")

    def test_of_rows(self, cells, tmp_path, points, frame):
        tree = expected(points, frame)
        (tmp_path / "t.nwk").write_text(tree.root_at("midpoint").to_newick(terminals="nodes"))
        found = as_json(cells, "--labels", "kind", "--truth", tmp_path / "t.nwk")["comparison"]["measures"]
        table = compare(from_newick((tmp_path / "t.nwk").read_text()), tree).reset_index()
        for row, (_, other) in zip(found, table.iterrows(), strict=True):
            assert row["measure"] == other["measure"]
            np.testing.assert_equal(np.nan if row["value"] is None else row["value"], other["value"])
        assert next(row["value"] for row in found if row["measure"] == "splits_f1") == 1.0

    def test_why_measures_have_no_value_is_told_once(self, cells, tmp_path):
        (tmp_path / "t.nwk").write_text("(B:1,T:1,('stem cell':1,'it''s':1):1);")
        rows = shown(cells, "--groups", "kind", "--truth", tmp_path / "t.nwk")
        assert rows["Ancestors"].startswith("none: ")
        assert "Ancestors F1" not in rows

    def test_support_inside_the_truth_is_no_name(self, cells, tmp_path, frame):
        names = [f"'{name}'" for name in frame.index]
        pairs = ",".join(f"({one}:1,{other}:1)95:1" for one, other in zip(names[::2], names[1::2], strict=True))
        (tmp_path / "t.nwk").write_text(f"({pairs});")
        result = run(cells, "--labels", "kind", "--truth", tmp_path / "t.nwk")
        assert result.exit_code == 0
        assert "are taken for support, as some repeat" in result.stderr

    def test_names_that_only_python_reads_as_numbers_are_no_support(self, cells, tmp_path, frame):
        names = [f"'{name}'" for name in frame.index]
        pairs = ",".join(f"({one}:1,{other}:1)1_0:1" for one, other in zip(names[::2], names[1::2], strict=True))
        (tmp_path / "t.nwk").write_text(f"({pairs});")
        assert "have the name '1_0'" in error_of(cells, "--labels", "kind", "--truth", tmp_path / "t.nwk")

    def test_what_cannot_be_compared_is_told_at_once(self, cells, truth, tmp_path, monkeypatch):
        monkeypatch.setattr(HyperSteiner, "fit", None)
        line = error_of(cells, "--labels", "kind", "--truth", truth)
        assert "share 0 names" in line
        assert "where the truth is of groups, pass --groups" in line
        assert "from_steiner" not in line
        (tmp_path / "bad.nwk").write_text("((a,b)")
        assert f"--truth {tmp_path / 'bad.nwk'}: " in error_of(
            cells, "--labels", "kind", "--truth", tmp_path / "bad.nwk"
        )
        assert "does not exist" in error_of(cells, "--labels", "kind", "--truth", tmp_path / "none.nwk")
        (tmp_path / "b.nwk").write_bytes(b"\xff\xfe(a,b);")
        assert "is no text" in error_of(cells, "--labels", "kind", "--truth", tmp_path / "b.nwk")
        (tmp_path / "u.nwk").write_text("(('inferred truth':1,'truth has':1):1,b:1,b:1);")
        line = error_of(cells, "--labels", "kind", "--truth", tmp_path / "u.nwk")
        assert line.count(str(tmp_path / "u.nwk")) == 1
        assert "have the name 'b'" in line
        (tmp_path / "u.nwk").write_text("(('inferred truth':1,'truth has':1):1,b:1);")
        line = error_of(cells, "--labels", "kind", "--truth", tmp_path / "u.nwk")
        assert f"{tmp_path / 'u.nwk'} has 'inferred truth', 'truth has', 'b', {cells} has 'cell 0', " in line
        line = error_of(cells, "--labels", "kind", "--truth", truth, "--output", truth)
        assert "would overwrite --truth" in line


class TestSupport:
    def test_of_features_is_support(self, features):
        options = (features, "--embed", "--groups", "kind", "--support", "3", "--metric", "euclidean")
        found = as_json(*options)
        assert found["support"]["n_replicates"] == 3
        assert "stability" not in found
        assert all(0 <= split["support"] <= 1 for split in found["support"]["splits"])
        rows = shown(*options)
        assert rows["Replicates"] == "3 of resampled features"
        assert not any("tability" in quantity for quantity in rows)

    def test_the_tree_with_support_is_the_tree_without(self, features, tmp_path):
        options = (features, "--embed", "--labels", "kind", "--components", "3", "--weight-power", "2")
        with_support, without = as_json(*options, "--support", "1"), as_json(*options)
        assert with_support["nodes"] == without["nodes"]
        assert with_support["length"] == without["length"]
        data = pd.read_csv(features, index_col=0, float_precision="round_trip").drop(columns="kind").to_numpy()
        mds = HyperbolicMDS(3, weight_power=2, curvature="auto").fit(data)
        assert without["length"] == pytest.approx(HyperSteiner().fit(mds.embedding_).length_, rel=1e-12)
        text = run(*options, "--support", "1", "--output", "-").stdout
        read = from_newick(text, inner_labels="support")
        assert set(np.unique(read.support[~np.isnan(read.support)])) <= {0.0, 1.0}
        assert np.isfinite(read.support).any()

    @pytest.mark.parametrize("way", ["features", "points"])
    def test_the_tree_of_the_data_is_found_once(self, cells, features, monkeypatch, way):
        options = (cells, "--support", "2", "--jitter", "0.1")
        if way == "features":
            options = (features, "--embed", "--support", "2")
        calls = []
        for estimator in (HyperbolicMDS, HyperSteiner):
            fit = estimator.fit
            monkeypatch.setattr(
                estimator, "fit", lambda self, X, fit=fit: calls.append(type(self).__name__) or fit(self, X)
            )
        as_json(*options, "--labels", "kind", "--jobs", "1")
        assert calls.count("HyperSteiner") == 3
        assert calls.count("HyperbolicMDS") == (3 if way == "features" else 0)

    def test_of_points_is_stability(self, cells, points, frame):
        options = (cells, "--groups", "kind", "--support", "4", "--jitter", "0.2")
        found, rows = as_json(*options), shown(*options)
        assert "support" not in found
        result = stability(points, scale=0.2, groups=KINDS, n_replicates=4, names=list(frame.index))
        assert [split["stability"] for split in found["stability"]["splits"]] == [
            result.hierarchy.support[split["node"]] for split in found["stability"]["splits"]
        ]
        assert rows["Replicates"] == "4 of jittered points"
        assert not any("upport" in quantity for quantity in rows)
        # Programs that read Newick would take it for support.
        assert (
            from_newick(run(*options, "--output", "-").stdout).to_newick()
            == expected(points, frame).condense(KINDS).to_newick()
        )

    def test_of_many_splits_the_mean_is_told(self, cells):
        options = (cells, "--labels", "kind", "--support", "2", "--jitter", "0.1", "--jobs", "1")
        splits = as_json(*options)["stability"]["splits"]
        mean = np.mean([split["stability"] for split in splits])
        assert shown(*options)["Stability"].startswith(f"{mean:.2f}, mean of {len(splits)} splits; ")

    def test_of_few_splits_each_is_told_by_its_smaller_side(self, tmp_path, points, frame):
        kinds = np.array(list("abcde"))[np.arange(N) // 5]
        frame.assign(kind=kinds).to_csv(tmp_path / "c.csv")
        options = (tmp_path / "c.csv", "--groups", "kind", "--support", "3", "--jitter", "0.3", "--root", "0")
        result = stability(points, scale=0.3, groups=kinds, n_replicates=3, root=0)
        tree, told = result.hierarchy, []
        for node in np.flatnonzero(~np.isnan(tree.support)):
            below = set(tree.subtree(int(node)).names) - {""}
            told.append((*sorted(min(below, set("abcde") - below, key=len)), f"{tree.support[node]:.2f}"))
        shown_splits = re.findall(r"((?:[a-e], )*[a-e]): (\d\.\d\d)", shown(*options)["Stability"])
        assert {(*sorted(names.split(", ")), value) for names, value in shown_splits} == set(told)
        assert told


class TestEmbedding:
    def test_what_a_warning_of_the_search_names_is_an_option(self, features):
        with warnings.catch_warnings():
            result = run(features, "--embed", "--labels", "kind", "--max-iter", "1")
        (warned,) = (line for line in result.stderr.splitlines() if line.startswith("Warning: "))
        assert "did not converge in --max-iter 1 iterations" in warned
        assert warned.endswith("Increase --max-iter, or --tol 0.002 to be content with less")
        with warnings.catch_warnings():
            more = run(features, "--embed", "--labels", "kind", "--max-iter", "2000")
        assert "Warning" not in more.stderr

    def test_options_of_the_embedding_are_those_of_the_command_embed(self):
        options = ({option.name: option for option in main.commands[name].params} for name in ("embed", "tree"))
        embed, tree = options
        for name in ("metric", "n_neighbors", "n_components", "weight_power", "max_iter", "tol"):
            assert (embed[name].opts, embed[name].default) == (tree[name].opts, tree[name].default)
            assert tree[name].help.lower() == f"with --embed: {embed[name].help}".lower()

    def test_neighbours_reach_the_graph(self, features):
        few, default = (
            as_json(features, "--embed", "--labels", "kind", *given) for given in (("--neighbors", "9"), ())
        )
        assert few["embedding"]["stress"] != default["embedding"]["stress"]


class TestPicture:
    @pytest.fixture
    def drawn(self, monkeypatch):
        """What was drawn, and with which labels."""
        pictures = []

        def drawing(draw):
            def noted(tree, labels, ax):
                pictures.append((tree, labels))
                return draw(tree, labels, ax=ax)

            return noted

        for name in ("plot_tree", "plot_hierarchy"):
            monkeypatch.setattr(hyperkit.plot, name, drawing(getattr(hyperkit.plot, name)))
        return pictures

    def picture(self, drawn, tmp_path, *arguments):
        drawn.clear()
        result = run(*arguments, "--plot", tmp_path / "t.png")
        assert result.exit_code == 0, result.stderr
        ((tree, labels),) = drawn
        return tree, labels

    def test_a_tree_without_a_question_is_drawn_in_the_disk(self, cells, tmp_path, drawn):
        tree, labels = self.picture(drawn, tmp_path, cells, "--labels", "kind")
        assert isinstance(tree, SteinerTree)
        assert list(labels) == list(KINDS)

    @pytest.mark.parametrize("option", [("--root", "cell 3"), ("--root", "min-variance"), ("--clusters", "4")])
    def test_a_hierarchy_of_rows_is_drawn_from_its_root(self, cells, tmp_path, points, frame, drawn, option):
        tree, labels = self.picture(drawn, tmp_path, cells, "--labels", "kind", *option)
        root = 3 if option[1] == "cell 3" else "min_variance"
        assert tree.to_newick() == expected(points, frame).root_at(root).to_newick()
        assert list(labels) == list(KINDS)

    def test_clusters_are_colours_where_there_are_no_labels(self, cells, tmp_path, points, frame, drawn):
        _, labels = self.picture(drawn, tmp_path, cells, "--columns", "x,y", "--clusters", "4")
        assert list(labels) == expected(points, frame).cut(4).tolist()

    def test_of_groups_the_tree_of_groups_is_drawn(self, cells, truth, tmp_path, points, frame, drawn):
        tree, labels = self.picture(drawn, tmp_path, cells, "--groups", "kind", "--truth", truth)
        assert tree.to_newick() == expected(points, frame).condense(KINDS).to_newick()
        assert labels is None

    def test_support_is_drawn_and_stability_is_not(self, cells, features, tmp_path, drawn):
        tree, _ = self.picture(drawn, tmp_path, features, "--embed", "--labels", "kind", "--support", "1")
        assert np.isfinite(tree.support).any()
        stable, _ = self.picture(drawn, tmp_path, cells, "--labels", "kind", "--support", "1", "--jitter", "0.1")
        assert stable.support is None


class TestLeaves:
    def test_a_tree_longer_than_the_spanning_tree_says_why(self, tmp_path):
        pd.DataFrame({"x": np.linspace(-0.8, 0.8, 9), "y": 0.0}).to_csv(tmp_path / "line.csv", index=False)
        told = shown(tmp_path / "line.csv", "--leaves")["Reduction"]
        assert re.fullmatch(r"-\d+\.\d\d %: longer, as no row may be inside", told)
        assert shown(tmp_path / "line.csv")["Reduction"] == "0.00 %"

    def test_all_rows_are_tips(self, cells, points, frame):
        found = as_json(cells, "--labels", "kind", "--leaves")
        parents = set(found["nodes"]["parent"])
        assert not any(row >= 0 and node in parents for node, row in enumerate(found["nodes"]["row"]))
        assert found["leaves"]
        assert found["newick"] == expected(points, frame, leaves=True).to_newick()
        assert shown(cells, "--labels", "kind", "--leaves")["Method"] == "local, all rows leaves"


class TestJSON:
    def test_it_has_all_that_the_table_has(self, cells, points, frame):
        found, rows = as_json(cells, "--groups", "kind"), shown(cells, "--groups", "kind")
        assert f"{found['length']:.6g}" == rows["Length of the tree"]
        assert f"{found['mst_length']:.6g}" == rows["Minimum spanning tree"]
        assert f"{100 * found['reduction']:.2f} %" == rows["Reduction"]
        assert f"{found['height']:.6g}" == rows["Height of the groups"]
        assert f"{found['tree_of_rows']['height']:.6g}" == rows["Height of the rows"]
        assert found["method"] == rows["Method"]
        assert f"{found['n_steiner_points']:,}" == rows["Steiner points"]
        assert found["n_rows"] == N

    def test_nodes_are_the_tree(self, cells, points, frame):
        nodes, tree = as_json(cells, "--labels", "kind")["nodes"], expected(points, frame)
        for column in ("parent", "length", "size", "row"):
            np.testing.assert_array_equal(nodes[column], getattr(tree, column))

    def test_what_has_no_value_is_null(self, tmp_path):
        pd.DataFrame({"x": [0.1, 0.1, 0.1], "y": [0.2, 0.2, 0.2], "k": list("abc")}).to_csv(tmp_path / "c.csv")
        found = as_json(tmp_path / "c.csv", "--columns", "x,y", "--groups", "k", "--support", "1", "--jitter", "0.1")
        assert found["reduction"] in (None, 0.0)
        np.savez(tmp_path / "one.npz", X=[[0.1, 0.2]])
        one = as_json(tmp_path / "one.npz", "--clusters", "1")
        assert one["rows"] | {"name": None} == {
            "name": None,
            "label": None,
            "group": None,
            "cluster": [0],
            "distance_from_root": [0.0],
            "depth": [0],
        }

    def test_an_exact_tree_has_its_gap(self, tmp_path, points):
        np.save(tmp_path / "few.npy", points[::4])
        assert as_json(tmp_path / "few.npy", "--method", "exact")["gap"] < 1e-6
        assert as_json(tmp_path / "few.npy")["gap"] is None

    @pytest.mark.parametrize("terminals", ["leaves", "nodes"])
    def test_odd_names_stay_as_they_are(self, tmp_path, points, terminals):
        np.savez(tmp_path / "c.npz", X=points, names=np.array(ODD))
        found = as_json(tmp_path / "c.npz")
        assert found["rows"]["name"] == ODD
        run(tmp_path / "c.npz", "--output", tmp_path / "t.nwk", "--terminals", terminals)
        text = (tmp_path / "t.nwk").read_text(encoding="utf-8")
        assert sorted(filter(None, from_newick(text, terminals=terminals).names)) == sorted(ODD)
        again = as_json(tmp_path / "c.npz", "--truth", tmp_path / "t.nwk")["comparison"]["measures"]
        assert next(row["value"] for row in again if row["measure"] == "shared_names") == N


FAULTS = [
    (("--terminals", "nodes"), "--terminals is about the Newick tree"),
    (("--support", "5"), "--support resamples features: pass --embed if FILE holds some"),
    (("--jitter", "0.1"), "--jitter 0.1 is for --support N without --embed"),
    (("--support", "5", "--jitter", "0"), "0.0 is not in the range"),
    (("--embed", "--support", "5", "--jitter", "0.1"), "with --embed --support resamples the features"),
    (("--embed", "--metric", "precomputed", "--support", "5"), "a matrix of distances has none"),
    (("--embed", "--support", "5", "--output", "t.nwk", "--terminals", "nodes"), "leave out one of the two"),
    (("--components", "3"), "--components 3 is a dimension to embed rows in: pass --embed too"),
    (("--weight-power", "2"), "--weight-power 2 is for the distances that are embedded: pass --embed too"),
    (("--neighbors", "9"), "--neighbors 9 is of the graph of rows that are embedded: pass --embed too"),
    (("--max-iter", "9"), "--max-iter 9 is of the search for places of embedded rows: pass --embed too"),
    (("--tol", "0.1"), "--tol 0.1 is of the search for places of embedded rows: pass --embed too"),
    (("--embed", "--neighbors", "9", "--metric", "cosine"), "--neighbors needs --metric geodesic"),
    (("--leaves", "--method", "exact"), "leave out --method exact"),
    (("--method", "greedy", "--jobs", "2"), "--jobs needs --method auto or local or thorough, or --support"),
    (("--json", "--output", "-"), "--output - and --json would be mixed on stdout; name a file for --output"),
    (("--rows", "-", "--output", "-"), "--output - and --rows - would be mixed on stdout"),
    (("--rows", "r.npy"), "--rows r.npy: the name must end in one of .csv, .tsv, .txt"),
    (("--rows", "nowhere/r.csv"), "does not exist"),
    (("--rows", "x.csv", "--output", "x.csv"), "would overwrite"),
]


@pytest.mark.parametrize(("options", "message"), FAULTS, ids=[" ".join(options) for options, _ in FAULTS])
def test_options_that_make_no_sense_together_are_mistakes(cells, monkeypatch, options, message):
    monkeypatch.setattr(HyperSteiner, "fit", None)
    assert message in error_of(cells, "--labels", "kind", *options)
