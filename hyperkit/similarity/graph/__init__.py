"""The Delaunay graph of several sets: its members, its rows, its counts, and a sample of it."""

from ._edge_counts import Counts, Null, count_edges, share
from ._members import Float, Int, MemberGraph, member_graph
from ._rows import RowGraph, count_rows, near_rows, row_graph
from ._sampling import whole_or_sampled_graph
from ._shells import Shells, shells

__all__ = [
    "Counts",
    "Float",
    "Int",
    "MemberGraph",
    "Null",
    "RowGraph",
    "Shells",
    "count_edges",
    "count_rows",
    "member_graph",
    "near_rows",
    "row_graph",
    "share",
    "shells",
    "whole_or_sampled_graph",
]
