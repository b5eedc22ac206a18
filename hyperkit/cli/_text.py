"""CSV and TSV: text in, a `Table` out, and back.

Cells become numbers while the lines go by, with Python's own ``float``: the nearest double to what is written, which
fast parsers do not promise and points near the rim need. Numbers are written with the fewest digits that give the same
double back.

A first line without a single number is a header. A column in first place under an empty heading (pandas, R's
write.csv) or without any heading (R's write.table) holds the names of the rows.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from itertools import chain
from typing import TextIO

import numpy as np

from ._tables import Table, Wanted, column_index

_MISSING = {"", "na", "n/a", "nan", "null", "none"}


def read_text(stream: TextIO, source: str, wanted: Wanted) -> Table:
    """Read a table whose cells are separated by tabs, commas, semicolons or spaces."""
    rows = _numbered_rows(stream, source)
    first = next(rows, None)
    if first is None:
        raise ValueError(f"{source} is empty; a table of points is needed")
    header = _is_header(first[1], source) if wanted.header is None else wanted.header
    head = next(rows, None) if header else first
    if head is None:
        raise ValueError(f"{source} has a header but no rows")
    headings = first[1] if header else [str(column) for column in range(len(head[1]))]
    if header and len(head[1]) == len(headings) + 1:
        headings = ["", *headings]  # R's write.table writes no heading over the names of the rows
    reader = _Cells(source, headings, header, wanted, head)
    for line, cells in chain([head], rows):
        reader.take(line, cells)
    return reader.table()


def write_text(table: Table, stream: TextIO, delimiter: str) -> None:
    """Write names, coordinates and labels; a header only if the table has one."""
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    names, labels = table.names, table.labels
    if table.columns is not None:
        writer.writerow(
            ([""] if names is not None else []) + table.columns + ([table.label_column] if labels is not None else [])
        )
    for row, point in enumerate(table.points.tolist()):
        cells = [repr(value) for value in point]
        if names is not None:
            cells.insert(0, names[row])
        if labels is not None:
            cells.append(str(labels[row]))
        writer.writerow(cells)


class _Cells:
    """Collects coordinates, labels and names from rows of cells."""

    def __init__(
        self, source: str, headings: list[str], header: bool, wanted: Wanted, first: tuple[int, list[str]]
    ) -> None:
        self.source, self.headings, self.header = source, headings, header
        self.name_column = 0 if header and headings[0] == "" and len(headings) > 1 else None
        self.label_column = None if wanted.labels is None else self._index(wanted.labels)
        special = {self.name_column, self.label_column}
        if wanted.columns is not None:
            self.coordinates = [self._index(name.strip()) for name in wanted.columns.split(",")]
        else:
            self.coordinates = [column for column in range(len(headings)) if column not in special]
            self._check_no_text(first, wanted.label_option)
        if not self.coordinates:
            raise ValueError(f"{source} has no columns of coordinates beside its labels")
        self.points: list[list[float]] = []
        self.labels: list[str] = []
        self.names: list[str] = []

    def take(self, line: int, cells: list[str]) -> None:
        """Add one row."""
        if len(cells) != len(self.headings):
            raise ValueError(f"{self.source}: line {line} has {len(cells)} cells, not {len(self.headings)}")
        try:
            self.points.append([_number(cells[column]) for column in self.coordinates])
        except ValueError:
            self._explain(line, cells)
        if self.label_column is not None:
            self.labels.append(cells[self.label_column].strip())
        if self.name_column is not None:
            self.names.append(cells[self.name_column].strip())

    def table(self) -> Table:
        """Everything taken so far."""
        return Table(
            source=self.source,
            points=np.array(self.points),
            columns=[self.headings[column] for column in self.coordinates] if self.header else None,
            labels=None if self.label_column is None else np.array(self.labels),
            label_column="labels" if self.label_column is None else self.headings[self.label_column],
            names=None if self.name_column is None else self.names,
        )

    def _index(self, name: str) -> int:
        return column_index(name, self.headings, header=self.header, source=self.source)

    def _check_no_text(self, first: tuple[int, list[str]], label_option: str) -> None:
        """Raise if a column is text from its first row on: the user must say what it is."""
        line, cells = first
        text = [
            c for c in self.coordinates if c < len(cells) and not _is_number(cells[c]) and not _is_missing(cells[c])
        ]
        if text:
            name = self.headings[text[0]]
            rest = ",".join(self.headings[column] for column in self.coordinates if column not in text)
            advice = f", or name the coordinates with --columns {_quoted(rest)}" if rest else ""
            advice += "" if self.header else "; if the first line is a header, pass --header"
            raise ValueError(
                f"{self.source}: column {name!r} holds text ({cells[text[0]]!r} in line {line}); if these are labels, "
                f"pass {label_option} {_quoted(name)}{advice}"
            )

    def _explain(self, line: int, cells: list[str]) -> None:
        for column in self.coordinates:
            cell = cells[column]
            where = f"{self.source}: line {line}, column {self.headings[column]!r}"
            if _is_missing(cell):
                raise ValueError(f"{where} has a missing value ({cell!r}); fill it, or take the line out") from None
            if not _is_number(cell):
                raise ValueError(f"{where}: {cell!r} is not a finite number") from None


def _numbered_rows(stream: TextIO, source: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of cells with the number of their line, from 1; blank lines are passed over."""
    opening = []
    for line in stream:
        opening.append(line)
        if line.strip():
            break
    delimiter = _delimiter(opening[-1], source) if opening else ","
    reader = csv.reader(chain(opening, stream), delimiter=delimiter, skipinitialspace=delimiter == " ")
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValueError(f"{source}: line {reader.line_num} is no line of a text table: {error}") from None


def _delimiter(line: str, source: str) -> str:
    if source.lower().endswith((".tsv", ".tab")):
        return "\t"
    found = max("\t,;", key=line.count)
    return found if found in line else " "


def _is_header(cells: list[str], source: str) -> bool:
    counting = [str(column) for column in range(len(cells))]  # what pandas writes over columns without a name
    if len(cells) > 1 and cells == counting:
        line = ",".join(cells)
        raise ValueError(f"{source}: the first line, {line}, may be a header or a point; pass --header or --no-header")
    if len(cells) > 1 and cells[0] == "":
        return cells[1:] == counting[:-1] or not all(_is_number(cell) for cell in cells[1:])
    return not any(_is_number(cell) for cell in cells)


def _number(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value) or "_" in cell:  # float reads 1_000 as Python does
        raise ValueError
    return value


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except ValueError:
        return False
    return True


def _is_missing(cell: str) -> bool:
    return cell.lower() in _MISSING


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
