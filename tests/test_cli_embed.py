"""The commands that begin with raw data, ``embed`` and ``tree --embed``: what comes out is what went in, embedded."""

from __future__ import annotations

import importlib
import re
import shlex
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from scipy.spatial.distance import pdist, squareform
from test_cli import error_of, run, run_into_closed_pipe

from hyperkit import HyperbolicMDS, HyperSteiner, check_points, pairwise_distances
from hyperkit.embedding import quality
from hyperkit.models import MODELS

QUICK = ("--starts", "1")


@pytest.fixture
def genes():
    """Two branches in five dimensions, farther from the origin than any coordinates are."""
    rng = np.random.default_rng(0)
    along = np.linspace(0, 4, 18)[:, None]
    arms = [along * direction for direction in rng.normal(size=(2, 5))]
    return 3 + np.vstack(arms) + 0.05 * rng.normal(size=(36, 5))


@pytest.fixture
def kinds():
    return np.repeat(["Mo no", "Ery"], 18)


@pytest.fixture
def table(tmp_path, genes, kinds):
    file = tmp_path / "genes.csv"
    names = [f"cell{row}" for row in range(36)]
    pd.DataFrame(genes, columns=list("abcde"), index=names).assign(kind=kinds).to_csv(file)
    return str(file)


def written(*arguments):
    """The table that ``embed`` writes, and what it says on stderr."""
    result = run("embed", *arguments, *QUICK)
    assert result.exit_code == 0, result.stderr
    return result


