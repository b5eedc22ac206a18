"""Kernels of the measures: ranks, paths in trees, and quadruples."""
