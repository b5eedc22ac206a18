"""Kernels of exact signs: sums without error (`expansions`), and the signs of the plane (`planar`)."""
