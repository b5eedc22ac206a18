"""Kernels of the local search.

- `local_search`: the two moves, and the search that makes them.
- `patch`: what both moves share: ranked places, and the nodes that are relaxed with a move.
- `escape`: terminals taken out and put back, to leave a local minimum.
- `joins`: places for the nodes of a tree of joins.
- `regions`: large trees cut into parts.
"""
