"""Kernels of graphs with lengths: shortest paths."""
