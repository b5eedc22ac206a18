"""Floor 3: the hyperbolic Delaunay graph and graphs on top of it."""

from ._delaunay import DELAUNAY_METHODS, HyperbolicDelaunay, first_identical_row
from ._neighbors import nearest_neighbors
from ._ray_neighbors import RayNeighbors, ray_neighbors
from ._spanning import ball_spanning_tree, minimum_spanning_tree, spanning_tree_edges
from ._voronoi import HyperbolicVoronoi, ridge_ends

__all__ = [
    "DELAUNAY_METHODS",
    "HyperbolicDelaunay",
    "HyperbolicVoronoi",
    "RayNeighbors",
    "ball_spanning_tree",
    "first_identical_row",
    "minimum_spanning_tree",
    "nearest_neighbors",
    "ray_neighbors",
    "ridge_ends",
    "spanning_tree_edges",
]
