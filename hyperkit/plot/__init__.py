"""Floor 6: pictures of the hyperbolic plane in the Poincaré or the Klein disk: points, graphs, diagrams and trees."""

from ._plot import figure_for, plot_delaunay, plot_points, plot_tree, plot_voronoi

__all__ = ["figure_for", "plot_delaunay", "plot_points", "plot_tree", "plot_voronoi"]
