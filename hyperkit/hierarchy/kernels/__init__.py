"""Kernels of hierarchies: walks over nodes in depth-first order."""
