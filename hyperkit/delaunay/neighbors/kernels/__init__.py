"""Kernels of the k-d tree."""
