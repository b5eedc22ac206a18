"""Hierarchies from a column of parents: every other way in ends here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..models import Model
from ._hierarchy import Hierarchy
from ._order import in_order


def from_parents(
    parent: ArrayLike, length: ArrayLike | None = None, *, names: Sequence[Any] | None = None
) -> Hierarchy:
    """Hierarchy of nodes given by their parents; node i is row i of the user's table.

    (Checks and docstring to come.)
    """
    above = np.asarray(parent, dtype=np.int64)
    lengths = np.ones(len(above)) if length is None else np.asarray(length, dtype=np.float64)
    labels = [str(name) for name in (range(len(above)) if names is None else names)]
    return in_preorder(above, lengths, np.arange(len(above)), np.array(labels, dtype=object))


def in_preorder(
    parent: NDArray[np.int64],
    length: NDArray[np.float64],
    row: NDArray[np.int64],
    names: NDArray[np.object_],
    *,
    support: NDArray[np.float64] | None = None,
    points: NDArray[np.float64] | None = None,
    model: Model | None = None,
    curvature: float = -1.0,
) -> Hierarchy:
    """The hierarchy of nodes in any order, -1 the parent of the one root: its nodes are brought into depth-first order.

    Children of a node stay in the order of their numbers.
    """
    tree = Hierarchy(parent, length, row, names, support=support, points=points, model=model, curvature=curvature)
    return in_order(tree)
