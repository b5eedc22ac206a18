"""The command line: right results from every format, one line for every mistake."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.image import imread

import hyperkit
from hyperkit import (
    HyperDGA,
    HyperSteiner,
    convert,
    pairwise_distances,
    pairwise_hyperdga,
    random_uniform_ball,
    random_wrapped_normal,
    translate,
)
from hyperkit.cli import main
from hyperkit.datasets import load_krumsiek11
from hyperkit.hierarchy import from_steiner
from hyperkit.models import from_ball, to_ball
from hyperkit.similarity import compare_sets, mixing_profile
from hyperkit.steiner import METHODS


@pytest.fixture
def points():
    return random_uniform_ball(40, radius=3.0, random_state=0)


@pytest.fixture
def labels():
    return np.resize(["HSC", "MEP", "Mo no"], 40)


@pytest.fixture
def cells(tmp_path, points, labels):
    file = tmp_path / "cells.csv"
    pd.DataFrame(points, columns=["x", "y"]).assign(kind=labels).to_csv(file, index=False)
    return str(file)


# Before click 8.2 stderr must be asked for; since then it always stands alone.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def run(*arguments, stdin=None):
    return CliRunner(**APART).invoke(main, [str(argument) for argument in arguments], input=stdin)


def error_of(*arguments, stdin=None):
    """The one line that a mistake gives."""
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


def run_into_closed_pipe(*arguments):
    """Exit status and stderr of a program whose stdout nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "hyperkit", *map(str, arguments)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    return done.returncode, done.stderr


