"""Questions to a hierarchy: paths, ancestors, distances along it, clusters."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_count, check_number
from ._condensing import median_nodes
from ._cutting import cut_at, cut_into, row_pieces
from ._lca import lowest_common_ancestors, range_minima
from ._naming import Labels, named_nodes, one_of
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
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2):3,c:4);")
        >>> tree.node_of(["c", "a"]), tree.node_of([2, 0])
        (array([4, 2]), array([4, 2]))
        """
        return self._rows("rows", rows)

    def _rows(self, argument: str, given: Any) -> NDArray[np.int64]:
        """Nodes given by the number of a row, or by label."""
        return named_nodes(argument, given, self._labels, self._numbered_rows, "row")

    def _nodes(self, argument: str, given: Any) -> NDArray[np.int64]:
        """Nodes given by number or label."""
        return named_nodes(argument, given, self._labels, np.arange(len(self)), "node")

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self.names)

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
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2)left:3,c:4)stem;")
        >>> tree.names[tree.lca("a", ["b", "c", "left"])]
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
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2):3,c:4);")
        >>> tree.distance("a", ["b", "c", "a"])
        array([3., 8., 0.])
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
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2)left:3,c:4)stem;")
        >>> tree.names[tree.ancestors("b")]
        array(['left', 'stem'], dtype=object)
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
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2)left:3,c:4)stem;")
        >>> tree.names[tree.path("b", "c")]
        array(['b', 'left', 'stem', 'c'], dtype=object)
        """
        start, end = self._node("a", a), self._node("b", b)
        top = int(self.lca(start, end))
        return np.concatenate([self._way_up(start, top), self._way_up(end, top)[-2::-1]])

    def median(self, rows: ArrayLike) -> int:
        """The node in the middle of some rows: with the least sum of distances to them, along the tree.

        Parameters
        ----------
        rows : int, str or array-like of these
            Rows, by number or label: at least one, such as all cells of a type. One given twice counts twice.

        Returns
        -------
        int
            Number of the node; of several that nearest the root.

        Raises
        ------
        TypeError, ValueError
            There is no row, or an entry is none.

        Notes
        -----
        It is the lowest node with more than half of the rows in its subtree: lengths play no part.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2)left:3,(c:1,d:1)right:2)stem;")
        >>> tree.names[tree.median(["a", "b", "c"])]
        'left'
        """
        nodes = np.atleast_1d(self._rows("rows", rows)).ravel()
        if nodes.size == 0:
            raise ValueError("rows is empty; give the numbers or labels of one row at least")
        return int(median_nodes(self._minima, self.depth, nodes, np.zeros(len(nodes), dtype=np.int64))[0])

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
            Number of clusters: the tree is cut at the widest gaps for the numbers of rows on their sides (see below).
        height : float, optional
            Instead: the distance from the root at which all edges are cut.
        min_size : int, default=1
            Least number of rows of a cluster. At a `height`, smaller ones stay where they hang, and fewer rows
            than these between the root and the height go with the piece across the shortest of the edges cut.

        Returns
        -------
        ndarray of shape (n_rows,), int64
            Cluster of each of the `rows`, from 0, in depth-first order.

        Raises
        ------
        ValueError
            Not exactly one of `n_clusters` and `height` is given, or the tree has no such clusters; `min_size` is
            more than there are rows.

        Notes
        -----
        For `n_clusters`, of all pieces that there are the edge of greatest weight is cut, again and again: its length
        times ``sqrt(a b / (a + b))``, with a and b rows of the piece on its two sides, which is the gap in units of the
        standard error of a difference of two means. Where the root is plays no part. To cut the longest edges gives
        crumbs: four clusters of 4 of 640 cells.

        Adjusted Rand index with the known types, mean of 20 trees of 400 rows of six normals (like sizes and uneven
        ones in 2 dimensions, then in 5): .76, .80, .91, .72; longest edges .43, .41, .00, .01, or .64, .72, .74, .77
        with a `min_size` of a tenth of a mean cluster; Ward's clustering of the hyperbolic distances, without any tree,
        .79, .65, .96, .82. Cells along branches that leave a trunk have no gaps: of krumsiek11 .37 (Ward .70). There a
        `height` does better: .65 is the median of those that give five clusters, from the midpoint, with a `min_size`
        of a quarter of a mean cluster (``python -m benchmarks.hierarchy_clusters cut``).

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:2):3,(c:1,d:1):2,e:9);")
        >>> tree.cut(3)
        array([1, 1, 0, 0, 2])
        >>> tree.cut(height=2.5)
        array([0, 0, 1, 2, 3])
        """
        check_count("min_size", min_size)
        if (n_clusters is None) == (height is None):
            raise ValueError(f"n_clusters={n_clusters!r}, height={height!r}: give one of the two")
        if min_size > max(self.n_rows, 1):
            raise ValueError(f"min_size={min_size} while the hierarchy has {self.n_rows} rows; ask for fewer")
        if height is None:
            return row_pieces(self, cut_into(self, check_count("n_clusters", n_clusters), min_size))
        distance = check_number("height", height, "a number of at least 0", lambda h: h >= 0)
        return row_pieces(self, cut_at(self, distance, min_size))

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
            The hierarchy has no points; or X is no table of points of this model with as many columns; or a data frame
            whose columns are not `columns`, in this order.

        Examples
        --------
        >>> from hyperkit import HyperSteiner, hierarchy
        >>> steiner = HyperSteiner().fit([[0.5, 0.0], [-0.25, 0.43], [-0.25, -0.43]])
        >>> tree = hierarchy.from_steiner(steiner.tree_)
        >>> places = tree.transform([[0.3, 0.1], [0.0, 0.0]])
        >>> places.to_frame().round(2)
           node  above  distance_from_root  distance
        0     1   0.49                0.61      0.22
        1     2   0.00                0.00      0.00
        """
        return placed(self, X)
