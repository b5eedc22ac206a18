"""Groups: the label of each name that is compared, and trees with one node a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...similarity.scores import check_labels
from .._hierarchy import Hierarchy
from ._shared_names import Shared, Trees
from ._tip_tree import Int


def labels_of_names(groups: Any, shared: Shared, trees: Trees) -> NDArray[np.object_]:
    """Group of each shared name, a str: by name from a mapping or a series with names, else by row of the table.

    Raises
    ------
    TypeError, ValueError
        A name or row has no label.
    """
    if isinstance(groups, pd.Series) and not isinstance(groups.index, pd.RangeIndex):
        groups = dict(zip(groups.index, groups, strict=True))
    if isinstance(groups, Mapping):
        groups = {str(name): label for name, label in groups.items()}
        without = [name for name in shared.names if name not in groups]
        if without:
            raise ValueError(f"groups has no label for {without[0]!r}, and for {len(without) - 1} others: give all one")
        given = np.array([groups[name] for name in shared.names], dtype=object)
        labels = check_labels(given, "groups", len(given), "what the trees share")
    else:
        rows = _rows(shared, trees)
        labels = check_labels(groups, "groups", max(int(rows.max()) + 1, len(groups)), "the table of the trees")
        labels = np.asarray(labels)[rows]
    texts = np.array([str(label) for label in labels], dtype=object)
    if (texts == "").any():
        raise ValueError(
            f"groups: the label of {shared.names[int(np.argmax(texts == ''))]!r} is empty; give it another"
        )
    return texts


def _rows(shared: Shared, trees: Trees) -> Int:
    """Row of each shared name in the user's table, in which trees must agree: those of a text are in its own order."""
    known = {name: trees[name].row[nodes] for name, nodes in shared.nodes.items()}
    known = {name: rows for name, rows in known.items() if (rows >= 0).all()}
    way_out = "give a mapping from names to labels, or a series with names as its index"
    if not known:
        raise ValueError(f"groups has a label a row, and not all shared names are rows; {way_out}")
    (first, rows), *others = known.items()
    for name, other in others:
        differ = np.flatnonzero(rows != other)
        if len(differ):
            here = differ[0]
            raise ValueError(
                f"groups has a label a row, and {shared.names[here]!r} is row {rows[here]} of {first} and row "
                f"{other[here]} of {name}; {way_out}"
            )
    return rows


def condensed(tree: Hierarchy, nodes: Int, labels: NDArray[np.object_]) -> Hierarchy:
    """The tree with one node for each group of the `nodes`."""
    row = np.full(len(tree), -1, dtype=np.int64)
    row[nodes] = np.arange(len(nodes))
    return replace(tree, row=row).condense(labels)