def converted(*arguments, stdin=None):
    """Standard output of a conversion, as rows of cells."""
    result = run("convert", *arguments, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return [line.split(",") for line in result.stdout.splitlines()]


class TestHelp:
    def test_help_names_every_command(self):
        for arguments in ([], ["--help"], ["-h"]):
            result = run(*arguments)
            assert result.exit_code == 0
            assert re.findall(r"^  (convert|demo|dga|embed|tree) ", result.stdout, re.MULTILINE) == [
                "convert",
                "demo",
                "dga",
                "embed",
                "tree",
            ]

    @pytest.mark.parametrize("command", ["embed", "tree", "dga", "convert", "demo"])
    def test_every_command_has_help(self, command):
        assert run(command, "--help").stdout.startswith(f"Usage: main {command}")

    def test_version_is_the_version_of_the_package(self):
        assert run("--version").stdout == f"hyperkit, version {hyperkit.__version__}\n"

    def test_help_imports_nothing_heavy(self):
        code = (
            "import sys, json\nfrom hyperkit.cli import main\n"
            "try: main(['tree', '--help'])\n"
            "except SystemExit: json.dump(sorted({m.partition('.')[0] for m in sys.modules}), sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded = set(json.loads(done.stderr))
        heavy = {"scipy", "sklearn", "pandas", "matplotlib", "numba", "networkx", "torch", "rich"}
        assert not loaded & heavy

    def test_the_module_runs_as_a_program(self, cells):
        command = [sys.executable, "-m", "hyperkit", "convert", cells, "--from", "klein", "--to", "klein"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("Error: ")


WHOLE_NUMBERS = [
    (name, max(option.opts, key=len))
    for name, command in main.commands.items()
    for option in command.params
    if isinstance(option.type, click.types.IntParamType)
]


@pytest.mark.parametrize(("command", "option"), WHOLE_NUMBERS, ids=map(" ".join, WHOLE_NUMBERS))
@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "1.5", "1e400", "nan", ""])
def test_what_is_no_whole_number_or_too_large_a_one_is_told_by_the_name_of_its_option(command, option, number):
    n_files = sum(isinstance(parameter, click.Argument) for parameter in main.commands[command].params)
    assert f"'{option}': " in error_of(command, *["nowhere.csv"] * n_files, f"{option}={number}")


def test_jitter_that_no_coordinates_hold_is_told_by_its_option(cells):
    arguments = ("tree", cells, "--labels", "kind", "--support", "2", "--jitter")
    assert "--jitter nan must be a positive number" in error_of(*arguments, "nan")
    assert "X jittered by --jitter 1e+300: row 0 lies too far out" in error_of(*arguments, "1e300")


class TestTree:
    def test_the_table_tells_what_the_library_finds(self, cells, points):
        result = run("tree", cells, "--labels", "kind")
        tree = HyperSteiner().fit(points).tree_
        assert result.exit_code == 0, result.stderr
        for fact in (
            "40 (coordinates x, y)",
            f"{tree.length:.6g}",
            f"{tree.mst_length:.6g}",
            f"{100 * tree.reduction:.2f} %",
        ):
            assert fact in result.stdout

    def test_the_table_is_in_a_box_on_a_terminal_only(self, cells, monkeypatch):
        plain = run("tree", cells, "--labels", "kind").stdout
        assert plain.isascii()
        monkeypatch.setenv("FORCE_COLOR", "1")  # by which rich takes any stream for a terminal
        boxed = run("tree", cells, "--labels", "kind").stdout
        for line in plain.splitlines()[1:]:
            assert line.split()[-1] in boxed
        assert "╭" in boxed

    def test_every_method_can_be_chosen(self):
        (option,) = (option for option in main.commands["tree"].params if option.name == "method")
        assert tuple(option.type.choices) == tuple(METHODS)

    @pytest.mark.parametrize("method", ["greedy", "local"])
    def test_the_method_is_used_and_named(self, cells, points, method):
        result = run("tree", cells, "--labels", "kind", "--method", method)
        assert re.search(rf"Method +{method}\n", result.stdout)
        assert f"{HyperSteiner(method=method).fit(points).length_:.6g}" in result.stdout

    def test_an_automatic_method_is_named(self, cells):
        assert re.search(r"Method +local\n", run("tree", cells, "--labels", "kind").stdout)

    def test_a_search_gets_its_limits(self, cells, monkeypatch):
        given, fit = {}, HyperSteiner.fit

        def fit_greedily(steiner, X):
            given.update(steiner.get_params())
            return fit(steiner.set_params(method="greedy"), X)

        monkeypatch.setattr(HyperSteiner, "fit", fit_greedily)
        result = run("tree", cells, "--labels", "kind", "--method", "thorough", "--time-limit", "0.5", "--jobs", "2")
        assert result.exit_code == 0, result.stderr
        assert (given["method"], given["time_limit"], given["n_jobs"]) == ("thorough", 0.5, 2)

    def test_an_exact_tree_is_said_to_be_proven(self, tmp_path, points):
        np.save(tmp_path / "few.npy", points[:8])
        result = run("tree", tmp_path / "few.npy", "--method", "exact")
        assert re.search(r"Method +exact\n", result.stdout)
        assert re.search(r"Proven +no tree is shorter\n", result.stdout)

    def test_of_many_points_less_is_proven(self, tmp_path, points, monkeypatch):
        np.save(tmp_path / "few.npy", points[:15])
        monkeypatch.setattr("hyperkit.steiner._proof._MOST_PRICED", 0)  # as for more than 100 points
        monkeypatch.setattr("hyperkit.steiner._proof._COMPONENTS", ())  # small components only, to save time
        result = run("tree", tmp_path / "few.npy", "--method", "exact")
        proven = re.sub(r"\s+", " ", result.stdout)
        assert re.search(r"shorter by more than \d+ %, none with full components of up to 4 points at all", proven)
        assert re.search(r"Method +exact-components\n", result.stdout)

    def test_a_stopped_exact_search_says_what_it_has_proven(self, tmp_path, points):
        np.save(tmp_path / "more.npy", points[:13])
        result = run("tree", tmp_path / "more.npy", "--method", "exact", "--time-limit", "1e-9")
        assert float(re.search(r"no tree is shorter by more than ([\d.]+) %\n", result.stdout)[1]) <= 50
        assert re.search(r"Method +local\n", result.stdout)
        assert re.search("Warning: .* it was stopped", result.stderr)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("--time-limit", "5"), "--time-limit needs --method thorough or exact"),
            (("--method", "local", "--time-limit", "5"), "--time-limit needs --method thorough or exact"),
            (("--method", "exact", "--jobs", "2"), "--jobs needs --method auto or local or thorough, or --support"),
            (("--method", "thorough", "--time-limit", "0"), "'--time-limit': 0.0 is not in the range x>0"),
            (("--method", "thorough", "--jobs", "0"), "'--jobs': 0 is not in the range x>=1"),
            (("--method", "best"), "'best' is not one of"),
        ],
    )
    def test_options_that_do_nothing_are_mistakes(self, cells, options, message):
        assert message in error_of("tree", cells, "--labels", "kind", *options)

    def test_newick_file_has_every_row_by_label_and_number(self, cells, labels, tmp_path):
        out = tmp_path / "t.nwk"
        arguments = ("tree", cells, "--labels", "kind", "--output", out, "--root", "5")
        assert run(*arguments, "--terminals", "nodes").exit_code == 0
        assert out.read_text().endswith("'Mo no.5';\n")
        assert run(*arguments).exit_code == 0
        newick = out.read_text()
        assert newick.startswith("('Mo no.5':0.0,")
        for row, label in enumerate(labels):
            assert re.search(rf"[(),']{re.escape(label)}\.{row}\b", newick)

    def test_newick_on_stdout_is_alone_there(self, cells):
        result = run("tree", cells, "--labels", "kind", "--output", "-")
        assert result.stdout.count("\n") == 1
        assert result.stdout.endswith(";\n")
        assert "Reduction" in result.stderr

    def test_a_root_can_be_named(self, tmp_path, points):
        file = tmp_path / "named.csv"
        pd.DataFrame(points, index=[f"cell{i}" for i in range(40)], columns=["x", "y"]).to_csv(file)
        assert run("tree", file, "--output", "-", "--root", "cell7").stdout.startswith("(cell7:0.0,")

    def test_rows_whose_names_repeat_are_distinct_leaves(self, tmp_path, points):
        file = tmp_path / "named.csv"
        pd.DataFrame(points, index=["c1", "c2"] * 20, columns=["x", "y"]).to_csv(file)
        result = run("tree", file, "--output", "-", "--root", "c2.7")
        newick = result.stdout
        assert newick.startswith("(c2.7:0.0,")
        assert result.stderr.endswith("40 rows have names that repeat: 'c1' in row 0 is 'c1.0' in the tree\n")
        assert sorted(re.findall(r"c\d\.\d+", newick)) == sorted(f"c{1 + row % 2}.{row}" for row in range(40))
        line = error_of("tree", file, "--output", "-", "--root", "c2")
        assert "--root c2 is the name of several rows: " in line
        assert "a name such as 'c1.0'" in line

    def test_rows_whose_names_do_not_repeat_keep_them(self, tmp_path, points):
        names = [f"r{row}" for row in range(40)]
        names[5] = names[2] = "r7.5"
        names[9] = "r7.5.5"  # which row 5 would be called otherwise
        pd.DataFrame(points, index=names, columns=["x", "y"]).to_csv(tmp_path / "named.csv")
        result = run("tree", tmp_path / "named.csv", "--rows", "-")
        told = [line.split(",")[0] for line in result.stdout.splitlines()[1:]]
        assert told == [{2: "r7.5.2", 5: "r7.5.5.5"}.get(row, name) for row, name in enumerate(names)]
        assert "2 rows have names that repeat: 'r7.5' in row 2 is 'r7.5.2' in the tree" in result.stderr
        assert "repeat" not in run("tree", tmp_path / "named.csv").stderr

    def test_the_figure_is_drawn(self, cells, tmp_path):
        out = tmp_path / "t.png"
        assert run("tree", cells, "--labels", "kind", "--plot", out).exit_code == 0
        image = imread(out)
        assert image.shape[0] > 1000
        assert len(np.unique(image.reshape(-1, image.shape[2]), axis=0)) > 50

    @pytest.mark.parametrize("model", ["poincare", "klein", "hyperboloid", "halfspace", "tangent"])
    def test_every_model_gives_the_same_length(self, tmp_path, points, model):
        file = tmp_path / "points.npy"
        np.save(file, convert(points, "poincare", model))
        assert f"{HyperSteiner().fit(points).length_:.6g}" in run("tree", file, "--model", model).stdout

    @pytest.mark.parametrize("model", ["poincare", "hyperboloid", "halfspace"])
    def test_at_a_curvature_lengths_and_branches_are_those_of_its_space(self, tmp_path, points, model):
        file, out = tmp_path / "points.npy", tmp_path / "t.png"
        table = convert(points, "poincare", model) / (1 if model == "halfspace" else np.sqrt(0.3))
        np.save(file, table)
        expected = HyperSteiner(model=model, curvature=-0.3).fit(table).tree_
        arguments = ("tree", file, "--model", model, "--curvature", -0.3, "--plot", out)
        shown = run(*arguments).stdout
        assert f"{expected.length:.6g}" in shown
        assert re.search(r"Curvature\W+-0.3\b", shown)
        assert run(*arguments, "--output", "-").stdout == from_steiner(expected).to_newick() + "\n"
        assert out.exists()

    def test_rows_are_held_against_the_ball_of_the_curvature(self, cells):
        assert "points need norm < 0.5 = 1/sqrt(4)" in error_of("tree", cells, "--labels", "kind", "--curvature", -4)
        assert "0.0 is not in the range x<0" in error_of("tree", cells, "--curvature", 0)
        line = error_of("tree", cells, "--labels", "kind", "--curvature", "nan")
        assert "--curvature nan must be a negative number" in line

    def test_numeric_labels_are_a_scale_in_the_figure(self, tmp_path, points):
        file = tmp_path / "time.csv"
        pd.DataFrame(points, columns=["x", "y"]).assign(time=np.linspace(0, 1, 40)).to_csv(file, index=False)
        out = tmp_path / "t.svg"
        assert run("tree", file, "--labels", "time", "--plot", out).exit_code == 0
        assert re.search("<text[^>]*>0.2</text>", out.read_text())  # a tick of the colour bar

    def test_a_warning_is_one_line(self, tmp_path):
        file = tmp_path / "far.npy"
        np.save(file, np.array([[100.0, 0.0], [0.0, 5.0], [1.0, 1.0]]))
        with warnings.catch_warnings():
            result = run("tree", file, "--model", "tangent")
        assert result.exit_code == 0
        (line,) = result.stderr.splitlines()
        assert line.startswith("Warning: ")

    def test_what_one_library_tells_another_is_no_warning(self, cells, monkeypatch):
        class Deprecated(UserWarning, DeprecationWarning):
            """Such as pyparsing's, which matplotlib 3.8 brings up."""

        fit = HyperSteiner.fit

        def fit_and_warn(*arguments):
            warnings.warn("use another name", Deprecated, stacklevel=1)
            return fit(*arguments)

        monkeypatch.setattr(HyperSteiner, "fit", fit_and_warn)
        result = run("tree", cells, "--labels", "kind")
        assert result.exit_code == 0
        assert "use another name" not in result.stderr


