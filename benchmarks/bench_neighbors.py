"""Graphs of near points: k nearest neighbours and the minimum spanning tree."""

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
