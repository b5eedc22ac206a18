"""The Delaunay graph of several sets: its members, its rows, its counts, and a sample of it."""

from ._edge_counts import Counts, Null, count_edges, count_member_edges, share
from ._group_edges import edges_between_groups
from ._members import Float, Int, MemberGraph, member_graph, stacked
from ._parts import parts_of_pairs
from ._rows import RowGraph, count_members, count_rows, near_rows, row_graph, rows_at_points
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
    "count_member_edges",
    "count_members",
    "count_rows",
    "edges_between_groups",
    "member_graph",
    "near_rows",
    "parts_of_pairs",
    "row_graph",
    "rows_at_points",
    "share",
    "shells",
    "stacked",
    "whole_or_sampled_graph",
]
