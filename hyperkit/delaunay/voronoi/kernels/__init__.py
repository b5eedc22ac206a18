"""Kernels of the Voronoi diagram: its cells in the plane (`cells`), and the nearest site of a point (`walk`)."""
