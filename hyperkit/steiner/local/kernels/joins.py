"""Places for the Steiner nodes of a tree of joins."""

from __future__ import annotations

from ...._compilation import njit
from ...kernels.fermat import join_to_edge


@njit
def place_inwards(near, z, gap, n, sweeps):
    """Places for the Steiner nodes, rows n.. of `z` and `gap`; the row after them holds a point amid the terminals.

    A node goes to the Fermat point of its two parts and of that middle, which stands for the rest of the tree; then
    `sweeps` times from the last to the first to that of its three neighbours. In `near` the two parts of a node come
    before the third neighbour.
    """
    size = len(near)
    for v in range(n, size):
        join_to_edge(z, gap, v, near[v, 0], near[v, 1], size if v < size - 1 else near[v, 2])
    for _ in range(sweeps):
        for v in range(size - 1, n - 1, -1):
            join_to_edge(z, gap, v, near[v, 0], near[v, 1], near[v, 2])
