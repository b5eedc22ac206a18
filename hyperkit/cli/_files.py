"""From a file to a `Table` of points, and from a `Table` to a file: CSV, TSV, NPY, NPZ, stdin and stdout.

Text is read and written by pandas, arrays by NumPy. What is decided here is what the lines of a text mean: a first line
without a single number is a header; a column in first place under an empty heading (pandas, R's write.csv) or under
none (R's write.table) holds the names of the rows.

No row is dropped and no value guessed. Cells stay text until each is known to be a number, and become the double
nearest to what is written, which points near the rim need. What cannot be read raises a ValueError that names file,
line and column. Pickled objects are refused: reading one can run code.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NoReturn

import click
import numpy as np
from numpy.typing import NDArray

from ._tables import Table, Wanted, find_columns, first_holds_names

_NOT_READ = {
    ".h5ad": "write the embedding from Python first: numpy.save('points.npy', adata.obsm['X_...'])",
    ".xlsx": "save the sheet as CSV",
    ".parquet": "write it as CSV first",
    ".pkl": "pickles are not read, as they can run code; save the array with numpy.save",
    ".pickle": "pickles are not read, as they can run code; save the array with numpy.save",
}
_MISSING = {"", "na", "n/a", "nan", "null", "none"}
_NO_LABEL = _MISSING - {"null", "none"}  # these name mutants and controls, too


def read_table(file: str, wanted: Wanted) -> Table:
    """Read the points of `file`; ``"-"`` is CSV or TSV on stdin."""
    suffix = Path(file).suffix.lower()
    if suffix in _NOT_READ:
        raise ValueError(f"{file}: hyperkit reads CSV, TSV, NPY and NPZ files; {_NOT_READ[suffix]}")
    if suffix in (".npy", ".npz"):
        return _read_arrays(file, wanted)
    source = "stdin" if file == "-" else file
    try:
        with click.open_file(file, encoding="utf-8-sig") as stream:
            text = stream.read()
        if "\0" in text:  # pandas ends a cell there, and would read 1\x002 as 1
            raise UnicodeError
    except UnicodeError:
        raise ValueError(f"{source} is not a text table; hyperkit reads CSV, TSV, NPY and NPZ files") from None
    return _read_text(text, source, wanted)


def check_format(table: Table, file: str) -> None:
    """Raise if `file`, by its suffix, cannot hold `table`."""
    suffix = Path(file).suffix.lower()
    if file != "-" and suffix not in (".csv", ".tsv", ".txt", ".npy", ".npz"):
        raise ValueError(f"{file}: hyperkit writes .csv, .tsv, .txt, .npy and .npz files")
    if suffix == ".npy" and (table.labels is not None or table.names is not None):
        raise ValueError(
            f"{file}: an .npy file holds the points alone; write .npz, .csv or .tsv to keep labels and names"
        )


def write_table(table: Table, file: str) -> None:
    """Write `table` to `file` in the format of its suffix; ``"-"`` is CSV on stdout."""
    check_format(table, file)
    suffix = ".csv" if file == "-" else Path(file).suffix.lower()
    if suffix in (".npy", ".npz"):
        _write_arrays(table, file)
    else:
        import pandas as pd

        frame = pd.DataFrame(table.points, index=table.names, columns=table.columns)
        if table.labels is not None:
            frame.insert(frame.shape[1], table.label_column, table.labels.astype(str), allow_duplicates=True)
        separator = "," if suffix == ".csv" else "\t"
        header, index = table.columns is not None, table.names is not None
        with naming(file), click.open_file(file, "w", encoding="utf-8") as stream:
            # Floats are written with the fewest digits that give the same double back.
            frame.to_csv(stream, sep=separator, header=header, index=index, lineterminator="\n")


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Name `file` in the errors of writing it: that of a full disk does not say where it was."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(f"{'stdout' if file == '-' else file}: {error.strerror or error}") from error


def check_outputs(inputs: dict[str, str], outputs: dict[str, str | None]) -> None:
    """Refuse an output that would overwrite an input or another output; keys are what the user calls them."""
    known = dict(inputs)
    for option, file in outputs.items():
        if file is None:
            continue
        for other, other_file in known.items():
            if _same_file(file, other_file):
                raise click.UsageError(f"{option} {file} would overwrite {other} {other_file}; choose another file")
        known[option] = file


def _same_file(a: str, b: str) -> bool:
    if "-" in (a, b):
        return False
    one, other = Path(a), Path(b)
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)  # /dev/stdin and /dev/stdout may both be the terminal
    return one.resolve() == other.resolve()


def _read_text(text: str, source: str, wanted: Wanted) -> Table:
    frame, headings, header = _split_text(text, source, wanted.header)
    places, label_place, group_place = find_columns(wanted, headings, header=header, source=source)
    cells = frame.iloc[:, places]
    try:
        points = cells.to_numpy().astype(np.float64)
    except ValueError:
        points = np.full(cells.shape, np.nan)
    # Python, and so NumPy, reads 1_0 as 10.
    if not np.isfinite(points).all() or any("_" in cell for cell in cells.to_numpy().flat):
        _explain(cells.to_numpy(), frame.index, [headings[place] for place in places], header, source, wanted)
    names = frame.iloc[:, 0].str.strip().tolist() if first_holds_names(headings) else None
    columns = [headings[place] for place in places] if header else None
    labels, groups = (
        None if place is None else frame.iloc[:, place].str.strip().to_numpy(dtype=str)
        for place in (label_place, group_place)
    )
    _check_labels(labels, groups, [f"line {line + 1}" for line in frame.index], source, wanted)
    heading = "labels" if label_place is None else headings[label_place]
    return Table(source, points, columns, labels, heading, names, groups)


def _split_text(text: str, source: str, header: bool | None) -> tuple[Any, list[str], bool]:
    """Cells of text (a data frame; its index is the number of the line, from 0), headings, and if there is a header."""
    text = text.rstrip("\n")
    lines = text.split("\n")
    opening = list(islice(filter(str.strip, lines), 2))
    if not opening:
        raise ValueError(f"{source} is empty; a table of points is needed")
    for line, content in enumerate(lines, start=1):
        if content.count('"') % 2:
            raise ValueError(f'{source}: line {line} opens a quote (") that does not end on the same line')
    likeliest = "\t" if source.lower().endswith((".tsv", ".tab")) else max("\t,;", key=opening[0].count)
    separator = likeliest if likeliest in opening[0] else r"\s+"
    widths = [_parse(line, separator, source).shape[1] for line in opening]
    frame = _parse(text, separator, source, max(widths))
    if len(frame) != len(lines):
        raise ValueError(f"{source} has a quoted cell that runs over several lines")

    frame = frame[(frame != "").any(axis=1)]
    headings = [str(column) for column in range(max(widths))]
    first = frame.iloc[0, : widths[0]].str.strip().tolist()
    header = _is_header(first, source) if header is None else header
    if header:
        if len(frame) == 1:
            raise ValueError(f"{source} has a header but no rows")
        frame = frame.iloc[1:]
        headings = ["", *first] if len(first) == len(headings) - 1 else first
    ends = (separator, '""')  # of a line whose last cell is empty: pandas fills up a line that has too few cells
    for line in frame.index[frame.iloc[:, -1] == ""]:
        if not lines[line].rstrip(" ").endswith(ends) or len(headings) < frame.shape[1]:
            raise ValueError(f"{source}: line {line + 1} has fewer than {frame.shape[1]} cells")
    return frame, headings, header


def _parse(text: str, separator: str, source: str, width: int | None = None) -> Any:
    import pandas as pd

    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=None if width is None else range(width),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            skipinitialspace=True,
        )
    except pd.errors.ParserError as error:
        raise ValueError(f"{source} is no text table: {str(error).rpartition('C error: ')[2]}") from None


def _is_header(cells: list[str], source: str) -> bool:
    named = first_holds_names(cells)
    headings = cells[named:]
    if headings == [str(column) for column in range(len(headings))]:  # what pandas writes over columns without a name
        if named:
            return True
        line = ",".join(cells)
        raise ValueError(f"{source}: the first line, {line}, may be a header or a point; pass --header or --no-header")
    return all(_kind(cell) == "text" for cell in headings)


def _kind(cell: str) -> Literal["number", "not finite", "missing", "text"]:
    if cell.strip().lower() in _MISSING:
        return "missing"
    try:
        finite = math.isfinite(float(cell))
    except ValueError:
        return "text"
    return "text" if "_" in cell else "number" if finite else "not finite"


def _explain(cells: Any, lines: Any, headings: list[str], header: bool, source: str, wanted: Wanted) -> NoReturn:
    """Raise for the first cell that is not a number."""
    row, column = next(place for place in np.ndindex(cells.shape) if _kind(cells[place]) != "number")
    cell, line, heading = cells[row, column], lines[row] + 1, headings[column]
    if _kind(cell) == "missing":
        raise ValueError(
            f"{source}: line {line}, column {heading!r} has a missing value ({cell!r}); fill it, or take the line out"
        )
    if row > 0 or wanted.columns is not None or _kind(cell) != "text":
        raise ValueError(f"{source}: line {line}, column {heading!r}: {cell!r} is not a finite number")
    # The user must say what a column is that is text from its first row on.
    rest = ",".join(name for name, other in zip(headings, cells[0], strict=True) if _kind(other) != "text")
    advice = [f"name the coordinates with --columns {_quoted(rest)}"] if rest else []
    if wanted.group_option is not None and wanted.groups is None:
        advice.insert(0, f"if these are groups, such as donors, pass {wanted.group_option} {_quoted(heading)}")
    if wanted.label_option is not None:
        advice.insert(0, f"if these are labels, pass {wanted.label_option} {_quoted(heading)}")
    hint = "" if header else "; if the first line is a header, pass --header"
    raise ValueError(f"{source}: column {heading!r} holds text ({cell!r} in line {line}); {', or '.join(advice)}{hint}")


def _check_labels(
    labels: NDArray[Any] | None, groups: NDArray[Any] | None, places: Sequence[str], source: str, wanted: Wanted
) -> None:
    """Raise for the first row without a label, if the user's option needs one in every row, or without a group."""
    needed = {f"--groups {wanted.groups}": groups}
    if wanted.all_labelled:
        needed[f"{wanted.label_option} {wanted.labels}"] = labels
    for option, values in needed.items():
        for value, place in zip([] if values is None else values.astype(str).tolist(), places, strict=False):
            if value.strip().lower() in _NO_LABEL:
                raise ValueError(
                    f"{source}: {place} has a missing value ({value!r}) in {option}; "
                    f"fill it, or take the {place.split()[0]} out"
                )


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _read_arrays(file: str, wanted: Wanted) -> Table:
    """Read points from the array of an NPY file, or from array ``X`` (or the only table) of an NPZ file."""
    loaded = _load(file)
    arrays = {"X": loaded} if isinstance(loaded, np.ndarray) else loaded
    points = _points_of(arrays, file)
    if points.ndim != 2:
        raise ValueError(f"{file} holds an array of shape {points.shape}; a table of points has shape (n, columns)")
    if len(points) == 0:
        raise ValueError(f"{file} holds no rows")
    if points.dtype.kind not in "fiu":
        raise ValueError(f"{file} holds an array of dtype {points.dtype}; coordinates must be real numbers")
    headings = [str(column) for column in range(points.shape[1])]
    if arrays is not loaded:  # an NPY file: labels are a column
        places, *others = find_columns(wanted, headings, header=False, source=file)
        labels, groups = (None if place is None else points[:, place] for place in others)
        names = None
    else:
        places, _, _ = find_columns(replace(wanted, labels=None, groups=None), headings, header=False, source=file)
        labels_needed = wanted.labels is not None and wanted.labels_needed
        labels = _rows_of(arrays, wanted.labels or "labels", len(points), file, needed=labels_needed)
        names = _rows_of(arrays, "names", len(points), file, needed=False)
        groups = None if wanted.groups is None else _rows_of(arrays, wanted.groups, len(points), file, needed=True)
    _check_labels(labels, groups, [f"row {row}" for row in range(len(points))], file, wanted)
    return Table(
        file,
        points[:, places].astype(np.float64),
        None,
        labels,
        wanted.labels or "labels",
        None if names is None else names.astype(str).tolist(),
        groups,
    )


