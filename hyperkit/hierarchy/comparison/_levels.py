"""At which level trees are compared: by their names, and by groups of them with one node a group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ._group_labels import condensed, labels_of_names
from ._shared_names import LEAST, Shared, Trees, nodes_by_name, shared_names
from ._tip_tree import Int, TipTree, tip_tree


@dataclass(frozen=True, eq=False)
class Level:
    """Trees, and the names that they share: those of rows, or of groups."""

    trees: Trees
    shared: Shared
    what: str

    @property
    def among(self) -> str:
        return f"{len(self.shared.names):,} {self.what}"

    @cached_property
    def tips(self) -> dict[str, TipTree]:
        """The trees brought down to what they share."""
        return {name: tip_tree(tree, self.shared.nodes[name]) for name, tree in self.trees.items()}


@dataclass(frozen=True, eq=False)
class Matched:
    """Trees matched by names; and by groups, where there are groups and not too few."""

    by_name: Level
    """Without the truth, if that is a tree of groups."""
    by_group: Level | None = None
    codes: Int | None = None
    """Group of each name, counted from 0."""

    @property
    def truth_is_of_groups(self) -> bool:
        return self.by_group is not None and len(self.by_name.trees) < len(self.by_group.trees)

    @property
    def left_out(self) -> dict[str, str]:
        """What is not compared of each tree, in words."""
        said = dict(self.by_name.shared.left_out)
        if self.by_group is not None and self.truth_is_of_groups:
            for name, what in self.by_group.shared.left_out.items():
                said[name] = " and ".join([*([said[name]] if name in said else []), what])
        return said


def match_trees(trees: Trees, groups: Any) -> Matched:
    """Match trees, the truth first, by names; with groups also by these, each tree condensed to one node a group.

    A truth that shares fewer than four names with the inferred trees is taken for a tree of the groups.
    """
    if groups is None:
        return Matched(Level(trees, shared_names(trees), "names"))
    truth = next(iter(trees))
    inferred = {name: tree for name, tree in trees.items() if name != truth}
    shared = shared_names(inferred)
    is_of_groups = len(set(shared.names) & set(nodes_by_name(trees[truth], truth))) < LEAST
    compared = inferred if is_of_groups else trees
    if not is_of_groups:
        shared = shared_names(trees)
    labels = labels_of_names(groups, shared, compared)
    by_group = None
    if is_of_groups or len(set(labels)) >= LEAST:
        # In the order of `trees`: the truth comes first.
        small = {
            name: condensed(tree, shared.nodes[name], labels) if name in compared else tree
            for name, tree in trees.items()
        }
        by_group = Level(small, shared_names(small), "groups")
    codes = np.asarray(pd.factorize(labels)[0], dtype=np.int64)
    return Matched(Level(compared, shared, "names"), by_group, codes)
