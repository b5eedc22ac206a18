"""Neighbour graphs of tables and their shortest paths, for hundred thousands of rows.

- `neighbor_lists`: the nearest rows of each row (`_exact` by brute force; `_cell_lists` of large tables).
- `neighbor_graph`: the graph they make, in one piece (`_bridges` joins its components).
- `landmark_distances`, `distances_through`: shortest paths from some rows, and those of new rows.
- `as_graph`, `graph_distances`: graphs that a user gives (`_given`).
- `_feature_rows`, `_searchable`, `_cells`: tables a block at a time, as a search takes them, and cut into cells.
"""

from ._bridges import shortest_bridges
from ._feature_rows import distinct_rows, places_among
from ._given import as_graph, graph_distances, vertices
from ._neighbor_graph import neighbor_graph
from ._neighbor_lists import neighbor_lists
from ._paths import distances_through, landmark_distances, shortest_paths

__all__ = [
    "as_graph",
    "distances_through",
    "distinct_rows",
    "graph_distances",
    "landmark_distances",
    "neighbor_graph",
    "neighbor_lists",
    "places_among",
    "shortest_bridges",
    "shortest_paths",
    "vertices",
]
