"""Trees that the user gives: checked, made a start of a search, or only laid out with least length.

In comes a `SteinerTree` or a table of edges between terminals (their rows) and other vertices (numbered after them);
out goes a `Network`. A vertex that is no terminal may have any degree, as inner nodes of an ontology do: as the start
of a search, those of degree 1 and 2 are taken out; when only positions are sought, every vertex and edge stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csgraph

from .._sparse import sparse_graph
from .._validation import refuse_hidden
from ..models import BallPoints, to_ball
from ._network import Network
from ._tree import SteinerTree


def given_network(init: SteinerTree | ArrayLike, points: BallPoints) -> Network:
    """Check `init`, a tree over the rows of `points`; its Steiner points start from its own or the nearest terminal's.

    Raises
    ------
    ValueError
        It is no table of pairs of whole numbers, or not a tree over all terminals.
    """
    n = points.n
    if isinstance(init, SteinerTree):
        if init.n_terminals != n:
            raise ValueError(f"init is a tree of {init.n_terminals} terminals; X has {n} rows")
        steiner_points = to_ball(init.points[n:], init.model, curvature=init.curvature, name="init")
        d = steiner_points.d
        if d != points.d:
            raise ValueError(f"init is a tree in dimension {d}; the points of X have dimension {points.d}")
        return Network(steiner_points, checked_edges(init.edges, n))
    edges = checked_edges(init, n)
    nearest = _nearest_terminals(edges, n)
    return Network(points.take(nearest[n:]), edges)


def checked_edges(table: ArrayLike, n: int) -> NDArray[np.int64]:
    """Edges of a tree whose vertices 0..n-1 are terminals, shape (k, 2), int64."""
    refuse_hidden("init", table)
    try:
        edges = np.asarray(table)
    except ValueError as error:
        raise ValueError(f"init: {error}; give a SteinerTree, or edges as a table of pairs") from error
    if edges.size == 0:
        edges = np.empty((0, 2), dtype=np.int64)
    if edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype.kind not in "iu":
        raise ValueError(
            f"init has shape {edges.shape} and type {edges.dtype}; give a SteinerTree, or edges as a table of pairs of "
            f"whole numbers: rows 0 to {n - 1} of X, and from {n} on the other vertices"
        )
    edges = edges.astype(np.int64)
    if len(edges) < n - 1:
        raise ValueError(f"init has {len(edges)} edges; a tree over {n} terminals has at least {n - 1}")
    _check_numbers(edges, n)
    vertices = int(edges.max(initial=n - 1)) + 1
    count, part = csgraph.connected_components(sparse_graph(vertices, edges), directed=False)
    if len(edges) > vertices - count:
        row = _closing_edge(edges, vertices)
        raise ValueError(
            f"init: edge {row} is {tuple(edges[row].tolist())}, whose ends the edges before it join; a tree has "
            "no cycle: leave the edge out"
        )
    if count > 1:
        raise ValueError(f"init: no path joins vertex {int(np.argmax(part != part[0]))} to vertex 0; a tree has one")
    return edges


def _check_numbers(edges: NDArray[np.int64], n: int) -> None:
    """Raise ValueError unless the vertices are the rows 0 to n - 1 and n, n + 1, ..., each in an edge."""
    used = np.unique(edges)
    others = used[used >= n]
    wrong = np.concatenate([used[used < 0], others[others != n + np.arange(len(others))]])
    if len(wrong):
        row = int(np.argmax((edges == wrong[0]).any(axis=1)))
        raise ValueError(
            f"init: edge {row} is {tuple(edges[row].tolist())}, but vertices are rows 0 to {n - 1} of X and others, "
            f"numbered from {n} on without gaps"
        )
    idle = np.setdiff1d(np.arange(n), used)
    if len(idle) and n > 1:
        raise ValueError(f"init: row {idle[0]} of X is in no edge; a tree over all rows joins each of them")


def _closing_edge(edges: NDArray[np.int64], vertices: int) -> int:
    """The first edge between vertices that the edges before it join."""
    parent = list(range(vertices))

    def root(vertex: int) -> int:
        while parent[vertex] != vertex:
            parent[vertex] = vertex = parent[parent[vertex]]
        return vertex

    for row, (u, v) in enumerate(edges.tolist()):
        ends = root(u), root(v)
        if ends[0] == ends[1]:
            return row
        parent[ends[0]] = ends[1]
    raise AssertionError("there is no cycle")


def _nearest_terminals(edges: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """For each vertex a terminal that the fewest edges part from it."""
    graph = sparse_graph(len(edges) + 1, edges)
    sources = csgraph.dijkstra(
        graph, directed=False, indices=np.arange(n), unweighted=True, min_only=True, return_predecessors=True
    )[2]
    return np.asarray(sources, dtype=np.int64)


def without_thin_vertices(network: Network, n: int) -> Network:
    """The same tree without Steiner points of degree 1 and 2."""
    edges, count = network.edges, n + len(network.steiner_points)
    if (np.bincount(edges.ravel(), minlength=count)[n:] > 2).all():
        return network
    near: list[set[int]] = [set() for _ in range(count)]
    for u, v in edges.tolist():
        near[u].add(v)
        near[v].add(u)
    waiting = list(range(n, count))
    while waiting:
        v = waiting.pop()
        if v < n or len(near[v]) not in (1, 2):
            continue
        ends = near[v]
        for u in ends:
            near[u].remove(v)
            near[u] |= ends - {u}
        near[v] = set()
        waiting.extend(ends)
    kept = np.array([v for v in range(n, count) if near[v]], dtype=np.int64)
    number = np.arange(count)
    number[kept] = n + np.arange(len(kept))
    pairs = [(u, v) for u in range(count) for v in near[u] if u < v]
    return Network(network.steiner_points.take(kept - n), number[np.array(pairs, dtype=np.int64)])