class TestEmbed:
    def test_the_points_are_those_of_the_library_and_rows_keep_names_and_labels(self, table, genes, kinds, tmp_path):
        out = tmp_path / "points.csv"
        result = written(table, "--labels", "kind", "--output", out)
        frame = pd.read_csv(out, index_col=0, float_precision="round_trip")
        assert list(frame.columns) == ["x1", "x2", "kind"]
        assert list(frame.index) == [f"cell{row}" for row in range(36)]
        assert list(frame["kind"]) == list(kinds)
        mds = HyperbolicMDS(n_init=1).fit(genes)
        np.testing.assert_array_equal(frame[["x1", "x2"]].to_numpy(), mds.embedding_)
        for fact in (
            "36 (5 columns)",
            "kind (2 different)",
            "geodesic, 15 neighbours",
            "poincare, 2 dimensions",
            f"{mds.stress_:.4g}",
            f"{np.sqrt(-mds.curvature_):.6g}",
        ):
            assert fact in result.stdout
        assert result.stderr.splitlines()[0] == f"Points: {out}"

    def test_every_option_reaches_the_search(self, table, monkeypatch):
        given, fit = {}, HyperbolicMDS.fit

        def fit_quickly(mds, X):
            given.update(mds.get_params())
            return fit(mds.set_params(n_init=1, n_jobs=None), X)

        monkeypatch.setattr(HyperbolicMDS, "fit", fit_quickly)
        options = (
            "--components 3 --neighbors 4 --weight-power 2 --curvature -0.5 --landmarks 20 --starts 5 --seed 7 "
            "--max-iter 77 --tol 0.03 --model klein --jobs 2"
        )
        result = run("embed", table, "--labels", "kind", *options.split())
        assert result.exit_code == 0, result.stderr
        expected = {
            "n_components": 3,
            "metric": "geodesic",
            "n_neighbors": 4,
            "weight_power": 2,
            "curvature": -0.5,
            "n_landmarks": 20,
            "n_init": 5,
            "max_iter": 77,
            "tol": 0.03,
            "random_state": 7,
            "model": "klein",
            "n_jobs": 2,
            "verbose": False,
        }
        assert expected.items() <= given.items()

    def test_without_options_the_search_is_that_of_the_library(self, table, monkeypatch):
        given, fit = {}, HyperbolicMDS.fit

        def fit_quickly(mds, X):
            given.update(mds.get_params())
            return fit(mds.set_params(n_init=1), X)

        monkeypatch.setattr(HyperbolicMDS, "fit", fit_quickly)
        for command in (("embed",), ("tree", "--embed")):
            assert run(*command, table, "--labels", "kind").exit_code == 0
            assert given == HyperbolicMDS().get_params()

    def test_points_on_stdout_are_alone_there(self, table):
        result = written(table, "--columns", "a,b,c")
        lines = result.stdout.splitlines()
        assert lines[0] == ",x1,x2"
        assert len(lines) == 37
        assert "Stress" in result.stderr
        assert "Go on with" not in result.stderr

    def test_a_matrix_of_distances_is_read_as_such(self, genes, tmp_path):
        file = tmp_path / "distances.csv"
        names = [f"s{row}" for row in range(36)]
        matrix = pd.DataFrame(squareform(pdist(genes)), index=names, columns=names)
        matrix.to_csv(file)
        written(file, "--metric", "precomputed", "--output", tmp_path / "p.npz")
        with np.load(tmp_path / "p.npz") as arrays:
            assert arrays["names"].tolist() == names
            distances = pairwise_distances(arrays["X"])
        expected = HyperbolicMDS(metric="precomputed", n_init=1).fit(matrix.to_numpy())
        np.testing.assert_allclose(distances, pairwise_distances(expected.embedding_), atol=1e-9)
        matrix[["s1", "s0", *names[2:]]].to_csv(file)
        line = error_of("embed", file, "--metric", "precomputed")
        assert "line 2 (row 0) is 's0' and column 0 is 's1'; a matrix of distances has its columns in the order" in line

    def test_quality_is_that_of_the_library(self, table, genes):
        shown = re.sub(r" +", " ", written(table, "--labels", "kind", "--quality").stderr)
        points = HyperbolicMDS(n_init=1).fit_transform(genes)
        measures = quality(points, genes).to_frame().iloc[0]
        assert f"Mean average precision {measures['mean_average_precision']:.4f}\n" in shown
        assert f"Q local {measures['q_local']:.4f}\n" in shown
        assert f"Triplets in order {measures['triplets']:.4f}\n" in shown
        assert "±" not in shown

    def test_quality_of_a_sample_has_its_error(self, table, monkeypatch):
        tallies = importlib.import_module("hyperkit.embedding.quality._tallies")
        for limit in ("_MOST_EXACT", "_ROWS"):
            monkeypatch.setattr(tallies, limit, 20)
        shown = written(table, "--labels", "kind", "--quality").stderr
        assert len(re.findall(r"0\.\d{4} ± 0\.\d+", shown)) == 8

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("curvature", [None, -0.2])
    def test_the_next_command_reads_the_points_as_they_are(self, table, genes, tmp_path, model, curvature):
        """The tree has the length of that through the points of the library, in the space that was asked for."""
        out = tmp_path / "points.csv"
        space = () if curvature is None else ("--curvature", curvature)
        result = written(table, "--labels", "kind", "--model", model, *space, "--output", out)
        (line,) = (line for line in result.stderr.splitlines() if line.startswith("Go on with: hyperkit "))
        tree = run(*shlex.split(line.partition("hyperkit ")[2]))
        assert tree.exit_code == 0, tree.stderr
        mds = HyperbolicMDS(n_init=1, curvature=curvature or "auto").fit(genes)
        length = HyperSteiner().fit(mds.embedding_).length_ / np.sqrt(-(curvature or -1))
        found = float(re.search(r"Length of the tree\s+([\d.]+)", tree.stdout)[1])
        assert found == pytest.approx(length, rel=1e-5)
        assert "kind (2 different)" in tree.stdout

    def test_two_embeddings_can_be_compared_at_once(self, table, tmp_path):
        files = [tmp_path / f"{seed}.csv" for seed in range(2)]
        for seed, file in enumerate(files):
            written(table, "--labels", "kind", "--seed", seed, "--output", file)
        result = run("compare", *files, "--labels", "kind", "--data", table)
        assert result.exit_code == 0, result.stderr
        assert "36" in result.stdout

    def test_at_a_curvature_distances_are_those_of_the_data(self, table, genes, tmp_path):
        out = tmp_path / "points.npz"
        shown = written(
            table, "--metric", "euclidean", "--labels", "kind", "--curvature", -0.01, "--output", out
        ).stdout
        assert re.search(r"Curvature\s+-0.01\n", shown)
        assert "Length of a distance" not in shown
        with np.load(out) as arrays:
            points = check_points(arrays["X"], "poincare", curvature=-0.01)
        distances = squareform(pairwise_distances(points, curvature=-0.01), checks=False)
        mds = HyperbolicMDS(metric="euclidean", n_init=1, curvature=-0.01).fit(genes)
        expected = pdist(genes)
        stress = np.sqrt(((distances - expected) ** 2).sum() / (expected**2).sum())
        assert stress == pytest.approx(mds.stress_, rel=1e-6)
        assert stress < 0.1

    @pytest.mark.parametrize("header", [True, False])
    def test_what_is_written_can_be_read_whatever_the_headings_were(self, genes, kinds, tmp_path, header):
        file, out = tmp_path / "x.csv", tmp_path / "points.csv"
        columns = ["a", "b", "c", "d", "e", "x1"] if header else None
        frame = pd.DataFrame(genes).assign(kind=kinds)
        frame.to_csv(file, header=columns or False, index=False)
        result = written(file, "--labels", "x1" if header else "5", "--output", out)
        assert pd.read_csv(out).columns.tolist() == ["x1", "x2", "labels"]
        (line,) = (line for line in result.stderr.splitlines() if line.startswith("Go on with: hyperkit "))
        assert "labels (2 different)" in run(*shlex.split(line.partition("hyperkit ")[2])).stdout

    def test_one_row_is_at_the_origin(self):
        result = run("embed", "-", "--no-header", stdin="1,2,3\n")
        assert result.stdout == "x1,x2\n0.0,0.0\n"

    def test_a_graph_that_had_to_be_joined_is_one_line(self, tmp_path):
        parts = np.vstack([np.random.default_rng(i).normal(size=(20, 2)) + 100 * i for i in range(2)])
        np.save(tmp_path / "parts.npy", parts)
        with warnings.catch_warnings():
            result = run("embed", tmp_path / "parts.npy", "--neighbors", 3, "--quality", *QUICK)
        warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
        assert len(warned) == 1
        assert "the graph of the 3 nearest neighbours has 2 components" in warned[0]
        assert warned[0].endswith("a larger --neighbors may connect it")

    def test_a_search_that_was_cut_short_is_told_of_by_the_options_that_the_shell_has(self, table):
        with warnings.catch_warnings():
            result = run("embed", table, "--labels", "kind", "--max-iter", 1, *QUICK)
        (warned,) = (line for line in result.stderr.splitlines() if line.startswith("Warning: "))
        assert "did not converge in --max-iter 1 iterations: stress " in warned
        assert warned.endswith("Increase --max-iter, or --tol 0.002 to be content with less")

    def test_ctrl_c_leaves_the_best_so_far(self, table, monkeypatch):
        from hyperkit.embedding.search import _descent, _few

        run("embed", table, "--labels", "kind")  # which has compiled: no example of that is interrupted
        ended, stage, ranked = [], _descent._stage, _few._ranked

        def after_the_starts(candidates):
            ended.append(True)
            return ranked(candidates)

        def interrupted(*arguments):
            if ended:
                raise KeyboardInterrupt
            return stage(*arguments)

        monkeypatch.setattr(_few, "_ranked", after_the_starts)
        monkeypatch.setattr(_descent, "_stage", interrupted)
        with warnings.catch_warnings():
            result = run("embed", table, "--labels", "kind")
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) == 37

    def test_a_closed_pipe_costs_no_points(self, table, tmp_path):
        out = tmp_path / "points.csv"
        status, _ = run_into_closed_pipe("embed", table, "--labels", "kind", *QUICK, "--output", out)
        assert status == 0
        assert len(out.read_text().splitlines()) == 37


