"""Validation of points: the one place where a user's array is looked at with suspicion.

In comes anything array-like in the coordinates of one model; out goes the same array as float64, row for row, or
an error that names the argument, the first offending row, its value, and the way out. Nothing is clipped or dropped.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._gap import ball_gap, length

Model = Literal["poincare", "klein", "hyperboloid", "halfspace", "tangent"]

# How far a given x0 may lie off the sheet, relative: float32 rows are off by 1e-7, mistakes by much more.
_SHEET_TOLERANCE = 1e-6

# A plain |x|^2 errs by some 1e-16 a coordinate: below this no row is outside, and the costly gap need not be known.
_SURELY_INSIDE = 1 - 1e-9


def check_model(model: str, name: str = "model") -> None:
    """Raise ValueError unless `model` names one of the five coordinate models."""
    if model not in get_args(Model):
        known = ", ".join(repr(m) for m in get_args(Model))
        raise ValueError(f"{name}={model!r} is not a model of hyperbolic space; choose one of {known}")


def check_curvature(curvature: float) -> float:
    """Return `curvature` as a float, or raise ValueError unless it is negative and finite."""
    if not isinstance(curvature, Real) or not 1e-100 <= -float(curvature) <= 1e100:
        raise ValueError(
            f"curvature={curvature!r} must be a negative number, -1e100 to -1e-100; hyperbolic space has curvature < 0"
        )
    return float(curvature)


def place(bad: NDArray[np.bool_] | np.bool_, name: str) -> tuple[tuple[int, ...], str]:
    """Index of the first true entry of `bad`, and words for it: ``X: row 17``."""
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    if not index:
        return index, f"{name}: the point"
    return index, f"{name}: row {index[0] if len(index) == 1 else index}"


def check_points(X: ArrayLike, model: Model, *, curvature: float = -1.0, name: str = "X") -> NDArray[np.float64]:
    """Validate points of hyperbolic space and return them as a float64 array.

    Parameters
    ----------
    X : array-like of shape (..., d)
        Points in `model` coordinates (``"hyperboloid"``: (..., d + 1), time first). Any real dtype.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
    curvature : float < 0
        Curvature of the space the coordinates live in.
    name : str
        What error messages call the array.

    Returns
    -------
    ndarray of shape (..., d) or (..., d + 1), float64
        `X` itself if it is already a float64 array, otherwise a converted copy; rows and values are those of `X`.

    Raises
    ------
    TypeError
        `X` does not hold real numbers: it is an AnnData object, say, or a data frame with a column of text.
    ValueError
        A row is not finite or not in the model: the message names the first such row, its value and the way out.

    Examples
    --------
    >>> check_points([[0.0, 0.5], [0.9, 0.6]], "poincare")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: X: row 1 has norm 1.08167; Poincaré points need norm < 1. Coordinates of another model? ...
    """
    check_model(model)
    points = _as_float(X, name)
    least = 2 if model == "hyperboloid" else 1
    if points.ndim == 0 or points.shape[-1] < least:
        raise ValueError(f"{name} has shape {points.shape}; {model} points need at least {least} coordinate(s) a row")
    bad = ~np.isfinite(points).all(axis=-1)
    if bad.any():
        index, where = place(bad, name)
        raise ValueError(
            f"{where} is not finite: {_show(points[index])}. NaN or inf are no points; drop or repair the row"
        )
    _CHECKS[model](points, check_curvature(curvature), name)
    return points


def check_table(X: Any, name: str = "X") -> None:
    """Raise TypeError if `X` is a known container that is no table of numbers; the message says what to take of it."""
    if hasattr(X, "obsm"):
        keys = ", ".join(map(repr, X.obsm)) or "none yet"
        raise TypeError(
            f"{name} is an {type(X).__name__} object; give one table of it: adata.obsm[...] (keys: {keys}), or the "
            "dense adata.X where features are wanted"
        )
    if hasattr(X, "collect") and not hasattr(X, "__array__"):
        raise TypeError(f"{name} is a {type(X).__name__}, a query that has not run; give {name}.collect()")
    if hasattr(X, "columns"):
        _refuse_text(X, name)


def _refuse_text(frame: Any, name: str) -> None:
    """Raise TypeError if a column holds text. It shows in the array, which frames of every library turn into."""
    table = np.asarray(frame)
    if table.ndim != 2 or table.dtype.kind not in "OU":
        return
    for column, values in zip(frame.columns, table.T, strict=True):
        for row, value in enumerate(values):
            if isinstance(value, str):
                rest = f"columns={column!r}" if hasattr(frame, "iloc") else repr(column)  # pandas, or any other
                raise TypeError(
                    f"{name}: column {column!r} holds text ({str(value)!r} in row {row}); "
                    f"leave it out: {name}.drop({rest})"
                )


def _as_float(X: ArrayLike, name: str) -> NDArray[np.float64]:
    check_table(X, name)
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; drop or fill the masked rows, hidden values are no points")
    try:
        array = np.asarray(X)
        if array.dtype.kind in "biufO":
            with np.errstate(over="ignore"):  # a longdouble beyond float64 becomes inf, which is refused by its row
                return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"{name} is no table of real numbers: {error}") from None
    hint = "give complex points as two real columns" if array.dtype.kind == "c" else "convert it to real numbers first"
    raise TypeError(f"{name} has dtype {array.dtype}; {hint}")


def _show(row: NDArray[np.float64]) -> str:
    shown = ", ".join(f"{value:.6g}" for value in row[:4])
    return f"({shown}{', ...' if row.size > 4 else ''})"


def _norm(row: NDArray[np.float64], limit: float) -> str:
    """Norm of `row` with as many digits as it takes to tell it from `limit`."""
    norm = float(length(row))
    return f"{norm:.6g}" if abs(norm - limit) > 1e-5 * limit else f"{norm:.17g}"


def _check_ball(points: NDArray[np.float64], curvature: float, name: str, title: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        bad = np.asarray(~(np.einsum("...i,...i", points, points) * -curvature < _SURELY_INSIDE))
        bad[bad] = ~(ball_gap(points[bad], curvature) > 0)
    if bad.any():
        index, where = place(bad, name)
        limit = 1 / np.sqrt(-curvature)
        bound = f"{limit:.6g}" + ("" if curvature == -1 else f" = 1/sqrt({-curvature:g})")
        raise ValueError(
            f"{where} has norm {_norm(points[index], limit)}; {title} points need norm < {bound}. "
            "Coordinates of another model? pass model=... Raw data? embed it first, with hyperkit.HyperbolicMDS"
        )


def _check_poincare(points: NDArray[np.float64], curvature: float, name: str) -> None:
    _check_ball(points, curvature, name, "Poincaré")


def _check_klein(points: NDArray[np.float64], curvature: float, name: str) -> None:
    _check_ball(points, curvature, name, "Klein")


def sheet_time(spatial: NDArray[np.float64], curvature: float) -> NDArray[np.float64]:
    """Time coordinate of the hyperboloid's upper sheet over spatial coordinates of shape (..., d)."""
    return np.hypot(1 / np.sqrt(-curvature), length(spatial))


def _check_hyperboloid(points: NDArray[np.float64], curvature: float, name: str) -> None:
    time = points[..., 0]
    expected = sheet_time(points[..., 1:], curvature)
    bad = ~(np.abs(time - expected) <= _SHEET_TOLERANCE * expected)
    if bad.any():
        index, where = place(bad, name)
        raise ValueError(
            f"{where} is {_show(points[index])}, but the sheet -x0^2 + |x|^2 = {1 / curvature:g} has "
            f"x0 = {expected[index]:.6g} over this x; the time coordinate comes first and is positive"
        )


def _check_halfspace(points: NDArray[np.float64], curvature: float, name: str) -> None:
    bad = ~(points[..., -1] > 0)
    if bad.any():
        index, where = place(bad, name)
        raise ValueError(f"{where} has height {points[index][-1]:.6g}; half-space points need a last coordinate > 0")


def _check_tangent(points: NDArray[np.float64], curvature: float, name: str) -> None:
    """Every finite vector is a tangent vector."""


_CHECKS = {
    "poincare": _check_poincare,
    "klein": _check_klein,
    "hyperboloid": _check_hyperboloid,
    "halfspace": _check_halfspace,
    "tangent": _check_tangent,
}
