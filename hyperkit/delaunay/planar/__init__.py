"""The hyperbolic Delaunay complex of the plane."""

from ._planar import Complex, planar_complex

__all__ = ["Complex", "planar_complex"]
