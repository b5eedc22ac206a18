"""`SteinerTree`: the result, as plain arrays, and its ways out (networkx, Newick)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._newick import TERMINALS, Terminals, newick
from .._repr import KeyFigures
from .._validation import check_choice, check_names
from .._walk import walk
from ..models import Model, coordinate_model

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False, repr=False)
class SteinerTree(KeyFigures):
    """A tree in hyperbolic space that joins given points (terminals), through Steiner points where that is shorter.

    Attributes
    ----------
    points : ndarray of shape (n_vertices, d), float64
        Vertices in `model` coordinates: the terminals in the order of their rows, then the Steiner points.
    edges : ndarray of shape (n_vertices - 1, 2), int64
        Pairs of vertices, i < j, in lexicographic order.
    lengths : ndarray of shape (n_vertices - 1,), float64
        Hyperbolic lengths of the edges, in the space of `curvature`.
    n_terminals : int
    mst_length : float
        Hyperbolic length of the minimum spanning tree of the terminals.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0, default=-1.0
        Curvature of the space the tree lives in: that of `points` and of all lengths.
    columns : tuple of str, or None
        Names of the coordinates, where the terminals were a data frame that has some.

    Examples
    --------
    >>> from hyperkit import HyperSteiner
    >>> tree = HyperSteiner().fit([[0.5, 0.0], [-0.25, 0.43], [-0.25, -0.43]]).tree_
    >>> tree.edges
    array([[0, 3],
           [1, 3],
           [2, 3]])
    >>> print(tree.to_newick(root=0, labels=["stem", "left", "right"]))  # doctest: +ELLIPSIS
    (stem:0.0,(left:1.090...,right:1.090...):1.101...);
    """

    points: NDArray[np.float64]
    edges: NDArray[np.int64]
    lengths: NDArray[np.float64]
    n_terminals: int
    mst_length: float
    model: Model
    curvature: float = field(default=-1.0, kw_only=True)
    columns: tuple[str, ...] | None = field(default=None, kw_only=True)

    def _key_figures(self) -> dict[str, object]:
        return {
            "n_terminals": self.n_terminals,
            "n_steiner": len(self.points) - self.n_terminals,
            "d": self.points.shape[1] - coordinate_model(self.model).extra_columns,
            "length": self.length,
            "reduction": self.reduction,
            "model": self.model,
            "curvature": None if self.curvature == -1 else self.curvature,
        }

    @property
    def length(self) -> float:
        """Total hyperbolic length of the edges."""
        return math.fsum(self.lengths)

    @property
    def reduction(self) -> float:
        """Share of the MST's length that the Steiner points save, at most 0.5; 0 for a single point."""
        return 1 - self.length / self.mst_length if self.mst_length > 0 else 0.0

    def to_networkx(self) -> nx.Graph:
        """The tree as a graph, of plain numbers: ``write_graphml``, ``write_gexf`` and JSON take it.

        Returns
        -------
        networkx.Graph
            Nodes 0..n_vertices-1 with attributes ``terminal`` (bool) and ``x0``, ``x1``, ... (float, the columns of
            `points`); edges with ``length``, in the space of `curvature`. To draw it: ``pos=dict(enumerate(points))``.
        """
        import networkx as nx

        graph = nx.Graph()
        for vertex, position in enumerate(self.points.tolist()):
            places = {f"x{column}": value for column, value in enumerate(position)}
            graph.add_node(vertex, terminal=vertex < self.n_terminals, **places)
        for (u, v), length in zip(self.edges.tolist(), self.lengths.tolist(), strict=True):
            graph.add_edge(u, v, length=length)
        return graph

    def to_newick(
        self,
        root: int | str | None = None,
        *,
        labels: Sequence[Any] | None = None,
        terminals: Terminals = "leaves",
    ) -> str:
        """The tree in Newick format, with hyperbolic branch lengths, in the space of `curvature`.

        Parameters
        ----------
        root : int or str, optional
            Vertex to hang the tree from: its number, or the label of a terminal. By default the vertex nearest the
            middle of the longest path (midpoint rooting); `hyperkit.hierarchy.from_steiner` has better ones.
        labels : sequence of length n_terminals, optional
            Names of the terminals, quoted where Newick needs it; by default their numbers. Steiner points have none.
        terminals : {"leaves", "nodes"}, default="leaves"
            How a terminal inside the tree is written: as a tip of length 0 that hangs from its node, so that every
            terminal is a tip; or as a named inner node, which programs that look at tips do not see.

        Returns
        -------
        str
            One line, without a line break. `hyperkit.hierarchy.Hierarchy.to_newick` says what its readers make of it.

        Warns
        -----
        UserWarning
            A label holds a tab, a line break or another control character: it is written as a space.

        Raises
        ------
        TypeError, ValueError
            `labels` is a string or has the wrong length, or `root` is no vertex, no label, or a label that several
            terminals have.
        """
        check_choice("terminals", terminals, TERMINALS)
        names = check_names("labels", labels, self.n_terminals, "terminals")
        top = self._midpoint_vertex() if root is None else self._vertex(root, names)
        order, parent, branch = walk(self.edges, self.lengths, top)
        place = np.argsort(order)
        every_name = names + [""] * (len(order) - len(names))
        return newick(
            [-1, *place[parent[order[1:]]].tolist()],
            branch[order].tolist(),
            [every_name[vertex] for vertex in order],
            [vertex < self.n_terminals for vertex in order],
            terminals=terminals,
        )

    def _vertex(self, root: int | str, names: list[str]) -> int:
        if isinstance(root, str):
            rows = [k for k, name in enumerate(names) if name == root]
            if len(rows) != 1:
                what = "no terminal" if not rows else f"{len(rows)} terminals (the first are {rows[:3]})"
                raise ValueError(f"root={root!r} is the label of {what}; give the number of a vertex")
            return rows[0]
        if isinstance(root, bool) or not isinstance(root, Integral) or not 0 <= root < len(self.points):
            raise ValueError(f"root={root!r} is no vertex; the tree has vertices 0 to {len(self.points) - 1}")
        return int(root)

    def _midpoint_vertex(self) -> int:
        """Vertex nearest the middle of the longest path."""
        end = self._farthest(*walk(self.edges, self.lengths, 0))[0]
        order, parent, branch = walk(self.edges, self.lengths, end)
        vertex, depth = self._farthest(order, parent, branch)
        half = depth / 2
        while depth - branch[vertex] >= half and parent[vertex] >= 0:
            depth -= float(branch[vertex])
            vertex = int(parent[vertex])
        above = int(parent[vertex])
        return above if above >= 0 and half - (depth - branch[vertex]) < depth - half else vertex

    @staticmethod
    def _farthest(order: list[int], parent: NDArray[np.int64], branch: NDArray[np.float64]) -> tuple[int, float]:
        depth = np.zeros(len(order))
        for vertex in order[1:]:
            depth[vertex] = depth[parent[vertex]] + branch[vertex]
        return int(depth.argmax()), float(depth.max())
