"""Floor 3: the hyperbolic Delaunay graph and graphs on top of it."""

from ._ball_delaunay import DELAUNAY_METHODS, ball_delaunay, check_exact, first_identical_row
from ._delaunay import HyperbolicDelaunay
from .neighbors import ball_nearest, ball_spanning_tree, minimum_spanning_tree, nearest_neighbors, spanning_tree_edges
from .rays import RayNeighbors, ball_ray_neighbors, ray_neighbors
from .voronoi import HyperbolicVoronoi, ridge_ends

__all__ = [
    "DELAUNAY_METHODS",
    "HyperbolicDelaunay",
    "HyperbolicVoronoi",
    "RayNeighbors",
    "ball_delaunay",
    "ball_nearest",
    "ball_ray_neighbors",
    "ball_spanning_tree",
    "check_exact",
    "first_identical_row",
    "minimum_spanning_tree",
    "nearest_neighbors",
    "ray_neighbors",
    "ridge_ends",
    "spanning_tree_edges",
]
