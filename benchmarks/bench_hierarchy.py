"""Time of what hierarchies are asked, on random trees of 20,000 rows: a second or less each."""

from __future__ import annotations

import numpy as np

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
    """Root, depth, ancestors of a million pairs, clusters."""

    params = ("random", "chain", "star")
    param_names = ("shape",)

    def setup(self, shape: str) -> None:
        self.tree = tree_of(20_000, shape)
        self.a, self.b = np.random.default_rng(1).integers(20_000, size=(2, 1_000_000))
        self.times = self.tree.distance_from_root[self.tree.node_of_rows]
        small = tree_of(20, shape)
        small.root_at().cut(2)
        small.root_by_time(np.arange(20))

    def time_root(self, shape: str) -> None:
        self.tree.root_at("min_variance")

    def time_root_by_time(self, shape: str) -> None:
        self.tree.root_by_time(self.times)

    def time_lca(self, shape: str) -> None:
        self.tree.__dict__.pop("_minima", None)
        self.tree.lca(self.a, self.b)

    def time_distance(self, shape: str) -> None:
        self.tree.distance(self.a, self.b)

    def time_cut(self, shape: str) -> None:
        self.tree.cut(50)

    def time_condense(self, shape: str) -> None:
        self.tree.condense(np.arange(20_000) // 100)
