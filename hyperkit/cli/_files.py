"""From a file to a `Table` of points, and from a `Table` to a file; stdin and stdout are text.

Text is read in `_text`, sheets and other tables in `_frames`, what their columns are is decided in `_columns`, and
arrays of NumPy are read here. No row is dropped and no value guessed: what cannot be read raises a ValueError that
names file, line and column. Pickled objects are refused: reading one can run code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from ._cells import Cells, check_filled, numbers
from ._columns import find_columns
from ._frames import FRAMES, WORKBOOKS, read_frame
from ._tables import Table, Wanted
from ._text import read_text

_NOT_READ = {
    ".json": "save the table as CSV",
    ".xls": "save the sheet as XLSX or CSV",
    ".ods": "save the sheet as XLSX or CSV",
    ".pkl": "pickles are not read, as they can run code; save the array with numpy.save",
    ".pickle": "pickles are not read, as they can run code; save the array with numpy.save",
}
_OF_TEXT = {"sep": None, "decimal": ".", "comment": None, "encoding": None}


def read_table(file: str, wanted: Wanted) -> Table:
    """Read the points of `file`; ``"-"`` is a text table on stdin.

    Raises
    ------
    click.ClickException
        What is wrong, in the words of the command line: cells and headings in it are never taken for parameters.
    """
    try:
        return _read(file, wanted)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _read(file: str, wanted: Wanted) -> Table:
    source, suffix = ("stdin", "") if file == "-" else (file, Path(file).suffix.lower())
    is_text = suffix not in (*FRAMES, ".npy", ".npz")
    for name, default in _OF_TEXT.items():
        if not is_text and getattr(wanted, name) != default:
            raise ValueError(f"{source} is no text: leave out --{name}")
    if wanted.obsm is not None and suffix != ".h5ad":
        raise ValueError(f"{source} is no h5ad file: leave out --obsm {wanted.obsm}")
    if wanted.sheet is not None and suffix not in WORKBOOKS:
        raise ValueError(f"{source} is no XLSX file: leave out --sheet {wanted.sheet}")
    if suffix in _NOT_READ:
        raise ValueError(f"{file}: {_NOT_READ[suffix]}")
    if suffix in (".npy", ".npz"):
        return _read_arrays(file, wanted)
    if not is_text:
        return _table_of(read_frame(file, wanted), wanted)
    with click.open_file(file, "rb") as stream:
        data = stream.read()
    return _table_of(read_text(data, source, wanted), wanted)


def _table_of(cells: Cells, wanted: Wanted) -> Table:
    columns = find_columns(wanted, cells)
    headings = cells.headings
    points = numbers(cells, columns.coordinates)
    labels, groups = cells.values(columns.labels), cells.values(columns.groups)
    _check_labels(labels, groups, cells.place, cells.source, wanted)
    return Table(
        cells.source,
        points,
        [headings[place] for place in columns.coordinates] if cells.header else None,
        labels,
        "labels" if columns.labels is None else headings[columns.labels],
        None if columns.names is None else cells.texts(columns.names),
        groups,
        cells.lines,
    )


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


_BETWEEN_LABELS = r"""[,;:()'"\t\r\n]"""  # in a table or a Newick tree


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Name `file` in the errors of writing it: that of a full disk does not say where it was.

    Nor does that of a label with half a surrogate, such as names of files may have, say what label it was.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except UnicodeEncodeError as error:
        begun = re.split(_BETWEEN_LABELS, error.object[: error.start])[-1]
        label = begun + re.split(_BETWEEN_LABELS, error.object[error.start :])[0]
        raise ValueError(
            f"{'stdout' if file == '-' else file}: {label!r} has half a surrogate pair, which no text can be written "
            "with; repair it"
        ) from error
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


def _check_labels(
    labels: NDArray[Any] | None, groups: NDArray[Any] | None, place: Callable[[int], str], source: str, wanted: Wanted
) -> None:
    """Raise for the first row without a label, if the user's option needs one in every row, or without a group."""
    if groups is not None:
        check_filled(groups, place, source, f"--groups {wanted.groups}")
    if wanted.all_labelled:
        check_filled(labels, place, source, f"{wanted.label_option} {wanted.labels}")


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
    import pandas as pd

    cells = Cells(file, pd.DataFrame(points), headings, header=False)
    if arrays is not loaded:  # an NPY file: labels are a column
        found = find_columns(wanted, cells)
        labels, groups = cells.values(found.labels), cells.values(found.groups)
        names = None if found.names is None else np.array(cells.texts(found.names))
    else:
        found = find_columns(replace(wanted, labels=None, groups=None, index=None), cells)
        labels_needed = wanted.labels is not None and wanted.labels_needed
        labels = _rows_of(arrays, wanted.labels or "labels", len(points), file, needed=labels_needed)
        names = _rows_of(arrays, wanted.index or "names", len(points), file, needed=wanted.index is not None)
        groups = None if wanted.groups is None else _rows_of(arrays, wanted.groups, len(points), file, needed=True)
    _check_labels(labels, groups, cells.place, file, wanted)
    return Table(
        file,
        points[:, found.coordinates].astype(np.float64),
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
