"""Hierarchies made from hierarchies: rooted elsewhere, and with fewer nodes."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .._validation import check_number, check_order, refuse_hidden
from ..models import check_points
from ._asking import Asking
from ._condensing import condensed, median_nodes
from ._naming import one_of, row_types
from ._root_times import best_for_times
from ._rooting import Place, edge_to_outgroup, middle_of_longest_path, min_variance, nearest_to_mean, rooted
from ._splicing import across_root, below, collapsed, snapped, spanned

CRITERIA = {"min_variance": min_variance, "midpoint": middle_of_longest_path, "frechet": nearest_to_mean}


class Editing(Asking):
    """What can be made of a hierarchy; the hierarchy itself never changes, and rows keep their numbers and names."""

    def root_at(
        self, root: int | str = "min_variance", *, node: int | str | None = None, outgroup: ArrayLike | None = None
    ) -> Self:
        """The same tree with its root elsewhere.

        Parameters
        ----------
        root : {"min_variance", "midpoint", "frechet", "outgroup"}, or a row, default="min_variance"
            The point of the tree from which the distances to the tips vary least (MinVar [1]_); the middle of the
            longest path between tips; the point nearest to the Fréchet mean of the tips' places, where nodes have
            `points`; the middle of the edge to the `outgroup`; or a row, by number or label, which then is the root.
        node : int or str, optional
            Instead: the node, by number or label, that becomes the root, a row or not.
        outgroup : int, str or array-like of these, optional
            The rows, by number or label, that hang on one side of the root; for ``root="outgroup"``.

        Returns
        -------
        Hierarchy
            The root is a new node without a name where it is inside an edge; its point is on the geodesic. Distances
            between nodes stay, and support moves with its edge: both halves of an edge have that of the whole, and an
            edge made of two the higher one. An old root that is no row, has no name and would be left with one or no
            branch goes.

        Raises
        ------
        TypeError, ValueError
            `root` is neither a criterion nor one row, `node` no node, or both are given; nodes have no points; no edge
            parts the outgroup from the rest.

        See Also
        --------
        root_by_time : The root that makes distance follow time.
        median : The node in the middle of some rows.

        Notes
        -----
        Tips are the rows, at leaves and at inner nodes; in a tree without rows, the leaves. All criteria take O(n) or
        O(n log n) time. On leaf-only trees with a relaxed clock and a known root min_variance has .98 of the triplets
        right, midpoint .97, the Fréchet mean .90 (10 trees; ``python -m benchmarks.hierarchy_roots``).

        References
        ----------
        .. [1] Mai, Sayyari, Mirarab, "Minimum variance rooting of phylogenetic trees and implications for species tree
           reconstruction", PLoS ONE 12, 2017.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("(a:1,b:1,(c:1,d:1):4);")
        >>> tree.root_at().to_newick()
        '((a:1.0,b:1.0):2.0,(c:1.0,d:1.0):2.0);'
        >>> tree.root_at("outgroup", outgroup="a").to_newick()
        '((b:1.0,(c:1.0,d:1.0):4.0):0.5,a:0.5);'
        >>> tree.root_at(node=tree.lca("c", "d")).to_newick()
        '((a:1.0,b:1.0):4.0,c:1.0,d:1.0);'
        """
        if node is not None:
            if not isinstance(root, str) or root != "min_variance" or outgroup is not None:
                raise ValueError(f"root={root!r}, node={node!r}, outgroup={outgroup!r}: give one of root and node")
            return rooted(self, Place(self._node("node", node)))
        if not isinstance(root, str):
            return rooted(self, Place(one_of("root", self._rows("root", root))))
        if outgroup is not None or root == "outgroup":
            return rooted(self, edge_to_outgroup(self, self._outgroup(root, outgroup)))
        if root in CRITERIA:
            return rooted(self, CRITERIA[root](self))
        return rooted(self, Place(int(self._rows("root", root))))

    def _outgroup(self, root: int | str, outgroup: ArrayLike | None) -> NDArray[np.int64]:
        if root != "outgroup" or outgroup is None:
            raise ValueError(f"root={root!r}, outgroup={outgroup!r}: give root='outgroup' and outgroup=, its rows")
        nodes = np.atleast_1d(self._rows("outgroup", outgroup))
        if nodes.size == 0:
            raise ValueError("outgroup is empty; give rows or labels")
        return nodes

    def root_by_time(self, times: ArrayLike) -> Self:
        """The same tree, rooted where the distance from the root follows time best.

        Parameters
        ----------
        times : array-like of shape (n_rows,)
            Time of each of the `rows`, finite and not all equal; only their order counts.

        Returns
        -------
        Hierarchy
            Rooted at the point of the tree from which the distances to the rows have the highest Spearman correlation
            with `times`; of equal ones at that with the shortest tree.

        Raises
        ------
        TypeError, ValueError
            There is not one finite time a row, all are equal, or a series of pandas names the rows in another order.

        Notes
        -----
        The root was chosen by the times, so that it is no evidence for them. Candidates are all nodes, on each edge the
        point with the highest Pearson correlation of distance and rank of time, and 32 points on edges next to the best
        one. Above 4,000,000 distances in all, those of the highest Pearson correlations only: for 20,000 rows the best
        200 of some 60,000 candidates.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("(a:1,b:1,(c:1,d:1):4);")
        >>> early = tree.root_by_time([0, 1, 2, 2])
        >>> early.distance_from_root[early.node_of(["a", "b", "c", "d"])].round(2)
        array([0.97, 1.03, 5.03, 5.03])
        """
        refuse_hidden("times", times)
        values = np.asarray(times)
        if values.shape != (self.n_rows,):
            raise ValueError(f"times has shape {values.shape}; the hierarchy has {self.n_rows} rows: give one for each")
        unknown = np.flatnonzero(pd.isna(values) | (np.isinf(values) if values.dtype.kind == "f" else False))
        if len(unknown):
            raise ValueError(
                f"times: row {unknown[0]} is {values[unknown[0]]}; times must be finite ({len(unknown)} are not): take "
                "those rows off the hierarchy first, with prune"
            )
        values = check_points(values[:, None], "tangent", name="times")[:, 0]
        if len(values) == 0 or np.ptp(values) == 0:
            every = f"are all {values[0]:g}" if len(values) else "are none, as there are no rows"
            raise ValueError(f"times {every}: they say nothing about the root; use root_at()")
        self._check_order("times", times)
        return rooted(self, best_for_times(self, values))

    def _check_order(self, name: str, series: ArrayLike) -> None:
        names = pd.Index(self.names[self.node_of_rows])
        check_order(name, series, "hierarchy.names[hierarchy.node_of_rows]", names)

    def subtree(self, node: int | str) -> Self:
        """A node with all that is below it.

        Parameters
        ----------
        node : int or str
            Node, by number or label. For the clade of some rows: ``subtree(tree.lca(a, b))``.

        Returns
        -------
        Hierarchy
            With `node` as its root.

        Raises
        ------
        TypeError, ValueError
            `node` is no node, or a label that not exactly one node has.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:1)left:2,c:2);")
        >>> tree.subtree("left").to_newick()
        '(a:1.0,b:1.0)left;'
        """
        return below(self, self._node("node", node))

    def prune(self, *, keep: ArrayLike | None = None, drop: ArrayLike | None = None) -> Self:
        """The tree of some rows only.

        Parameters
        ----------
        keep, drop : int, str or array-like of these
            The rows that stay, or those that go, by number or label; exactly one of the two.

        Returns
        -------
        Hierarchy
            The tree that joins the rows that stay, with their distances; its root is their lowest common ancestor.
            Nodes that are left with one branch are not in it, unless they are rows that stay; an edge made of several
            has their highest support. A dropped row at which the tree branches stays as a node without a name.

        Raises
        ------
        TypeError, ValueError
            An entry is no row, or no row is left.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((a:1,b:1):2,(c:1,d:1):3);")
        >>> tree.prune(drop="a").to_newick()
        '(b:3.0,(c:1.0,d:1.0):3.0);'
        >>> tree.prune(keep=["a", "c"]).rows
        array([0, 2])
        """
        if (keep is None) == (drop is None):
            raise ValueError(f"keep={keep!r}, drop={drop!r}: give one of the two")
        stays = np.zeros(len(self), dtype=bool)
        if keep is not None:
            stays[self._rows("keep", keep)] = True
        else:
            stays[self.node_of_rows] = True
            stays[self._rows("drop", drop)] = False
        if not stays.any():
            raise ValueError(f"{'keep' if drop is None else 'drop'}: no row is left; a hierarchy has one at least")
        return spanned(self, np.flatnonzero(stays))

    def collapse(self, *, support: float | None = None, length: float | None = None) -> Self:
        """The tree without its weak or short inner edges.

        Parameters
        ----------
        support : float in [0, 1], optional
            Edges with less support go; those without any (NaN) stay. The two edges at a root that is no row and has
            two branches are one split, and count with one support: the lower, or the one that is known.
        length : float >= 0, optional
            Instead: edges of at most this length go; the two at such a root count with their sum.

        Returns
        -------
        Hierarchy
            What hung below such an edge hangs on the node above it, as far from the root as before. An inner row below
            such an edge becomes a leaf there; other inner nodes below them are not in it, whatever their name. Edges
            above leaves stay: `snap` is for those.

        Raises
        ------
        ValueError
            Not exactly one of the two is given, or the hierarchy has no support.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("(((a:1,b:1)0.4:1,c:1)0.9:1,d:1);", inner_labels="support")
        >>> tree.collapse(support=0.5).to_newick()
        '((a:2.0,b:2.0,c:1.0):1.0,d:1.0);'
        """
        if (support is None) == (length is None):
            raise ValueError(f"support={support!r}, length={length!r}: give one of the two")
        weak: NDArray[np.bool_]
        if length is not None:
            most = check_number("length", length, "a number of at least 0", lambda x: x >= 0)
            weak = across_root(self, self.length, np.add) <= most
        else:
            least = check_number("support", support, "a number in [0, 1]", lambda x: 0 <= x <= 1)
            if self.support is None:
                raise ValueError(f"support={least:g}: the hierarchy has no support; hierarchy.bootstrap finds it")
            weak = across_root(self, self.support, np.fmin) < least
        return collapsed(self, weak & ~self.is_leaf & (self.parent >= 0))

    def snap(self, tau: float) -> Self:
        """The tree in which rows at the end of short edges are inner nodes.

        Parameters
        ----------
        tau : float >= 0
            Longest edge, in the space of `curvature`. 0 undoes what ``to_newick(terminals="leaves")`` does to inner
            rows.

        Returns
        -------
        Hierarchy
            A leaf row at most `tau` away from its parent takes its place, with its name and point, if that is no row
            and has no name; of several the nearest. Other lengths stay, so that distances of rows change by 2 `tau` at
            most.

        Raises
        ------
        ValueError
            `tau` is no number of at least 0.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("((stem:0.01,a:1,b:1):2,c:2);")
        >>> tree.snap(0.1).to_newick(terminals="nodes")
        '((a:1.0,b:1.0)stem:2.0,c:2.0);'
        """
        return snapped(self, check_number("tau", tau, "a number of at least 0", lambda t: t >= 0))

    def condense(self, labels: ArrayLike) -> Self:
        """The tree of the types of rows, one node a type.

        Parameters
        ----------
        labels : array-like of shape (n_rows,)
            Type of each of the `rows`, for example of a cell.

        Returns
        -------
        Hierarchy
            Each type is where its rows have their median: at the node with the least sum of distances to them, of
            several that nearest the root. The tree joins these nodes, with their distances. Row k is the k-th type, in
            the order of categories or sorted, and its label is its name. Types with one median hang there by edges of
            length 0.

        Raises
        ------
        TypeError, ValueError
            There is not one label a row, one is missing, or a series of pandas names the rows in another order.

        Notes
        -----
        The median is the lowest node with more than half of the rows of the type in its subtree: lengths play no part,
        and rows of a type that lie elsewhere in the tree do not move it.

        This asks the tree of the rows. Where types overlap, the Steiner tree of their Fréchet means has more splits
        right: with 8 simulated types at the leaves of a tree, noise twice a step, F1 .65 (condensed) and .95 (means) in
        5 dimensions, .90 and .95 in 2 (4 data sets; ``python -m benchmarks.hierarchy_clusters condense``).

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_newick("(((a:1,b:1):1,(c:1,d:1):1):1,e:2);")
        >>> tree.condense(["T", "T", "B", "B", "stem"]).to_newick()
        '((T:1.0,B:1.0):1.0,stem:2.0);'
        """
        codes, names = row_types(labels, self.n_rows)
        self._check_order("labels", labels)
        return condensed(self, median_nodes(self._minima, self.depth, self.node_of_rows, codes), names)
