"""Kernels of the moments."""