class TestDga:
    @pytest.mark.parametrize("model", ["poincare", "hyperboloid", "tangent"])
    def test_a_curvature_changes_no_score(self, tmp_path, points, model):
        for unit, folder in ((1.0, "one"), (5.0, "five")):
            (tmp_path / folder).mkdir()
            table = unit * convert(points, "poincare", model)
            np.save(tmp_path / folder / "a.npy", table[:15])
            np.save(tmp_path / folder / "b.npy", table[15:])
        one, five = (
            run("dga", tmp_path / folder / "a.npy", tmp_path / folder / "b.npy", "--model", model, *curvature)
            for folder, curvature in (("one", ()), ("five", ("--curvature", -0.04)))
        )
        assert one.exit_code == five.exit_code == 0
        assert one.stdout.splitlines()[1:] == five.stdout.splitlines()[1:]

    def test_two_files_and_one_split_file_agree_with_the_library(self, tmp_path, points):
        a, b = points[:15], points[15:]
        np.save(tmp_path / "a.npy", a)
        pd.DataFrame(b, columns=["x", "y"]).to_csv(tmp_path / "b.tsv", sep="\t", index=False)
        both = tmp_path / "both.csv"
        pd.DataFrame(points, columns=["x", "y"]).assign(set=["a"] * 15 + ["b"] * 25).to_csv(both, index=False)
        expected = HyperDGA().fit(a).compare(b)
        for result in (run("dga", tmp_path / "a.npy", tmp_path / "b.tsv"), run("dga", both, "--split", "set")):
            assert result.exit_code == 0, result.stderr
            numbers = re.findall(r"  ([\d.]+)$", result.stdout, re.MULTILINE)
            counts = [expected.n_edges, expected.n_aa, expected.n_bb, expected.n_ab]
            assert numbers[:6] == [*map(str, (15, 25, *counts))]
            assert numbers[6:8] == [f"{expected.similarity:.4f}", f"{expected.distance:.4f}"]
            assert f"{expected.relative_similarity:.4f}\n" in result.stdout
            assert f"{expected.p_value:.3g}\n" in result.stdout
            assert "permutations" not in result.stdout

    def test_permutations_and_pairs_are_counted_on_demand(self, tmp_path, points):
        np.save(tmp_path / "a.npy", points[:20])
        np.save(tmp_path / "b.npy", points[20:])
        expected = compare_sets(points[:20], points[20:], paired=True, n_permutations=200)
        result = run("dga", tmp_path / "a.npy", tmp_path / "b.npy", "--paired", "--permutations", "200")
        assert f"{expected.p_value:.3g}\n" in result.stdout
        assert re.search(rf"200 permutations\) +{expected.p_value_permutation:.3g}\n", result.stdout)
        np.save(tmp_path / "b.npy", points[30:])
        line = error_of("dga", tmp_path / "a.npy", tmp_path / "b.npy", "--paired")
        assert "A has 20 rows and B has 10" in line

    def test_hops_and_profiles_agree_with_the_library(self, tmp_path, points):
        a, b = points[:20], points[20:]
        np.save(tmp_path / "a.npy", a)
        np.save(tmp_path / "b.npy", b)
        result = run("dga", tmp_path / "a.npy", tmp_path / "b.npy", "--hops", "2", "--profile")
        expected = compare_sets(a, b, hops=2)
        assert re.search(rf"Pairs within 2 hops +{expected.n_edges}\n", result.stdout)
        assert f"{expected.p_value:.3g}\n" in result.stdout
        profile = mixing_profile(a, b, max_hops=2)
        for hops, n_edges, similarity in zip(profile.hops, profile.n_edges, profile.relative_similarity, strict=True):
            assert re.search(rf"{hops} \({n_edges} pairs\) +{similarity:.4f}, p = ", result.stdout)
        assert re.search(rf"any scale\) +{profile.p_value:.3g}\n", result.stdout)

    def test_p_values_are_those_of_groups_on_demand(self, tmp_path, points):
        names = ["x", "y"]
        frame = pd.DataFrame(points, columns=names).assign(arm=["a"] * 16 + ["b"] * 24)
        frame["donor"] = [f"d{row // 4}" for row in range(16)] + [f"d{4 + row // 4}" for row in range(24)]
        parts = [part for _, part in frame.groupby("arm")]
        expected = compare_sets(*(part[names] for part in parts), groups=[part["donor"] for part in parts])
        frame.to_csv(tmp_path / "both.csv", index=False)
        for file, part in zip("ab", parts, strict=True):
            part.drop(columns="arm").to_csv(tmp_path / f"{file}.csv", index=False)
        for result in (
            run("dga", tmp_path / "both.csv", "--split", "arm", "--groups", "donor"),
            run("dga", tmp_path / "a.csv", tmp_path / "b.csv", "--groups", "donor"),
        ):
            assert result.exit_code == 0, result.stderr
            assert re.search(rf"p-value of groups \(fewer .*\) +{expected.p_value:.3g}\n", result.stdout)
            assert re.search(r"Groups +4 in a, 6 in b\n", result.stdout, re.IGNORECASE)
            assert re.search(r"Labellings counted +210\n", result.stdout)
            assert re.search(r"Smallest p-value they can give +0.00476\n", result.stdout)
        assert "whole groups are relabelled" in error_of(
            "dga", tmp_path / "a.csv", tmp_path / "b.csv", "--groups", "donor", "--paired"
        )

    def test_a_profile_relabels_whole_groups(self, tmp_path, points):
        frame = pd.DataFrame(points, columns=["x", "y"]).assign(arm=["a"] * 16 + ["b"] * 24)
        frame["donor"] = [f"d{row // 4}" for row in range(40)]
        frame.to_csv(tmp_path / "both.csv", index=False)
        asked = ("dga", tmp_path / "both.csv", "--split", "arm", "--groups", "donor", "--profile", "--hops", "2")
        a, b = (part for _, part in frame.groupby("arm"))
        expected = mixing_profile(a[["x", "y"]], b[["x", "y"]], groups=(a["donor"], b["donor"]), max_hops=2)
        result = run(*asked)
        assert re.search(rf"p-value of groups \(any scale\) +{expected.p_value:.3g}\n", result.stdout)
        found = json.loads(run(*asked, "--json").stdout)["profile"]
        assert [scale["p_value"] for scale in found["scales"]] == expected.p_values.tolist()
        assert (found["p_value"], found["n_labellings"], found["n_permutations"]) == (expected.p_value, 210, 0)

    def test_before_and_after_are_told_and_a_row_without_a_donor_is_named(self, tmp_path, points):
        frame = pd.DataFrame(points[:24], columns=["x", "y"]).assign(donor=[f"d{row % 6}" for row in range(24)])
        frame.to_csv(tmp_path / "a.csv", index=False)
        frame.assign(x=frame["x"] * 0.9).to_csv(tmp_path / "b.csv", index=False)
        result = run("dga", tmp_path / "a.csv", tmp_path / "b.csv", "--groups", "donor")
        assert re.search(r"Groups +6 in both\n", result.stdout)
        frame.loc[3, "donor"] = ""
        frame.to_csv(tmp_path / "b.csv", index=False)
        line = error_of("dga", tmp_path / "a.csv", tmp_path / "b.csv", "--groups", "donor")
        assert "b.csv: line 5 has a missing value ('') in --groups donor; fill it, or take the line out" in line

    def test_a_scan_tells_the_regions(self, tmp_path, monkeypatch):
        monkeypatch.setenv("COLUMNS", "120")
        A, B = random_wrapped_normal(60, random_state=0), random_wrapped_normal(60, [0.6, 0.0], random_state=1)
        np.save(tmp_path / "a.npy", A)
        np.save(tmp_path / "b.npy", B)
        result = run("dga", tmp_path / "a.npy", tmp_path / "b.npy", "--scan", "--permutations", "99")
        expected = compare_sets(A, B, scan=True, n_permutations=99)
        assert re.search(rf"scan, 99 permutations\) +{expected.p_value_scan:.3g}\n", result.stdout)
        regions = expected.regions()
        assert len(regions) >= 2
        for number, region in regions.iterrows():
            line = (
                rf"{number}: more of {region['crowded']} +{region['n_a']} of A \+ {region['n_b']} of B, "
                r"around [AB] row "
            )
            assert re.search(rf"{line}\d+, p = {region['p_value']:.3g}\n", result.stdout)

    def test_what_is_told_is_said_in_the_right_words(self, tmp_path, monkeypatch):
        monkeypatch.setenv("COLUMNS", "120")
        np.save(tmp_path / "a.npy", random_wrapped_normal(900, [-0.9, 0.0], random_state=0))
        np.save(tmp_path / "b.npy", random_wrapped_normal(900, [0.9, 0.0], random_state=1))
        result = run("dga", tmp_path / "a.npy", tmp_path / "b.npy", "--permutations", "1")
        assert re.search(r"two-sided\) +< 1e-300\n", result.stdout)
        assert "1 permutation)" in result.stdout
        assert "--permutations 1: no p-value from 2 labellings" in result.stderr
        rows = np.column_stack([random_wrapped_normal(40, random_state=0), np.arange(40) // 4])
        frame = pd.DataFrame(rows, columns=["x", "y", "donor"])
        for name, part in zip("ab", (frame[:20], frame[20:]), strict=True):
            part.to_csv(tmp_path / f"{name}.csv", index=False)
        files = tmp_path / "a.csv", tmp_path / "b.csv"
        assert "scan, 252 labellings)" in run("dga", *files, "--groups", "donor", "--scan").stdout
        assert "Error: --paired swaps single pairs" in error_of("dga", *files, "--groups", "donor", "--paired")

    def test_a_column_of_text_may_be_one_of_groups(self, cells):
        assert "if these are groups, such as donors, pass --groups kind" in error_of("dga", cells, cells)

    def test_a_split_needs_two_values(self, cells, tmp_path):
        assert "no column 'x y'; it has: x, y, kind" in error_of("dga", cells, "--split", "x y")
        pd.read_csv(cells).assign(kind="HSC").to_csv(tmp_path / "one.csv", index=False)
        line = error_of("dga", tmp_path / "one.csv", "--split", "kind")
        assert "must have at least two values; in" in line
        assert "it has one: 'HSC'" in line

    def test_a_split_of_more_values_gives_every_pair(self, cells, points, labels):
        expected = pairwise_hyperdga(points, labels).to_frame()
        result = run("dga", cells, "--split", "kind")
        assert result.exit_code == 0, result.stderr
        lines = result.stdout.splitlines()[1:]
        assert len(lines) == len(expected) == 3
        for line, pair in zip(lines, expected.itertuples(), strict=True):
            assert re.match(rf"{pair.a} and {pair.b} +{pair.similarity:.4f}, relative ", line)
            assert line.endswith(f"p = {pair.p_value:.3g}, corrected {pair.p_value_corrected:.3g}")
        found = json.loads(run("dga", cells, "--split", "kind", "--json").stdout)
        assert [pair["similarity"] for pair in found["pairs"]] == expected["similarity"].tolist()
        assert found["n_rows"] == {"HSC": 14, "MEP": 13, "Mo no": 13}
        line = error_of("dga", cells, "--split", "kind", "--paired")
        assert "--paired is for two sets, and --split gives 3: 'HSC', 'MEP', 'Mo no'" in line

    def test_json_has_the_numbers_of_the_library(self, tmp_path, points):
        np.save(tmp_path / "a.npy", points[:20])
        np.save(tmp_path / "b.npy", points[20:])
        options = ("--scan", "--permutations", "19", "--profile", "--json")
        found = json.loads(run("dga", tmp_path / "a.npy", tmp_path / "b.npy", *options).stdout)
        expected = compare_sets(points[:20], points[20:], scan=True, n_permutations=19)
        assert found["a"] == str(tmp_path / "a.npy")
        assert {name: found[name] for name in ("n_ab", "similarity", "p_value", "p_value_scan")} == {
            name: getattr(expected, name) for name in ("n_ab", "similarity", "p_value", "p_value_scan")
        }
        assert len(found["regions"]) == len(expected.regions())
        assert found["rows"]["set"] == ["A"] * 20 + ["B"] * 20
        assert found["rows"]["row"] == [*range(20), *range(20)]
        np.testing.assert_array_equal(found["rows"]["p_value_scan"], expected.to_frame()["p_value_scan"])
        assert "name" not in found["rows"]
        profile = mixing_profile(points[:20], points[20:], n_permutations=19)
        assert [scale["n_ab"] for scale in found["profile"]["scales"]] == profile.n_ab.tolist()

    def test_a_scan_of_a_split_file_tells_rows_of_the_file(self, tmp_path):
        A, B = random_wrapped_normal(60, random_state=0), random_wrapped_normal(60, [0.6, 0.0], random_state=1)
        order = np.random.default_rng(0).permutation(120)
        frame = pd.DataFrame(np.concatenate([A, B]), columns=["x", "y"]).assign(set=["A"] * 60 + ["B"] * 60)
        frame.index = [f"cell {row}" for row in range(120)]
        frame.iloc[order].to_csv(tmp_path / "ab.csv")
        options = ("dga", tmp_path / "ab.csv", "--split", "set", "--scan")
        found = json.loads(run(*options, "--json").stdout)
        names, rows = found["rows"]["name"], found["rows"]["row"]
        assert names == [f"cell {order[row]}" for row in rows]
        assert [order[row] >= 60 for row in rows] == [name == "B" for name in found["rows"]["set"]]
        assert found["regions"]
        text = run(*options).stdout
        for region in found["regions"]:
            row, name = rows[region["medoid"]], found["rows"]["set"][region["medoid"]]
            assert f"around {name} line {row + 2} (row {row}), p = " in text

    @pytest.mark.parametrize("cell", ["", " ", "NA", "nan"])
    def test_a_row_without_a_population_is_named(self, tmp_path, points, cell):
        text = f"x,y,set\n0.1,0.2,a\n\n0.3,0.1,{cell}\n0.2,0.1,a\n"
        line = error_of("dga", "-", "--split", "set", stdin=text)
        assert f"stdin: line 4 has a missing value ({cell.strip()!r}) in --split set; fill it" in line
        np.savez(tmp_path / "p.npz", X=points, labels=["a", "b", cell, *"a" * 37])
        assert "row 2 has a missing value" in error_of("dga", tmp_path / "p.npz", "--split", "labels")

    def test_a_missing_number_is_no_population(self, tmp_path):
        np.save(tmp_path / "p.npy", [[0.1, 0.2, 1], [0.2, 0.1, np.nan]])
        assert "row 1 has a missing value ('nan')" in error_of("dga", tmp_path / "p.npy", "--split", "2")

    def test_controls_may_be_called_none(self):
        result = run("dga", "-", "--split", "drug", stdin="x,y,drug\n0.1,0.2,none\n0.3,0.1,IFN\n0.2,0.1,none\n")
        assert "Points of none" in result.stdout

    def test_columns_of_two_files_are_matched_by_their_headings(self, cells, tmp_path, points):
        one, other = tmp_path / "one.csv", tmp_path / "other.csv"
        frame = pd.DataFrame(points, columns=["x", "y"])
        frame.iloc[:15].to_csv(one, index=False)
        results = []
        for columns in (["x", "y"], ["y", "x"]):
            frame.iloc[15:][columns].to_csv(other, index=False)
            results.append(run("dga", one, other).stdout)
        assert results[0] == results[1] != ""

    def test_two_files_with_other_coordinates_are_both_named(self, tmp_path):
        one, other = tmp_path / "one.csv", tmp_path / "other.csv"
        one.write_text("x,y\n0.1,0.2\n0.3,0.1\n")
        other.write_text("u,v\n0.1,0.2\n0.3,0.1\n")
        assert f"{one} has the coordinates x, y and {other} has u, v" in error_of("dga", one, other)
        other.write_text("0.1,0.2,0.3\n0.3,0.1,0.2\n")
        assert f"{one} has 2 coordinates and {other} has 3" in error_of("dga", one, other)

    def test_one_file_needs_a_split_and_two_do_not(self, cells):
        assert "one file and --split COLUMN" in error_of("dga", cells)
        assert "one file and --split COLUMN" in error_of("dga", cells, cells, "--split", "kind")

    def test_stdin_serves_once(self, cells, points):
        text = "\n".join(f"{x!r} {y!r}" for x, y in points.tolist())
        assert run("dga", "-", cells, "--columns", "x,y", "--no-header", stdin=text).exit_code == 2
        assert "only one of the two" in error_of("dga", "-", "-", stdin=text)


class TestConvert:
    def test_numbers_survive_the_way_through_text(self, tmp_path):
        points = convert(random_uniform_ball(50, radius=30.0, random_state=3), "poincare", "poincare")
        csv, npy = tmp_path / "p.csv", tmp_path / "p.npy"
        np.save(npy, points)
        assert run("convert", npy, "--from", "poincare", "--to", "poincare", "--output", csv).exit_code == 0
        assert run("convert", csv, "--from", "poincare", "--to", "poincare", "--output", npy).exit_code == 0
        np.testing.assert_array_equal(np.load(npy), points)

    def test_a_curvature_is_that_of_both_models(self, tmp_path, points):
        file = tmp_path / "points.npy"
        np.save(file, 2 * points)
        rows = converted(file, "--from", "poincare", "--to", "halfspace", "--curvature", -0.25)
        np.testing.assert_array_equal(np.array(rows, dtype=float), convert(points, "poincare", "halfspace"))

    def test_labels_names_and_headings_are_kept(self, tmp_path, points, labels):
        file = tmp_path / "named.csv"
        table = pd.DataFrame(points, index=[f"c{i}" for i in range(40)], columns=["x", "y"]).assign(kind=labels)
        table.to_csv(file)
        out = tmp_path / "out.csv"
        assert (
            run("convert", file, "--from", "poincare", "--to", "klein", "--labels", "kind", "--output", out).exit_code
            == 0
        )
        back = pd.read_csv(out, index_col=0, dtype=str)  # the parser of pandas before 3.1 may miss the last digit
        assert list(back.index) == list(table.index)
        assert list(back.columns) == ["x", "y", "kind"]
        assert list(back["kind"]) == list(labels)
        np.testing.assert_array_equal(back[["x", "y"]].astype(float), convert(points, "poincare", "klein"))

    def test_the_time_coordinate_gets_a_heading_of_its_own(self, cells):
        there = run("convert", cells, "--from", "poincare", "--to", "hyperboloid", "--columns", "x,y").stdout
        assert there.splitlines()[0] == "x0,x1,x2"
        assert converted("-", "--from", "hyperboloid", "--to", "poincare", stdin=there)[0] == ["x1", "x2"]

    @pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".npz"])
    def test_every_format_can_be_read_back(self, cells, points, labels, tmp_path, suffix):
        out = tmp_path / f"out{suffix}"
        arguments = ["--from", "poincare", "--to", "poincare", "--labels"]
        assert run("convert", cells, *arguments, "kind", "--output", out).exit_code == 0
        rows = converted(out, *arguments, "labels" if suffix == ".npz" else "kind")
        assert [row[2] for row in rows[-40:]] == list(labels)
        np.testing.assert_array_equal(np.array([row[:2] for row in rows[-40:]], float), points)

    def test_npy_does_not_lose_labels_in_silence(self, cells, tmp_path):
        arguments = ["convert", cells, "--from", "poincare", "--to", "klein", "--labels", "kind"]
        assert "holds the points alone" in error_of(*arguments, "--output", tmp_path / "out.npy")

    @pytest.mark.parametrize("extra", [{"labels": None}, {"y": np.arange(40)}])
    def test_an_npz_may_call_its_only_table_anything(self, tmp_path, points, labels, extra):
        file = tmp_path / "p.npz"
        np.savez(file, embedding=points, **{k: labels if v is None else v for k, v in extra.items()})
        assert len(converted(file, "--from", "poincare", "--to", "klein")) == 40


