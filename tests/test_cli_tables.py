"""Tables as people have them: read right in every form, or refused with the option that reads them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from test_cli import error_of, run

from hyperkit import random_uniform_ball
from hyperkit.cli._report import numbers_or_text

POINTS = random_uniform_ball(12, radius=2.0, random_state=0)
KINDS = np.resize(["Thy1+", "naïve"], 12)
FRAME = pd.DataFrame(POINTS, columns=["x", "y"]).assign(kind=KINDS)
TEXT = FRAME.to_csv(index=False)


def read(*arguments, stdin=None):
    """What `convert` reads, as its JSON."""
    result = run("convert", *arguments, "--from", "poincare", "--to", "poincare", "--json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout) | {"stderr": result.stderr}


def refused(*arguments, stdin=None):
    result = run("convert", *arguments, "--from", "poincare", "--to", "poincare", stdin=stdin)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


def check_read(found, names=None):
    np.testing.assert_array_equal(found["points"], POINTS)
    assert found["label"] == KINDS.tolist()
    assert found["name"] == names


def zipped(data, *names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return stream.getvalue()


class TestPacked:
    @pytest.mark.parametrize(
        "pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: zipped(data, "p.csv", "__MACOSX/._p.csv")]
    )
    def test_a_packed_text_is_read_from_a_file_and_from_stdin(self, tmp_path, pack):
        data = pack(TEXT.encode())
        (tmp_path / "p.csv.packed").write_bytes(data)
        check_read(read(tmp_path / "p.csv.packed", "--labels", "kind"))
        check_read(read("-", "--labels", "kind", stdin=data))

    def test_the_suffix_below_says_what_separates_cells(self, tmp_path):
        (tmp_path / "p.tsv.gz").write_bytes(gzip.compress(b"x\ta,b,c,d\n0.1\tone\n0.2\tone\n"))
        assert read(tmp_path / "p.tsv.gz", "--labels", "a,b,c,d")["points"] == [[0.1], [0.2]]

    def test_what_cannot_be_unpacked_is_said(self, tmp_path):
        file = tmp_path / "p.csv.gz"
        file.write_bytes(gzip.compress(TEXT.encode())[:-20])
        assert "cannot be unpacked, perhaps it is damaged" in refused(file)
        assert "holds 2 files (a.csv, b.csv)" in refused("-", stdin=zipped(TEXT, "a.csv", "b.csv"))
        assert "holds 0 files ()" not in refused("-", stdin=zipped(TEXT, "a.csv")[:-9])


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_unicode_of_other_kinds_is_named_with_the_option(self, encoding):
        data = TEXT.encode(encoding)
        assert f"but in {encoding.upper()}: pass --encoding {encoding}" in refused("-", stdin=data)
        check_read(read("-", "--labels", "kind", "--encoding", encoding, stdin=data))

    def test_text_of_western_europe_is_named_with_the_option(self):
        data = TEXT.replace("\n", "\r\n").encode("latin-1")
        line = refused("-", stdin=data)
        assert "line 3 has the byte 0xef" in line
        assert "--encoding latin-1" in line
        check_read(read("-", "--labels", "kind", "--encoding", "latin-1", stdin=data))
        assert "--encoding klingon is not known" in refused("-", "--encoding", "klingon", stdin=data)
        assert "not a text table in --encoding ascii" in refused("-", "--encoding", "ascii", stdin=data)

    @pytest.mark.parametrize("separator", [";", "\t", "|", " "])
    def test_decimal_commas_are_named_with_the_option(self, separator):
        text = FRAME.to_csv(index=False, sep=separator, decimal=",")
        bare = FRAME[["x", "y"]].to_csv(index=False, header=False, sep=separator, decimal=",")
        for table in (text, bare):
            assert "if the comma is a decimal comma, pass --decimal ," in refused("-", "--labels", "1", stdin=bare)
            options = ("--labels", "kind") if table is text else ()
            found = read("-", "--decimal", ",", *options, stdin=table)
            np.testing.assert_array_equal(found["points"], POINTS)
        assert "'1.234,5' is not a finite number" in refused(
            "-", "--decimal", ",", "--no-header", stdin="0,2;0,1\n1.234,5;0,1\n"
        )

    def test_a_comment_is_skipped_and_lines_are_those_of_the_file(self):
        text = "# made by hand\nx,y,kind\n0.1,0.2,a#1  \n# more\n\n0.3,NA,b\n"
        line = refused("-", "--labels", "kind", "--comment", "#", stdin=text)
        assert "line 6, column 'y' has a missing value ('NA')" in line
        found = read("-", "--labels", "kind", "--comment", "#", stdin=text.replace("NA,b", "0.4,b # late"))
        assert found["points"] == [[0.1, 0.2], [0.3, 0.4]]
        assert found["label"] == ["a", "b"]
        assert "must be one character" in refused("-", "--comment", "//", stdin=text)

    @pytest.mark.parametrize("cell", ["", "NA", "n/a", "NaN"])
    def test_a_missing_label_is_no_label_of_its_own(self, tmp_path, cell):
        text = TEXT.replace("naïve", cell)
        told = run("tree", "-", "--labels", "kind", stdin=text).stdout
        assert re.search(r"Labels +kind \(1 different, none in 6 rows\)\n", told)
        assert numbers_or_text(np.array(["1", cell, "2.5"])).tolist()[::2] == [1.0, 2.5]
        assert pd.isna(numbers_or_text(np.array(["a", cell]))[1])

    def test_bars_in_labels_do_not_separate(self):
        assert read("-", "--labels", "2", stdin="0.1,0.2,a|b|c|d\n0.3,0.1,a|b|c|d\n")["label"] == ["a|b|c|d"] * 2

    def test_a_separator_can_be_named(self):
        text = TEXT.replace(",", ":")
        assert "x:y:kind" in refused("-", stdin=text)
        for name in (":", "tab", "space"):
            table = text.replace(":", {":": ":", "tab": "\t", "space": " "}[name])
            check_read(read("-", "--labels", "kind", "--sep", name, stdin=table))
        assert "--sep :: must be one character, tab or space" in refused("-", "--sep", "::", stdin=text)

    def test_a_quoted_cell_may_run_over_lines(self):
        text = 'x,y,kind\n0.1,0.2,"O\'Neil\n""both"", and"\n0.3,0.1,a\n0.3,,b\n'
        assert "line 5, column 'y' has a missing value" in refused("-", "--labels", "kind", stdin=text)
        found = read("-", "--labels", "kind", stdin=text.replace(",,", ",0.5,"))
        assert found["label"] == ['O\'Neil\n"both", and', "a", "b"]

    @pytest.mark.parametrize("cell", ['"a"b', '"a', '"a\n0.3,0.1,"b'])
    def test_a_quote_without_an_end_is_named_by_its_line(self, cell):
        line = refused("-", "--labels", "kind", stdin=f"x,y,kind\n0.3,0.2,a\n0.1,0.2,{cell}\n0.3,0.1,c\n")
        assert "line 3 opens a quote" in line

    def test_the_text_of_word2vec_is_read(self):
        text = "3 2\ncat.n.01 0.1 0.2\ndog_n 0.3 -0.1\nfish 0.0 0.1\n"
        found = read("-", stdin=text)
        assert found["points"] == [[0.1, 0.2], [0.3, -0.1], [0.0, 0.1]]
        assert found["name"] == ["cat.n.01", "dog_n", "fish"]
        assert read("-", "--labels", "0", stdin=text)["label"] == found["name"]

    def test_files_that_were_joined_have_no_mark_inside(self):
        assert read("-", stdin="\ufeff0.1,0.2\n\ufeff0.3,0.1\n")["points"] == [[0.1, 0.2], [0.3, 0.1]]

    def test_the_first_line_of_excel_says_what_separates(self):
        assert read("-", stdin="sep=;\nx;y\n0.1;0.2\n")["points"] == [[0.1, 0.2]]
        assert "line 4, column 'y' has a missing value" in refused("-", stdin="sep=|\nx|y\n0.1|0.2\n0.1|\n")

    def test_comments_that_nobody_asked_to_skip_are_named_with_the_option(self):
        line = refused("-", stdin=f"# made by hand\n{TEXT}")
        assert line.endswith("; if lines that begin with # are comments, pass --comment #")
        assert "--comment" not in refused("-", stdin="x,y\n0.1\n")

    @pytest.mark.parametrize(
        "text", ["x,y,\n0.1,0.2,\n0.3,0.1,\n", "x,y\n0.1,0.2,\n0.3,0.1,\n", "0.1;0.2;;\n0.3;0.1;;\n"]
    )
    def test_a_separator_at_the_end_of_every_row_begins_no_column(self, text):
        assert read("-", stdin=text)["points"] == [[0.1, 0.2], [0.3, 0.1]]
        last, line = text.splitlines(keepends=True)[-1], text.count("\n")
        assert f"line {line} has fewer than" in refused("-", stdin=text.replace(last, "0.3\n"))

    def test_a_column_beyond_the_header_is_not_left_out(self):
        line = refused("-", stdin="x,y\n0.1,0.2,0.3,0.4\n0.2,0.1,0.3,0.4\n")
        assert "the header has 2 cells, and the rows have 4" in line

    def test_what_is_quoted_separates_nothing(self):
        found = read("-", "--decimal", ",", stdin='x,y\n"0,1","0,2"\n')
        assert found["points"] == [[0.1, 0.2]]
        assert read("-", "--labels", "a;b;c", stdin='"a;b;c",x,y\np,0.1,0.2\n')["points"] == [[0.1, 0.2]]
        table = '"x\n(mm)","y\n(mm)"\n0.1,0.2\n'
        assert '--columns "x (mm),y (mm)"' in refused("-", stdin=table)
        assert read("-", "--columns", "x (mm),y (mm)", stdin=table)["points"] == [[0.1, 0.2]]

    @pytest.mark.parametrize("name", ["n_init", "max_iter", "hops=3", "sep=,"])
    def test_cells_and_headings_are_told_as_they_are(self, name):
        line = error_of("embed", "-", stdin=f'x,y,"{name}"\n0.1,0.2,a\n0.2,0.1,a\n')
        assert f"column {name!r} holds text" in line

    def test_points_are_named_by_the_line_that_an_editor_shows(self):
        line = refused("-", stdin="x,y\n\n0.1,0.2\n\n0.9,0.9\n")
        assert "stdin: line 5 (row 1) has norm" in line


class TestColumns:
    @pytest.mark.parametrize(
        "names",
        ["x y", "X Y", "y x", "u v", "x0 x1", "x1 x2", "dim_1 dim_2", "PC1 PC2", "Dim.0 Dim.1", "0 1", "UMAP-1 UMAP-2"],
    )
    def test_coordinates_are_known_by_their_names(self, names):
        table = FRAME.set_axis([*names.split(), "kind"], axis=1)
        check_read(read("-", "--labels", "kind", "--header", stdin=table.to_csv(index=False)))

    @pytest.mark.parametrize("other", ["doublet_score", "leiden", "Unnamed: 0", "n_counts", "x2", "t"])
    @pytest.mark.parametrize("place", [0, 2])
    def test_another_number_is_never_a_coordinate_in_silence(self, other, place):
        table = FRAME.copy()
        table.insert(place, other, np.arange(12) / 100)
        text = table.to_csv(index=False)
        line = refused("-", "--labels", "kind", stdin=text)
        assert re.search(rf'"?{other}"? holds numbers beside the coordinates x, y; name the coordinates with', line)
        assert "--columns x,y, or take it out of the file" in line
        assert ('pass --index "Unnamed: 0"' in line) == (other == "Unnamed: 0")
        check_read(read("-", "--labels", "kind", "--columns", "x,y", stdin=text))
        unlabelled = refused("-", stdin=table.drop(columns="kind").to_csv(index=False))
        assert (f"if it holds labels, pass --labels {other}" in unlabelled) == (other != "Unnamed: 0")

    def test_numbers_without_such_names_are_listed(self):
        line = refused("-", stdin="lat,lon\n0.1,0.2\n0.3,0.1\n")
        assert "lat, lon hold numbers, and no name is one of coordinates" in line
        assert ". Raw data? embed it first: hyperkit embed. Else name the coordinates with --columns lat,lon" in line
        many = pd.DataFrame(np.zeros((2, 20)), columns=[f"gene{row**2 + 5}" for row in range(20)])
        line = error_of("tree", "-", stdin=many.to_csv(index=False))
        assert "and 12 more hold numbers" in line
        assert line.endswith(". Raw data? pass --embed. Else name the coordinates with --columns A,B,...")

    @pytest.mark.parametrize("names", ["f1,f2", "gene_1,gene_2", "Feature 0,Feature 1"])
    def test_numbered_features_are_no_coordinates(self, names):
        line = error_of("tree", "-", stdin=f"{names}\n0.1,0.2\n0.3,0.1\n")
        assert "no name is one of coordinates" in line
        assert ". Raw data? pass --embed. Else name the coordinates with --columns" in line

    def test_two_of_many_genes_that_are_numbered_are_raw_data_first(self):
        line = error_of("tree", "-", stdin="Gata2,Gata1,Fog1,EKLF,SCL\n0.1,0.2,0,0,0\n0.3,0.1,0,0,0\n")
        way_out = ". Raw data? pass --embed. Else name the coordinates with --columns Gata2,Gata1, or take them out"
        assert f"Fog1, EKLF, SCL hold numbers beside the coordinates Gata2, Gata1{way_out}" in line

    def test_the_way_out_is_one_that_a_shell_takes(self):
        for name, quoted in {"#x": '"#x"', "$a": "'$a'", "a&b": '"a&b"', "a": "a"}.items():
            line = refused("-", stdin=f"x,y,{name}\n0.1,0.2,1\n0.3,0.1,2\n")
            assert f"pass --labels {quoted}" in line

    def test_columns_that_no_name_tells_apart_are_refused(self):
        assert "has 2 columns called 'x'; give each its own name" in refused("-", stdin="x,x\n0.1,0.2\n")
        assert "--columns x,x names a column twice" in refused("-", "--columns", "x,x", stdin="x,y\n0.1,0.2\n")

    def test_features_are_all_numbers_and_are_told_but_a_saved_index_is_none(self):
        table = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 3)), columns=["Gata1", "n_counts", "leiden"])
        result = run("embed", "-", "--starts", "1", stdin=table.to_csv(index=False))
        assert result.exit_code == 0, result.stderr
        assert re.search(r"Features +Gata1, n_counts, leiden\n", result.stderr)
        saved = table.rename_axis("Unnamed: 0").to_csv()
        line = error_of("embed", "-", stdin=saved)
        assert '"Unnamed: 0" holds numbers beside the features Gata1, n_counts, leiden' in line
        assert 'pass --index "Unnamed: 0"' in line
        assert run("embed", "-", "--starts", "1", "--index", "Unnamed: 0", stdin=saved).exit_code == 0

    def test_a_text_that_no_row_shares_is_the_name_of_rows_and_that_is_said(self):
        table = FRAME.assign(barcode=[f"AAC-{row}" for row in range(12)])
        found = read("-", "--labels", "kind", stdin=table.to_csv(index=False))
        check_read(found, table["barcode"].tolist())
        assert found["stderr"] == "Names of rows: column 'barcode' of stdin\n"
        table.loc[3, "barcode"] = "AAC-0"
        text = table.to_csv(index=False)
        line = refused("-", "--labels", "kind", stdin=text)
        assert "column 'barcode' holds text ('AAC-0' in line 2); name the coordinates with --columns x,y" in line
        first = table[["barcode", "x", "y"]].to_csv(index=False)
        assert "('AAC-0' in line 2); if these are names of rows, pass --index barcode" in refused("-", stdin=first)
        found = read("-", "--labels", "kind", "--index", "barcode", stdin=text)
        check_read(found, table["barcode"].tolist())
        assert found["stderr"] == ""

    def test_another_column_may_name_the_rows_than_the_first(self):
        table = FRAME.assign(gene=["Gata1", "Gata2"] * 6).rename(lambda row: f"c{row}")
        check_read(read("-", "--labels", "kind", "--index", "gene", stdin=table.to_csv()), table["gene"].tolist())

    def test_labels_stand_beside_names_in_the_newick_tree(self):
        text = FRAME.rename(lambda row: f"c{row}").to_csv()
        arguments = ("tree", "-", "--labels", "kind", "--label-tips", "--output", "-", "--root", "c3")
        newick = run(*arguments, stdin=text).stdout
        for row in range(12):
            assert re.search(rf"[(,]'?c{row}\|{re.escape(KINDS[row])}'?:", newick)
        assert "have no names" in error_of(*arguments[:-2], stdin=TEXT)
        assert "pass --labels COLUMN and --output too" in error_of("tree", "-", "--label-tips", stdin=text)
        line = error_of(*arguments, "--groups", "kind", stdin=text)
        assert "leave out one of the two" in line


class TestOtherFiles:
    @pytest.mark.parametrize("suffix", ["xlsx", "parquet", "feather"])
    def test_sheets_and_columnar_files_are_read(self, tmp_path, suffix):
        pytest.importorskip("openpyxl" if suffix == "xlsx" else "pyarrow")
        file = tmp_path / f"p.{suffix}"
        if suffix == "xlsx":
            FRAME.to_excel(file, index=False)
        else:
            getattr(FRAME, f"to_{suffix}")(file)
        found = read(file, "--labels", "kind")
        if suffix == "xlsx":  # whose writer keeps 16 digits
            np.testing.assert_allclose(found["points"], POINTS, rtol=1e-15)
            found["points"] = POINTS
        check_read(found)
        other = FRAME.assign(leiden=1)
        if suffix == "xlsx":
            other.to_excel(file, index=False)
        else:
            getattr(other, f"to_{suffix}")(file)
        assert "leiden holds numbers beside the coordinates x, y" in refused(file, "--labels", "kind")
        file.write_bytes(b"PK\x03\x04 no such file")
        assert f"is no .{suffix} file, or a damaged one" in refused(file)

    def test_float32_and_an_index_are_kept(self, tmp_path):
        pytest.importorskip("pyarrow")
        table = FRAME.astype({"x": np.float32, "y": np.float32}).rename(lambda row: f"c{row}").rename_axis("barcode")
        table.to_parquet(tmp_path / "p.parquet")
        found = read(tmp_path / "p.parquet", "--labels", "kind")
        np.testing.assert_array_equal(found["points"], POINTS.astype(np.float32).astype(np.float64))
        assert found["name"] == table.index.tolist()

    def test_a_missing_value_has_its_place(self, tmp_path):
        pytest.importorskip("openpyxl")
        FRAME.assign(y=FRAME["y"].where(FRAME.index != 4)).to_excel(tmp_path / "p.xlsx", index=False)
        line = refused(tmp_path / "p.xlsx", "--labels", "kind")
        assert "line 6, column 'y' has a missing value ('')" in line

    def test_a_sheet_is_named_where_several_have_cells(self, tmp_path):
        pytest.importorskip("openpyxl")
        file = tmp_path / "p.xlsx"
        with pd.ExcelWriter(file) as book:
            FRAME[:3].to_excel(book, sheet_name="notes", index=False)
            FRAME.to_excel(book, sheet_name="my cells", index=False)
            pd.DataFrame().to_excel(book, sheet_name="Sheet3")
        assert "has several sheets; pass --sheet with one of: 'notes', 'my cells'" in refused(file, "--labels", "kind")
        assert len(read(file, "--labels", "kind", "--sheet", "my cells")["points"]) == 12
        assert len(read(file, "--labels", "kind", "--sheet", "notes")["points"]) == 3
        assert "has no sheet 'cells'; pass --sheet with one of: 'notes', 'my cells'" in refused(
            file, "--sheet", "cells"
        )
        assert "sheet 'Sheet3' is empty; pass --sheet with one of" in refused(file, "--sheet", "Sheet3")
        assert "stdin is no XLSX file: leave out --sheet a" in refused("-", "--sheet", "a", stdin=TEXT)
        with pd.ExcelWriter(file) as book:  # as old programs made them
            pd.DataFrame().to_excel(book, sheet_name="Sheet1")
            FRAME.to_excel(book, sheet_name="Sheet2", index=False)
        assert len(read(file, "--labels", "kind")["points"]) == 12

    def test_a_table_may_begin_anywhere_in_a_sheet(self, tmp_path):
        pytest.importorskip("openpyxl")
        file = tmp_path / "p.xlsx"
        FRAME.to_excel(file, index=False, startrow=3, startcol=2)
        np.testing.assert_allclose(read(file, "--labels", "kind")["points"], POINTS, rtol=1e-15)
        FRAME.assign(y=None).to_excel(file, index=False, startrow=3, startcol=2)
        assert "line 5, column 'y' has a missing value" in refused(file, "--labels", "kind")
        pd.DataFrame([["Points of my cells", None, None], *FRAME.T.reset_index().T.to_numpy()]).to_excel(
            file, index=False, header=False
        )
        line = refused(file, "--labels", "kind")
        assert "line 1 is taken for the header, and is empty above some columns; give each column a heading" in line

    def test_levels_of_an_index_have_their_names(self, tmp_path):
        pytest.importorskip("pyarrow")
        levels = pd.MultiIndex.from_arrays([["s1", "s2"] * 6, range(12)], names=["sample", "cell"])
        FRAME.set_index(levels).to_parquet(tmp_path / "p.parquet")
        assert "column 'sample' holds text ('s1' in row 0)" in refused(tmp_path / "p.parquet", "--labels", "kind")
        found = read(tmp_path / "p.parquet", "--labels", "kind", "--columns", "x,y", "--index", "cell")
        check_read(found, [str(row) for row in range(12)])

    def test_a_file_too_large_for_memory_is_not_called_damaged(self, tmp_path, monkeypatch):
        pytest.importorskip("pyarrow")
        FRAME.to_parquet(tmp_path / "p.parquet")

        def full(file):
            raise MemoryError("malloc of size 8000000000000 failed")

        monkeypatch.setattr(pd, "read_parquet", full)
        line = refused(tmp_path / "p.parquet")
        assert "not enough memory" in line
        assert f"{tmp_path}/p.parquet does not fit; malloc of size 8000000000000 failed" in line
        assert "damaged" not in line

    @pytest.mark.parametrize(
        ("suffix", "library", "extra"),
        [("xlsx", "openpyxl", "files"), ("parquet", "pyarrow", "files"), ("h5ad", "anndata", "anndata")],
    )
    def test_a_missing_library_is_named_with_its_extra(self, tmp_path, monkeypatch, suffix, library, extra):
        for module in (library, "fastparquet"):
            monkeypatch.setitem(sys.modules, module, None)
        (tmp_path / f"p.{suffix}").write_bytes(b"")
        line = refused(tmp_path / f"p.{suffix}")
        assert line.endswith(
            f'{library} is needed to read {tmp_path}/p.{suffix}: pip install "hyperkit-geometry[{extra}]"'
        )

    def test_an_embedding_of_cells_is_read_with_their_names(self, tmp_path):
        anndata = pytest.importorskip("anndata")
        obs = pd.DataFrame({"kind": pd.Categorical(KINDS), "score": 1.0}, index=[f"c{row}" for row in range(12)])
        adata = anndata.AnnData(np.ones((12, 3), dtype=np.float32), obs, obsm={"X_hyp": POINTS})
        file = tmp_path / "p.h5ad"
        adata.write_h5ad(file)
        found = read(file, "--labels", "kind")
        check_read(found, obs.index.tolist())
        assert f"Points: obsm['X_hyp'] of {file}" in found["stderr"]
        check_read(read(file, "--obsm", "X_hyp", "--obs", "kind"), obs.index.tolist())
        assert "has no column 'type' in obs; it has: kind, score" in refused(file, "--labels", "type")
        adata.obsm["X_pca"] = np.ones((12, 5))
        adata.write_h5ad(file)
        assert "pass --obsm with one of: X_hyp (2 columns), X_pca (5 columns)" in refused(file)
        assert "has no obsm['X_umap']" in refused(file, "--obsm", "X_umap")
        check_read(read(file, "--obsm", "X_hyp", "--labels", "kind"), obs.index.tolist())
        file.write_bytes(b"no such file")
        assert "is no .h5ad file, or a damaged one" in refused(file)

    def test_options_of_other_files_are_mistakes(self, tmp_path):
        np.save(tmp_path / "p.npy", POINTS)
        assert "is no text: leave out --sep" in refused(tmp_path / "p.npy", "--sep", ";")
        assert "is no h5ad file: leave out --obsm X_pca" in refused(tmp_path / "p.npy", "--obsm", "X_pca")

    def test_files_of_another_kind_than_their_name_says_are_told(self, tmp_path):
        pytest.importorskip("openpyxl")
        pytest.importorskip("pyarrow")
        FRAME.to_excel(tmp_path / "p.xlsx")
        FRAME.to_parquet(tmp_path / "p.parquet")
        FRAME.to_feather(tmp_path / "p.feather")
        np.save(tmp_path / "p.npy", POINTS)
        for suffix in ("xlsx", "parquet", "feather", "npy"):
            (tmp_path / f"p.{suffix}").rename(tmp_path / "p.csv")
            assert refused(tmp_path / "p.csv").endswith(f"give its name the suffix .{suffix}")
        (tmp_path / "p.json").write_text("{}")
        assert "p.json: save the table as CSV" in refused(tmp_path / "p.json")

    def test_files_that_are_not_there_are_named(self, tmp_path):
        for suffix in ("csv.gz", "xlsx", "parquet", "h5ad"):
            line = refused(tmp_path / f"none.{suffix}")
            assert "No such file or directory" in line or "is needed to read" in line


def test_embed_and_compare_have_json_of_all_they_found(tmp_path):
    features = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 4)), columns=list("abcd")).assign(kind=KINDS)
    features.to_csv(tmp_path / "f.csv", index=False)
    points = tmp_path / "points.csv"
    options = ("--labels", "kind", "--starts", "1")
    found = json.loads(run("embed", tmp_path / "f.csv", *options, "--quality", "--json").stdout)
    assert run("embed", tmp_path / "f.csv", *options, "--output", points).exit_code == 0
    written = pd.read_csv(points, float_precision="round_trip")
    np.testing.assert_array_equal(found["points"], written[["x1", "x2"]])
    assert found["label"] == written["kind"].tolist()
    assert 0 < found["quality"]["trustworthiness"] <= 1
    assert "would be mixed on stdout" in error_of("embed", tmp_path / "f.csv", *options, "--json", "--output", "-")

    compared = json.loads(run("compare", points, points, "--labels", "kind", "--json").stdout)
    assert compared["n"] == 12
    assert compared["pearson"] == pytest.approx(1)
    assert all(row["shared"] == 1 for row in compared["shared_neighbors"])
    assert "would be mixed on stdout" in error_of("compare", points, points, "--json", "--output", "-")
    assert "leave out --output" in refused(points, "--columns", "x1,x2", "--json", "--output", tmp_path / "out.csv")
