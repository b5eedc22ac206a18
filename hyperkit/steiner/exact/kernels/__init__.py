"""Kernels of the enumeration.

- `topologies`: the branch and bound itself.
- `convexity`: lower bounds of the length of a topology, by duality.
- `missing_terminals`: what terminals that are not yet in a tree will add to it, at least.
"""
