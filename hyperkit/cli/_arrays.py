"""NPY and NPZ files: arrays in, a `Table` out, and back. Pickled objects are refused: reading one can run code."""

from __future__ import annotations

import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._tables import Table, Wanted, column_index


def read_arrays(file: str, wanted: Wanted) -> Table:
    """Read points from the array of an NPY file, or from array ``X`` (or the only table) of an NPZ file."""
    if file.lower().endswith(".npy"):
        points, labels, label_column, names = _load(file), None, "labels", None
        if wanted.labels is not None and points.ndim == 2:
            column = column_index(wanted.labels, _numbers(points), header=False, source=file)
            labels, points, label_column = points[:, column], np.delete(points, column, axis=1), wanted.labels
    else:
        arrays = _load(file)
        points = _points_of(arrays, file)
        label_column = wanted.labels or "labels"
        labels = _rows_of(arrays, label_column, len(points), file, needed=wanted.labels is not None)
        name_array = _rows_of(arrays, "names", len(points), file, needed=False)
        names = None if name_array is None else [str(name) for name in name_array]
    if points.ndim != 2:
        raise ValueError(f"{file} holds an array of shape {points.shape}; a table of points has shape (n, columns)")
    if len(points) == 0:
        raise ValueError(f"{file} holds no rows")
    if points.dtype.kind not in "fiu":
        raise ValueError(f"{file} holds an array of dtype {points.dtype}; coordinates must be real numbers")
    if wanted.columns is not None:
        places = [
            column_index(c.strip(), _numbers(points), header=False, source=file) for c in wanted.columns.split(",")
        ]
        points = points[:, places]
    return Table(file, points.astype(np.float64), None, labels, label_column, names)


def write_arrays(table: Table, file: str) -> None:
    """Write an NPY file of the points, or an NPZ file with ``X`` and, where there are any, ``labels`` and ``names``."""
    if file.lower().endswith(".npy"):
        if table.labels is not None or table.names is not None:
            raise ValueError(
                f"{file}: an .npy file holds the points alone; write .npz, .csv or .tsv to keep labels and names"
            )
        np.save(file, table.points)
        return
    arrays: dict[str, Any] = {"X": table.points}
    if table.labels is not None:
        arrays["labels"] = table.labels
    if table.names is not None:
        arrays["names"] = np.array(table.names)
    np.savez_compressed(file, **arrays)


def _load(file: str) -> Any:
    """The array of an NPY file, or all arrays of an NPZ file by their name."""
    try:
        loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
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


def _numbers(points: NDArray[Any]) -> list[str]:
    return [str(column) for column in range(points.shape[1] if points.ndim == 2 else 0)]
