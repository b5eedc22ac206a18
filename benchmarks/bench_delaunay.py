"""The hyperbolic Delaunay graph, beside the bare Euclidean triangulation it is made from."""

import numpy as np
import pythoncdt

import hyperkit as hk


class Delaunay:
    params = ([10_000, 100_000], ["gauss", "disk10", "cluster18"])
    param_names = ["n", "family"]

    def setup(self, n, family):
        if family == "gauss":
            self.points = hk.random_wrapped_normal(n, random_state=0)
        elif family == "disk10":
            self.points = hk.random_uniform_ball(n, radius=10.0, random_state=0)
        else:
            centre = hk.convert([18.0, 0.0], "tangent", "poincare")
            self.points = np.unique(hk.random_wrapped_normal(n, centre, random_state=0), axis=0)

    def time_hyperbolic_delaunay(self, n, family):
        hk.HyperbolicDelaunay(self.points)

    def time_bare_euclidean_triangulation(self, n, family):
        triangulation = pythoncdt.Triangulation(
            pythoncdt.VertexInsertionOrder.AUTO, pythoncdt.IntersectingConstraintEdges.NOT_ALLOWED, 0.0
        )
        triangulation.insert_vertices(self.points)

    def peakmem_hyperbolic_delaunay(self, n, family):
        hk.HyperbolicDelaunay(self.points)
