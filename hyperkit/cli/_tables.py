"""What the commands know of a table of points, whatever file it came from or goes to.

A `Wanted` is what the user said about the columns, a `Table` what was read: float64 coordinates, one point a row, with
labels and row names where the file has them. Whether the numbers are points of hyperbolic space is for
`hyperkit.models` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._cells import is_no_label


@dataclass(frozen=True, eq=False)
class Table:
    """Points read from a file, one a row."""

    source: str
    """Name of the file, for messages."""
    points: NDArray[np.float64]
    """Coordinates, shape (n, number of coordinate columns)."""
    columns: list[str] | None
    """Headings of the coordinate columns; None if the file has no header."""
    labels: NDArray[Any] | None = None
    """The column that the user named as labels, shape (n,)."""
    label_column: str = "labels"
    """Its heading."""
    names: list[str] | None = None
    """Names of the rows."""
    groups: NDArray[Any] | None = None
    """The column that the user named as groups, shape (n,)."""
    lines: list[int] | None = None
    """Number of the line that each row stands in, from 1; None where rows stand in no lines."""
    rows: NDArray[np.int64] | None = None
    """Number of each row in the file, from 0; None where all are there."""

    def row(self, row: int) -> int:
        """Number of a row in the file."""
        return row if self.rows is None else int(self.rows[row])

    def place(self, row: int) -> str:
        """Where a row stands in the file."""
        return f"row {self.row(row)}" if self.lines is None else f"line {self.lines[row]} (row {self.row(row)})"

    def labels_in_words(self) -> str:
        """Heading of the labels, how many there are, and how many rows have none."""
        there = [str(label) for label in ([] if self.labels is None else self.labels) if not is_no_label(label)]
        n_without = len(self.points) - len(there)
        without = f", none in {n_without:,} row{'s' * (n_without > 1)}" if n_without else ""
        return f"{self.label_column} ({len(set(there)):,} different{without})"

    def in_lines(self, text: str) -> str:
        """An error about a row with the number of its line, which is what an editor shows."""
        return re.sub(r"\brow (\d+)\b", lambda row: self.place(int(row[1])), text)

    def vertex_names(self) -> list[str] | None:
        """Distinct names for the rows of a tree: their own, or their labels; those that repeat with the row number."""
        names, repeated = self._names_or_labels(), self.repeated_names()
        if names is None or not repeated:
            return names
        taken = set(names)
        for row, name in enumerate(names):
            if name in repeated:
                while names[row] in taken:
                    names[row] += f".{row}"
                taken.add(names[row])
        return names

    def repeated_names(self) -> dict[str, list[int]]:
        """Names that several rows have, with these rows."""
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(self._names_or_labels() or []):
            rows.setdefault(name, []).append(row)
        return {name: with_it for name, with_it in rows.items() if len(with_it) > 1}

    def _names_or_labels(self) -> list[str] | None:
        if self.names is not None or self.labels is None:
            return None if self.names is None else list(self.names)
        return [str(label) for label in self.labels]


@dataclass(frozen=True)
class Wanted:
    """What the user said about a file and its columns."""

    labels: str | None = None
    """Column of labels: its heading, or its number from 0 where there is no header."""
    columns: str | None = None
    """Coordinate columns, separated by commas; None is to go by their names, and of features all."""
    header: bool | None = None
    """Whether the first line is a header; None is to find out."""
    label_option: str | None = "--labels"
    """The option that names the column of labels, for messages; None where there is none."""
    group_option: str | None = None
    """The option that names the column of groups, likewise."""
    all_labelled: bool = False
    """Whether a row without a label is an error."""
    labels_needed: bool = True
    """Whether it is an error if the column of labels is not there."""
    groups: str | None = None
    """Column of groups, such as cell types, named as that of labels; each row has one."""
    features: bool = False
    """Whether the columns are features, and no coordinates."""
    way_out: str = "embed it first: hyperkit embed"
    """What to do with raw data, for messages."""
    index: str | None = None
    """Column with the names of the rows."""
    sep: str | None = None
    """What separates the cells of a text."""
    decimal: str = "."
    """Decimal sign of a text."""
    comment: str | None = None
    """What begins a comment in a text."""
    encoding: str | None = None
    """Encoding of a text."""
    sheet: str | None = None
    """Sheet of a workbook."""
    obsm: str | None = None
    """Embedding of an h5ad file."""
