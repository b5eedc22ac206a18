"""The hyperbolic Delaunay complex in dimensions 3 to 6."""

from ._spatial import spatial_complex

__all__ = ["spatial_complex"]
