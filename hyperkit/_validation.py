"""What a parameter may be, by one rule and in one voice, wherever the work begins: in ``fit``, or as a function starts.

Errors read ``name=value must be ...`` and are ValueErrors; an array that would not be read as it is meant is a
TypeError. A bool is neither a count nor a number: ``n_restarts=True`` is a slip of the pen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_count(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """Return `value` as an int, or raise ValueError unless it is a whole number from `least` to `most`."""
    if not _is(value, Integral) or value < least or (most is not None and value > most):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name}={value!r} must be a whole number {allowed}")
    return int(value)


def check_number(name: str, value: Any, allowed: str, holds: Callable[[float], bool]) -> float:
    """Return `value` as a float, or raise ValueError unless it is a number for which `holds`; `allowed` says which."""
    try:
        if _is(value, Real) and holds(float(value)):
            return float(value)
    except OverflowError:  # an int beyond float64
        pass
    raise ValueError(f"{name}={value!r} must be {allowed}")


def check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    """Raise ValueError unless `value` is one of the `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(map(repr, choices))}")


def check_flag(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is a bool: ``paired="no"`` would count as yes."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}={value!r} must be True or False")


def check_n_jobs(n_jobs: Any) -> None:
    """Raise ValueError unless `n_jobs` is what joblib can run: a whole number other than 0, or None."""
    if n_jobs is not None and (not _is(n_jobs, Integral) or n_jobs == 0):
        raise ValueError(f"n_jobs={n_jobs!r} must be a number of jobs, -1 for all processors, or None")


def refuse_hidden(name: str, array: Any) -> None:
    """Raise TypeError if numpy could not read `array` as it is: it drops a mask, and must not drop a gradient.

    A list of such rows is refused like the table of them.
    """
    for part in (array, *array) if isinstance(array, list | tuple) else (array,):
        if isinstance(part, np.ma.MaskedArray):
            raise TypeError(f"{name} is a masked array; drop or fill the masked rows: numpy would read what is hidden")
        if getattr(part, "requires_grad", None) is True:
            raise TypeError(
                f"{name} is a tensor that requires a gradient; hyperkit.latents.to_poincare takes latent points off "
                f"the graph, with their manifold. Other tensors: give {name}.detach()"
            )


def check_names(name: str, labels: Any, n: int, what: str) -> list[str]:
    """Names of `n` things as text: their numbers if `labels` is None; those of its rows if it is a data frame.

    A name that is missing (None, NaN, NA) is empty.
    """
    if isinstance(labels, str):
        raise TypeError(f"{name}={labels!r} is one string; give a list of {n} names")
    refuse_hidden(name, labels)
    if hasattr(labels, "columns") and hasattr(labels, "index"):
        labels = labels.index
    names = ["" if _is_missing(label) else str(label) for label in (range(n) if labels is None else labels)]
    if len(names) != n:
        raise ValueError(f"{name} has {len(names)} entries; the tree has {n} {what}")
    return names


def _is_missing(label: Any) -> bool:
    return label is None or (not isinstance(label, str) and str(label) in ("nan", "NaT", "<NA>"))


def table_index(table: Any) -> Any:
    """Index of a pandas table, or an index itself; None of anything else."""
    if hasattr(table, "iloc"):  # a list has another `index`
        return table.index
    return table if hasattr(table, "isin") else None


def series_index(series: Any) -> Any:
    """Index of a pandas series; None of anything else, such as an index or categories whose entries are values."""
    return series.index if hasattr(series, "iloc") else None


def column_names(table: Any) -> tuple[str, ...] | None:
    """Names of the columns of a data frame; None of anything else, or where not all are text: numbers are no names."""
    names = getattr(table, "columns", None)
    if names is None or not all(isinstance(name, str) for name in names):
        return None
    return tuple(map(str, names))


def check_paired_rows(tables: Mapping[str, Any], *, same: bool = False) -> Any:
    """Index that names the rows of tables that go in pairs by place, or None; ValueError where it has another order.

    Of parents and children, or cells and copies, the names may differ; not where all tables are of the `same` rows.
    Numbers 0, 1, ... are no names, unless another table has just these in another order.
    """
    way_out = "take {other}.loc[{one}.index]"
    return _check_names("row", way_out, {name: table_index(table) for name, table in tables.items()}, same)


def check_paired_columns(tables: Mapping[str, Any]) -> None:
    """Raise ValueError if tables of points name the same columns in another order: coordinates go by place."""
    way_out = "take {other}[{one}.columns]"
    frames = {name: table for name, table in tables.items() if hasattr(table, "iloc")}
    _check_names("column", way_out, {name: getattr(frame, "columns", None) for name, frame in frames.items()})


def check_order(name: str, series: Any, owner: str, labels: Any, what: str = "row") -> None:
    """Raise ValueError if a pandas `series` has the labels, an index, of what it goes with by place in another order.

    Labels are compared as text. Numbers 0, 1, ... are no names.
    """
    index = series_index(series)
    if index is not None and not hasattr(index, "step"):
        _check_names(what, "take {other}.loc[{one}]", {owner: labels.map(str), name: index.map(str)})


def _check_names(what: str, way_out: str, names_of: dict[str, Any], same: bool = False) -> Any:
    found = {name: names for name, names in names_of.items() if hasattr(names, "equals")}  # those of pandas
    numbered = {name for name, names in found.items() if hasattr(names, "step")}
    ordered = sorted(found, key=numbered.__contains__)  # what has names comes first
    for other in ordered[1:]:
        one = ordered[0]
        wanted, names = found[one], found[other]
        if len(names) != len(wanted) or _are_equal(names, wanted):
            continue
        if (same and other not in numbered) or _are_shuffled(wanted, names):
            heads = range(1, len(names) + 1)
            place = bisect_left(heads, True, key=lambda n: not _are_equal(wanted[:n], names[:n]))
            raise ValueError(
                f"{what} {place} is {wanted[place]!r} in {one} and {names[place]!r} in {other}; {what}s go by place: "
                f"{way_out.format(one=one, other=other)}, or drop the names with .to_numpy()"
            )
    return next((found[name] for name in ordered if name not in numbered), None)


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two indexes of pandas have equal labels in order; `equals` tells types of text apart."""
    return bool(one.equals(other) or one.astype(object).equals(other.astype(object)))


def _are_shuffled(one: Any, other: Any) -> bool:
    """Whether two indexes of pandas have the same labels, each once."""
    return bool(one.is_unique and other.is_unique and one.isin(other).all())


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
