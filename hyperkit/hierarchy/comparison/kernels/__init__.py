"""Kernels of comparisons: trees brought down to shared names, triplets and ancestors counted."""
