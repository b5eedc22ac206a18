"""Floor 6: pictures of hyperbolic space in the Poincaré or the Klein disk: points, graphs, cells, trees, comparisons.

What has more than two dimensions is projected, and how far that puts distances off is written below the disk.
Hierarchies also as dendrograms, and pictures of how good an embedding is and how two sets mix.
"""

from ._comparison import plot_comparison
from ._labels import class_colors
from ._plot import figure_for, plot_delaunay, plot_points, plot_tree, plot_voronoi
from ._plot_hierarchy import plot_hierarchy
from ._profile import plot_profile
from ._quality import plot_quality
from ._scan import plot_scan
from .explorer import Page, explore

__all__ = [
    "Page",
    "class_colors",
    "explore",
    "figure_for",
    "plot_comparison",
    "plot_delaunay",
    "plot_hierarchy",
    "plot_points",
    "plot_profile",
    "plot_quality",
    "plot_scan",
    "plot_tree",
    "plot_voronoi",
]
