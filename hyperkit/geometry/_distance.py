"""Hyperbolic distances between points in the user's own coordinates.

``sinh(d/2)`` is computed from differences of the coordinates as given, model by model, not from converted ones: two
Klein points 1e-12 apart in the middle of the disk have Poincaré coordinates whose rounding alone is 1e-4 of their
distance. What is already inside the package as :class:`~hyperkit.models.BallPoints` uses :mod:`._ball` instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn import get_config
from sklearn.utils import gen_batches

from .._validation import check_paired_columns, check_paired_rows
from ..models import CoordinateModel, Model, check_curvature, check_points, coordinate_model, first_bad

# Between these, squares of differences and products of heights neither underflow nor overflow.
_LOWEST, _FARTHEST = 1e-140, 1e150
_AT_ONCE = 2**15  # numbers in a temporary array


def distance(x: ArrayLike, y: ArrayLike, *, model: Model = "poincare", curvature: float = -1.0) -> NDArray[np.float64]:
    """Hyperbolic distance between points, row by row.

    Parameters
    ----------
    x, y : array-like of shape (..., d)
        Points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first). Leading axes broadcast.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the coordinates live in.

    Returns
    -------
    ndarray of shape (...), float64
        Length of the geodesic from x to y (hyperbolic length, of the curvature given), in [0, inf); relative error
        below 1e-12 while the doubles can tell the points apart. Time O(d) a pair; Klein, hyperboloid and tangent
        coordinates O(d^2).

    Raises
    ------
    TypeError, ValueError
        A row is not finite, not in the model or farther than 170 from the origin: the message names the argument,
        the first such row, its value and the way out. Or the shapes do not fit together, or two data frames name the
        same rows or columns in another order: both go by place.

    Notes
    -----
    ``2 arcsinh(|u - v| / sqrt((1 - |u|^2)(1 - |v|^2)))`` in the ball, and its equivalents in the differences of the
    other models' coordinates; the arccosh form loses half the digits of short distances [1]_.

    References
    ----------
    .. [1] Mishne et al., "The numerical stability of hyperbolic representation learning", ICML 2023.

    Examples
    --------
    >>> round(float(distance([0.0, 0.0], [0.5, 0.0])), 6)
    1.098612
    """
    check_paired_rows({"x": x, "y": y})
    check_paired_columns({"x": x, "y": y})
    a = check_points(x, model, curvature=curvature, name="x")
    b = check_points(y, model, curvature=curvature, name="y")
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"x has {a.shape[-1]} coordinates a row and y has {b.shape[-1]}; they must agree")
    first, second = native_points(a, model, curvature, "x"), native_points(b, model, curvature, "y")
    half = first.coordinates.half_chord(first.x, first.height, second.x, second.height, first.c)
    return np.asarray(2 * np.arcsinh(half) / np.sqrt(first.c))


def pairwise_distances(
    X: ArrayLike, Y: ArrayLike | None = None, *, model: Model = "poincare", curvature: float = -1.0
) -> NDArray[np.float64]:
    """Hyperbolic distances between all rows of `X` and all rows of `Y`.

    The whole matrix is returned: 8 n m bytes, 20 GB for 50,000 x 50,000.
    :func:`pairwise_distances_chunked` gives it block by block.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first).
    Y : array-like of shape (m, d), optional
        By default `X`; the diagonal is then exactly 0 and the matrix symmetric.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0

    Returns
    -------
    ndarray of shape (n, m), float64
        Hyperbolic lengths, of the curvature given, in [0, inf), as accurate as :func:`distance` down to lengths of
        1e-150. Time and memory O(n m); memory of the intermediate blocks is bounded.

    Raises
    ------
    TypeError, ValueError
        As :func:`distance`; also if `X` or `Y` is not two-dimensional.

    Examples
    --------
    >>> pairwise_distances([[0.0, 0.0], [0.5, 0.0]]).round(6)
    array([[0.      , 1.098612],
           [1.098612, 0.      ]])
    """
    return native_distance_matrix(*_two_tables(X, Y, model, curvature))


def pairwise_distances_chunked(
    X: ArrayLike, Y: ArrayLike | None = None, *, model: Model = "poincare", curvature: float = -1.0
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Hyperbolic distances between all rows of `X` and `Y`, a block of rows at a time.

    The whole matrix never sits in memory: blocks keep to scikit-learn's ``working_memory`` (1 GiB unless set by
    ``sklearn.set_config``).

    Parameters
    ----------
    X, Y, model, curvature
        As for :func:`pairwise_distances`.

    Yields
    ------
    rows : slice
        Which rows of `X` the block belongs to.
    distances : ndarray of shape (rows, m), float64
        Hyperbolic lengths, of the curvature given.

    Raises
    ------
    TypeError, ValueError
        As :func:`pairwise_distances`, at the call and not at the first block.

    Examples
    --------
    >>> points = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]
    >>> [float(block.max().round(6)) for rows, block in pairwise_distances_chunked(points)]
    [1.6807]
    """
    return native_distance_blocks(*_two_tables(X, Y, model, curvature))


