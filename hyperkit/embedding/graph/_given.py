"""Graphs that a user gives: checked, read as undirected, and their shortest paths.

In: a sparse matrix of edge lengths (such as scanpy's ``obsp["distances"]``, in which i may name j and j not i) or a
networkx graph. Out: a symmetric `csr_array`, or all its distances. What is stored is an edge, zeros too, but for those
of a vertex to itself. Where directions differ, or edges are parallel, the shortest counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csgraph, csr_array, issparse

from ..._memory import physical_memory
from ..._validation import check_n_jobs
from ._feature_rows import Float
from ._neighbor_graph import symmetric_graph
from ._paths import shortest_paths

_SHOWN = 5


def graph_distances(graph: Any, *, weight: str | None = "weight", n_jobs: int | None = None) -> NDArray[np.float64]:
    """Lengths of the shortest paths between all vertices of a tree, an ontology or any connected graph.

    Made for :class:`HyperbolicMDS` with ``metric="precomputed"``.

    Parameters
    ----------
    graph : networkx graph, or sparse array of shape (n, n)
        Edge lengths >= 0. Directed graphs, ontologies among them, are read as undirected. What a sparse array stores
        is an edge, zeros too; of parallel edges, or where directions differ, the shortest counts. Loops count for
        nothing.
    weight : str or None, default="weight"
        Name of the edge attribute of a networkx graph that holds the length; an edge without it has length 1. None:
        all edges have length 1.
    n_jobs : int, optional
        Threads, as joblib counts them; the bits of the result do not depend on it.

    Returns
    -------
    ndarray of shape (n, n), float64
        Symmetric up to rounding, with a zero diagonal. Rows in the order of ``list(graph)``, by number where
        the nodes are 0 to n - 1, or in the order of the sparse array.

    Raises
    ------
    TypeError
        `graph` is neither, or its lengths are no real numbers.
    ValueError
        The graph is empty, not square or not connected, a length is negative or not finite, or the result is larger
        than this machine's memory.

    Notes
    -----
    Dijkstra's algorithm from each vertex [1]_: O(n (n + m) log n) for m edges, and the memory of the result.

    References
    ----------
    .. [1] Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik 1 (1959).

    Examples
    --------
    >>> import networkx as nx
    >>> from hyperkit.embedding import graph_distances
    >>> graph_distances(nx.path_graph(["root", "branch", "leaf"], create_using=nx.DiGraph))
    array([[0., 1., 2.],
           [1., 0., 1.],
           [2., 1., 0.]])
    """
    check_n_jobs(n_jobs)
    symmetric = as_graph(graph, weight=weight)
    n = symmetric.shape[0]
    need, have = 8 * n**2, physical_memory()
    if need > have:
        raise ValueError(
            f"graph has {n} vertices: all their distances take {need / 2**30:.1f} GiB, and this machine has "
            f'{have / 2**30:.1f} GiB. HyperbolicMDS(metric="precomputed_graph") takes the graph itself'
        )
    return shortest_paths(symmetric, np.arange(n), np.float64, n_jobs)


def as_graph(graph: Any, *, weight: str | None = "weight", name: str = "graph") -> csr_array:
    """Symmetric graph of edge lengths, connected; parameters and errors as :func:`graph_distances`.

    Returns
    -------
    csr_array of shape (n, n), float64, with int32 indices
    """
    if issparse(graph):
        names: Any = None
        n, edges, lengths = _of_sparse(graph, name)
    else:
        names, edges, lengths = _of_networkx(graph, weight, name)
        n = len(names)
    if n == 0:
        raise ValueError(f"{name} has no vertices")
    bad = np.flatnonzero(~(np.isfinite(lengths) & (lengths >= 0)))
    if len(bad):
        row, column = (int(v) if names is None else names[v] for v in edges[bad[0]])
        length = lengths[bad[0]]
        where = f"row {row}, column {column}" if names is None else f"edge {row!r} to {column!r}"
        reason = "is negative; lengths are >= 0" if np.isfinite(length) else "is not finite; leave the edge out"
        raise ValueError(f"{name}: length {length:.6g} in {where} {reason}")
    symmetric = symmetric_graph(n, edges, lengths)
    _refuse_parts(symmetric, names, name)
    return symmetric


def _of_sparse(graph: Any, name: str) -> tuple[int, NDArray[np.integer], Float]:
    """Number of vertices, edges and lengths of a sparse array; nothing is summed, nor are zeros dropped."""
    if graph.ndim != 2 or graph.shape[0] != graph.shape[1]:
        raise ValueError(f"{name}: shape {graph.shape} is not square; give one row and one column per vertex")
    if graph.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {graph.dtype}; convert it to real numbers first")
    entries = coo_array(graph)
    return graph.shape[0], np.column_stack([entries.row, entries.col]), entries.data.astype(np.float64)


def vertices(graph: Any) -> list[Any]:
    """Nodes of a networkx graph in the order of the rows: by number if they are numbered, else as they were added.

    Edges [(1, 0), (2, 1)] of rows add row 1 first, which nobody means.
    """
    nodes = list(graph)
    numbers = range(len(nodes))
    return list(numbers) if set(nodes) == set(numbers) else nodes


def _of_networkx(graph: Any, weight: str | None, name: str) -> tuple[list[Any], NDArray[np.integer], Float]:
    """Nodes, edges and lengths of a networkx graph."""
    import networkx as nx

    if not isinstance(graph, nx.Graph):
        raise TypeError(
            f"{name} is a {type(graph).__name__}; give a networkx graph, or a sparse array such as csr_array(lengths) "
            'of edges only. The matrix of all distances goes to HyperbolicMDS(metric="precomputed")'
        )
    nodes = vertices(graph)
    place = {node: i for i, node in enumerate(nodes)}
    edges, lengths = [], []
    for tail, head, attributes in graph.edges(data=True):
        length = attributes.get(weight, 1) if weight is not None else 1
        try:
            lengths.append(float(length))
        except (TypeError, ValueError):
            raise TypeError(
                f"{name}: edge {tail!r} to {head!r} has {weight}={length!r}, which is no number; name the attribute "
                "that holds lengths, or give weight=None where each edge has length 1"
            ) from None
        edges.append((place[tail], place[head]))
    return nodes, np.array(edges, dtype=np.int64).reshape(-1, 2), np.array(lengths)


def _refuse_parts(graph: csr_array, names: Any, name: str) -> None:
    """Raise ValueError if the graph is not connected: no features say how far its components are apart."""
    n_parts, part = csgraph.connected_components(graph, directed=False)
    if n_parts == 1:
        return
    sizes = np.bincount(part)
    order = np.argsort(-sizes, kind="stable")
    shown = ", ".join(str(size) for size in sizes[order[:_SHOWN]]) + (", ..." if n_parts > _SHOWN else "")
    outsider = int(np.flatnonzero(part != order[0])[0])
    where = f"row {outsider}" if names is None else f"node {names[outsider]!r}"
    raise ValueError(
        f"{name} has {n_parts} components, of {shown} vertices, and nothing says how far they are apart: {where} is "
        "not connected to the largest. Keep the largest (scipy.sparse.csgraph.connected_components, or "
        "networkx.connected_components), join them by edges of your own, or take more neighbours"
    )
