"""Hyperbolic distances between points in the user's own coordinates.

``sinh(d/2)`` is computed from differences of the coordinates as given, model by model, not from converted ones: two
Klein points 1e-12 apart in the middle of the disk have Poincaré coordinates whose rounding alone is 1e-4 of their
distance. What is already inside the package as :class:`~hyperkit.models.BallPoints` uses :mod:`._ball` instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn import get_config
from sklearn.utils import gen_batches

from ..models import (
    Model,
    ball_gap,
    check_curvature,
    check_points,
    difference_of_products,
    length,
    native_height,
    place,
)

# Products of four hyperbolic sines stay in double range.
_FARTHEST = 170.0


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
        the first such row, its value and the way out. Or the shapes do not fit together.

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
    a = check_points(x, model, curvature=curvature, name="x")
    b = check_points(y, model, curvature=curvature, name="y")
    if a.shape[-1] != b.shape[-1]:
        raise ValueError(f"x has {a.shape[-1]} coordinates a row and y has {b.shape[-1]}; they must agree")
    c = -check_curvature(curvature)
    half = _HALF_CHORD[model](a, _height(a, model, c, "x"), b, _height(b, model, c, "y"), c)
    return np.asarray(2 * np.arcsinh(half) / np.sqrt(c))


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
    rows, columns = _two_tables(X, Y, model, curvature)
    out = np.empty((len(rows), len(columns)))
    for block, distances in _blocks(rows, columns, model, curvature):
        out[block] = distances
    return out


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
    rows, columns = _two_tables(X, Y, model, curvature)
    return _blocks(rows, columns, model, curvature)


def _two_tables(
    X: ArrayLike, Y: ArrayLike | None, model: Model, curvature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = check_points(X, model, curvature=curvature)
    columns = rows if Y is None else check_points(Y, model, curvature=curvature, name="Y")
    for name, table in (("X", rows), ("Y", columns)):
        if table.ndim != 2:
            raise ValueError(f"{name} has shape {table.shape}; pairwise distances need a table of shape (n, d)")
    if rows.shape[1] != columns.shape[1]:
        raise ValueError(f"X has {rows.shape[1]} coordinates a row and Y has {columns.shape[1]}; they must agree")
    return rows, columns


def _blocks(
    rows: NDArray[np.float64], columns: NDArray[np.float64], model: Model, curvature: float
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    c = -check_curvature(curvature)
    row_height = _height(rows, model, c, "X")
    column_height = _height(columns, model, c, "Y")
    if len(rows) == 0:
        return
    by_difference = model in ("poincare", "halfspace")
    # The other models' formulas hold about four (rows, m, d) arrays and twenty (rows, m) arrays at once.
    row_bytes = len(columns) * 8 * (3 if by_difference else 4 * columns.shape[1] + 20)
    block_rows = int(get_config()["working_memory"] * 2**20 // max(row_bytes, 1))
    for block in gen_batches(len(rows), max(block_rows, 1)):
        if by_difference:
            scale = np.sqrt(row_height[block, None] * column_height[None, :]) * (1 if model == "poincare" else 2)
            half = cdist(rows[block], columns) * (np.sqrt(c) if model == "poincare" else 1.0) / scale
        else:
            half = _HALF_CHORD[model](rows[block, None], row_height[block, None], columns[None], column_height[None], c)
        yield block, 2 * np.arcsinh(half) / np.sqrt(c)


def _height(x: NDArray[np.float64], model: Model, c: float, name: str) -> NDArray[np.float64]:
    """What a point has beside its coordinates in the formulas below: gap, Klein height, time, height, polar radius."""
    if model == "poincare":
        return ball_gap(x, curvature=-c)
    if model == "halfspace":
        return x[..., -1]
    height = length(x) * np.sqrt(c) if model == "tangent" else native_height(x, model, curvature=-c)
    bad = height > (_FARTHEST if model == "tangent" else np.cosh(_FARTHEST))
    if bad.any():
        _, where = place(bad, name)
        raise ValueError(f"{where} is farther than {_FARTHEST:g} from the origin, where its distances overflow")
    return height


# Each gives sinh(d/2) at curvature -1 from coordinates x, y and heights h, k; c is minus the curvature of x and y.
_Array = NDArray[np.float64]


def _half_chord_poincare(x: _Array, h: _Array, y: _Array, k: _Array, c: float) -> _Array:
    return length(x - y) * np.sqrt(c) / np.sqrt(h * k)


def _half_chord_halfspace(x: _Array, h: _Array, y: _Array, k: _Array, c: float) -> _Array:
    return length(x - y) / (2 * np.sqrt(h) * np.sqrt(k))


def _half_chord_klein(x: _Array, h: _Array, y: _Array, k: _Array, c: float) -> _Array:
    climb, angular = _polar_parts(x, y, c)
    # Near the rim |x| - |y| is better known from the heights: h^2 = 1 - |x|^2.
    known = h * h + k * k < length(x - y) * np.sqrt(c)
    both = (length(x) + length(y)) * np.sqrt(c)
    climb = np.where(known, (k - h) * (k + h) / np.where(known, both, 1.0), climb)
    whole = climb / (h * k)  # sinh of the difference of polar radii
    return np.hypot(whole / np.sqrt(2 + 2 * np.hypot(1, whole)), angular / np.sqrt(h * k))


def _half_chord_hyperboloid(x: _Array, h: _Array, y: _Array, k: _Array, c: float) -> _Array:
    x, y = x[..., 1:], y[..., 1:]
    climb, angular = _polar_parts(x, y, c)
    return np.hypot(climb / np.sqrt(2 + 2 * (h * k + c * length(x) * length(y))), angular)


def _half_chord_tangent(x: _Array, h: _Array, y: _Array, k: _Array, c: float) -> _Array:
    climb, angular = _polar_parts(x, y, c)
    return np.hypot(np.sinh(climb / 2), angular * np.sqrt(_sinhc(h) * _sinhc(k)))


def _polar_parts(x: _Array, y: _Array, c: float) -> tuple[_Array, _Array]:
    """|x| - |y| and sqrt(|x| |y|) sin(theta / 2) for vectors at an angle theta, without cancellation, times sqrt(c).

    In polar coordinates ``sinh^2(d/2) = sinh^2((r - s)/2) + sinh(r) sinh(s) sin^2(theta/2)``, a sum of positive terms.
    Far out the second factor is multiplied by e^r, so for small angles it comes from the minors of (x, y), each the
    difference of two products with their rounding errors: without these, points of one ray at polar radius 27 were
    wrong by a factor of 90.
    """
    # A power of two changes no digit and keeps the products of tiny coordinates from underflow.
    largest = np.maximum(np.abs(x).max(axis=-1), np.abs(y).max(axis=-1))
    unit = np.ldexp(1.0, np.frexp(largest)[1])
    u, v = x / unit[..., None], y / unit[..., None]
    norm_u, norm_v = np.linalg.norm(u, axis=-1), np.linalg.norm(v, axis=-1)
    both = norm_u + norm_v
    climb = np.divide(((u - v) * (u + v)).sum(axis=-1), both, out=np.zeros_like(both), where=both > 0)
    dot = (u * v).sum(axis=-1)
    minors = np.zeros_like(both)
    for i in range(x.shape[-1]):
        for j in range(i):
            minors += difference_of_products(u[..., i], v[..., j], u[..., j], v[..., i]) ** 2
    acute = norm_u * norm_v + dot
    small = np.divide(minors, acute, out=np.zeros_like(both), where=acute > 0)
    squared = np.where(dot < 0, norm_u * norm_v - dot, small)
    unit = unit * np.sqrt(c)  # only now: rounding it into x and y would move points 1e-12 apart
    return unit * climb, unit * np.sqrt(squared / 2)


def _sinhc(r: _Array) -> _Array:
    """sinh(r) / r, 1 at 0."""
    return np.divide(np.sinh(r), r, out=np.ones_like(r), where=r > 0)


_HALF_CHORD = {
    "poincare": _half_chord_poincare,
    "klein": _half_chord_klein,
    "hyperboloid": _half_chord_hyperboloid,
    "halfspace": _half_chord_halfspace,
    "tangent": _half_chord_tangent,
}
