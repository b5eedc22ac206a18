"""To TreeData and from it: trees as graphs beside the cells, where other tools for lineages look for them.

Of its three alignments only "subset" holds our trees: "nodes" refuses Steiner points, and "leaves" loses cells inside
a tree when cells are selected. treedata comes with the extra ``hyperkit-geometry[treedata]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...hierarchy import Hierarchy, from_networkx
from .._records import records
from .._tables import check_adata, entry, several
from ._stored import stored_hierarchy

if TYPE_CHECKING:
    import networkx as nx
    from anndata import AnnData
    from treedata import TreeData


def to_treedata(adata: AnnData, *, keys: str | Sequence[str] | None = None) -> TreeData:
    """A copy as TreeData, with the trees that `tree` and `hierarchy` left in its ``obst``.

    Parameters
    ----------
    adata : AnnData or TreeData
    keys : str or sequence of str, optional
        `key_added` of the trees; by default all there are.

    Returns
    -------
    treedata.TreeData
        Of alignment ``"subset"``: cells that are selected keep the whole tree, and a cell may be in several.
        ``obst[key]`` is a directed graph from the root, whose nodes are the names of cells, and ``"node 5"`` and the
        like between them. Edges have `length` and, where there is one, `support`; nodes have `depth`, their distance
        from the root.

    Raises
    ------
    ImportError
        anndata or treedata is not installed.
    KeyError
        There is no such tree, or none at all.
    ValueError
        ``adata.obst`` has something by this name; or `adata` is backed.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> adata = anndata.AnnData(obsm={"X_pca": hk.datasets.load_krumsiek11().data[::8]})
    >>> hk.tl.hierarchy(adata)
    >>> hk.tl.to_treedata(adata).obst["hierarchy"].has_node("0")
    True
    """
    check_adata(adata)
    trees = [key for key, record in records(adata).items() if record.get("kind") in ("tree", "hierarchy")]
    asked = trees if keys is None else several("keys", keys)
    if not asked:
        raise KeyError("adata has no tree; hyperkit.tl.tree and hyperkit.tl.hierarchy make one")
    stored = {key: stored_hierarchy(adata, key=key) for key in asked}
    tree_data = _tree_data()
    for key in stored:
        if key in getattr(adata, "obst", ()):
            raise ValueError(f"keys: adata.obst[{key!r}] is there already; delete it first")
    if adata.isbacked:
        raise ValueError("adata is backed, and a copy with trees is in memory: give adata.to_memory()")
    copy = adata.copy()
    # Without a label: a column of obs that says which trees a cell is in, here the same for all.
    copy = copy if isinstance(copy, tree_data) else tree_data(copy, alignment="subset", label=None)
    copy.alignment, copy.allow_overlap = "subset", True  # cells are in every tree
    for key, tree in stored.items():
        copy.obst[key] = _graph(tree)
    return copy


def from_treedata(tdata: TreeData, *, key: str, length: str = "length") -> Hierarchy:
    """A tree of TreeData, from whatever tool, as a :class:`hyperkit.hierarchy.Hierarchy`.

    Parameters
    ----------
    tdata : treedata.TreeData
    key : str
        Of ``tdata.obst``.
    length : str, default="length"
        Attribute of the edges that is their length; if no edge has it, each is 1 long.

    Returns
    -------
    hyperkit.hierarchy.Hierarchy
        Nodes that are called as a cell is are its row, its number in ``tdata.obs_names``; others have none, among them
        cells that are no more selected. These are called as their node, or as its attribute ``name``.

    Raises
    ------
    ImportError
        anndata is not installed.
    KeyError
        There is no such tree; the message lists those that are there.
    TypeError
        `tdata` is no TreeData.
    ValueError
        No node is called as a cell is; or as :func:`hyperkit.hierarchy.from_networkx`.

    Examples
    --------
    >>> import hyperkit as hk, networkx as nx, treedata
    >>> lineage = nx.DiGraph([("zygote", "AB"), ("zygote", "P1"), ("AB", "ABa"), ("AB", "ABp")])
    >>> tdata = treedata.TreeData(obst={"lineage": lineage})
    >>> sorted(tdata.obs_names)
    ['ABa', 'ABp', 'P1']
    >>> hk.tl.from_treedata(tdata, key="lineage").to_newick()
    '((ABa:1.0,ABp:1.0)AB:1.0,P1:1.0)zygote;'
    """
    check_adata(tdata)
    if not hasattr(tdata, "obst"):
        raise TypeError("tdata is an AnnData and has no obst; hyperkit.tl.stored_hierarchy is for what hyperkit left")
    graph = entry(tdata.obst, "obst", "key", key).copy()
    rows = {name: row for row, name in enumerate(tdata.obs_names)}
    if not any(node in rows for node in graph):
        raise ValueError(f"key={key!r}: no node of tdata.obst[{key!r}] is called as a cell of tdata.obs_names is")
    for node, about in graph.nodes.items():
        row = rows.get(node, -1)
        # A cell is called as in `obs_names`, whatever else its node is called.
        about |= {"name": about.get("name", str(node)) if row < 0 else node, "row": row}
    return from_networkx(graph, length=length)


def _graph(tree: Hierarchy) -> nx.DiGraph:
    """The tree with text for nodes, as JSON has it; nothing is of the graph as a whole, which files do not keep."""
    import networkx as nx

    graph, nodes, cells = nx.DiGraph(), [], set(tree.names.tolist())
    for node, (name, depth) in enumerate(zip(tree.names.tolist(), tree.distance_from_root.tolist(), strict=True)):
        is_cell = tree.row[node] >= 0
        nodes.append(name if is_cell else f"node {node}")
        while not is_cell and nodes[node] in cells:
            nodes[node] += "'"
        graph.add_node(nodes[node], depth=depth, **({} if is_cell else {"name": ""}))
        if node > 0:
            edge = nodes[tree.parent[node]], nodes[node]
            graph.add_edge(*edge, length=float(tree.length[node]))
            if tree.support is not None and not np.isnan(tree.support[node]):
                graph.edges[edge]["support"] = float(tree.support[node])
    return graph


def _tree_data() -> Any:
    try:
        from treedata import TreeData
    except ImportError as error:
        raise ImportError('treedata is needed: pip install "hyperkit-geometry[treedata]"') from error
    return TreeData
