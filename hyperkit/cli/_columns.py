"""What the columns of a table are: coordinates, labels, groups, names of rows.

With a header, coordinates go by their names: x, y, z; u, v, w; or one stem with consecutive numbers, such as x0, x1 or
dim_1, dim_2, unless it says that they are features, as f1, f2 do. A number beside them (a doublet score, a cluster, a
saved index) would move every point, so that it is never taken unless the user names it. Features are another matter:
there every column of numbers is one.
"""

from __future__ import annotations

import re
from shlex import quote
from typing import NamedTuple

import click

from ._cells import Cells, comma_hint, first_holds_names, kind
from ._tables import Wanted

_LETTERS = ("x", "xy", "xyz", "xyzw", "uv", "uvw")
_OF_FEATURES = {"f", "feat", "feature", "g", "gene", "var", "variable"}
_MOST_NAMED = 8


class Columns(NamedTuple):
    """Places of the columns."""

    coordinates: list[int]
    labels: int | None
    groups: int | None
    names: int | None


def find_columns(wanted: Wanted, cells: Cells) -> Columns:
    """Places of the columns that are wanted, or that are what they are by their headings and cells."""
    headings, source = cells.headings, cells.source
    no_labels = wanted.labels is None or (not wanted.labels_needed and wanted.labels not in headings)
    labels = None if no_labels else _place_of(str(wanted.labels), cells)
    groups, names = (None if name is None else _place_of(name, cells) for name in (wanted.groups, wanted.index))
    unnamed = 0 if first_holds_names(headings) else None
    names = unnamed if names is None else names
    chosen = None
    if wanted.columns is not None:
        chosen = [_place_of(name.strip(), cells) for name in wanted.columns.split(",")]
        if len(set(chosen)) < len(chosen):
            raise ValueError(f"--columns {wanted.columns} names a column twice")
    others = [place for place in range(len(headings)) if place not in {labels, groups, names, unnamed, *(chosen or [])}]
    texts = [place for place in others if cells.is_text(place)]
    if names is None and (chosen is not None or len(texts) < len(others)):
        names = next(filter(cells.names_rows, texts), None)
        if names is not None:
            click.echo(f"Names of rows: column {headings[names]!r} of {source}", err=True)
    if chosen is None:
        chosen = [place for place in others if place != names]
        if not chosen:
            raise ValueError(f"{source} has no columns of coordinates beside its labels")
        _check_texts(wanted, cells, [place for place in texts if place != names], chosen)
        if cells.header:
            _check_numbers(wanted, cells, chosen)
    return Columns(chosen, labels, groups, names)


def _place_of(name: str, cells: Cells) -> int:
    """Place of the column that the user calls so: by its heading, or its number where there is no header."""
    headings, source = cells.headings, cells.source
    if cells.header:
        if headings.count(name) == 1:
            return headings.index(name)
        if name in headings:
            raise ValueError(f"{source} has {headings.count(name)} columns called {name!r}; give each its own name")
        raise ValueError(f"{source} has no column {name!r}; it has: {', '.join(headings)}")
    if name.isdecimal() and int(name) < len(headings):
        return int(name)
    raise ValueError(f"{source} has no column {name!r}: without a header its columns are 0 to {len(headings) - 1}")


def _check_texts(wanted: Wanted, cells: Cells, texts: list[int], places: list[int]) -> None:
    """Raise if a column holds text: the user must say what it is."""
    if not texts:
        return
    first = texts[0]
    row = next(row for row, cell in enumerate(cells.texts(first)) if kind(cell) == "text")
    cell, heading = cells.texts(first)[row], cells.headings[first]
    if hint := comma_hint(cells, cell):
        raise ValueError(f"{cells.source}: {cells.place(row)}, column {heading!r}: {cell!r} is not a number{hint}")
    left = [place for place in places if place not in texts]
    named = (_by_name(cells.headings, left) if cells.header else left) or left
    advice = [f"name the coordinates with --columns {_joined(cells, named)}"] if named else []
    if wanted.group_option is not None and wanted.groups is None:
        advice.insert(0, f"if these are groups, such as donors, pass {wanted.group_option} {_quoted(heading)}")
    if wanted.label_option is not None and wanted.labels is None:
        advice.insert(0, f"if these are labels, pass {wanted.label_option} {_quoted(heading)}")
    else:
        advice.append("take it out of the file")
    if wanted.index is None and first == 0:  # names that stand twice are not taken for names
        advice.insert(0, f"if these are names of rows, pass --index {_quoted(heading)}")
    hint = "" if cells.header else "; if the first line is a header, pass --header"
    raise ValueError(
        f"{cells.source}: column {heading!r} holds text ({cell!r} in {cells.place(row)}); {', or '.join(advice)}{hint}"
    )


