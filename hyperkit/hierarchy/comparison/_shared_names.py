"""Which node of one tree is which of another: names that all of them have, and what is left over, said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._hierarchy import Hierarchy
from ._tip_tree import Int

LEAST = 4
_SHOWN = 3
Trees = dict[str, Hierarchy]


@dataclass(frozen=True, eq=False)
class Shared:
    """The names that all trees have: taxon i is ``names[i]``, at node ``nodes[tree][i]`` of each tree."""

    names: list[str]
    nodes: dict[str, Int]
    left_out: dict[str, str]
    """What each tree has that is not compared, in words; no entry if there is nothing."""


def shared_names(trees: Trees) -> Shared:
    """Names that all of the trees have, in the order of the first.

    Raises
    ------
    ValueError
        A name stands twice in a tree, or the trees have fewer than four in common.
    """
    keyed = {name: nodes_by_name(tree, name) for name, tree in trees.items()}
    first, *others = keyed.values()
    names = [name for name in first if all(name in other for other in others)]
    if len(names) < LEAST:
        held = ", ".join(f"{tree} has {_some(list(nodes))}" for tree, nodes in keyed.items())
        raise ValueError(
            f"the trees share {len(names)} names, and a comparison needs {LEAST}: {held}. Names match as they are "
            "written; from_steiner, from_linkage and from_parents take names=, and a truth of groups needs groups="
        )
    common = set(names)
    left_out = {}
    for name, tree in trees.items():
        extra = [key for key in keyed[name] if key not in common]
        unnamed = int(np.count_nonzero((tree.names == "") & tree.is_leaf))
        said = [f"{_counted(extra)} of {name}"] if extra else []
        said += [f"{unnamed:,} without a name among the leaves of {name}"] if unnamed else []
        if said:
            left_out[name] = " and ".join(said)
    nodes = {name: np.array([keys[key] for key in names], dtype=np.int64) for name, keys in keyed.items()}
    return Shared(names, nodes, left_out)


def nodes_by_name(tree: Hierarchy, of: str) -> dict[str, int]:
    """Node of each name; ValueError if two have one."""
    found: dict[str, int] = {}
    for node in np.flatnonzero(tree.names != "").tolist():
        name = tree.names[node]
        if name in found:
            way_out = "give nodes different names, or prune one"
            if not tree.is_leaf[[found[name], node]].any():
                way_out += "; if names of inner nodes are support, read them by from_newick(..., inner_labels=)"
            raise ValueError(f"{of}: two nodes, {found[name]} and {node}, have the name {name!r}; {way_out}")
        found[name] = node
    return found


def _counted(names: list[str]) -> str:
    return f"the name {names[0]!r}" if len(names) == 1 else f"{len(names):,} names, such as {names[0]!r},"


def _some(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:_SHOWN])) or "none"
    return f"{shown}, ..." if len(names) > _SHOWN else shown
