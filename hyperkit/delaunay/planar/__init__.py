"""The hyperbolic Delaunay complex of the plane."""

from ._planar import Complex, PlanarComplex, planar_complex

__all__ = ["Complex", "PlanarComplex", "planar_complex"]
