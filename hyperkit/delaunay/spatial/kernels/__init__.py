"""Kernels of the spatial complex: the triangulation (`mesh`), and which of its pairs share a wall (`walls`)."""
