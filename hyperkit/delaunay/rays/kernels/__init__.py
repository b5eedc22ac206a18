"""Kernels of the search by rays."""
