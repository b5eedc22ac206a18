"""Graphs of near points: k nearest neighbours and the minimum spanning tree."""

import numpy as np

import hyperkit as hk


class Neighbors:
    params = ([10_000, 100_000], [2, 3, 5], ["gauss", "ball10", "cluster18"])
    param_names = ["n", "d", "family"]

    def setup(self, n, d, family):
        if family == "gauss":
            self.points = hk.random_wrapped_normal(n, [0.0] * d, random_state=0)
        elif family == "ball10":
            self.points = hk.random_uniform_ball(n, d, radius=10.0, random_state=0)
        else:
            centre = hk.convert([18.0] + [0.0] * (d - 1), "tangent", "poincare")
            self.points = hk.random_wrapped_normal(n, centre, random_state=0)

    def time_ten_nearest_neighbors(self, n, d, family):
        hk.nearest_neighbors(self.points, 10)

    def time_minimum_spanning_tree(self, n, d, family):
        hk.minimum_spanning_tree(self.points)


class HighDimensions:
    """Above space, where searches of a tree pass over few points, or, of points near a surface, most."""

    params = ([1_000, 5_000], [8, 20, 50], ["ball", "surface"])
    param_names = ["n", "d", "family"]

    def setup(self, n, d, family):
        if family == "ball":
            self.points = hk.random_uniform_ball(n, d, radius=10.0, random_state=0)
        else:
            rng = np.random.default_rng(0)
            surface = rng.normal(size=(n, 2)) @ np.linalg.qr(rng.normal(size=(d, 2)))[0].T
            self.points = hk.convert(surface + 0.01 * rng.normal(size=(n, d)), "tangent", "poincare")
        self.gap = 1 - np.square(self.points).sum(axis=1)

    def time_ten_nearest_neighbors(self, n, d, family):
        hk.nearest_neighbors(self.points, 10)

    def time_ten_nearest_neighbors_of_one_query(self, n, d, family):
        hk.nearest_neighbors(self.points, 10, self.points[:1])

    def time_minimum_spanning_tree(self, n, d, family):
        hk.minimum_spanning_tree(self.points)

    def time_product_of_matrices(self, n, d, family):
        """What the neighbours are measured against: no exact distances, and wrong rows near the rim."""
        squares = np.square(self.points).sum(axis=1)
        for start in range(0, n, 512):
            block = slice(start, start + 512)
            keys = (squares[block, None] + squares - 2 * self.points[block] @ self.points.T) / self.gap
            np.argpartition(keys, 10, axis=1)
