"""Kernels for all floors above: the metric and union-find, compiled into those that call them; neighbour joining."""