class TestReading:
    """`convert` from klein to klein's neighbour shows what was read."""

    @pytest.mark.parametrize(
        "text",
        [
            "x,y\n0.5,0\n0.6,0\n",
            "0.5\t0\n0.6\t0\n",
            "x;y\r\n0.5;0\r\n0.6;0\r\n",
            "\n0.5 0.0\n\n6.0e-1 0.0\n\n",
            "\ufeffx,y\n0.5,0\n0.6,0",
            '"x","y"\n"0.5","0"\n"0.6","0"\n',
            ",x,y\nc0,0.5,0\nc1,0.6,0\n",
            ",0,1\n0,0.5,0\n1,0.6,0\n",
            "x y\nc0 0.5 0\nc1 0.6 0\n",
        ],
        ids=["csv", "tabs", "semicolons", "spaces", "bom", "quoted", "pandas", "pandas-unnamed", "r-table"],
    )
    def test_delimiters_headers_and_row_names_are_found_out(self, tmp_path, text):
        file = tmp_path / "p.txt"
        file.write_bytes(text.encode())
        out = tmp_path / "p.npz"
        assert run("convert", file, "--from", "klein", "--to", "poincare", "--output", out).exit_code == 0
        with np.load(out) as arrays:
            np.testing.assert_array_equal(arrays["X"], convert([[0.5, 0.0], [0.6, 0.0]], "klein", "poincare"))
            assert ("names" in arrays) == ("c0" in text or ",0,1" in text)

    def test_without_a_header_columns_have_numbers(self):
        rows = converted("-", "--from", "klein", "--to", "klein", "--labels", "0", stdin="a,0.5,0\nb,0.6,0\n")
        assert rows == [["0.5", "0.0", "a"], ["0.6", "0.0", "b"]]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "stdin is empty"),
            ("x,y\n", "stdin has a header but no rows"),
            ("x,y\n0.1,0.2\n0.3,\n", "line 3, column 'y' has a missing value ('')"),
            ("x,y\n0.1,0.2\n0.3,NA\n", "line 3, column 'y' has a missing value ('NA')"),
            (",0.2\n0.3,0.1\n", "line 1, column '0' has a missing value"),
            ("x,y\n0.1,0.2\n\n0.3,inf\n", "line 4, column 'y': 'inf' is not a finite number"),
            ("x,y\n0.1,0.2\n0.3,1_0\n", "'1_0' is not a finite number"),
            ("x,y\n0.1,0.2\n0.3\n", "line 3 has fewer than 2 cells"),
            ("x,y\n0.1,0.2,7\n0.3,0.1\n", "line 2 has 3 cells, and most have fewer"),
            ("0.1,0.2,7\n0.3,0.1\n0.3,0.2\n", "line 1 has 3 cells, and most have fewer"),
            ("x,y\n0.1,0.2\n0.3,0.1,0.2\n", "Expected 2 fields in line 3, saw 3"),
            ('x,t\n0.1,"a\n0.3,"b\n', "line 2 opens a quote"),
            ("NA,NA\n0.1,0.2\n", "line 1, column '0' has a missing value ('NA')"),
            ("x,y\n0.1,0.\x002\n", "is not a text table"),
            ("x,y,t\n0.1,0.2,HSC\n", "column 't' holds text ('HSC' in line 2); if these are labels, pass --labels t"),
            ("x,my t\n0.1,HSC\n", '--labels "my t", or name the coordinates with --columns x'),
            ("x,y,3\n0.1,0.2,0.3\n", "if the first line is a header, pass --header"),
            ("0,1\n0.1,0.2\n", "can be a header or a point|may be a header or a point; pass --header or --no-header"),
            ("x,y\n0.1,0.2\n0.3,1.2\n", "stdin: line 3 (row 1) has norm 1.23693; Poincaré points need norm < 1"),
            ("x,y\n0.1,2\n", "pass --from ..."),
        ],
    )
    def test_what_cannot_be_read_is_named_by_line_and_column(self, text, message):
        line = error_of("convert", "-", "--from", "poincare", "--to", "klein", stdin=text)
        assert any(part in line for part in message.split("|"))

    def test_a_first_line_of_numbers_can_be_called_a_header(self):
        text = "0,1\n0.5,0.25\n"
        arguments = ("-", "--from", "halfspace", "--to", "poincare")
        assert converted(*arguments, "--header", stdin=text)[0] == ["0", "1"]
        assert converted(*arguments, "--no-header", stdin=text)[0] == ["0.0", "0.0"]

    def test_columns_choose_and_order_the_coordinates(self, cells, points):
        rows = converted(cells, "--from", "poincare", "--to", "poincare", "--columns", "y, x")
        np.testing.assert_array_equal(np.array(rows[1:], float), points[:, ::-1])

    def test_a_column_that_is_not_there_is_named_with_those_that_are(self, cells):
        assert "has no column 'type'; it has: x, y, kind" in error_of("tree", cells, "--labels", "type")
        line = error_of("tree", "-", "--labels", "7", stdin="0.1,0.2\n")
        assert "without a header its columns are 0 to 1" in line

    def test_bytes_on_stdin_are_no_table(self):
        assert "is not a text table" in error_of("tree", "-", stdin=b"\x93NUMPY\xff\xfe")

    def test_arrays_of_objects_are_refused(self, tmp_path):
        file = tmp_path / "bad.npy"
        np.save(file, np.array([[1, "a"]], dtype=object), allow_pickle=True)
        assert "holds Python objects, which are not read" in error_of("tree", file)

    def test_an_npz_without_one_table_lists_what_it_has(self, tmp_path):
        file = tmp_path / "two.npz"
        np.savez(file, a=np.zeros((2, 2)), b=np.zeros((2, 2)))
        assert "needs an array 'X'" in error_of("tree", file)
        np.savez(file, X=np.zeros((2, 2)), labels=np.zeros(3))
        assert "'labels' has shape (3,)" in error_of("tree", file)
        assert "has no array 'kind'; it has: X, labels" in error_of("tree", file, "--labels", "kind")

    @pytest.mark.parametrize(
        ("array", "message"),
        [
            (np.zeros(3), "shape (3,)"),
            (np.zeros((0, 2)), "holds no rows"),
            (np.zeros((2, 2), dtype=complex), "real numbers"),
            (np.array([[0.1, np.nan]]), "row 0 is not finite"),
        ],
    )
    def test_arrays_that_are_no_points_are_refused(self, tmp_path, array, message):
        np.save(tmp_path / "a.npy", array)
        assert message in error_of("tree", tmp_path / "a.npy")


