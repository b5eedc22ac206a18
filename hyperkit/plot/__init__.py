"""Floor 6: pictures of the hyperbolic plane: points, Delaunay graphs and trees in the Poincaré or the Klein disk."""

from ._plot import plot_delaunay, plot_points, plot_tree

__all__ = ["plot_delaunay", "plot_points", "plot_tree"]
