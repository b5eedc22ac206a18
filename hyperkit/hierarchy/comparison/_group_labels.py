"""The group of each name that is compared, from labels by row or by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...similarity.scores import check_labels
from ._shared_names import Shared, Trees


def labels_of_names(groups: Any, shared: Shared, trees: Trees) -> NDArray[Any]:
    """Label of each shared name: by name from a mapping or a series with names, else by row of the table.

    Raises
    ------
    ValueError
        A name or row has no label.
    """
    if isinstance(groups, pd.Series) and not isinstance(groups.index, pd.RangeIndex):
        groups = dict(zip(map(str, groups.index), groups.to_numpy(), strict=True))
    if isinstance(groups, Mapping):
        without = next((name for name in shared.names if name not in groups), None)
        if without is not None:
            raise ValueError(f"groups has no label for {without!r}; every name that both trees have needs one")
        given = np.array([groups[name] for name in shared.names], dtype=object)
        return np.asarray(check_labels(given, "groups", len(given), "what both trees share"))
    for name, tree in trees.items():
        rows = tree.row[shared.nodes[name]]
        if (rows >= 0).all():
            n = max(int(rows.max()) + 1, len(groups))
            return np.asarray(check_labels(groups, "groups", n, f"the table of {name}"))[rows]
    raise ValueError("groups are labels by row, and no tree has rows; give a mapping from names to labels")
