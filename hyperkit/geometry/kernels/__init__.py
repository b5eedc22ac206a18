"""Kernels of the floors above, compiled into those that call them: the metric, union-find, neighbour joining."""
