"""Nearest neighbours and spanning trees, by searches of a k-d tree or by a look at all pairs, whichever is faster."""

from ._neighbors import ball_nearest, nearest_neighbors
from ._spanning import ball_spanning_tree, minimum_spanning_tree, spanning_tree_edges

__all__ = ["ball_nearest", "ball_spanning_tree", "minimum_spanning_tree", "nearest_neighbors", "spanning_tree_edges"]
