"""The hyperbolic Delaunay graph of points of the ball: the door for the floors above, without checks or conversions.

The float64 Poincaré coordinates are taken as exact: identical rows are merged, and the graph is decided by signs
without error. The plane, dimensions 3 to 6 and the search by rays above have a module each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from ..models import BallPoints
from .planar import Complex, PlanarComplex, planar_complex
from .rays import ray_edges
from .spatial import spatial_complex

DELAUNAY_METHODS = ("auto", "exact", "rays")
# The last bit of such a coordinate is 2^-268, and its fourth power the smallest double.
_SMALLEST_COORDINATE = 2.0**-216
# Above this dimension a few hundred points have millions of simplices.
_HIGHEST_EXACT_DIMENSION = 6


@dataclass(frozen=True, eq=False)
class DelaunayGraph:
    """What `HyperbolicDelaunay` documents as its attributes."""

    complex: Complex | PlanarComplex
    """Edges and simplices; in the plane a triangulation, which they are made of when they are asked for."""
    inverse: NDArray[np.int64]
    method: Literal["exact", "rays"]
    recall_estimate: float = 1.0
    n_quadratic: int = 0

    @property
    def edges(self) -> NDArray[np.int64]:
        """Rows i < j, in lexicographic order."""
        return self.complex.edges

    @property
    def duplicates(self) -> NDArray[np.int64]:
        """Pairs (row, first identical row) of the rows that repeat an earlier one."""
        repeated = np.flatnonzero(self.inverse != np.arange(len(self.inverse)))
        return np.column_stack([repeated, self.inverse[repeated]])


def ball_delaunay(
    points: BallPoints,
    *,
    method: str = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> DelaunayGraph:
    """Hyperbolic Delaunay graph of n >= 1 points that `check_exact` lets pass; options of `HyperbolicDelaunay`."""
    used = _method(method, points.d)
    points = points.taken_as_exact()
    z = points.z
    if used == "exact" and points.d == 2:
        plane = planar_complex(points, n_jobs, verbose)
        return DelaunayGraph(plane, plane.first_row, used)
    inverse = first_identical_row(z)
    first = np.flatnonzero(inverse == np.arange(len(z)))
    if used == "rays":
        graph = ray_edges(points.take(first), n_rays=n_rays, random_state=random_state, n_jobs=n_jobs, verbose=verbose)
        none = np.empty((0, points.d + 1), dtype=np.int64)
        parts = _in_rows(Complex(graph.edges, none, none), first)
        return DelaunayGraph(parts, inverse, used, recall_estimate=graph.recall_estimate)
    if points.d == 1:
        return DelaunayGraph(_in_rows(_linear_complex(z[first, 0]), first), inverse, used)
    *arrays, n_quadratic, _ = spatial_complex(z[first], verbose)
    return DelaunayGraph(_in_rows(Complex(*arrays), first), inverse, used, n_quadratic=n_quadratic)


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


def check_exact(points: BallPoints, method: str, name: str) -> None:
    """Raise ValueError if `method` comes to an exact graph that it cannot give of these points.

    For the doors, with what a user calls the array: above dimension 6, or where products of four coordinates would
    underflow, and with them the exactness of the signs.
    """
    if method == "exact" and points.d > _HIGHEST_EXACT_DIMENSION:
        raise ValueError(
            f"{name}: method='exact' goes up to dimension {_HIGHEST_EXACT_DIMENSION}, and these have {points.d}; use "
            "method='rays', or reduce the dimension (hyperkit.HyperbolicMDS)"
        )
    if points.d != 2 or _method(method, points.d) == "rays":
        return
    z = points.z
    small = (z > -_SMALLEST_COORDINATE) & (z < _SMALLEST_COORDINATE)  # without an array of floats
    if small.any() and (bad := small & (z != 0)).any():
        row = int(np.argmax(bad.any(axis=1)))
        raise ValueError(
            f"{name}: row {row} has Poincaré coordinates {tuple(z[row].tolist())}; below {_SMALLEST_COORDINATE:.0e} a "
            "coordinate is too small for exact arithmetic in doubles. Set it to 0, or scale the data up"
        )


def _method(method: str, d: int) -> Literal["exact", "rays"]:
    return "rays" if method == "rays" or (method == "auto" and d > _HIGHEST_EXACT_DIMENSION) else "exact"


def _linear_complex(x: NDArray[np.float64]) -> Complex:
    order = np.argsort(x).astype(np.int64)
    segments = np.column_stack([order[:-1], order[1:]])
    number = np.arange(len(segments))
    # Across from a segment's left end lies the next segment, across from its right end the one before.
    neighbors = np.column_stack([np.where(number + 1 < len(segments), number + 1, -1), number - 1])
    return Complex(segments, segments, neighbors)
