"""`HyperbolicDelaunay`: who is whose neighbour in hyperbolic space.

In come points in any model; they are converted to Poincaré coordinates, and from there on the float64 coordinates are
taken as exact: identical rows are merged, and the graph is decided by signs without error. Out come edges between
rows of the input. The plane has its own module; above it the Euclidean Delaunay graph serves, which contains the
hyperbolic one.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import Delaunay, QhullError

from ..geometry import ball_distance
from ..models import Model, to_ball
from ._planar import Complex, planar_complex

# All pairs of more points than this take over 3 GB.
_MOST_ALL_PAIRS = 20_000
# The last bit of such a coordinate is 2^-268, and its fourth power the smallest double.
_SMALLEST_COORDINATE = 2.0**-216
# Above this dimension nearly all pairs of a few hundred points are neighbours, and Qhull takes minutes to say so.
_HIGHEST_QHULL_DIMENSION = 6


class HyperbolicDelaunay:
    """Hyperbolic Delaunay graph: the pairs of points whose Voronoi cells in hyperbolic space share a wall.

    Two points are neighbours iff some hyperbolic ball has both on its boundary and no point inside. The graph is
    connected, contains the minimum spanning tree, and no isometry changes it.

    Parameters
    ----------
    points : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        The points, as given.
    edges : ndarray of shape (E, 2), int64
        Rows of `points`, i < j, in lexicographic order. Of identical rows only the first has edges.
    simplices : ndarray of shape (T, d + 1), int64
        d = 2: the triangles whose circumcircle lies inside the disk, counterclockwise in the Poincaré disk. d = 1: the
        edges. d >= 3: the Euclidean Delaunay simplices of the Poincaré points (none where all pairs serve).
    neighbors : ndarray of shape (T, d + 1), int64
        The simplex across from each vertex of a simplex; -1 if there is none.
    inverse : ndarray of shape (n,), int64
        For each row the first row with the same Poincaré coordinates; itself, if it is the first.
    duplicates : ndarray of shape (k, 2), int64
        Pairs (row, first identical row) of the rows that repeat an earlier one.
    exact : bool
        True for d <= 2: `edges` are the hyperbolic Delaunay edges, every sign decided without error on the float64
        Poincaré coordinates. False for d >= 3: `edges` are a superset that contains the minimum spanning tree.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or `points` is not a table with at least one row; or, in the plane, a
        Poincaré coordinate is not 0 but below 1e-65, where exact signs underflow.

    Notes
    -----
    The complex is the part of the Euclidean Delaunay triangulation of the Poincaré points with an empty circumscribing
    ball inside the unit ball [1]_. Of cocircular points one triangulation is given: a regular 8-gon has its 8 sides
    and 5 diagonals. Plane: O(n log n) time, O(n) memory. Up to dimension 6: Qhull, O(n^ceil(d/2)). Above, or
    where Qhull refuses (points in a subspace): all pairs.

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

    def __init__(self, points: ArrayLike, model: Model = "poincare") -> None:
        self._ball = to_ball(points, model, name="points")
        self.points = np.array(points, dtype=np.float64)
        self.model = model
        z = self._ball.z
        if z.ndim != 2 or len(z) == 0:
            raise ValueError(f"points has shape {self.points.shape}; give a table of shape (n, d) with n >= 1")
        if z.shape[1] == 2:
            _check_exact_range(z)
        self.inverse = _first_identical_row(z)
        is_first = self.inverse == np.arange(len(z))
        first, repeated = np.flatnonzero(is_first), np.flatnonzero(~is_first)
        self.duplicates = np.column_stack([repeated, self.inverse[repeated]])
        self.exact = z.shape[1] <= 2 or len(first) <= 2
        edges, simplices, self.neighbors = _complex(z[first])
        self.simplices = first[simplices]
        edges = np.sort(first[edges], axis=1)
        self.edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]

    @property
    def edge_lengths(self) -> NDArray[np.float64]:
        """Hyperbolic lengths of `edges`, shape (E,), at curvature -1."""
        return ball_distance(self._ball.take(self.edges[:, 0]), self._ball.take(self.edges[:, 1]))

    def adjacency(self) -> csr_array:
        """Adjacency matrix of the graph: symmetric, shape (n, n), True where two rows are neighbours.

        Rows that repeat an earlier one have no neighbours; see `inverse`.
        """
        i, j = self.edges.T
        n = len(self.points)
        ones = np.ones(2 * len(self.edges), dtype=bool)
        return coo_array((ones, (np.concatenate([i, j]), np.concatenate([j, i]))), shape=(n, n)).tocsr()


def _first_identical_row(z: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each row the first row equal to it."""
    order = np.lexsort((np.arange(len(z)), *z.T))
    new = np.ones(len(z), dtype=bool)
    new[1:] = (z[order[1:]] != z[order[:-1]]).any(axis=1)
    inverse = np.empty(len(z), dtype=np.int64)
    inverse[order] = order[new][np.cumsum(new) - 1]
    return inverse


def _check_exact_range(z: NDArray[np.float64]) -> None:
    """Raise where products of four coordinates would underflow, and with them the exactness of the signs."""
    bad = ((z != 0) & (np.abs(z) < _SMALLEST_COORDINATE)).any(axis=1)
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(
            f"points: row {row} has Poincaré coordinates {tuple(z[row].tolist())}; below {_SMALLEST_COORDINATE:.0e} a "
            "coordinate is too small for exact arithmetic in doubles. Set it to 0, or scale the data up"
        )


def _complex(z: NDArray[np.float64]) -> Complex:
    """Delaunay complex of distinct points, or for d >= 3 what stands in for it."""
    n, d = z.shape
    if d == 1:
        return _linear_complex(z[:, 0])
    if d == 2:
        return planar_complex(z)
    if n > d + 1 and d <= _HIGHEST_QHULL_DIMENSION:
        try:
            triangulation = Delaunay(z)
        except QhullError:  # the points lie in a subspace
            return _all_pairs(n, d)
        if len(triangulation.coplanar) == 0:  # else Qhull has left points out
            simplices = triangulation.simplices.astype(np.int64)
            pairs = [simplices[:, list(pair)] for pair in itertools.combinations(range(d + 1), 2)]
            edges = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
            return Complex(edges, simplices, triangulation.neighbors.astype(np.int64))
    return _all_pairs(n, d)


def _linear_complex(x: NDArray[np.float64]) -> Complex:
    order = np.argsort(x).astype(np.int64)
    segments = np.column_stack([order[:-1], order[1:]])
    number = np.arange(len(segments))
    # Across from a segment's left end lies the next segment, across from its right end the one before.
    neighbors = np.column_stack([np.where(number + 1 < len(segments), number + 1, -1), number - 1])
    return Complex(segments, segments, neighbors)


def _all_pairs(n: int, d: int) -> Complex:
    if n > _MOST_ALL_PAIRS:
        raise ValueError(
            f"points: {n} points in dimension {d} would need all {n * (n - 1) // 2} pairs as edges; at most "
            f"{_MOST_ALL_PAIRS} points are taken. Sample rows, or reduce the dimension to 2 (hyperkit.HyperbolicMDS)"
        )
    none = np.empty((0, d + 1), dtype=np.int64)
    return Complex(np.column_stack(np.triu_indices(n, 1)).astype(np.int64), none, none)
