"""Kernels that generate full components."""
