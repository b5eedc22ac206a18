"""Floor 3: the hyperbolic Delaunay graph and graphs on top of it."""

from ._delaunay import HyperbolicDelaunay
from ._spanning import spanning_tree_edges

__all__ = ["HyperbolicDelaunay", "spanning_tree_edges"]
