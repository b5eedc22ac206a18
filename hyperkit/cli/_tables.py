"""What the commands know of a table of points, whatever file it came from or goes to.

A `Wanted` is what the user said about the columns, a `Table` what was read: float64 coordinates, one point a row, with
labels and row names where the file has them. Whether the numbers are points of hyperbolic space is for
`hyperkit.models` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    """What the user said about the columns of a file."""

    labels: str | None = None
    """Column of labels: its heading, or its number from 0 where there is no header."""
    columns: str | None = None
    """Coordinate columns, separated by commas; None is every column but the labels."""
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


def first_holds_names(headings: list[str]) -> bool:
    """Whether the column in first place, under an empty heading, holds the names of the rows."""
    return len(headings) > 1 and headings[0] == ""


def find_columns(
    wanted: Wanted, headings: list[str], *, header: bool, source: str
) -> tuple[list[int], int | None, int | None]:
    """Places of the coordinate columns, of the column of labels, and of that of groups."""

    def place_of(name: str) -> int:
        if header:
            if headings.count(name) == 1:
                return headings.index(name)
            if name in headings:
                raise ValueError(f"{source} has {headings.count(name)} columns called {name!r}; give each its own name")
            raise ValueError(f"{source} has no column {name!r}; it has: {', '.join(headings)}")
        if name.isdecimal() and int(name) < len(headings):
            return int(name)
        raise ValueError(f"{source} has no column {name!r}: without a header its columns are 0 to {len(headings) - 1}")

    no_labels = wanted.labels is None or (not wanted.labels_needed and wanted.labels not in headings)
    label_place = None if no_labels else place_of(str(wanted.labels))
    group_place = None if wanted.groups is None else place_of(wanted.groups)
    if wanted.columns is not None:
        return [place_of(name.strip()) for name in wanted.columns.split(",")], label_place, group_place
    others = range(first_holds_names(headings), len(headings))
    places = [place for place in others if place not in (label_place, group_place)]
    if not places:
        raise ValueError(f"{source} has no columns of coordinates beside its labels")
    return places, label_place, group_place
