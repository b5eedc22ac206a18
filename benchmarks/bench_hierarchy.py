"""Time of what hierarchies are asked, on trees of 20,000 rows: a second or less each, a comparison some seconds."""

from __future__ import annotations

import numpy as np

import hyperkit as hk
from hyperkit import hierarchy


def tree_of(n_rows: int, shape: str) -> hierarchy.Hierarchy:
    rng = np.random.default_rng(0)
    parent = np.arange(-1, n_rows - 1)
    if shape == "random":
        parent[2:] = rng.integers(np.arange(2, n_rows))
    elif shape == "star":
        parent[1:] = 0
    return hierarchy.from_parents(parent, rng.exponential(size=n_rows))


class Hierarchies:
    """Root, depth, ancestors of a million pairs, clusters, Newick."""

    params = ("random", "chain", "star")
    param_names = ("shape",)

    def setup(self, shape: str) -> None:
        self.tree = tree_of(20_000, shape)
        self.a, self.b = np.random.default_rng(1).integers(20_000, size=(2, 1_000_000))
        self.times = self.tree.distance_from_root[self.tree.node_of_rows]
        small = tree_of(20, shape)
        small.root_at().cut(2)
        small.root_by_time(np.arange(20))
        self.newick = self.tree.to_newick()

    def time_root(self, shape: str) -> None:
        self.tree.root_at("min_variance")

    def time_root_by_time(self, shape: str) -> None:
        self.tree.root_by_time(self.times)

    def time_depth(self, shape: str) -> None:
        self.tree.__dict__.pop("depth", None)
        _ = self.tree.depth

    def time_lca(self, shape: str) -> None:
        self.tree.__dict__.pop("_minima", None)
        self.tree.lca(self.a, self.b)

    def time_distance(self, shape: str) -> None:
        self.tree.distance(self.a, self.b)

    def time_cut(self, shape: str) -> None:
        self.tree.cut(50)

    def time_condense(self, shape: str) -> None:
        self.tree.condense(np.arange(20_000) // 100)

    def time_to_newick(self, shape: str) -> None:
        self.tree.to_newick()

    def time_from_newick(self, shape: str) -> None:
        hierarchy.from_newick(self.newick)


class Comparison:
    """A tree of 20,000 rows against the truth: the same without its short edges, by all default measures."""

    def setup(self) -> None:
        self.truth = tree_of(20_000, "random")
        self.inferred = self.truth.collapse(length=0.1)
        hierarchy.compare(tree_of(20, "random"), tree_of(20, "chain"))

    def time_compare(self) -> None:
        hierarchy.compare(self.truth, self.inferred)


class Joining:
    """Neighbour joining of 5,000 points."""

    def setup(self) -> None:
        self.points = hk.random_wrapped_normal(5000, random_state=0)
        hierarchy.neighbor_joining(self.points[:20])

    def time_neighbor_joining(self) -> None:
        hierarchy.neighbor_joining(self.points)