def _write_arrays(table: Table, file: str) -> None:
    """Write an NPY file of the points, or an NPZ file with ``X`` and, where there are any, ``labels`` and ``names``."""
    if file.lower().endswith(".npz"):
        extras: dict[str, Any] = {
            "labels": table.labels,
            "names": None if table.names is None else np.array(table.names),
        }
        with naming(file):
            np.savez_compressed(file, X=table.points, **{key: rows for key, rows in extras.items() if rows is not None})
    else:
        with naming(file):
            np.save(file, table.points)


def _load(file: str) -> Any:
    """The array of an NPY file, or all arrays of an NPZ file by their name."""
    try:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {name: np.asarray(loaded[name]) for name in loaded.files}  # a file of another kind is bytes
    except (OSError, MemoryError):
        raise
    except Exception as error:  # of a damaged file: TokenError, zlib.error, BadZipFile, KeyError, ...
        if "Object arrays" in str(error):
            raise ValueError(
                f"{file} holds Python objects, which are not read as they can run code; save plain arrays"
            ) from None
        raise ValueError(f"{file} is not a NumPy file, or a damaged one") from None


def _points_of(arrays: dict[str, NDArray[Any]], file: str) -> NDArray[Any]:
    if "X" in arrays:
        return arrays["X"]
    tables = [name for name, array in arrays.items() if array.ndim == 2 and array.dtype.kind in "fiu"]
    if len(tables) != 1:
        found = f"has {len(tables)} ({', '.join(tables)})" if tables else f"has none (arrays: {', '.join(arrays)})"
        raise ValueError(f"{file} needs an array 'X', or a single table of numbers, for the points; it {found}")
    return arrays[tables[0]]


def _rows_of(arrays: dict[str, NDArray[Any]], key: str, n: int, file: str, *, needed: bool) -> NDArray[Any] | None:
    """The array `key` with one entry a row; None if it is not there and not needed."""
    if key not in arrays:
        if needed:
            raise ValueError(f"{file} has no array {key!r}; it has: {', '.join(arrays)}")
        return None
    if arrays[key].shape != (n,):
        raise ValueError(
            f"{file}: array {key!r} has shape {arrays[key].shape}, not one entry for each of the {n} points"
        )
    return arrays[key]
