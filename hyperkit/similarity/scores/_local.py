"""Where two sets mix and where they do not: scores of single points and of labels.

In comes the graph of members, out come pandas tables. A point's score is the share of its edges that lead to the other
set; a label's is the same over all edges at its points. Scores of connected clusters are in `_components`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..graph import MemberGraph, share
from ._beside import NONE_DROPPED
from ._labels import check_labels

if TYPE_CHECKING:
    import pandas as pd


def point_table(
    graph: MemberGraph, left_out: tuple[NDArray[np.int64], NDArray[np.int64]] = NONE_DROPPED[0]
) -> pd.DataFrame:
    """Scores of the rows of A, then of B, with their numbers among all, those `left_out` of A and of B included.

    Rows of one member have its scores.
    """
    import pandas as pd

    crossing = graph.sets[graph.edges[:, 0]] != graph.sets[graph.edges[:, 1]]
    degrees = graph.degrees[graph.members]
    other = np.bincount(graph.edges[crossing].ravel(), minlength=len(graph.ball))[graph.members]
    kept = np.bincount(graph.row_sets, minlength=2)
    numbers = [np.delete(np.arange(n + len(rows)), rows) for n, rows in zip(kept, left_out, strict=True)]
    return pd.DataFrame(
        {
            "set": pd.Categorical.from_codes(graph.row_sets, categories=["A", "B"]),
            "row": np.concatenate(numbers),
            "n_neighbors": degrees,
            "n_other": other,
            "local_similarity": share(other, degrees),
        }
    )


def label_table(graph: MemberGraph, labels_a: ArrayLike | None, labels_b: ArrayLike | None) -> pd.DataFrame:
    """Scores of labels, sorted or in the order of their categories; a set without is seen as neighbours only."""
    if labels_a is None and labels_b is None:
        raise ValueError("give labels_a, labels_b or both: one label for each row of the set")
    table = point_table(graph)
    parts = []
    for name, labels in (("A", labels_a), ("B", labels_b)):
        rows = table[table["set"] == name]
        if labels is None:
            continue
        parts.append(rows.assign(label=check_labels(labels, f"labels_{name.lower()}", len(rows), name)))
    import pandas as pd

    labelled = pd.concat(parts, ignore_index=True)
    labelled["n_a"], labelled["n_b"] = labelled["set"] == "A", labelled["set"] == "B"
    sums = labelled.groupby("label", observed=True)[["n_a", "n_b", "n_neighbors", "n_other"]].sum().astype(np.int64)
    sums["local_similarity"] = share(sums["n_other"].to_numpy(), sums["n_neighbors"].to_numpy())
    return sums
