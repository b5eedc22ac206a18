"""Depth-first order: the one place that brings nodes into it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from ._nodes import ARRAYS, Nodes, frozen
from .kernels.preorder import preorder

Tree = TypeVar("Tree", bound=Nodes)


def in_order(arrays: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a tree, by name, with the nodes in depth-first order; they come in any, -1 the parent of the root.

    Children of a node stay in the order of their numbers.
    """
    parent = arrays["parent"]
    order = preorder(frozen(parent), int(np.flatnonzero(parent < 0)[0]))
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    ordered: dict[str, Any] = {name: None if array is None else array[order] for name, array in arrays.items()}
    ordered["parent"][1:] = number[ordered["parent"][1:]]
    ordered["length"][0] = 0.0
    if ordered["support"] is not None:
        ordered["support"][0] = np.nan
    return ordered


def reordered(tree: Tree, **changes: Any) -> Tree:
    """The tree with changes of its arrays, its nodes brought into order."""
    arrays = {name: changes.get(name, getattr(tree, name)) for name in ARRAYS}
    return replace(tree, **in_order(arrays))
