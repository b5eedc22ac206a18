"""Kernels of the search for a placement."""
