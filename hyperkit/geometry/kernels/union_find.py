"""Disjoint sets of whole numbers, as an array of parents: `parent[v]` is v where v stands for its set."""

from __future__ import annotations

from ..._compilation import subkernel


@subkernel
def find(parent, v):
    """The number that stands for the set of v; paths are halved on the way."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v