class TestErrors:
    def test_files_that_cannot_be_read_are_named(self, tmp_path):
        assert error_of("tree", tmp_path / "none.csv").endswith("none.csv: No such file or directory")
        assert "pickles are not read" in error_of("tree", "a.pkl")
        (tmp_path / "b.csv").write_bytes(b"x,y\n0.1,\xff\xfe\n")
        assert "is not a text table" in error_of("tree", tmp_path / "b.csv")
        (tmp_path / "b.npy").write_text("x,y\n")
        assert "is not a NumPy file" in error_of("tree", tmp_path / "b.npy")
        np.save(tmp_path / "c.npy", np.zeros((2, 2)))
        (tmp_path / "c.npy").write_bytes((tmp_path / "c.npy").read_bytes().replace(b"}", b"("))
        assert "or a damaged one" in error_of("tree", tmp_path / "c.npy")

    def test_outputs_that_cannot_be_written_are_refused_before_the_work(self, cells, tmp_path):
        where = tmp_path / "nowhere" / "t.png"
        assert "does not exist" in error_of("tree", cells, "--labels", "kind", "--plot", where)
        assert "is a folder; name a file in it" in error_of("tree", cells, "--labels", "kind", "--output", tmp_path)
        assert "must end in one of" in error_of("tree", cells, "--labels", "kind", "--plot", tmp_path / "t.doc")
        assert "pass --output too" in error_of("tree", cells, "--labels", "kind", "--terminals", "nodes")
        assert "--terminals is about the" in error_of("tree", cells, "--labels", "kind", "--terminals", "leaves")
        line = error_of(
            "convert", cells, "--from", "poincare", "--to", "klein", "--labels", "kind", "--output", "a.xls"
        )
        assert "hyperkit writes .csv" in line

    def test_no_output_overwrites_the_input_or_another_output(self, cells, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        before = Path(cells).read_text()
        (tmp_path / "link.csv").symlink_to(cells)
        tree = ("tree", cells, "--labels", "kind")
        for output in (cells, "cells.csv", "./cells.csv", "link.csv"):
            assert f"--output {output} would overwrite FILE {cells}" in error_of(*tree, "--output", output)
            assert "would overwrite FILE" in error_of(*tree, "--plot", output)
            line = error_of(
                "convert", cells, "--columns", "x,y", "--from", "klein", "--to", "klein", "--output", output
            )
            assert "would overwrite FILE" in line
        line = error_of(*tree, "--output", "new.png", "--plot", tmp_path / "new.png")
        assert "would overwrite --output new.png" in line
        assert Path(cells).read_text() == before
        assert not Path("new.png").exists()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
    def test_a_full_disk_is_named(self, cells, tmp_path):
        tree = ("tree", cells, "--labels", "kind")
        assert error_of(*tree, "--output", "/dev/full") == "Error: /dev/full: No space left on device"
        for suffix in ("png", "csv", "npy", "npz"):
            full = tmp_path / f"full.{suffix}"
            full.symlink_to("/dev/full")
            if suffix == "png":
                line = error_of(*tree, "--plot", full)
            else:
                line = error_of(
                    "convert", cells, "--columns", "x,y", "--from", "klein", "--to", "klein", "--output", full
                )
            assert line.startswith(f"Error: {full}: ")

    def test_trees_of_space_are_drawn_as_a_projection(self, tmp_path):
        np.save(tmp_path / "p.npy", 0.1 * np.eye(4)[:, :3])
        assert run("tree", tmp_path / "p.npy", "--plot", tmp_path / "t.svg").exit_code == 0
        assert "3 dimensions shown in 2" in (tmp_path / "t.svg").read_text()

    @pytest.mark.parametrize("root", ["40", "-1", "nobody", "MEP"])
    def test_a_root_must_be_a_row(self, cells, root):
        line = error_of("tree", cells, "--labels", "kind", "--output", "-", "--root", root)
        assert "give a number from 0 to 39, or a name such as 'HSC.0'" in line

    def test_wrong_command_lines_point_to_the_help(self, cells):
        assert error_of("tre", cells).endswith("--help)")
        assert "--mdel" in error_of("tree", cells, "--mdel", "klein")
        assert "'poincare', 'klein'" in error_of("tree", cells, "--model", "sphere")
        assert "Missing argument 'FILE'" in error_of("tree")

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (MemoryError("Unable to allocate 8 TiB"), "not enough memory: Unable to allocate 8 TiB"),
            (ImportError('x is needed: pip install "x"'), 'x is needed: pip install "x"'),
            (ValueError("two\nlines"), "two lines"),
        ],
    )
    def test_errors_of_the_library_are_one_line(self, cells, monkeypatch, error, text):
        def fail(*_args, **_kwargs):
            raise error

        monkeypatch.setattr(HyperSteiner, "fit", fail)
        assert error_of("tree", cells, "--labels", "kind") == f"Error: {text}"

    def test_a_fault_of_ours_keeps_its_traceback(self, cells, monkeypatch):
        def fail(*_args, **_kwargs):
            raise RuntimeError("bug")

        monkeypatch.setattr(HyperSteiner, "fit", fail)
        assert isinstance(run("tree", cells, "--labels", "kind").exception, RuntimeError)

    def test_ctrl_c_exits_with_130(self, cells, monkeypatch):
        def interrupt(*_args, **_kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(HyperSteiner, "fit", interrupt)
        result = run("tree", cells, "--labels", "kind")
        assert result.exit_code == 130
        assert result.stderr.splitlines()[-1] == "Stopped before the result was there"

    @pytest.mark.parametrize("module", ["click", "hyperkit.cli._commands", "hyperkit.cli._main"])
    @pytest.mark.parametrize("entry", ["runpy.run_module('hyperkit', run_name='__main__')", "entry.load()()"])
    def test_ctrl_c_while_modules_are_imported_exits_quietly_with_130(self, module, entry):
        (declared,) = re.findall(
            r"console_scripts =\n *hyperkit = (\S+)", (Path(__file__).parent.parent / "setup.cfg").read_text()
        )
        code = (
            "import importlib.metadata, os, runpy, signal, sys\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # jobs in the background ignore it
            "class Interrupt:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
            "sys.meta_path.insert(0, Interrupt())\n"
            f"entry = importlib.metadata.EntryPoint('hyperkit', {declared!r}, 'console_scripts')\n{entry}"
        )
        done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (130, "", "")

    def test_a_closed_pipe_is_no_error(self, tmp_path, points):
        np.save(tmp_path / "p.npy", np.repeat(points, 500, axis=0))
        command = f"{sys.executable} -m hyperkit convert {tmp_path}/p.npy --from poincare --to klein | head -n 1"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
        assert done.stdout.count("\n") == 1
        assert done.stderr == ""

    @pytest.mark.parametrize("newick", ["t.nwk", "-"])
    def test_a_closed_pipe_costs_no_files(self, cells, tmp_path, newick):
        output = newick if newick == "-" else tmp_path / newick
        files = ("--output", output, "--plot", tmp_path / "t.png")
        status, _ = run_into_closed_pipe("tree", cells, "--labels", "kind", *files)
        assert status == 0
        assert imread(tmp_path / "t.png").shape[0] > 1000
        assert newick == "-" or (tmp_path / newick).read_text().endswith(";\n")

    def test_help_into_a_closed_pipe_is_no_error(self):
        assert run_into_closed_pipe("--help") == (0, "")
        assert run_into_closed_pipe("tree", "--help") == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_labels_that_the_terminal_has_no_signs_for_are_told_in_escapes(tmp_path, encoding):
    file = tmp_path / "p.csv"
    file.write_text("x,y,t\n0.1,0.2,naïve λ\n0.3,0.1,b\n", encoding="utf-8")
    command = [sys.executable, "-m", "hyperkit", "dga", file, "--split", "t"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8" if encoding != "cp1252" else "cp1252").splitlines()[1].startswith("Points of b")
    assert (b"\\u03bb" in done.stdout) == (encoding == "cp1252")


@pytest.mark.parametrize("file", ["t.nwk", "r.csv", "o.tsv", "-"])
def test_a_label_that_no_text_can_hold_is_named(tmp_path, points, file):
    names = np.array([f"cell {row}" + "\udcff" * (row == 7) for row in range(40)])
    np.savez(tmp_path / "c.npz", X=points, names=names)
    output = file if file == "-" else tmp_path / file
    if file == "o.tsv":
        arguments = ("convert", tmp_path / "c.npz", "--from", "poincare", "--to", "klein", "--output", output)
    else:
        arguments = ("tree", tmp_path / "c.npz", "--rows" if file == "r.csv" else "--output", output)
    result = run(*arguments)
    assert result.exit_code == 2
    where = "stdout" if file == "-" else output
    assert f"Error: {where}: 'cell 7\\udcff' has half a surrogate pair" in result.stderr


class TestDemo:
    def test_the_demo_leaves_tree_figure_and_cells(self, tmp_path):
        folder = tmp_path / "a" / "demo"
        result = run("demo", "--output", folder)
        assert result.exit_code == 0, result.stderr
        assert "640" in result.stdout
        assert "Dendritic" in result.stdout
        assert {file.name for file in folder.iterdir()} == {
            "tree.png",
            "tree.nwk",
            "genes.csv",
            "cells.csv",
            "monocytes.csv",
            "dendritic.csv",
            "b-cells.csv",
        }
        assert all(str(file) in result.stdout for file in folder.iterdir())
        assert imread(folder / "tree.png").shape[0] > 1000

    def test_json_of_the_demo_and_of_compiling_is_one_object(self, tmp_path, monkeypatch):
        found = json.loads(run("demo", "--output", tmp_path, "--json").stdout)
        assert {found["figure"], found["newick"], *found["tables"]} == set(map(str, tmp_path.iterdir()))
        tables = (pd.read_csv(tmp_path / file, float_precision="round_trip") for file in ("cells.csv", "monocytes.csv"))
        cells, monocytes = (table[["x", "y"]] for table in tables)
        assert found["tree"]["length"] == pytest.approx(HyperSteiner().fit(cells).length_, rel=1e-12)
        for score, file in zip(found["scores"], ("dendritic.csv", "b-cells.csv"), strict=True):
            expected = compare_sets(monocytes, pd.read_csv(tmp_path / file))
            assert (score["n_ab"], score["similarity"]) == (expected.n_ab, expected.similarity)
        monkeypatch.setattr("hyperkit.cli._compile._compile_for", lambda uses, n: (3, 4))
        assert json.loads(run("compile", "--json").stdout) == {"n_compiled": 3, "n_there": 4}

    def test_the_demo_leaves_its_files_though_nobody_reads(self, tmp_path):
        assert run_into_closed_pipe("demo", "--output", tmp_path) == (0, "")
        assert len(list(tmp_path.iterdir())) == 7

    def test_the_cells_of_the_demo_give_its_tree_again(self, tmp_path):
        run("demo", "--output", tmp_path)
        result = run("tree", tmp_path / "cells.csv", "--labels", "cell_type", "--output", "-", "--root", "0")
        assert result.stdout == (tmp_path / "tree.nwk").read_text()

    def test_the_genes_of_the_demo_are_those_of_its_cells(self, tmp_path):
        run("demo", "--output", tmp_path)
        genes, cells = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("genes", "cells"))
        assert list(genes["cell_type"]) == list(cells["cell_type"])
        np.testing.assert_array_equal(genes.drop(columns="cell_type"), load_krumsiek11().data)


def test_newick_of_the_command_has_the_lengths_of_the_library(cells, points):
    newick = run("tree", cells, "--labels", "kind", "--output", "-", "--root", "0").stdout
    lengths = [float(text) for text in re.findall(r":([-+.eE\d]+)", newick)]
    tree = HyperSteiner().fit(points).tree_
    n_inner = len(lengths) - len(tree.lengths)  # rows inside the tree hang as tips
    assert 0 < n_inner < 40
    expected = np.sort(np.append(tree.lengths, np.zeros(n_inner)))
    np.testing.assert_allclose(np.sort(lengths), expected, rtol=1e-12)


class TestCompare:
    @pytest.fixture
    def embeddings(self, tmp_path, points, labels):
        """A in the plane with labels, and B, which is A moved, in space and in another order; both name their rows."""
        names = [f"cell{row}" for row in range(40)]
        pd.DataFrame(points, columns=["x", "y"], index=names).assign(kind=labels).to_csv(tmp_path / "a.csv")
        moved = translate(np.column_stack([points, np.zeros(40)]), [0.1, 0.2, 0.3])
        pd.DataFrame(moved, columns=["u", "v", "w"], index=names)[::-1].to_csv(tmp_path / "b.csv")
        return tmp_path / "a.csv", tmp_path / "b.csv"

    def test_rows_are_matched_by_name_and_that_is_said(self, embeddings, tmp_path):
        a, b = embeddings
        rows, figure = tmp_path / "rows.csv", tmp_path / "both.svg"
        result = run("compare", a, b, "--labels", "kind", "--output", rows, "--plot", figure)
        assert result.exit_code == 0, result.stderr
        assert f"Rows of {b} were brought into the order of {a}, by their names" in result.stderr
        assert "40 (dimensions 2 and 3)" in result.stdout
        assert "100 % (chance 12.8 %)" in result.stdout
        frame = pd.read_csv(rows, index_col=0)
        assert frame.index.tolist() == [f"cell{row}" for row in range(40)]
        assert frame["lost_5"].max() == 0
        assert frame["displacement"].max() < 1e-6
        assert frame["kind"].tolist() == pd.read_csv(a)["kind"].tolist()
        assert "Q, aligned to P" in figure.read_text()

    def test_rows_without_names_go_by_their_place(self, tmp_path, points):
        np.save(tmp_path / "a.npy", points)
        np.save(tmp_path / "b.npy", points[::-1])
        result = run("compare", tmp_path / "a.npy", tmp_path / "b.npy", "--neighbors", "3,10", "--output", "-")
        lines = result.stdout.splitlines()
        assert lines[0] == "lost_3,lost_10,displacement"
        assert len(lines) == 41
        assert "Shared of 10 neighbours" in result.stderr
        assert "by their place" not in result.stderr
        pd.DataFrame(points, index=[f"cell{row}" for row in range(40)]).to_csv(tmp_path / "a.csv")
        result = run("compare", tmp_path / "a.csv", tmp_path / "a.npy")
        assert f"Rows of {tmp_path / 'a.npy'} go by their place: not both files name their rows" in result.stderr

    @pytest.mark.parametrize("options", [{}, {"--model": "klein", "--curvature": -4.0}])
    def test_each_file_may_have_its_own_coordinates(self, tmp_path, points, options):
        """The same points; B in hyperboloid coordinates of another curvature."""
        ball, model, curvature = to_ball(points), options.get("--model", "poincare"), options.get("--curvature", -1.0)
        np.savetxt(tmp_path / "a.csv", from_ball(ball, model, curvature=curvature), delimiter=",", fmt="%.17g")
        np.savetxt(tmp_path / "b.csv", from_ball(ball, "hyperboloid", curvature=-0.25), delimiter=",", fmt="%.17g")
        given = [word for option in options.items() for word in option]
        of_b = ["--model-b", "hyperboloid", "--curvature-b", "-0.25"]
        found = json.loads(run("compare", tmp_path / "a.csv", tmp_path / "b.csv", *given, *of_b, "--json").stdout)
        assert found["scale"] == pytest.approx(1.0, abs=1e-6)
        assert found["stress"] < 1e-6
        assert found["relative_displacement"] < 1e-6

    def test_options_of_the_second_file_are_named_where_it_does_not_fit(self, tmp_path, points):
        np.savetxt(tmp_path / "a.csv", points, delimiter=",")
        np.savetxt(tmp_path / "b.csv", 3.0 * points, delimiter=",")
        files = ["compare", tmp_path / "a.csv", tmp_path / "b.csv"]
        assert "pass --model-b ... or --curvature-b ..." in error_of(*files)
        assert "--curvature-b nan must be a negative number" in error_of(*files, "--curvature-b", "nan")
        assert "pass --model ... or --curvature ..." in error_of(*files, "--curvature", "-99")
        np.savetxt(tmp_path / "b.csv", np.full_like(points, 25.0), delimiter=",")
        assert f"{tmp_path / 'b.csv'}: row 0 is at" in error_of(*files, "--model", "klein", "--model-b", "tangent")

    def test_data_judge_both(self, embeddings, tmp_path, points):
        a, b = embeddings
        names = [f"cell{row}" for row in range(40)]
        order = np.random.default_rng(0).permutation(40)
        features = pd.DataFrame(points, index=names)
        features.iloc[order].to_csv(tmp_path / "data.csv")
        distances = pd.DataFrame(pairwise_distances(points), index=names, columns=names)
        distances.iloc[order, order].to_csv(tmp_path / "distances.csv")
        for file, metric in (("data.csv", "euclidean"), ("distances.csv", "precomputed")):
            options = ("--data", tmp_path / file, "--metric", metric)
            result = run("compare", a, b, "--labels", "kind", *options)
            assert result.exit_code == 0, result.stderr
            assert "Stress, by the data" in result.stdout
        assert "P 1, Q 1" in result.stdout  # of the hyperbolic distances themselves

    def test_what_are_not_the_same_rows_is_refused(self, embeddings, tmp_path, points):
        a, b = embeddings
        table = pd.read_csv(b, index_col=0)
        table.rename({"cell3": "cell99"}).to_csv(tmp_path / "c.csv")
        np.save(tmp_path / "e.npy", points[1:])
        options = ("--labels", "kind")
        assert "line 5 (row 3) is 'cell3', and " in error_of("compare", a, tmp_path / "c.csv", *options)
        table[:-1].to_csv(tmp_path / "d.csv")
        assert "line 2 (row 0) is 'cell0', and" in error_of("compare", a, tmp_path / "d.csv", *options)
        table.iloc[[*range(40), 0]].to_csv(tmp_path / "f.csv")
        assert "as is one before it" in error_of("compare", a, tmp_path / "f.csv", *options)
        assert "40 rows and" in error_of("compare", a, tmp_path / "e.npy", *options)

    def test_labels_may_be_in_either_file_but_not_differ(self, embeddings, tmp_path, labels):
        a, b = embeddings
        assert "Same label among" in run("compare", b, a, "--labels", "kind").stdout
        assert "neither" in error_of("compare", b, b, "--labels", "kind")
        pd.read_csv(b, index_col=0).assign(kind=labels[::-1]).to_csv(tmp_path / "c.csv")
        assert run("compare", a, tmp_path / "c.csv", "--labels", "kind").exit_code == 0
        wrong = pd.read_csv(b, index_col=0).assign(kind=labels)
        wrong.to_csv(tmp_path / "d.csv")
        line = run("compare", a, tmp_path / "d.csv", "--labels", "kind").stderr.splitlines()[-1]
        assert "are these the same rows?" in line

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("--neighbors", "5,x"), "--neighbors 5,x: give whole numbers of at least 1"),
            (("--neighbors", "40"), "--neighbors 40 must be a whole number from 1 to 39"),
            (("--plot", "both.doc"), "the name must end in one of"),
            (("--output", "A"), "would overwrite A"),
            (("--data", "-"), "only one of the files can come from stdin"),
        ],
    )
    def test_options_that_do_not_fit_are_named(self, tmp_path, points, options, message):
        a = tmp_path / "a.npy"
        np.save(a, points)
        other = "-" if options[0] == "--data" else a
        options = [a if option == "A" else option for option in options]
        assert message in error_of("compare", a, other, *options)
