"""From the name of a file to the reader or writer of its format.

In comes a file and what the user said about its columns; out goes a `Table`, or a file. No row is dropped and no value
guessed: what cannot be read raises a ValueError that names the file, the line and the column. The formats themselves
are in `_text` (CSV, TSV, stdin) and `_arrays` (NPY, NPZ).
"""

from __future__ import annotations

import sys
from pathlib import Path

from ._arrays import read_arrays, write_arrays
from ._tables import Table, Wanted
from ._text import read_text, write_text

_NOT_READ = {
    ".h5ad": "write the embedding from Python first: numpy.save('points.npy', adata.obsm['X_...'])",
    ".xlsx": "save the sheet as CSV",
    ".parquet": "write it as CSV first",
    ".pkl": "pickles are not read, as they can run code; save the array with numpy.save",
    ".pickle": "pickles are not read, as they can run code; save the array with numpy.save",
}


def read_table(file: str, wanted: Wanted) -> Table:
    """Read the points of `file`; ``"-"`` is CSV or TSV on stdin."""
    suffix = Path(file).suffix.lower()
    if suffix in _NOT_READ:
        raise ValueError(f"{file}: hyperkit reads CSV, TSV, NPY and NPZ files; {_NOT_READ[suffix]}")
    if suffix in (".npy", ".npz"):
        return read_arrays(file, wanted)
    try:
        if file == "-":
            return read_text(sys.stdin, "stdin", wanted)
        with open(file, encoding="utf-8-sig", newline="") as stream:
            return read_text(stream, file, wanted)
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not a text table; hyperkit reads CSV, TSV, NPY and NPZ files") from None


def write_table(table: Table, file: str) -> None:
    """Write `table` to `file` in the format of its suffix; ``"-"`` is CSV on stdout."""
    suffix = Path(file).suffix.lower()
    if file == "-":
        write_text(table, sys.stdout, ",")
    elif suffix in (".npy", ".npz"):
        write_arrays(table, file)
    elif suffix in (".csv", ".tsv", ".txt"):
        with open(file, "w", encoding="utf-8", newline="") as stream:
            write_text(table, stream, "," if suffix == ".csv" else "\t")
    else:
        raise ValueError(f"{file}: hyperkit writes .csv, .tsv, .txt, .npy and .npz files")
