"""`Nodes`: a rooted tree as arrays, the base of `Hierarchy`.

The one idea: nodes stand in depth-first order. A parent comes before its children, so that one loop over the arrays is
a walk from the root, and one backwards a walk from the leaves; the subtree of node i is the slice ``i : i + size[i]``.
Nothing here recurses, whatever the depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._repr import KeyFigures
from ..models import Model
from .kernels.preorder import sizes, sums_from_root


@dataclass(frozen=True, eq=False, repr=False)
class Nodes(KeyFigures):
    """A rooted tree: the arrays of `Hierarchy`, and what follows from them alone."""

    parent: NDArray[np.int64]
    length: NDArray[np.float64]
    row: NDArray[np.int64]
    names: NDArray[np.object_]
    support: NDArray[np.float64] | None = field(default=None, kw_only=True)
    points: NDArray[np.float64] | None = field(default=None, kw_only=True)
    model: Model | None = field(default=None, kw_only=True)
    curvature: float = field(default=-1.0, kw_only=True)
    columns: tuple[str, ...] | None = field(default=None, kw_only=True)

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.parent)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """Number of nodes in the subtree of each node, itself among them."""
        sizes_: NDArray[np.int64] = sizes(self.parent)
        return sizes_

    @cached_property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Nodes without children."""
        return self.size == 1

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Number of edges from the root to each node."""
        depth: NDArray[np.int64] = sums_from_root(self.parent, np.ones(len(self), dtype=np.int64))
        return depth

    @cached_property
    def distance_from_root(self) -> NDArray[np.float64]:
        """Length of the path from the root to each node, in the lengths of the edges."""
        distance: NDArray[np.float64] = sums_from_root(self.parent, self.length)
        return distance

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the user's table that the tree has, ascending: what arrays with one entry a row follow."""
        return np.sort(self.row[self.row >= 0])

    @cached_property
    def node_of_rows(self) -> NDArray[np.int64]:
        """Node of each of the `rows`."""
        order = np.argsort(self.row, kind="stable")
        return order[len(self) - self.n_rows :]

    @property
    def n_rows(self) -> int:
        """Number of nodes that are rows of the user's table."""
        return int(np.count_nonzero(self.row >= 0))

    def _key_figures(self) -> dict[str, object]:
        return {
            "n_nodes": len(self),
            "n_leaves": int(np.count_nonzero(self.is_leaf)),
            "n_rows": self.n_rows,
            "height": float(self.distance_from_root.max()),
            "model": self.model,
            "curvature": None if self.curvature == -1 else self.curvature,
        }


def sums_below(tree: Nodes, values: NDArray[Any]) -> NDArray[Any]:
    """Sum of `values` over the subtree of each node, counts where they are bools; whole and half numbers stay exact."""
    total = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(total[np.arange(len(tree)) + tree.size] - total[:-1])
