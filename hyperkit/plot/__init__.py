"""Floor 6: pictures of the hyperbolic plane in the Poincaré or the Klein disk: points, graphs, diagrams and trees.

And of how good an embedding is.
"""

from ._plot import figure_for, plot_delaunay, plot_points, plot_tree, plot_voronoi
from ._quality import plot_quality

__all__ = ["figure_for", "plot_delaunay", "plot_points", "plot_quality", "plot_tree", "plot_voronoi"]
