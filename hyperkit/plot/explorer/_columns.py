"""What rows can be coloured by: labels as classes with colours, or numbers on a scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from numpy.typing import NDArray
from pandas.api.types import is_complex_dtype, is_number, is_numeric_dtype, is_scalar

from ..._validation import check_order, refuse_hidden
from .._labels import class_texts, classes_or_numbers
from .._palette import palette


@dataclass(frozen=True, eq=False)
class Column:
    """Labels or numbers of the rows."""

    name: str
    values: NDArray[Any]
    """Place of each row among the classes, -1 for a row without a label; or its number, NaN where it is missing."""
    classes: list[str] | None = None
    """Text of each class; None for numbers."""
    colors: list[str] | None = None
    """Colour of each class."""


def read_columns(labels: Any, values: Any, cmap: Any, names: NDArray[np.object_]) -> list[Column]:
    """Columns of `labels`, then of `values`; `names` are those of the rows."""
    if cmap is not None and not isinstance(cmap, Mapping):
        raise TypeError(f"cmap is a {type(cmap).__name__}; give a mapping from label to colour")
    columns = [_of_labels(name, column, cmap or {}, len(names)) for name, column in _split("labels", labels, names)]
    columns += [Column(name, _numbers(name, column, len(names))) for name, column in _split("values", values, names)]
    count = Counter(column.name for column in columns)
    repeated = [name for name, times in count.items() if times > 1]
    if repeated:
        raise ValueError(f"labels and values have several columns {repeated[0]!r}; rename all but one")
    return columns


def _split(argument: str, given: Any, names: NDArray[np.object_]) -> list[tuple[str, Any]]:
    """Name and content of each column of an argument: one column, or a data frame or mapping of several."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        columns = [(str(name), column) for name, column in given.items()]
    elif hasattr(given, "columns"):  # of pandas, where two may have one name, or of polars
        by_place = hasattr(given, "iloc")
        columns = [
            (str(name), given.iloc[:, place] if by_place else given[name]) for place, name in enumerate(given.columns)
        ]
    else:
        name = getattr(given, "name", None)
        columns = [(argument.removesuffix("s") if name is None else str(name), given)]
    for _, column in columns:
        if not isinstance(column, np.ma.MaskedArray):  # what is masked is missing
            refuse_hidden(argument, column)
        check_order(argument, column, "hierarchy.names[hierarchy.node_of_rows]", pd.Index(names))
    return columns


def _of_labels(name: str, labels: Any, cmap: Mapping[Any, Any], n: int) -> Column:
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        raise TypeError(f"labels: column {name!r} is {labels!r}; it must hold one label for each of the {n} rows")
    classes, values = classes_or_numbers(labels, n)
    if classes is None:
        return Column(name, _finite(f"labels: column {name!r}", values))
    shown = palette(np.bincount(values[values >= 0], minlength=len(classes)))
    colors = [to_hex(cmap.get(label, color)) for label, color in zip(classes, shown, strict=True)]
    return Column(name, values, class_texts(classes, bool((values < 0).any())), colors)


def _numbers(name: str, column: Any, n: int) -> NDArray[np.float64]:
    what = f"values: column {name!r}"
    try:
        series = pd.Series(column).infer_objects()
    except ValueError as error:
        raise ValueError(f"{what} must hold one number for each of the {n} rows ({error})") from None
    if not is_numeric_dtype(series) or is_complex_dtype(series):
        others = ((row, one) for row, one in enumerate(series.tolist()) if not _may_be_number(one))
        row, text = next(others, (None, None))
        held = series.dtype if row is None else f"{text!r} in row {row}"
        raise TypeError(f"{what} holds {held}; it must hold numbers, and text goes to labels=")
    if len(series) != n:
        raise ValueError(f"{what} has {len(series)} entries; it must hold one number for each of the {n} rows")
    return _finite(what, series.to_numpy(dtype=np.float64, na_value=np.nan))


def _may_be_number(entry: object) -> bool:
    return is_number(entry) or bool(is_scalar(entry) and pd.isna(entry))


def _finite(what: str, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    bad = np.flatnonzero(np.isinf(numbers))
    if len(bad):
        raise ValueError(f"{what}: row {bad[0]} is {numbers[bad[0]]}; numbers must be finite (NaN counts as missing)")
    return numbers
