"""The cells of a table, from whatever file, and the one way to points: cells become numbers here, or an error does.

Cells of a text stay text until each is known to be a number, and become the double nearest to what is written, which
points near the rim need.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

# 0,25: text, that may be a number where people write it so.
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
_POINT_FOR_COMMA = {ord(","): ".", ord("."): ","}  # a point is no decimal sign then
_MISSING = {"", "na", "n/a", "nan", "null", "none", "<na>"}
_NO_LABEL = _MISSING - {"null", "none"}  # these name mutants and controls, too


@dataclass(frozen=True, eq=False)
class Cells:
    """A table before it is known what its columns are."""

    source: str
    """Name of the file, for messages."""
    frame: Any
    """Data frame of the rows."""
    headings: list[str]
    """Headings of the columns, or their numbers."""
    header: bool
    """Whether these are headings of the file."""
    lines: list[int] | None = None
    """Number of the line of each row, from 1; None where rows stand in no lines."""

    decimal: str = "."
    """Decimal sign of its numbers."""

    def place(self, row: int) -> str:
        """Where a row stands, in the words of an error."""
        return f"row {row}" if self.lines is None else f"line {self.lines[row]}"

    def texts(self, place: int) -> list[str]:
        """A column as text; what is missing is empty."""
        column = self.frame.iloc[:, place].astype(object)
        return [str(cell).strip() for cell in column.where(column.notna(), "")]

    def is_text(self, place: int) -> bool:
        """Whether a column holds text: its first cell that is not missing does."""
        column = self.frame.iloc[:, place]
        if column.dtype.kind in "fiu":
            return False
        return next((known == "text" for known in map(kind, map(self.with_point, column)) if known != "missing"), False)

    def with_point(self, cell: object) -> object:
        """A cell as Python reads numbers."""
        return cell.translate(_POINT_FOR_COMMA) if self.decimal == "," and isinstance(cell, str) else cell

    def names_rows(self, place: int) -> bool:
        """Whether each cell of a column is text that no other has."""
        texts = self.texts(place)
        return 1 < len(texts) == len(set(texts)) and not any(
            kind(text) != "text" or DECIMAL_COMMA.fullmatch(text) for text in texts
        )

    def values(self, place: int | None) -> NDArray[Any] | None:
        """A column of labels: text, or the numbers that it has in a file that knows of such."""
        if place is None:
            return None
        column = self.frame.iloc[:, place]
        return column.to_numpy() if column.dtype.kind in "fiu" else np.array(self.texts(place), dtype=str)


def first_holds_names(headings: list[str]) -> bool:
    """Whether the column in first place, under an empty heading, holds the names of the rows."""
    return len(headings) > 1 and headings[0] == ""


def kind(cell: object) -> Literal["number", "not finite", "missing", "text"]:
    """What a cell holds."""
    text = "" if cell is None else str(cell).strip()
    if text.lower() in _MISSING:
        return "missing"
    try:
        finite = math.isfinite(float(text))
    except ValueError:
        return "text"
    # Python, and so NumPy, reads 1_0 as 10.
    return "text" if "_" in text else "number" if finite else "not finite"


def numbers(cells: Cells, places: list[int]) -> NDArray[np.float64]:
    """The columns in these places as float64; raises for the first cell that is not a finite number."""
    chosen = cells.frame.iloc[:, places]
    if all(dtype.kind in "fiu" for dtype in chosen.dtypes):
        table = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
        texts = None
    else:
        texts = chosen.to_numpy(dtype=object)
        if cells.decimal == ",":
            texts = np.array([[cells.with_point(cell) for cell in row] for row in texts], dtype=object)
        try:
            table = texts.astype(np.float64)
        except (TypeError, ValueError):
            table = np.full(texts.shape, np.nan)
        if any("_" in cell for cell in texts.flat if isinstance(cell, str)):
            table = np.full(texts.shape, np.nan)
    if not np.isfinite(table).all():
        _explain(cells, places, table if texts is None else texts)
    return table


def _explain(cells: Cells, places: list[int], table: NDArray[Any]) -> NoReturn:
    """Raise for the first cell that is not a number."""
    row, column = next(place for place in np.ndindex(table.shape) if kind(table[place]) != "number")
    cell, where = cells.frame.iloc[row, places[column]], cells.place(row)
    what = f"{cells.source}: {where}, column {cells.headings[places[column]]!r}"
    if kind(cell) == "missing":
        shown = cell if isinstance(cell, str) else ""
        raise ValueError(f"{what} has a missing value ({shown!r}); fill it, or take the {where.split()[0]} out")
    raise ValueError(f"{what}: {str(cell)!r} is not a finite number{comma_hint(cells, cell)}")


def comma_hint(cells: Cells, cell: object) -> str:
    """What to pass if the comma of a cell is that of a number."""
    is_comma = cells.decimal == "." and DECIMAL_COMMA.fullmatch(str(cell))
    return "; if the comma is a decimal comma, pass --decimal ," if is_comma else ""


def is_no_label(value: object) -> bool:
    """Whether a cell of a column of labels says that there is none."""
    return str(value).strip().lower() in _NO_LABEL


def check_filled(values: NDArray[Any] | None, place: Any, source: str, option: str) -> None:
    """Raise for the first row without a value in the column of an option; `place` says where a row stands."""
    for row, value in enumerate([] if values is None else values.astype(str).tolist()):
        if is_no_label(value):
            raise ValueError(
                f"{source}: {place(row)} has a missing value ({value!r}) in {option}; "
                f"fill it, or take the {place(row).split()[0]} out"
            )
