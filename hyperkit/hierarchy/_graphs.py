"""`from_networkx`: a hierarchy from a graph that is a tree."""

from __future__ import annotations

from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._validation import check_count, check_number
from .._walk import walk
from ..models import Model, check_curvature, check_points
from ._hierarchy import Hierarchy
from ._parents import in_preorder

if TYPE_CHECKING:
    import networkx as nx


def from_networkx(graph: nx.Graph, *, root: Any = None, length: str = "length") -> Hierarchy:
    """Hierarchy of a tree that is a graph of networkx.

    Parameters
    ----------
    graph : networkx.DiGraph or networkx.Graph
        A tree: directed, its edges point away from the root; undirected, it hangs from `root`.
    root : node, optional
        Node that is the root of an undirected tree; by default it is rooted at the place with the least variance of the
        distances to the rows, where `Hierarchy.root_at` may set a node into an edge.
    length : str, default="length"
        Attribute of the edges that is their length, finite and >= 0; if no edge has it, each is 1 long.

    Returns
    -------
    Hierarchy
        Names are the attribute ``name`` where any node has it, else the nodes themselves as text. Rows are the
        attribute ``row`` (-1 for none) where any node has it, else all nodes in the order of the graph, but for those
        of which ``terminal`` is false: they are Steiner points of `SteinerTree.to_networkx`, and without names. The
        attribute ``support`` of edges is taken over, and so are points, if the graph has a ``model`` and its nodes
        ``x0``, ``x1``, ...: what `Hierarchy.to_networkx` gives comes back whole.

    Raises
    ------
    ValueError
        The graph is no tree, `root` is no node of it or not where its edges come from, a length is negative or not
        finite or there for some edges only, a support is not in [0, 1], or a row stands twice.

    Examples
    --------
    >>> import networkx as nx
    >>> from hyperkit import hierarchy
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("stem", "B", 1.0), ("stem", "T", 2.5)])
    >>> hierarchy.from_networkx(graph, length="weight").to_newick()
    '(stem:0.0,B:1.0,T:2.5);'
    """
    _check_tree(graph)
    number = {node: place for place, node in enumerate(graph)}
    edges = np.array([(number[u], number[v]) for u, v in graph.edges()], dtype=np.int64).reshape(-1, 2)
    # Of each node its parent, and the number of the edge between them.
    _, parent, above = walk(edges, np.arange(float(len(edges))), number[_root(graph, root)])
    edge = np.where(parent < 0, -1, above).astype(np.int64)
    lengths = _numbers(graph, length, most=np.inf)
    support = _numbers(graph, "support", most=1.0, some=True)
    model: Model | None = graph.graph.get("model")
    curvature = check_curvature(graph.graph.get("curvature", -1.0))
    tree = in_preorder(
        parent,
        np.ones(len(number)) if lengths is None else np.append(lengths, 0.0)[edge],
        _rows(graph),
        _names(graph),
        support=None if support is None else np.append(support, np.nan)[edge],
        points=None if model is None else _points(graph, model, curvature),
        model=model,
        curvature=curvature,
    )
    return tree if root is not None or graph.is_directed() else tree.root_at("min_variance")


def _check_tree(graph: nx.Graph) -> None:
    import networkx as nx

    n, n_edges = graph.number_of_nodes(), graph.number_of_edges()
    if n_edges != n - 1:
        raise ValueError(f"graph has {n} nodes and {n_edges} edges; a tree of {n} nodes has {max(n - 1, 0)}")
    for node, degree in graph.in_degree() if graph.is_directed() else ():
        if degree > 1:
            raise ValueError(f"node {node!r} has {degree} parents; edges must point away from the root")
    parts = list(nx.connected_components(graph.to_undirected(as_view=True)))
    if len(parts) > 1:
        first, second = (next(iter(part)) for part in parts[:2])
        raise ValueError(f"graph has a cycle and {len(parts)} pieces: no path joins {first!r} and {second!r}")


def _root(graph: nx.Graph, root: Any) -> Any:
    """The node that is the root."""
    if root is not None and root not in graph:
        raise ValueError(f"root={root!r} is no node of the graph")
    if not graph.is_directed():
        return next(iter(graph)) if root is None else root
    top = next(node for node, degree in graph.in_degree() if degree == 0)
    if root is not None and root != top:
        raise ValueError(
            f"root={root!r} has a parent, the root of this directed tree is {top!r}; pass graph.to_undirected()"
        )
    return top


def _names(graph: nx.Graph) -> NDArray[np.object_]:
    """Name of each node, empty where others have one: old networkx reads no empty text from GraphML."""
    data = graph.nodes.values()
    if any("name" in each for each in data):
        names = [str(each.get("name", "")) for each in data]
    else:
        names = [str(node) if each.get("terminal", True) else "" for node, each in graph.nodes.items()]
    return np.array(names, dtype=object)


def _numbers(graph: nx.Graph, key: str, *, most: float, some: bool = False) -> NDArray[np.float64] | None:
    """An attribute of the edges, from 0 to `most`, NaN where `some` only have it; None if no edge has it."""
    found = [(u, v, data.get(key)) for u, v, data in graph.edges(data=True)]
    if all(value is None for _, _, value in found):
        return None
    allowed = "finite and at least 0" if most == np.inf else f"from 0 to {most:g}"
    values = np.full(len(found), np.nan)
    for place, (u, v, value) in enumerate(found):
        if value is None and not some:
            raise ValueError(f"edge ({u!r}, {v!r}) has no {key!r}, and others have")
        if value is not None:
            name = f"edge ({u!r}, {v!r}): {key}"
            values[place] = check_number(name, value, allowed, lambda x: 0 <= x <= most and x < np.inf)
    return values


def _rows(graph: nx.Graph) -> NDArray[np.int64]:
    """Row of each node, -1 for none."""
    nodes = list(graph.nodes(data=True))
    if all("row" not in data for _, data in nodes):
        is_row = np.array([bool(data.get("terminal", True)) for _, data in nodes])
        return np.where(is_row, np.cumsum(is_row) - 1, -1)
    rows = [check_count(f"node {node!r}: row", data.get("row", -1), least=-1) for node, data in nodes]
    owner: dict[int, Any] = {}
    for (node, _), row in zip(nodes, rows, strict=True):
        if row >= 0 and row in owner:
            raise ValueError(f"nodes {owner[row]!r} and {node!r} both have row={row}")
        owner[row] = node
    return np.array(rows, dtype=np.int64)


def _points(graph: nx.Graph, model: Model, curvature: float) -> NDArray[np.float64]:
    """The columns x0, x1, ... of all nodes."""
    first = next(iter(graph.nodes.values()))
    columns = list(takewhile(first.__contains__, (f"x{column}" for column in count())))
    missing = [node for node, data in graph.nodes(data=True) if not all(column in data for column in columns)]
    if missing or not columns:
        which = missing[0] if missing else next(iter(graph))
        raise ValueError(f"graph has model={model!r}, but node {which!r} has not all coordinates x0, x1, ...")
    table = np.array([[data[column] for column in columns] for data in graph.nodes.values()], dtype=np.float64)
    return check_points(table, model, curvature=curvature, name="graph")
