"""`HyperbolicVoronoi`: the cells of hyperbolic space in which one point is nearest.

In come points in any model, out come the dual of their :class:`HyperbolicDelaunay` complex: a vertex of the diagram for
each simplex, a wall for each edge, a cell for each point. Who shares what is read off the exact complex; only places
and areas are floats (`_circumcentres`, `kernels.cells`). `find` walks the graph (`kernels.walk`).
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from ..._repr import KeyFigures
from ...models import BallPoints, Model, from_ball, length, to_ball
from .._delaunay import HyperbolicDelaunay
from ..neighbors import ball_nearest
from ._circumcentres import Circumcentres, bisectors, planar_circumcentres, spatial_circumcentres
from .kernels.cells import compact_areas, cyclic_cells, half_edges, ridge_triangles
from .kernels.walk import walk_to_nearest

# At so many neighbours of a neighbour, on average, a walk takes as long as a search of a k-d tree.
_MANY_NEIGHBORS = 400


class _HalfEdges(NamedTuple):
    """Edges of the plane as their two sites see them, in compressed rows; see `kernels.cells`."""

    start: NDArray[np.int64]
    heads: NDArray[np.int64]
    edge: NDArray[np.int64]
    left: NDArray[np.int64]


class HyperbolicVoronoi(KeyFigures):
    """Hyperbolic Voronoi diagram: for each point the cell of hyperbolic space where no other point is nearer.

    Cells are convex. In the plane a wall between two cells is a segment, a ray to the rim or a whole line, and a cell
    is compact or reaches the rim.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the points live in.
    verbose : bool
        Show progress bars on stderr.

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        The points, as given: coordinates of `model`, at `curvature`.
    model : str
    curvature : float
    delaunay : HyperbolicDelaunay
        The dual graph; its `simplices` are the simplices of the vertices, row by row.
    ridge_points : ndarray of shape (E, 2), int64
        The pairs of rows i < j whose cells share a wall: ``delaunay.edges``.
    vertices : ndarray of shape (V, d), float64
        In `model` coordinates, at `curvature`: the points where at least d + 1 cells meet. Where more meet (cocircular
        points) the vertex is repeated, and walls of length zero join its copies.
    ridge_vertices : ndarray of shape (E, 2), int64
        Plane only. The two ends of each wall as rows of `vertices`, first the one to the right of the way from i to
        j, then the one to its left; -1 where the wall runs to the rim. A whole line is (-1, -1).
    ideal_points : ndarray of shape (E, 2, 2), float64
        Plane only. The two ends on the rim of the line that each wall lies on, right and left, as unit vectors in the
        Poincaré disk, whatever the model and the curvature. Where `ridge_vertices` is -1 the wall reaches that end.
    regions : list of n lists of int
        Rows of `vertices` around the cell of each row. Plane: counterclockwise, with a -1 for each arc of the rim that
        belongs to the cell. Otherwise: ascending, with a -1 in front if the cell reaches the rim.
    cell_areas : ndarray of shape (n,), float64
        Plane only. Hyperbolic areas of the cells in the space of `curvature`; inf for those that reach the rim.

    Raises
    ------
    TypeError, ValueError
        As :class:`HyperbolicDelaunay`. Also on access: `vertices`, if `model` cannot hold one in float64; plane-only
        attributes in other dimensions; `vertices` and `regions` above dimension 6, where the simplices are not known.

    Notes
    -----
    Rows that repeat an earlier row have its cell; none of them is in `ridge_points`, and `find` names the first.
    A vertex is computed in the frame of one of its points moved to the origin, where walls are ``n_k . y = 1`` in
    Klein coordinates [1]_: its direction comes from Euclidean differences, its distance R has ``sinh(R) = 2 a b c /
    sqrt(D)`` with the half chords a, b, c of the triangle and D as in Heron's formula. An area is a sum of triangles by
    the theorem of Gauss and Bonnet, each from its angle deficit without cancellation. The float64 Poincaré coordinates
    of the points are taken as exact.

    References
    ----------
    .. [1] Nielsen, Nock, "Hyperbolic Voronoi diagrams made easy", ICCSA 2010.

    Examples
    --------
    A square with a point in its middle; the middle cell is compact:

    >>> voronoi = HyperbolicVoronoi([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5], [-0.5, 0.0], [0.0, -0.5]])
    >>> voronoi.regions
    [[1, 2, 0, 3], [1, 3, -1], [2, 1, -1], [0, 2, -1], [3, 0, -1]]
    >>> voronoi.cell_areas.round(6)
    array([1.359348, inf, inf, inf, inf])
    >>> voronoi.find([[0.1, 0.2], [0.9, 0.1]])
    array([0, 1])
    """

    def __init__(
        self,
        points: ArrayLike,
        model: Model = "poincare",
        *,
        curvature: float = -1.0,
        verbose: bool = False,
    ) -> None:
        self.delaunay = HyperbolicDelaunay(points, model=model, curvature=curvature, verbose=verbose)
        self.points = self.delaunay.points
        self.model = model
        self.curvature = self.delaunay.curvature
        # The diagram of the float64 Poincaré coordinates, as is the graph: a gap that knows more would not fit it.
        self._ball = self.delaunay._exact

    def _key_figures(self) -> dict[str, object]:
        n, d = self._ball.z.shape
        return {
            "n": n,
            "d": d,
            "walls": len(self.ridge_points),
            "vertices": len(self.delaunay.simplices) if self.delaunay.method_used_ == "exact" else None,
            "model": self.model,
            "curvature": None if self.curvature == -1 else self.curvature,
        }

    @property
    def ridge_points(self) -> NDArray[np.int64]:
        """Pairs of rows whose cells share a wall."""
        return self.delaunay.edges

    @cached_property
    def vertices(self) -> NDArray[np.float64]:
        """Vertices of the diagram in `model` coordinates."""
        return from_ball(self._vertices, self.model, curvature=self.curvature)

    @cached_property
    def ridge_vertices(self) -> NDArray[np.int64]:
        """Rows of `vertices` at the ends of each wall, -1 for the rim; plane only."""
        self._require_plane("ridge_vertices")
        return ridge_triangles(len(self.ridge_points), *self._half_edges)

    @cached_property
    def ideal_points(self) -> NDArray[np.float64]:
        """Ends on the rim of the line of each wall; plane only."""
        self._require_plane("ideal_points")
        site, other = (self._ball.take(column) for column in self.ridge_points.T)
        normal, offset = bisectors(site, other)
        norm = length(normal)[:, None]
        rightward = normal[:, ::-1] * (1.0, -1.0)  # `normal` points back to the site
        foot = offset[:, None] / norm * normal / norm
        # norm^2 - offset^2 is the product of the gaps, which the difference would lose between far points.
        reach = np.sqrt(site.gap * other.gap)[:, None] / norm * rightward / norm
        ends = np.stack([foot - reach, foot + reach], axis=1)
        return ends / length(ends)[..., None]

    @cached_property
    def regions(self) -> list[list[int]]:
        """Rows of `vertices` around each cell, -1 where it reaches the rim."""
        self._require_simplices("regions")
        if self._dimension == 2:
            first, corners = cyclic_cells(
                self._ball.z, self._ball.gap, *self._half_edges[:3], self.ridge_vertices, self.delaunay.simplices
            )
        else:
            first, corners = _unordered_cells(len(self.points), self.delaunay.simplices, self.delaunay.neighbors)
        bounds, values = first.tolist(), corners.tolist()
        return [values[bounds[row] : bounds[row + 1]] for row in self.delaunay.inverse.tolist()]

    @cached_property
    def cell_areas(self) -> NDArray[np.float64]:
        """Hyperbolic areas of the cells, inf for those that reach the rim; plane only."""
        self._require_plane("cell_areas")
        _, seen, gap_seen = self._circumcentres
        areas = compact_areas(*self._half_edges[:3], self.ridge_vertices, self.delaunay.simplices, seen, gap_seen)
        return areas[self.delaunay.inverse] / -self.curvature

    def find(self, X: ArrayLike) -> NDArray[np.int64]:
        """Row of the point nearest to each query.

        Parameters
        ----------
        X : array-like of shape (..., d), or (..., d + 1) for ``model="hyperboloid"``
            Queries in `model` coordinates.

        Returns
        -------
        ndarray of shape (...), int64
            Rows of `points`, nearest to within a few roundings of sinh(d/2); of sites exactly as near as each other
            the lowest. Up to dimension 6 by a walk on the Delaunay graph, about O(1) a query if there are at least as
            many as points; above it, and where a hub has many neighbours, as :func:`hyperkit.nearest_neighbors`.

        Raises
        ------
        TypeError, ValueError
            As :func:`hyperkit.check_points`; or the queries have another dimension than the points.
        """
        queries = to_ball(X, self.model, curvature=self.curvature).taken_as_exact()
        if queries.d != self._dimension:
            raise ValueError(
                f"X lies in {queries.d}-dimensional hyperbolic space, the points in {self._dimension} "
                "dimensions; give queries of the same dimension"
            )
        flat = np.ascontiguousarray(queries.z.reshape(-1, self._dimension))
        if not self._is_walkable:
            nearest = ball_nearest(self._ball, 1, BallPoints(flat, queries.gap.ravel()))[1]
        elif len(flat) == 0:
            nearest = np.empty(0, dtype=np.int64)
        else:
            graph = self.delaunay.adjacency()
            order = cKDTree(flat, balanced_tree=False).indices
            nearest = walk_to_nearest(flat, order, self._ball.z, self._ball.gap, graph.indptr, graph.indices)
        return nearest.reshape(queries.gap.shape)

    @property
    def _is_walkable(self) -> bool:
        """Whether the graph is complete, and a neighbour has few neighbours: a hub is asked about all of its own."""
        degrees = np.bincount(self.ridge_points.ravel()).astype(np.float64)
        return self.delaunay.method_used_ == "exact" and degrees @ degrees <= _MANY_NEIGHBORS * degrees.sum()

    @property
    def _dimension(self) -> int:
        return self._ball.d

    @property
    def _vertices(self) -> BallPoints:
        self._require_simplices("vertices")
        if self._dimension == 2:
            return self._circumcentres.points
        return spatial_circumcentres(self._ball, self.delaunay.simplices)

    @cached_property
    def _circumcentres(self) -> Circumcentres:
        return planar_circumcentres(self._ball, self.delaunay.simplices)

    @cached_property
    def _half_edges(self) -> _HalfEdges:
        return _HalfEdges(*half_edges(len(self.points), self.ridge_points, self.delaunay.simplices))

    def _require_plane(self, attribute: str) -> None:
        if self._dimension != 2:
            raise ValueError(
                f"{attribute} is defined in the plane; the points lie in {self._dimension}-dimensional hyperbolic "
                "space. Use ridge_points, vertices, regions or find"
            )

    def _require_simplices(self, attribute: str) -> None:
        if self.delaunay.method_used_ != "exact":
            raise ValueError(
                f"{attribute} needs the simplices of the Delaunay complex, which are not computed in dimension "
                f"{self._dimension}. Use ridge_points or find"
            )


def ridge_ends(voronoi: HyperbolicVoronoi) -> BallPoints:
    """The two ends of each wall of a planar diagram, shape (E, 2); those on the rim have gap 0."""
    ends = voronoi.ideal_points.copy()
    gap = np.zeros(ends.shape[:-1])
    edge, side = np.nonzero(voronoi.ridge_vertices >= 0)
    corners = voronoi._vertices.take(voronoi.ridge_vertices[edge, side])
    ends[edge, side], gap[edge, side] = corners.z, corners.gap
    return BallPoints(ends, gap)


def _unordered_cells(
    n: int, simplices: NDArray[np.int64], neighbors: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Simplices at each site, after a -1 if they leave part of its surroundings free: `first` and `corners`, in rows.

    They do iff there are none, or one of them has a facet at the site with nothing beyond.
    """
    n_corners = simplices.shape[1]
    bare = neighbors < 0
    open_at = (bare.sum(axis=1, keepdims=True) - bare) > 0  # a bare facet other than the one across from the corner
    is_open = np.ones(n, dtype=bool)
    is_open[simplices.ravel()] = False
    is_open[simplices[open_at]] = True
    site = np.concatenate([np.flatnonzero(is_open), simplices.ravel()])
    corner = np.concatenate([np.full(is_open.sum(), -1), np.repeat(np.arange(len(simplices)), n_corners)])
    order = np.lexsort((corner, site))
    first = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=n))])
    return first, corner[order]
