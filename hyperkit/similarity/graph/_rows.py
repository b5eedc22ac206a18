"""The graph that HyperDGA tests on: one vertex for each row, so that the labels of all rows can be dealt out anew.

In comes the graph of members (`_members`). Members say where sets mix, but their labels cannot be exchanged once rows
coincide: the two members of a shared point are one of each, whatever the draw. Rows can. So in the tests two rows are
joined if their points are Delaunay neighbours, or the same point. Nothing of this graph depends on the labels, and
where no rows coincide it is the graph of the members. It is not written out, since rows that coincide would have as
many edges as their number squared: it is the graph of the points, with the number of rows at each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from ._edge_counts import Counts, count_edges
from ._members import Int, MemberGraph


class RowGraph(NamedTuple):
    """Rows at points, and the edges between the points."""

    edges: Int
    """Pairs of points i < j, shape (E, 2), in lexicographic order."""
    points: Int
    """Point of each row, shape (n,); every point has a row."""
    in_b: NDArray[np.bool_]
    """Whether each row is in B."""

    @property
    def sizes(self) -> Int:
        """Rows at each point."""
        return np.bincount(self.points)

    @property
    def degrees(self) -> Int:
        """Edges at any row of each point."""
        sizes = self.sizes
        if len(sizes) == len(self.points):  # a row at each: a tenth of the time
            return np.bincount(self.edges.ravel(), minlength=len(sizes))
        at_neighbors = np.bincount(self.edges.ravel(), sizes[self.edges[:, ::-1]].ravel(), minlength=len(sizes))
        return at_neighbors.astype(np.int64) + sizes - 1

    @property
    def n_edges(self) -> int:
        """Edges between rows."""
        sizes = self.sizes
        return len(self.edges) if len(sizes) == len(self.points) else int(sizes @ self.degrees) // 2

    def adjacency(self) -> csr_array:
        """Edges between points as ones of an upper triangular matrix."""
        n = int(self.points.max()) + 1
        return coo_array((np.ones(len(self.edges), dtype=np.int64), tuple(self.edges.T)), shape=(n, n)).tocsr()


def row_graph(graph: MemberGraph) -> RowGraph:
    """Graph of the rows of two sets. Of a sampled graph, all edges between rows at one point stay."""
    in_b = graph.row_sets == 1
    numbers, points = np.unique(graph.points, return_inverse=True)
    if len(numbers) == len(graph.row_sets):
        return RowGraph(graph.edges, points, in_b)
    i, j = np.sort(points[graph.edges], axis=1).T
    apart = i != j
    edges = np.unique(i[apart] * len(numbers) + j[apart])
    return RowGraph(np.column_stack(np.divmod(edges, len(numbers))), points[graph.members], in_b)


def count_members(rows: RowGraph) -> Counts:
    """Edges between members: as between rows, if each set had one row at each of its points."""
    n = int(rows.points.max()) + 1
    in_a, in_b = (np.bincount(rows.points[side], minlength=n) > 0 for side in (~rows.in_b, rows.in_b))
    aa, bb, both = (
        _inner_edges(rows.edges, number.astype(np.int64)) for number in (in_a, in_b, in_a + in_b.astype(int))
    )
    return Counts(aa, bb, both - aa - bb)


def near_rows(graph: MemberGraph) -> RowGraph:
    """Graph of the rows that joins Delaunay neighbours only, whatever the hops of the edges of `graph`."""
    assert graph.near is not None  # only a sample has none, and is refused where this is asked
    return rows_at_points(graph.near, graph.points[graph.members], graph.row_sets == 1)


def rows_at_points(edges: Int, first_rows: Int, in_b: NDArray[np.bool_]) -> RowGraph:
    """Graph of rows, from edges between points that go by the first row there, and that of each row's point."""
    numbers, points = np.unique(first_rows, return_inverse=True)
    return RowGraph(np.searchsorted(numbers, edges), points, in_b)


def count_rows(rows: RowGraph) -> Counts:
    """Edges between rows by the labels of their ends."""
    if len(rows.sizes) == len(rows.points):
        return count_edges(rows.edges, rows.in_b[np.argsort(rows.points)])
    in_b = np.bincount(rows.points[rows.in_b], minlength=int(rows.points.max()) + 1)
    aa, bb = (_inner_edges(rows.edges, number) for number in (rows.sizes - in_b, in_b))
    return Counts(aa, bb, rows.n_edges - aa - bb)


def _inner_edges(edges: Int, number: Int) -> int:
    """Edges between `number` rows of one label at each point."""
    return int(number[edges[:, 0]] @ number[edges[:, 1]]) + int(number @ (number - 1)) // 2
