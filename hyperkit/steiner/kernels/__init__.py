"""Kernels that all methods share.

- `fermat`: the Fermat point of three points.
- `full_tree`: full binary topologies, and the few operations that every change of them is made of.
- `newton`: the shortest tree of one topology.
- `degree_three`: any tree as a full binary topology, and back.
- `held_karp`: the lower bound.
"""
