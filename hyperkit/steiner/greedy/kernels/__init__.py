"""Kernels of the greedy algorithm."""
