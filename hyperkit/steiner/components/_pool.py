"""Full components: the parts into which a tree falls at its terminals, pooled over many trees.

Trees that were found from different starts are often good in different places. A pool remembers of every set of
terminals the shortest component seen on it; which of them together make the shortest tree is an exact program
(`_concatenation`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from ..._sparse import sparse_graph
from ...geometry import ball_distance
from ...models import BallPoints
from .._network import Network
from ._concatenation import concatenate


class Component(NamedTuple):
    """A full component."""

    length: float
    edges: NDArray[np.int64]
    """Terminals by their numbers, Steiner points as -1, -2, ..."""
    steiner_points: BallPoints


class Pool:
    """The shortest component seen on each set of terminals.

    Parameters
    ----------
    points : BallPoints of shape (n,)
    """

    def __init__(self, points: BallPoints) -> None:
        self.points = points
        self._components: dict[tuple[int, ...], Component] = {}

    def add(self, network: Network) -> None:
        """Remember the components of a tree over the points."""
        n = self.points.n
        edges = network.edges
        vertices = network.vertices(self.points)
        lengths = ball_distance(vertices.take(edges[:, 0]), vertices.take(edges[:, 1]))
        for rows in _component_edges(edges, n):
            inside = edges[rows]
            length = float(lengths[rows].sum())
            terminals = tuple(np.unique(inside[inside < n]).tolist())
            if terminals not in self._components or length < self._components[terminals].length:
                steiner = np.unique(inside[inside >= n])
                numbered = np.where(inside < n, inside, -1 - np.searchsorted(steiner, inside))
                points = network.steiner_points.take(steiner - n)
                self._components[terminals] = Component(length, numbered, points)

    def lengths(self) -> dict[tuple[int, ...], float]:
        """The length of the shortest component seen on each set of terminals."""
        return {terminals: component.length for terminals, component in self._components.items()}

    def best(self, time_limit: float | None) -> Network:
        """The shortest tree made of components of the pool, as far as it was found in time.

        The pairs in it must connect all points: add the minimum spanning tree.
        """
        members = [np.array(terminals) for terminals in self._components]
        components = list(self._components.values())
        n = self.points.n
        lengths = np.array([component.length for component in components])
        chosen = [components[k] for k in concatenate(n, members, lengths, time_limit).chosen]
        edges, next_number = [], n
        for component in chosen:
            edges.append(np.where(component.edges < 0, next_number - 1 - component.edges, component.edges))
            next_number += len(component.steiner_points)
        first, *others = (component.steiner_points for component in chosen)
        return Network(first.joined(*others), np.concatenate(edges))


def _component_edges(edges: NDArray[np.int64], n: int) -> list[NDArray[np.intp]]:
    """Rows of the edges of each component: edges are of one component iff they share a Steiner point."""
    count = len(edges)
    rows, side = np.nonzero(edges >= n)
    at = edges[rows, side] - n
    graph = sparse_graph(count + at.max(initial=-1) + 1, np.column_stack([rows, count + at]))
    part = csgraph.connected_components(graph, directed=False)[1][:count]
    order = np.argsort(part, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(part[order])) + 1)
