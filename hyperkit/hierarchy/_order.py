"""Depth-first order: the one place that brings nodes into it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from ._nodes import Nodes
from .kernels.preorder import preorder

Tree = TypeVar("Tree", bound=Nodes)


def in_order(tree: Tree) -> Tree:
    """The tree with its nodes in depth-first order; they come in any, -1 the parent of the one root.

    Children of a node stay in the order of their numbers.
    """
    order = preorder(tree.parent, int(np.flatnonzero(tree.parent < 0)[0]))
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    parent = tree.parent[order]
    parent[1:] = number[parent[1:]]
    length = tree.length[order]
    length[0] = 0.0
    support = None if tree.support is None else tree.support[order]
    if support is not None:
        support[0] = np.nan
    return replace(
        tree,
        parent=parent,
        length=length,
        row=tree.row[order],
        names=tree.names[order],
        support=support,
        points=None if tree.points is None else tree.points[order],
    )