@dataclass(frozen=True, eq=False)
class NativePoints:
    """A table of points in the user's own coordinates, checked, with their heights: ready to be measured."""

    x: NDArray[np.float64]
    """Shape (n, columns)."""
    height: NDArray[np.float64]
    """Shape (n,)."""
    coordinates: CoordinateModel
    c: float
    """Minus the curvature of the space."""

    def __len__(self) -> int:
        return len(self.height)

    def take(self, index: slice | NDArray[np.int64]) -> NativePoints:
        """The points at `index`."""
        return replace(self, x=self.x[index], height=self.height[index])


def native_points(points: NDArray[np.float64], model: Model, curvature: float, name: str) -> NativePoints:
    """Points that :func:`hyperkit.check_points` has given out, or ValueError if distances from one would overflow."""
    coordinates, c = coordinate_model(model), -check_curvature(curvature)
    height = coordinates.height(points, c)
    bad = height > coordinates.highest
    if bad.any():
        _, where = first_bad(bad, name)
        raise ValueError(f"{where} is farther than 170 from the origin, where its distances overflow")
    return NativePoints(points, height, coordinates, c)


def native_distance_blocks(rows: NativePoints, columns: NativePoints) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """What :func:`pairwise_distances_chunked` gives."""
    if len(rows) == 0:
        return
    block_rows = int(get_config()["working_memory"] * 2**20 // max(8 * len(columns), 1))
    for block in gen_batches(len(rows), max(block_rows, 1)):
        yield block, native_distance_matrix(rows.take(block), columns)


def native_distance_matrix(rows: NativePoints, columns: NativePoints) -> NDArray[np.float64]:
    """What :func:`pairwise_distances` gives."""
    out = np.empty((len(rows), len(columns)))
    if out.size == 0:
        return out
    factor = rows.coordinates.chord_factor if _squares_hold(rows) and _squares_hold(columns) else None
    # A few rows at a time, whose temporaries stay in the cache: all at once took twice as long.
    wide = 1 if factor is not None else columns.x.shape[1]
    at_once = max(_AT_ONCE // (len(columns) * wide), 1)
    for part in gen_batches(len(rows), at_once):
        few, distances = rows.take(part), out[part]
        if factor is None:
            distances[:] = _half_chords(few, columns)
        else:
            cdist(few.x, columns.x, out=distances)
            distances *= factor(rows.c)
            distances /= np.sqrt(few.height[:, None] * columns.height)
        np.arcsinh(distances, out=distances)
        distances /= np.sqrt(rows.c) / 2
    return out


def _half_chords(rows: NativePoints, columns: NativePoints) -> NDArray[np.float64]:
    x, height = rows.x[:, None], rows.height[:, None]
    return rows.coordinates.half_chord(x, height, columns.x[None], columns.height[None], rows.c)


def _squares_hold(points: NativePoints) -> bool:
    """Whether doubles hold the squares and products of coordinates: half-spaces reach from heights 5e-324 to 1e308."""
    return bool(np.all(points.height > _LOWEST) and np.all(np.abs(points.x) < _FARTHEST))


def _two_tables(X: ArrayLike, Y: ArrayLike | None, model: Model, curvature: float) -> tuple[NativePoints, NativePoints]:
    check_paired_columns({"X": X, "Y": Y})
    rows = check_points(X, model, curvature=curvature)
    columns = rows if Y is None else check_points(Y, model, curvature=curvature, name="Y")
    for name, table in (("X", rows), ("Y", columns)):
        if table.ndim != 2:
            raise ValueError(f"{name} has shape {table.shape}; pairwise distances need a table of shape (n, d)")
    if rows.shape[1] != columns.shape[1]:
        raise ValueError(f"X has {rows.shape[1]} coordinates a row and Y has {columns.shape[1]}; they must agree")
    first = native_points(rows, model, curvature, "X")
    return first, first if Y is None else native_points(columns, model, curvature, "Y")
