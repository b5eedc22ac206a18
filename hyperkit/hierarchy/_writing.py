"""`Writing`: ways out of a hierarchy, into text, graphs, linkage matrices and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .._newick import TERMINALS, Terminals, newick
from .._validation import check_choice, check_flag
from ._merges import merges
from ._nodes import Nodes

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

InnerRows = Literal["refuse", "expand"]
INNER_ROWS: tuple[InnerRows, ...] = ("refuse", "expand")


class Writing(Nodes):
    """The ways out of `Hierarchy`."""

    def to_newick(self, *, terminals: Terminals = "leaves", support: bool = False) -> str:
        """The tree in Newick format.

        Parameters
        ----------
        terminals : {"leaves", "nodes"}, default="leaves"
            How a row inside the tree is written. ``"leaves"``: as a tip of length 0 that hangs from its node, which
            has no label then, so that programs that work on tips see every row. ``"nodes"``: as the label of its
            inner node; nothing is added, and those programs lose the row.
        support : bool, default=False
            Whether `support` is written, as bare numbers in the place of labels of inner nodes.

        Returns
        -------
        str
            One line, without a line break. Lengths have the digits that give the same float64 again.

        Warns
        -----
        UserWarning
            A name holds a tab, a line break or another control character: it is written as a space.

        Raises
        ------
        ValueError
            ``support=True`` where there is no support, or where inner nodes have names to be written.

        See Also
        --------
        from_newick : The way back; ``terminals`` means the same there.

        Notes
        -----
        Names are in single quotes where they need it, a quote in them twice; a node without a name has no label.
        Names that stand twice are written twice. What readers make of it (in 2026; each is run by the tests but ete3):

        - scikit-bio, ``TreeNode.read(file, format="newick")``: names and lengths as they are, whatever the depth, but
          for names that are quotes and nothing else.
        - treeswift, ``read_tree_newick(text)``: whatever the depth; quotes within names are lost.
        - ete4, ``Tree(text, parser=1)``, with support ``parser=0``: as they are; it ends Python itself between 10,000
          and 20,000 levels.
        - ete3, ``Tree(text, format=1, quoted_node_names=True)``: fails on quotes within names.
        - DendroPy, ``Tree.get(data=text, schema="newick")``: as they are; refuses names that stand twice, and stops
          with a RecursionError at some 1,000 levels: 21,612 cells nest 1,427 deep.
        - Biopython, ``Phylo.read(file, "newick")``: as they are, but for names that are quotes and nothing else or end
          in a backslash; stops at some 1,000 levels too. Names of inner nodes that are numbers, in quotes or not, it
          takes for support.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> tree = hierarchy.from_parents([-1, 0, 0], [0.0, 1.0, 2.5], names=["stem cell", "B", "T"])
        >>> tree.to_newick()
        "('stem cell':0.0,B:1.0,T:2.5);"
        >>> tree.to_newick(terminals="nodes")
        "(B:1.0,T:2.5)'stem cell';"
        """
        check_choice("terminals", terminals, TERMINALS)
        check_flag("support", support)
        return newick(
            self.parent.tolist(),
            self.length.tolist(),
            self.names.tolist(),
            (self.row >= 0).tolist(),
            terminals=terminals,
            marks=self._support_marks(terminals) if support else None,
        )

    def _support_marks(self, terminals: Terminals) -> list[str]:
        """Support as text, empty where there is none."""
        if self.support is None:
            raise ValueError("support=True: this hierarchy has no support")
        is_hung = (self.row >= 0) & (terminals == "leaves")
        named = np.flatnonzero(~self.is_leaf & ~is_hung & (self.names != ""))
        if len(named):
            raise ValueError(
                f"support=True would take the place of the names of {len(named)} inner nodes; the first is node "
                f"{named[0]}, {self.names[named[0]]!r}: write them without support"
                + (', or with terminals="leaves"' if terminals == "nodes" else "")
            )
        return ["" if np.isnan(value) else repr(value) for value in self.support.tolist()]

    def to_networkx(self) -> nx.DiGraph:
        """The tree as a directed graph, of plain numbers and text: ``write_graphml``, ``write_gexf`` and JSON take it.

        Returns
        -------
        networkx.DiGraph
            Edges from parents to children, with ``length`` and, where there is one, ``support``. Nodes are the numbers
            of nodes, with ``name``, ``row`` (-1 for none) and ``x0``, ``x1``, ... (the columns of `points`). The graph
            has ``curvature``, and ``model`` where there are points; GEXF keeps nothing of a graph but nodes and edges.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> graph = hierarchy.from_newick("((a:1,b:1):1,c:2);").to_networkx()
        >>> graph.edges[0, 1], graph.nodes[2]
        ({'length': 1.0}, {'name': 'a', 'row': 0})
        """
        import networkx as nx

        graph = nx.DiGraph(curvature=float(self.curvature))
        if self.model is not None:
            graph.graph["model"] = self.model
        for node, (name, row) in enumerate(zip(self.names.tolist(), self.row.tolist(), strict=True)):
            graph.add_node(node, name=name, row=row)
        for column, values in self._coordinates().items():
            for node, value in enumerate(values.tolist()):
                graph.nodes[node][column] = value
        for node, above in enumerate(self.parent.tolist()):
            if above >= 0:
                graph.add_edge(above, node, length=float(self.length[node]))
                if self.support is not None and not np.isnan(self.support[node]):
                    graph.edges[above, node]["support"] = float(self.support[node])
        return graph

    def to_linkage(self, *, inner_rows: InnerRows = "refuse") -> NDArray[np.float64]:
        """The tree as a linkage matrix of scipy.

        Parameters
        ----------
        inner_rows : {"refuse", "expand"}, default="refuse"
            A linkage knows rows at its tips only: whether a row inside the tree is an error, or a tip of length 0 that
            hangs from its node.

        Returns
        -------
        ndarray of shape (n_rows - 1, 4), float64
            As ``scipy.cluster.hierarchy.linkage`` gives it, with observation k the k-th row in the order of `row`. Two
            branches merge at twice the length of the longest way from their node down to a tip, so that tips of a tree
            as deep everywhere merge at the length of the path between them, and ``from_linkage(Z).to_linkage()`` is Z
            up to rounding. A node with more than two branches is that many merges less one, at one height; a node with
            one branch is none.

        Raises
        ------
        ValueError
            A row is an inner node and ``inner_rows="refuse"``, or a tip is no row.

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> hierarchy.from_newick("((a:1,b:1):1,c:2);").to_linkage()
        array([[0., 1., 2., 2.],
               [2., 3., 4., 3.]])
        """
        check_choice("inner_rows", inner_rows, INNER_ROWS)
        no_row = np.flatnonzero(self.is_leaf & (self.row < 0))
        if len(no_row):
            raise ValueError(f"{len(no_row)} tips are no rows; the first is node {no_row[0]}. Take them off: prune")
        inner = np.flatnonzero(~self.is_leaf & (self.row >= 0))
        if len(inner) and inner_rows == "refuse":
            raise ValueError(
                f"{len(inner)} rows are inner nodes, which a linkage has not; the first is row {self.row[inner[0]]}. "
                'Pass inner_rows="expand" to make each a tip of length 0'
            )
        return merges(self)

    def to_frame(self) -> pd.DataFrame:
        """The tree as a table with one row a node.

        Returns
        -------
        pandas.DataFrame
            Index ``node``; columns ``name``, ``row``, ``parent``, ``length``, ``support`` (where there is any),
            ``depth``, ``distance_from_root``, ``is_leaf`` and ``x0``, ``x1``, ... (where there are points).

        Examples
        --------
        >>> from hyperkit import hierarchy
        >>> hierarchy.from_parents([-1, 0, 0], names=["stem", "B", "T"]).to_frame()
              name  row  parent  length  depth  distance_from_root  is_leaf
        node
        0     stem    0      -1     0.0      0                 0.0    False
        1        B    1       0     1.0      1                 1.0     True
        2        T    2       0     1.0      1                 1.0     True
        """
        import pandas as pd

        columns = {"name": self.names, "row": self.row, "parent": self.parent, "length": self.length}
        if self.support is not None:
            columns["support"] = self.support
        columns |= {"depth": self.depth, "distance_from_root": self.distance_from_root, "is_leaf": self.is_leaf}
        return pd.DataFrame(columns | self._coordinates(), index=pd.RangeIndex(len(self), name="node"))

    def _coordinates(self) -> dict[str, NDArray[np.float64]]:
        if self.points is None:
            return {}
        return {f"x{column}": values for column, values in enumerate(self.points.T)}
