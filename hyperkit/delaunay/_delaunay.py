"""`HyperbolicDelaunay`: who is whose neighbour in hyperbolic space.

In come points in any model, out come edges between rows of the input. What it is that makes them neighbours is decided
in `_ball_delaunay`, which the floors above enter by.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from .._repr import KeyFigures
from .._sparse import sparse_graph
from .._validation import check_choice, check_count, check_n_jobs
from ..geometry import ball_distance
from ..models import Model, check_points, checked_to_ball, curvature_radius
from ._ball_delaunay import DELAUNAY_METHODS, ball_delaunay, check_exact


class HyperbolicDelaunay(KeyFigures):
    """Hyperbolic Delaunay graph: the pairs of points whose Voronoi cells in hyperbolic space share a wall.

    Two points are neighbours iff some hyperbolic ball has both on its boundary and no point inside. The graph is
    connected, contains the minimum spanning tree, and no isometry changes it.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the points live in.
    method : {"auto", "exact", "rays"}
        ``"exact"``: all edges, every sign decided without error, up to dimension 6. ``"rays"``: edges seen from each
        point along rays; none is false, some may be missing (`recall_estimate_`); any dimension. ``"auto"``: exact
        where it can be.
    n_rays : int
        ``"rays"``: budget of a point in rays; more find more edges. 1,000 points near each other in 5, 10 and 20
        dimensions take 1, 16 and 60 s at the default, and time grows with the cube of their number; if that is too
        long, lower it and look at `recall_estimate_`.
    random_state : int, RandomState or None
        ``"rays"``: the order in which candidates are tried.
    n_jobs : int or None
        Jobs, as in joblib: of ``"rays"``, and in the plane threads; every number gives the same edges.
    verbose : bool
        Show progress bars on stderr.

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        The points, as given: coordinates of `model`, at `curvature`.
    edges : ndarray of shape (E, 2), int64
        Rows of `points`, i < j, in lexicographic order. Of identical rows only the first has edges.
    simplices : ndarray of shape (T, d + 1), int64
        The simplices whose circumball lies inside the ball; in the Poincaré disk counterclockwise. d = 1: the edges.
        No rows with ``"rays"``, which knows none.
    neighbors : ndarray of shape (T, d + 1), int64
        The simplex across from each vertex of a simplex; -1 if there is none.
    inverse : ndarray of shape (n,), int64
        For each row the first row with the same Poincaré coordinates; itself, if it is the first.
    duplicates : ndarray of shape (k, 2), int64
        Pairs (row, first identical row) of the rows that repeat an earlier one.
    method_used_ : {"exact", "rays"}
    recall_estimate_ : float
        Share of the hyperbolic Delaunay edges that `edges` holds, in (0, 1]: 1.0 with ``"exact"``; with ``"rays"``
        estimated, with pairs that rounding leaves open counted as missed; 1.0 if every point has settled which others
        are its neighbours.
    n_quadratic_ : int
        How much work it was, and no more: d >= 3, ``"exact"``: pairs that are neighbours in the Euclidean triangulation
        but in none of `simplices`, so that a quadratic program had to tell whether they are edges; else 0.
    model : str
    curvature : float

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `points` is not a table with at least one row; or a parameter is out of
        its range; or ``method="exact"`` above dimension 6; or, in the plane, a Poincaré coordinate is not 0 but below
        1e-65, where exact signs underflow.

    Notes
    -----
    The complex is the part of the Euclidean Delaunay triangulation of the Poincaré points with an empty circumscribing
    ball inside the unit ball [1]_. Plane: O(n log n) expected time, whatever the points, in any order of rows that does
    not know how rounds of insertion are drawn; O(n) memory. Dimensions 3 to 6: about n times the simplices at a point
    (7, 32, 190, 1,300), at worst O(n^ceil(d/2)). Rays: O(n^2 d) a ray of each point.

    In the plane `edges`, and `simplices` with `neighbors`, are made of the triangulation when they are first asked for,
    and kept.

    Ties: the edges are those of cells that share a wall, and of cospherical points those of one triangulation whose
    ball lies inside: a regular 8-gon has its 8 sides and 5 diagonals. ``"rays"`` leaves diagonals out. A ball that
    touches the rim is not inside.

    See Also
    --------
    hyperkit.HyperbolicVoronoi : the cells themselves.
    hyperkit.delaunay.ray_neighbors : neighbours of chosen points among more than fit in memory.

    References
    ----------
    .. [1] Bogdanov, Devillers, Teillaud, "Hyperbolic Delaunay complexes and Voronoi diagrams made practical",
       Journal of Computational Geometry 5, 2014.

    Examples
    --------
    Near the rim the middle point hides the outer two from each other:

    >>> HyperbolicDelaunay([[0.9, -0.3], [0.94, 0.0], [0.9, 0.3]]).edges
    array([[0, 1],
           [1, 2]])
    """

    def __init__(
        self,
        points: ArrayLike,
        model: Model = "poincare",
        *,
        curvature: float = -1.0,
        method: Literal["auto", "exact", "rays"] = "auto",
        n_rays: int = 16384,
        random_state: int | RandomState | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        check_choice("method", method, DELAUNAY_METHODS)
        check_count("n_rays", n_rays)
        check_n_jobs(n_jobs)
        self.points = check_points(points, model, curvature=curvature, name="points").copy()
        self._ball = checked_to_ball(self.points, model, curvature=curvature, name="points")
        self.model = model
        self.curvature = float(curvature)
        if self._ball.z.ndim != 2 or len(self._ball) == 0:
            raise ValueError(f"points has shape {self.points.shape}; give a table of shape (n, d) with n >= 1")
        check_exact(self._ball, method, "points")
        # Lengths know the gaps of the user's coordinates, the graph those of the float64 Poincaré coordinates.
        self._exact = self._ball.taken_as_exact()
        self._graph = ball_delaunay(
            self._exact, method=method, n_rays=n_rays, random_state=random_state, n_jobs=n_jobs, verbose=verbose
        )
        self.inverse, self.duplicates = self._graph.inverse, self._graph.duplicates
        self.method_used_ = self._graph.method
        self.recall_estimate_ = self._graph.recall_estimate
        self.n_quadratic_ = self._graph.n_quadratic

    @property
    def edges(self) -> NDArray[np.int64]:
        """Pairs of neighbours, rows i < j, shape (E, 2), in lexicographic order."""
        return self._graph.edges

    @property
    def simplices(self) -> NDArray[np.int64]:
        """Rows at the corners of each simplex, shape (T, d + 1)."""
        return self._graph.complex.simplices

    @property
    def neighbors(self) -> NDArray[np.int64]:
        """The simplex across from each corner, shape (T, d + 1), or -1."""
        return self._graph.complex.neighbors

    def _key_figures(self) -> dict[str, object]:
        n, d = self._ball.z.shape
        return {
            "n": n,
            "d": d,
            "edges": len(self.edges),
            "recall_estimate": None if self.method_used_ == "exact" else self.recall_estimate_,
            "model": self.model,
            "curvature": None if self.curvature == -1 else self.curvature,
        }

    @property
    def edge_lengths(self) -> NDArray[np.float64]:
        """Hyperbolic lengths of `edges`, shape (E,), in the space of `curvature`."""
        lengths = ball_distance(self._ball.take(self.edges[:, 0]), self._ball.take(self.edges[:, 1]))
        return lengths * curvature_radius(self.curvature)

    def adjacency(self) -> csr_array:
        """Adjacency matrix of the graph: symmetric, shape (n, n), True where two rows are neighbours.

        Rows that repeat an earlier one have no neighbours; see `inverse`.
        """
        return sparse_graph(len(self.points), np.concatenate([self.edges, self.edges[:, ::-1]]), True)
