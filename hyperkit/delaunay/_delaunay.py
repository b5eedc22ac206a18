"""`HyperbolicDelaunay`: who is whose neighbour in hyperbolic space.

In come points in any model; they are converted to Poincaré coordinates, and from there on the float64 coordinates are
taken as exact: identical rows are merged, and the graph is decided by signs without error. Out come edges between
rows of the input. The plane, dimensions 3 to 6 and the search by rays above have a module each.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from .._sparse import sparse_graph
from ..geometry import ball_distance
from ..models import BallPoints, Model, ball_gap, to_ball
from ._planar import Complex, planar_complex
from ._rays import check_count, ray_edges
from ._spatial import spatial_complex

# The last bit of such a coordinate is 2^-268, and its fourth power the smallest double.
_SMALLEST_COORDINATE = 2.0**-216
# Above this dimension a few hundred points have millions of simplices.
_HIGHEST_EXACT_DIMENSION = 6


class HyperbolicDelaunay:
    """Hyperbolic Delaunay graph: the pairs of points whose Voronoi cells in hyperbolic space share a wall.

    Two points are neighbours iff some hyperbolic ball has both on its boundary and no point inside. The graph is
    connected, contains the minimum spanning tree, and no isometry changes it.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
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
        ``"rays"``: jobs, as in joblib; every number gives the same edges.
    verbose : bool
        Show progress bars on stderr.

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        The points, as given.
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

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `points` is not a table with at least one row; or ``method="exact"`` above
        dimension 6; or, in the plane, a Poincaré coordinate is not 0 but below 1e-65, where exact signs underflow.

    Notes
    -----
    The complex is the part of the Euclidean Delaunay triangulation of the Poincaré points with an empty circumscribing
    ball inside the unit ball [1]_. Plane: O(n log n) time, O(n) memory. Dimensions 3 to 6: about n times the simplices
    at a point (7, 32, 190, 1,300), at worst O(n^ceil(d/2)). Rays: O(n^2 d) a ray of each point.

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
        method: Literal["auto", "exact", "rays"] = "auto",
        n_rays: int = 16384,
        random_state: int | RandomState | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self._ball = to_ball(points, model, name="points")
        self.points = np.array(points, dtype=np.float64)
        self.model = model
        z = self._ball.z
        if z.ndim != 2 or len(z) == 0:
            raise ValueError(f"points has shape {self.points.shape}; give a table of shape (n, d) with n >= 1")
        check_count(n_rays, "n_rays")
        self.method_used_ = _method(method, z.shape[1])
        self.recall_estimate_ = 1.0
        self.n_quadratic_ = 0
        ball = self._ball if model == "poincare" else BallPoints(z, ball_gap(z))
        if self.method_used_ == "exact" and z.shape[1] == 2:
            _check_exact_range(z)
            parts, self.inverse = planar_complex(*ball, verbose)
        else:
            self.inverse = first_identical_row(z)
            first = np.flatnonzero(self.inverse == np.arange(len(z)))
            if self.method_used_ == "rays":
                graph = ray_edges(
                    ball.take(first), n_rays=n_rays, random_state=random_state, n_jobs=n_jobs, verbose=verbose
                )
                self.recall_estimate_ = graph.recall_estimate
                none = np.empty((0, z.shape[1] + 1), dtype=np.int64)
                parts = Complex(graph.edges, none, none)
            elif z.shape[1] == 1:
                parts = _linear_complex(z[first, 0])
            else:
                *arrays, self.n_quadratic_, _ = spatial_complex(z[first], verbose)
                parts = Complex(*arrays)
            parts = _in_rows(parts, first)
        self.edges, self.simplices, self.neighbors = parts
        repeated = np.flatnonzero(self.inverse != np.arange(len(z)))
        self.duplicates = np.column_stack([repeated, self.inverse[repeated]])

    def __repr__(self) -> str:
        n, d = self._ball.z.shape
        recall = "" if self.method_used_ == "exact" else f", about {self.recall_estimate_:.1%} of all"
        return f"<HyperbolicDelaunay of {n} points in dimension {d}: {len(self.edges)} edges{recall}>"

    @property
    def edge_lengths(self) -> NDArray[np.float64]:
        """Hyperbolic lengths of `edges`, shape (E,), at curvature -1."""
        return ball_distance(self._ball.take(self.edges[:, 0]), self._ball.take(self.edges[:, 1]))

    def adjacency(self) -> csr_array:
        """Adjacency matrix of the graph: symmetric, shape (n, n), True where two rows are neighbours.

        Rows that repeat an earlier one have no neighbours; see `inverse`.
        """
        return sparse_graph(len(self.points), np.concatenate([self.edges, self.edges[:, ::-1]]), True)


def first_identical_row(z: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each row the first row equal to it."""
    order = np.lexsort((np.arange(len(z)), *z.T))
    new = np.ones(len(z), dtype=bool)
    new[1:] = (z[order[1:]] != z[order[:-1]]).any(axis=1)
    inverse = np.empty(len(z), dtype=np.int64)
    inverse[order] = order[new][np.cumsum(new) - 1]
    return inverse


def _in_rows(parts: Complex, first: NDArray[np.int64]) -> Complex:
    """The complex of the points in rows `first`, in these rows."""
    edges = np.sort(first[parts.edges], axis=1)
    edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
    return Complex(edges, first[parts.simplices], parts.neighbors)


def _check_exact_range(z: NDArray[np.float64]) -> None:
    """Raise where products of four coordinates would underflow, and with them the exactness of the signs."""
    bad = ((z != 0) & (np.abs(z) < _SMALLEST_COORDINATE)).any(axis=1)
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(
            f"points: row {row} has Poincaré coordinates {tuple(z[row].tolist())}; below {_SMALLEST_COORDINATE:.0e} a "
            "coordinate is too small for exact arithmetic in doubles. Set it to 0, or scale the data up"
        )


def _method(method: str, d: int) -> Literal["exact", "rays"]:
    if method not in ("auto", "exact", "rays"):
        raise ValueError(f"method={method!r} is not 'auto', 'exact' or 'rays'")
    if method == "exact" and d > _HIGHEST_EXACT_DIMENSION:
        raise ValueError(
            f"points: method='exact' goes up to dimension {_HIGHEST_EXACT_DIMENSION}, and these have {d}; use "
            "method='rays', or reduce the dimension (hyperkit.HyperbolicMDS)"
        )
    return "rays" if method == "rays" or d > _HIGHEST_EXACT_DIMENSION else "exact"


def _linear_complex(x: NDArray[np.float64]) -> Complex:
    order = np.argsort(x).astype(np.int64)
    segments = np.column_stack([order[:-1], order[1:]])
    number = np.arange(len(segments))
    # Across from a segment's left end lies the next segment, across from its right end the one before.
    neighbors = np.column_stack([np.where(number + 1 < len(segments), number + 1, -1), number - 1])
    return Complex(segments, segments, neighbors)
