"""Questions to a hierarchy: paths, ancestors, distances along it, clusters."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_count, check_number
from ._cutting import cut_at, cut_into, row_pieces
from ._lca import lowest_common_ancestors, range_minima
from ._naming import named_nodes, one_of
from ._nodes import Nodes
from ._placing import Placement, placed


class Asking(Nodes):
    """What a hierarchy answers; nodes are given by their numbers or labels."""

    def node_of(self, rows: ArrayLike) -> NDArray[np.int64]:
        """Nodes that rows of the user's table are.

        Parameters
        ----------
        rows : int, str or array-like of these
            Numbers of rows, or labels.

        Returns
        -------
        ndarray of the shape of `rows`, int64

        Raises
        ------
        TypeError, ValueError
            `rows` holds something else, or a number or label that is not that of exactly one node.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_newick
        """
        return self._rows("rows", rows)

    def _rows(self, argument: str, given: Any) -> NDArray[np.int64]:
        """Nodes given by the number of a row, or by label."""
        return named_nodes(argument, given, self.names, self._numbered_rows, "row")

    def _nodes(self, argument: str, given: Any) -> NDArray[np.int64]:
        """Nodes given by number or label."""
        return named_nodes(argument, given, self.names, np.arange(len(self)), "node")

    @cached_property
    def _numbered_rows(self) -> NDArray[np.int64]:
        """Node of each number of a row, -1 where the tree has no such row."""
        nodes = np.full(int(self.row.max()) + 1, -1)
        nodes[self.rows] = self.node_of_rows
        return nodes

    @cached_property
    def _minima(self) -> NDArray[np.int64]:
        return range_minima(self.parent)

    def lca(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.int64]:
        """Lowest common ancestors of nodes, pair by pair.

        Parameters
        ----------
        a, b : int, str or array-like of these
            Nodes, by number or label; shapes broadcast. For rows: ``lca(node_of(i), node_of(j))``.

        Returns
        -------
        ndarray of int64
            Numbers of nodes; that of a node and itself, or a descendant, is the node. O(1) time a pair, after
            O(n log n) for the first call.

        Raises
        ------
        TypeError, ValueError
            An entry is no node, or a label that not exactly one node has.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_parents
        >>> tree = from_parents([-1, 0, 0, 1, 1], names=["stem", "left", "right", "tip", "top"])
        >>> tree.names[tree.lca("tip", ["top", "right", "left"])]
        array(['left', 'stem', 'left'], dtype=object)
        """
        return lowest_common_ancestors(self._minima, *np.broadcast_arrays(self._nodes("a", a), self._nodes("b", b)))

    def distance(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Length of the path between nodes, along the tree, pair by pair.

        Parameters
        ----------
        a, b : int, str or array-like of these
            Nodes, by number or label; shapes broadcast.

        Returns
        -------
        ndarray of float64
            In the space of `curvature`; correct to rounding of the distances from the root.

        Raises
        ------
        TypeError, ValueError
            As `lca`.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_parents
        >>> tree = from_parents([-1, 0, 0, 1, 1], [0.0, 1.0, 2.0, 0.5, 0.25])
        >>> tree.distance([2, 3], 4)
        array([3.25, 0.75])
        """
        one, other = np.broadcast_arrays(self._nodes("a", a), self._nodes("b", b))
        top = self.distance_from_root[lowest_common_ancestors(self._minima, one, other)]
        return (self.distance_from_root[one] - top) + (self.distance_from_root[other] - top)

    def ancestors(self, node: int | str) -> NDArray[np.int64]:
        """Ancestors of a node, from its parent up to the root; the root has none.

        Parameters
        ----------
        node : int or str
            Node, by number or label.

        Returns
        -------
        ndarray of shape (depth of the node,), int64

        Raises
        ------
        TypeError, ValueError
            `node` is no node, or a label that not exactly one node has.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_parents
        >>> from_parents([-1, 0, 1, 2]).ancestors(3)
        array([2, 1, 0])
        """
        return self._way_up(self._node("node", node), 0)[1:]

    def path(self, a: int | str, b: int | str) -> NDArray[np.int64]:
        """Nodes on the way from a to b, both among them.

        Parameters
        ----------
        a, b : int or str
            Nodes, by number or label.

        Returns
        -------
        ndarray of shape (n_path,), int64

        Raises
        ------
        TypeError, ValueError
            As `ancestors`.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_parents
        >>> from_parents([-1, 0, 0, 1, 1]).path(4, 2)
        array([4, 1, 0, 2])
        """
        start, end = self._node("a", a), self._node("b", b)
        top = int(self.lca(start, end))
        return np.concatenate([self._way_up(start, top), self._way_up(end, top)[-2::-1]])

    def _node(self, argument: str, given: Any) -> int:
        return one_of(argument, self._nodes(argument, given))

    def _way_up(self, node: int, top: int) -> NDArray[np.int64]:
        """Nodes from `node` to its ancestor `top`."""
        way = [node]
        while node != top:
            node = int(self.parent[node])
            way.append(node)
        return np.array(way, dtype=np.int64)

    def cut(
        self, n_clusters: int | None = None, *, height: float | None = None, min_size: int = 1
    ) -> NDArray[np.int64]:
        """Clusters of the rows: the pieces of the tree when edges are cut.

        Parameters
        ----------
        n_clusters : int, optional
            Number of clusters.
        height : float, optional
            Instead: the distance from the root at which all edges are cut.
        min_size : int, default=1
            Least number of rows of a cluster. At a `height`, smaller ones stay where they hang.

        Returns
        -------
        ndarray of shape (n_rows,), int64
            Cluster of each of the `rows`, from 0, in depth-first order.

        Raises
        ------
        ValueError
            Not exactly one of `n_clusters` and `height` is given, or the tree has no such clusters.

        Notes
        -----
        `n_clusters` pieces are found by cutting, again and again, the edge that lessens the scatter of the clusters
        most: the sum of their distances of pairs of rows along the tree, over their numbers of rows. Where the root is
        plays no part. To cut the longest edges gives crumbs instead: three clusters of 4 of 640 cells.

        Examples
        --------
        >>> from hyperkit.hierarchy import from_parents
        >>> tree = from_parents([-1, 0, 0, 1, 1], [0.0, 1.0, 2.0, 0.5, 0.25])
        >>> tree.cut(2)
        array([0, 0, 1, 0, 0])
        """
        check_count("min_size", min_size)
        if (n_clusters is None) == (height is None):
            raise ValueError(f"n_clusters={n_clusters!r}, height={height!r}: give one of the two")
        if height is not None:
            return row_pieces(
                self, cut_at(self, check_number("height", height, "a number of at least 0", lambda h: h >= 0), min_size)
            )
        return row_pieces(self, cut_into(self, check_count("n_clusters", n_clusters), min_size))

    def transform(self, X: ArrayLike) -> Placement:
        """Nearest point of the hierarchy for each new point, on edges and not only nodes.

        Parameters
        ----------
        X : array-like of shape (m, d)
            Points in `model` coordinates, in the space of `curvature`.

        Returns
        -------
        Placement
            Arrays ``node``, ``above``, ``distance_from_root`` and ``distance`` over the points; ``to_frame()`` is the
            table. Near O((m + n) log n) time for points close to the tree; O(m n) in the worst case.

        Raises
        ------
        TypeError, ValueError
            The hierarchy has no points; or X is no table of points of this model with as many columns.

        Examples
        --------
        >>> import hyperkit as hk
        >>> from hyperkit.hierarchy import from_steiner
        """
        return placed(self, X)