class TestEmbedErrors:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("--metric", "haversine"), "'haversine' is not one of 'geodesic', 'precomputed', 'euclidean'"),
            (("--metric", "precomputed_graph"), "'precomputed_graph' is not one of"),
            (("--metric", "cosine", "--neighbors", "3"), "--neighbors needs --metric geodesic"),
            (("--metric", "precomputed"), "genes.csv: shape (36, 5) is not square"),
            (("--weight-power", "3"), "3 is not in the range 0<=x<=2"),
            (("--components", "0"), "0 is not in the range x>=1"),
            (("--curvature", "0"), "0.0 is not in the range x<0"),
            (("--curvature", "nan"), "--curvature nan must be"),
            (("--curvature", "-1e9"), "take a curvature above"),
            (("--output", "a.xls"), "hyperkit writes .csv"),
            (("--output", "a.npy"), "an .npy file holds the points alone"),
            (("--output", "no/where.csv"), "does not exist"),
        ],
    )
    def test_mistakes_are_told_before_the_search(self, table, monkeypatch, options, message):
        monkeypatch.setattr("hyperkit.embedding._fit.search", None)
        assert message in error_of("embed", table, "--labels", "kind", *options)

    def test_two_rows_cannot_be_judged_and_nothing_is_written(self, tmp_path):
        out = tmp_path / "points.csv"
        line = error_of("embed", "-", "--quality", "--output", out, stdin="a,b\n1,2\n3,4\n")
        assert "--quality needs at least 3 rows, and" in line
        assert not out.exists()

    def test_the_input_is_not_overwritten(self, table):
        assert "would overwrite FILE" in error_of("embed", table, "--labels", "kind", "--output", table)

    def test_a_missing_value_is_named(self):
        line = error_of("embed", "-", stdin="a,b\n1,2\n3,\n")
        assert "line 3, column 'b' has a missing value" in line


