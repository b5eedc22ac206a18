"""The hyperbolic Delaunay graph beside bare Euclidean triangulations of the same points, and one sort of them."""

import numpy as np
import pythoncdt
from scipy.spatial import Delaunay as ScipyDelaunay

import hyperkit as hk


def planar_points(n, family):
    if family == "gauss":
        return np.concatenate([hk.random_wrapped_normal(n // 2, [x, 0.0], random_state=0) for x in (-0.5, 0.5)])
    if family.startswith("disk"):
        return hk.random_uniform_ball(n, radius=float(family.removeprefix("disk")), random_state=0)
    if family == "star":  # a hub in the first row
        turn = np.random.default_rng(0).uniform(0, 2 * np.pi, n - 1)
        return hk.convert(
            np.vstack([np.zeros(2), 26 * np.column_stack([np.cos(turn), np.sin(turn)])]), "tangent", "poincare"
        )
    if family == "pair30":  # two clusters, each too small for the Hilbert curve of all
        centres = hk.convert([[30.0, 0.0], [-30.0, 0.0]], "tangent", "poincare")
        return np.concatenate(
            [hk.random_wrapped_normal(n // 2, centre, scale=0.5, random_state=0) for centre in centres]
        )
    centre = hk.convert([18.0, 0.0], "tangent", "poincare")
    return np.unique(hk.random_wrapped_normal(n, centre, random_state=0), axis=0)


def whole_graph(points):
    graph = hk.HyperbolicDelaunay(points)
    return graph.edges, graph.simplices, graph.neighbors


class Plane:
    params = ([10_000, 100_000, 1_000_000], ["gauss", "disk3", "disk20", "cluster18", "star", "pair30"])
    param_names = ["n", "family"]

    def setup(self, n, family):
        self.points = planar_points(n, family)
        whole_graph(self.points[:100])

    def time_hyperbolic_delaunay(self, n, family):
        whole_graph(self.points)

    def time_edges_alone(self, n, family):
        _ = hk.HyperbolicDelaunay(self.points).edges

    def time_bare_pythoncdt(self, n, family):
        triangulation = pythoncdt.Triangulation(
            pythoncdt.VertexInsertionOrder.AUTO, pythoncdt.IntersectingConstraintEdges.NOT_ALLOWED, 0.0
        )
        triangulation.insert_vertices(self.points)

    def time_scipy(self, n, family):
        ScipyDelaunay(self.points)

    def time_lexsort(self, n, family):
        np.lexsort(self.points.T)

    def peakmem_hyperbolic_delaunay(self, n, family):
        whole_graph(self.points)


class Space:
    params = ([1_000, 5_000], [3, 4, 5])
    param_names = ["n", "d"]
    timeout = 600

    def setup(self, n, d):
        self.points = hk.random_uniform_ball(n, d, radius=4.0, random_state=0)
        hk.HyperbolicDelaunay(self.points[:20])

    def time_hyperbolic_delaunay(self, n, d):
        hk.HyperbolicDelaunay(self.points)

    def track_quadratic_edges(self, n, d):
        return hk.HyperbolicDelaunay(self.points).n_quadratic_


class Rays:
    params = ([5, 10, 20], [1, 2])
    param_names = ["d", "n_jobs"]
    timeout = 600

    def setup(self, d, n_jobs):
        self.points = hk.random_uniform_ball(1_000, d, radius=4.0, random_state=0)

    def time_rays(self, d, n_jobs):
        hk.HyperbolicDelaunay(self.points, method="rays", n_jobs=n_jobs)