def _check_numbers(wanted: Wanted, cells: Cells, places: list[int]) -> None:
    """Raise if a column of numbers is there that its name does not make one of those wanted."""
    # pandas calls an index so that it reads back as a column.
    saved = [place for place in places if cells.headings[place].startswith("Unnamed: ")]
    if wanted.features:
        named = [place for place in places if place not in saved] or places
    else:
        named = _by_name(cells.headings, places)
    others = [place for place in places if place not in named]
    if not others:
        return
    for place in others:
        _place_of(cells.headings[place], cells)  # which is how the user will call it: two of one name are an error
    it, holds = ("them", "hold") if len(others) > 1 else ("it", "holds")
    what = "features" if wanted.features else "coordinates"
    ways = [f"name the {what} with --columns {_joined(cells, named or others)}"]
    told = f"{_listed(cells, others)} {holds} numbers"
    # Many more numbers than coordinates, such as genes Gata1 and Gata2 among others, are raw data.
    raw = not wanted.features and len(others) > len(named)
    if named:
        told += f" beside the {what} {_listed(cells, named)}"
        ways.append(f"take {it} out of the file")
    else:
        told += ", and no name is one of coordinates (x, y or x0, x1 or dim_1, dim_2)"
    if saved and wanted.index is None:
        ways.append(f"if it holds the names of rows, pass --index {_quoted(cells.headings[saved[0]])}")
    elif named and len(others) == 1 and wanted.labels is None and wanted.label_option is not None:
        ways.append(f"if it holds labels, pass {wanted.label_option} {_quoted(cells.headings[others[0]])}")
    way_out = f". Raw data? {wanted.way_out}. Else " if raw else "; "
    raise ValueError(f"{cells.source}: {told}{way_out}{', or '.join(ways)}")


def _by_name(headings: list[str], places: list[int]) -> list[int]:
    """Places of the coordinates by their names: letters, else the first numbered stem."""
    names = {place: headings[place].strip().casefold() for place in places}
    for letters in ("xyzw", "uvw"):
        lettered = [place for place in places if names[place] in tuple(letters)]
        known = "".join(sorted((names[place] for place in lettered), key=letters.index))
        if known in _LETTERS:
            return lettered
    stems: dict[str, dict[int, int]] = {}
    for place, name in names.items():
        numbered = re.fullmatch(r"(.*?)[\s_.-]*(\d{1,9})", name)
        if numbered and not numbered[1].startswith("unnamed"):
            stems.setdefault(numbered[1], {})[place] = int(numbered[2])
    for stem, numbers in stems.items():
        first, count = min(numbers.values()), len(numbers)
        if stem in _OF_FEATURES:
            continue
        consecutive = sorted(numbers.values()) == list(range(first, first + count))
        if consecutive and first <= 1 and (count > 1 or stem in ("x", "dim")):
            return list(numbers)
    return []


def _listed(cells: Cells, places: list[int]) -> str:
    names = [_quoted(cells.headings[place]) for place in places[:_MOST_NAMED]]
    return ", ".join(names) + (f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else "")


def _joined(cells: Cells, places: list[int]) -> str:
    """As --columns takes them."""
    if len(places) > _MOST_NAMED:
        return "A,B,..."
    return _quoted(",".join(cells.headings[place] for place in places))


def _quoted(name: str) -> str:
    """As a shell takes it."""
    if re.fullmatch(r"[\w@%+:,./-]+", name):
        return name
    return quote(name) if re.search(r'["$`\\!]', name) else f'"{name}"'
