"""How users name nodes and rows: by number, or by label; what they wrote is checked here and becomes node numbers."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .._validation import refuse_hidden

_SHOWN = 3  # of several nodes with one name


class Labels:
    """Labels of nodes, in an index that is made when the first is looked up."""

    def __init__(self, names: NDArray[np.object_]) -> None:
        self.names = names

    @cached_property
    def nodes(self) -> dict[str, int]:
        """Node of each label; -1 where several have it. An empty one is none."""
        nodes: dict[str, int] = {}
        for node, name in enumerate(self.names.tolist()):
            nodes[name] = -1 if name in nodes else node
        nodes.pop("", None)
        return nodes


def named_nodes(argument: str, given: Any, labels: Labels, numbered: NDArray[np.int64], what: str) -> NDArray[np.int64]:
    """Nodes that `given` names, an array of its shape; ``numbered[k]`` is the node that the number k stands for, or -1.

    Raises
    ------
    TypeError, ValueError
        An entry is neither a number of a `what` nor the name of exactly one node.
    """
    refuse_hidden(argument, given)
    try:
        entries = np.asarray(given)
    except ValueError:
        raise TypeError(
            f"{argument} has rows of several lengths; give one number of a {what}, or one label, a place"
        ) from None
    if entries.dtype.kind == "U" and not hasattr(given, "dtype"):
        entries = np.asarray(given, dtype=object)  # among labels numpy would write the number 1 as one of them
    if entries.size == 0:
        return np.empty(entries.shape, dtype=np.int64)
    kinds = {_kind(entry) for entry in entries.flat} if entries.dtype.kind == "O" else {entries.dtype.kind}
    if kinds == {"i"} or kinds == {"u"}:
        return _by_number(argument, entries, numbered, what)
    if kinds == {"U"}:
        return _by_label(argument, entries, labels)
    if kinds == {"i", "U"}:
        raise TypeError(f"{argument} has numbers and labels; give numbers of {what}s or labels, not both at once")
    way = {"b": "; numpy.flatnonzero(mask) gives numbers for a mask", "f": "; give whole numbers such as 0, not 0.0"}
    odd = next(entry for entry in entries.astype(object).flat if _kind(entry) == "other")
    raise TypeError(
        f"{argument}: {odd!r} is neither the number of a {what} nor a label{way.get(entries.dtype.kind, '')}"
    )


def _kind(entry: Any) -> str:
    if isinstance(entry, str):
        return "U"
    return "i" if isinstance(entry, int | np.integer) and not isinstance(entry, bool) else "other"


def one_of(argument: str, nodes: NDArray[np.int64]) -> int:
    """The one node, or a TypeError."""
    if nodes.ndim:
        raise TypeError(f"{argument} has shape {nodes.shape}; give one number or label")
    return int(nodes)


def row_types(
    labels: ArrayLike, n_rows: int, argument: str = "labels"
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Type of each row as a number, and the names of the types: categories in their order, else sorted.

    Raises
    ------
    ValueError
        There is not one label a row, one is missing, or two are written alike.
    """
    refuse_hidden(argument, labels)
    dtype = getattr(labels, "dtype", None)
    given = labels if isinstance(dtype, pd.CategoricalDtype) else np.asarray(labels, dtype=object)
    if np.shape(given) != (n_rows,):
        raise ValueError(
            f"{argument} has shape {np.shape(given)}; the hierarchy has {n_rows} rows: give a label for each"
        )
    if n_rows == 0:
        raise ValueError(f"{argument}: the hierarchy has no rows, and so no types")
    kinds = pd.Categorical(given).remove_unused_categories()
    if (kinds.codes < 0).any():
        row = int(np.argmax(kinds.codes < 0))
        raise ValueError(f"{argument}: entry {row} is missing; give it a label such as 'unknown', or leave out the row")
    names = np.array([str(kind) for kind in kinds.categories], dtype=object)
    first: dict[str, Any] = {}
    for kind, name in zip(kinds.categories, names, strict=True):
        if first.setdefault(name, kind) is not kind:
            raise ValueError(f"{argument}: {first[name]!r} and {kind!r} would be of one name; give labels of one type")
    return kinds.codes.astype(np.int64), names


def _by_number(argument: str, entries: NDArray[Any], numbered: NDArray[np.int64], what: str) -> NDArray[np.int64]:
    numbers = entries.astype(np.int64)
    outside = (numbers < 0) | (numbers >= len(numbered))
    nodes = numbered[np.where(outside, 0, numbers)] if len(numbered) else np.full(numbers.shape, -1)
    missing = outside | (nodes < 0)
    if missing.any():
        known = np.flatnonzero(numbered >= 0)
        held = f"has {what}s {known[0]} to {known[-1]}" if len(known) else f"has no {what}s"
        if len(known) and len(known) <= known[-1] - known[0]:
            held += f", {len(known)} in all"
        raise ValueError(f"{argument}: {numbers[missing].flat[0]} is no {what}; the hierarchy {held}")
    return np.asarray(nodes, dtype=np.int64)


def _known(label: str, labels: Labels) -> str:
    """Labels that are written nearly as this one, or else some that there are."""
    names = [name for name in labels.nodes if isinstance(name, str)]
    near = get_close_matches(label, names, _SHOWN)
    if near:
        return f"near it are {', '.join(map(repr, near))}"
    return f"labels are such as {', '.join(map(repr, names[:_SHOWN]))}" if names else "no node has one"


def _by_label(argument: str, entries: NDArray[Any], labels: Labels) -> NDArray[np.int64]:
    known = labels.nodes
    nodes = np.array([known.get(label, -1) for label in entries.flat], dtype=np.int64)
    if (nodes < 0).any():
        label = str(entries.flat[int(np.argmax(nodes < 0))])
        with_it = np.flatnonzero(labels.names == label).tolist() if label else []
        several = f"the label of {len(with_it)} nodes (the first are {with_it[:_SHOWN]}); give a number"
        none = f"the label of no node; {_known(label, labels)}"
        raise ValueError(f"{argument}: {label!r} is {several if with_it else none}")
    return nodes.reshape(entries.shape)
