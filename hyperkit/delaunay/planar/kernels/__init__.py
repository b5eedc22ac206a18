"""Kernels of the planar complex: the triangulation, and its hyperbolic part."""