class TestTreeOfFeatures:
    def test_it_is_embed_and_tree_in_one(self, table, tmp_path):
        points, figure = tmp_path / "points.csv", tmp_path / "t.png"
        assert run("embed", table, "--labels", "kind", "--output", points).exit_code == 0
        both = run("tree", points, "--labels", "kind", "--output", "-")
        one = run("tree", table, "--embed", "--labels", "kind", "--output", "-", "--plot", figure)
        assert one.exit_code == 0, one.stderr
        assert one.stdout == both.stdout
        assert "Stress of the embedding" in one.stderr
        assert imread(figure).shape[0] > 1000

    def test_a_curvature_is_that_of_both(self, table, tmp_path):
        points = tmp_path / "points.csv"
        at = ("--labels", "kind", "--curvature", "-1.0")
        assert run("embed", table, *at, "--output", points).exit_code == 0
        both = run("tree", points, *at, "--output", "-")
        assert run("tree", table, "--embed", *at, "--output", "-").stdout == both.stdout
        assert run("tree", table, "--embed", *at[:2], "--output", "-").stdout != both.stdout

    def test_a_metric_is_that_of_the_embedding(self, genes, tmp_path):
        file = tmp_path / "distances.csv"
        pd.DataFrame(squareform(pdist(genes))).add_prefix("s").to_csv(file, index=False)
        shown = run("tree", file, "--embed", "--metric", "precomputed")
        assert shown.exit_code == 0, shown.stderr
        mds = HyperbolicMDS(metric="precomputed").fit(squareform(pdist(genes)))
        assert f"{mds.stress_:.4g}" in shown.stdout
        with warnings.catch_warnings():
            result = run("tree", file, "--embed")
        assert "if it holds distances, say --metric precomputed" in result.stderr
        assert "--metric cosine is how rows are embedded: pass --embed too" in error_of(
            "tree", file, "--metric", "cosine"
        )

    def test_points_of_another_curvature_are_pointed_to_it(self, tmp_path):
        np.savetxt(tmp_path / "far.csv", [[1.5, 0.0], [0.0, 1.0], [0.2, 0.1]], delimiter=",", header="x,y", comments="")
        line = error_of("tree", tmp_path / "far.csv")
        assert "Coordinates of another model or curvature? pass --model ... or --curvature ... Raw data? pass" in line

    def test_features_taken_for_coordinates_are_pointed_to_it(self, table):
        assert ". Raw data? pass --embed. Else name the" in error_of("tree", table, "--labels", "kind")
        arguments = ("convert", table, "--labels", "kind", "--from", "klein", "--to", "poincare")
        assert ". Raw data? embed it first: hyperkit embed. Else name the" in error_of(*arguments)

    def test_features_are_in_no_model(self, table):
        line = error_of("tree", table, "--labels", "kind", "--embed", "--model", "klein")
        assert "with --embed FILE holds features; leave out --model klein" in line


def test_parameters_are_called_by_the_options_of_the_command():
    import click

    from hyperkit.cli._embed import embed
    from hyperkit.cli._words import in_words_of

    told = {
        "raise max_iter": "raise --max-iter",
        "n_init=8, or random_state": "--starts 8, or --seed",
        "metric='cosine' and model=...": "--metric cosine and --model ...",
        "give more (tol=)": "give more (--tol)",
        "labels and columns of the model": "labels and columns of the model",
        "n_rays=9, my_max_iter=3": "n_rays=9, my_max_iter=3",
    }
    for python, shell in told.items():
        assert in_words_of(embed, python) == shell
        assert in_words_of(None, python) == in_words_of(click.Command("other"), python) == python


def test_points_that_crowd_at_the_rim_are_told_of_with_a_way_out(tmp_path):
    rng = np.random.default_rng(0)
    blobs = np.vstack([rng.normal(size=(20, 5)), rng.normal(size=(20, 5)) + 6])
    np.savetxt(tmp_path / "blobs.csv", blobs, delimiter=",")
    arguments = ("embed", tmp_path / "blobs.csv", "--starts", "1", "--neighbors", "5", "--output", tmp_path / "p.csv")

    def share(text):
        points = pd.read_csv(tmp_path / "p.csv")[["x1", "x2"]]
        near = 100 * np.mean(np.linalg.norm(points, axis=1) > 0.99)
        assert ("Within 1 % of the rim" in text) == (near > 100 / 3)
        return near

    told = run(*arguments).stdout
    crowded = share(told)
    assert crowded > 100 / 3
    assert f"{crowded:.0f} % of the points; for pictures pass --curvature -" in told
    assert "Within 1 % of the rim" not in run(*arguments, "--components", "3").stdout
