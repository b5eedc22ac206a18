"""`Nodes`: a rooted tree as arrays, the base of `Hierarchy`.

The one idea: nodes stand in depth-first order. A parent comes before its children, so that one loop over the arrays is
a walk from the root, and one backwards a walk from the leaves; the subtree of node i is the slice ``i : i + size[i]``.
Nothing here recurses, whatever the depth. What follows from the arrays is kept, so nobody may write into them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._repr import KeyFigures
from ..models import Model
from .kernels.preorder import sizes, sums_from_root

# What has an entry a node.
ARRAYS = {
    "parent": np.int64,
    "length": np.float64,
    "row": np.int64,
    "names": np.object_,
    "support": np.float64,
    "points": np.float64,
}


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

    def __post_init__(self) -> None:
        """Make the arrays read-only, and see that they fit.

        Raises
        ------
        ValueError
            There is not one entry a node, a length is negative or not finite, or nodes are not in depth-first order.
        """
        for name, dtype in ARRAYS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, frozen(np.asarray(value, dtype=dtype, order="C")))
        shape = (len(self),)
        for name in ARRAYS:
            value = getattr(self, name)
            if value is not None and (value.shape[:1] if name == "points" else value.shape) != shape:
                raise ValueError(
                    f"{name} has shape {value.shape}; parent has {len(self)} nodes: give an entry for each"
                )
        if not (self.length >= 0).all() or np.isinf(self.length).any():
            raise ValueError(f"length must be finite and at least 0; got {self.length.min()} to {self.length.max()}")
        if not is_depth_first(self):
            raise ValueError("parent: nodes are not in depth-first order from a root; from_parents takes them in any")

    def __getstate__(self) -> dict[str, Any]:
        """What the constructor takes: what follows from it is found again where it is asked for."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrays that were sent to another process can be written into, until they are made read-only again."""
        self.__dict__.update(state)
        self.__post_init__()

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.parent)

    @cached_property
    def size(self) -> NDArray[np.int64]:
        """Number of nodes in the subtree of each node, itself among them."""
        return frozen(sizes(self.parent))

    @cached_property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Nodes without children."""
        return frozen(self.size == 1)

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Number of edges from the root to each node."""
        return frozen(sums_from_root(self.parent, np.ones(len(self), dtype=np.int64)))

    @cached_property
    def distance_from_root(self) -> NDArray[np.float64]:
        """Length of the path from the root to each node, in the lengths of the edges."""
        return frozen(sums_from_root(self.parent, self.length))

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the user's table that the tree has, ascending: what arrays with one entry a row follow."""
        return frozen(np.sort(self.row[self.row >= 0]))

    @cached_property
    def node_of_rows(self) -> NDArray[np.int64]:
        """Node of each of the `rows`."""
        order = np.argsort(self.row, kind="stable")
        return frozen(order[len(self) - self.n_rows :])

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


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array, read-only: for kernels that is another type than one that can be written into."""
    view = array.view()
    view.flags.writeable = False
    return view


def is_depth_first(tree: Nodes) -> bool:
    """Whether node 0 is the one root, and each parent comes before its children and all below it next to it.

    If every subtree, by the number of its nodes, ends before that of its parent does, subtrees are such slices: one as
    long as the number of its nodes has no room for others.
    """
    parent, node = tree.parent[1:], np.arange(1, len(tree))
    if tree.parent[:1].tolist() != [-1] or (parent < 0).any() or (parent >= node).any():
        return False
    return bool((node + tree.size[1:] <= parent + tree.size[parent]).all())


def sums_below(tree: Nodes, values: NDArray[Any]) -> NDArray[Any]:
    """Sum of `values` over the subtree of each node, counts where they are bools; whole and half numbers stay exact."""
    total = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(total[np.arange(len(tree)) + tree.size] - total[:-1])
