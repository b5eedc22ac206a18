"""Which node of one tree is which of another: names that all of them have, and what is left over, said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._hierarchy import Hierarchy
from ._tip_tree import Int

_LEAST = 4
Trees = dict[str, Hierarchy]


@dataclass(frozen=True)
class Shared:
    """The names that all trees have: taxon i is ``names[i]``, at ``nodes[tree][i]`` of each tree."""

    names: list[str]
    nodes: dict[str, Int]
    extra: dict[str, list[str]]
    """Names of each tree that are not in all of them."""
    what: str
    """"names", or "rows" where trees without names are matched by these."""

    def left_out(self, tree: str) -> str:
        """What a tree has that not all have; empty if there is nothing."""
        extra = self.extra[tree]
        return f"{len(extra):,} {self.what} of {tree} are left out (such as {extra[0]!r})" if extra else ""


def shared_names(trees: Trees) -> Shared:
    """Names that all of the trees have; the first is the truth, in whose order they are given.

    Raises
    ------
    ValueError
        A name stands twice in a tree, or all trees have fewer than four in common.
    """
    by_rows = any(not any(tree.names) for tree in trees.values())
    what = "rows" if by_rows else "names"
    keyed = {name: _keyed(tree, name, by_rows) for name, tree in trees.items()}
    first, *others = keyed.values()
    names = [name for name in first if all(name in other for other in others)]
    if len(names) < _LEAST:
        held = "; ".join(f"{tree} has {len(keys):,} {_few(list(keys))}" for tree, keys in keyed.items())
        raise ValueError(f"fewer than {_LEAST} {what} are in all trees, and a comparison needs these: {held}")
    common = set(names)
    return Shared(
        names,
        {tree: np.array([keys[name] for name in names], dtype=np.int64) for tree, keys in keyed.items()},
        {tree: [name for name in keys if name not in common] for tree, keys in keyed.items()},
        what,
    )


def _keyed(tree: Hierarchy, name: str, by_rows: bool) -> dict[str, int]:
    """Node of each name, or of each row."""
    nodes = np.flatnonzero(tree.row >= 0 if by_rows else tree.names != "")
    found: dict[str, int] = {}
    for node in nodes.tolist():
        key = str(tree.row[node] if by_rows else tree.names[node])
        if key in found:
            what = "row" if by_rows else "name"
            raise ValueError(
                f"{name}: the {what} {key!r} stands at two nodes, {found[key]} and {node}, and cannot be matched; make "
                f"{what}s differ, or leave one out"
            )
        found[key] = node
    return found


def _few(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:3]))
    return f"({shown}, ...)" if len(names) > 3 else f"({shown})" if names else ""
