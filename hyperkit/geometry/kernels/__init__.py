"""Kernels of the floors above, compiled by numba into those that call them: the metric of the ball, union-find, and
neighbour joining."""
