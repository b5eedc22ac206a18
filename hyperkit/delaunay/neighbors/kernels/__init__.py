"""Kernels of searches of the k-d tree, and of looks at all pairs."""
