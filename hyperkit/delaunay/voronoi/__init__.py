"""The hyperbolic Voronoi diagram."""

from ._voronoi import HyperbolicVoronoi, ridge_ends

__all__ = ["HyperbolicVoronoi", "ridge_ends"]
