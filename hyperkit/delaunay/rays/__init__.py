"""The Delaunay graph by rays: of any dimension, and of more points than fit in memory."""

from ._ray_neighbors import RayNeighbors, ball_ray_neighbors, ray_neighbors
from ._rays import ray_edges

__all__ = ["RayNeighbors", "ball_ray_neighbors", "ray_edges", "ray_neighbors"]
