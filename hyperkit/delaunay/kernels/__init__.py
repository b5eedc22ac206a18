"""Kernels of several rooms: the nearest point of a Voronoi face, for the spatial complex and for rays."""
