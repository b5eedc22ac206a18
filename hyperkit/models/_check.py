"""Validation of points: the one place where a user's array is looked at with suspicion.

In comes anything array-like in the coordinates of one model; out goes the same array as float64, row for row, or
an error that names the argument, the first offending row, its value, and the way out. Nothing is clipped or dropped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validation import check_number, refuse_hidden
from ._coordinate_model import first_bad, show
from ._registry import Model, coordinate_model


def check_curvature(curvature: float) -> float:
    """Return `curvature` as a float, or raise ValueError unless it is negative and finite."""
    allowed = "a negative number, -1e100 to -1e-100; hyperbolic space has curvature < 0"
    return check_number("curvature", curvature, allowed, lambda k: 1e-100 <= -k <= 1e100)


def curvature_radius(curvature: float) -> float:
    """Length, in the space of this curvature, of what has length 1 at curvature -1: ``1 / sqrt(-curvature)``."""
    return float(1 / np.sqrt(-check_curvature(curvature)))


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
    ValueError: X: row 1 has norm 1.08167; Poincaré points need norm < 1. Coordinates of another model or ...
    """
    coordinates = coordinate_model(model)
    c = -check_curvature(curvature)
    points = _as_float(X, name)
    least = coordinates.n_columns(1)
    if points.ndim == 0 or points.shape[-1] < least:
        raise ValueError(f"{name} has shape {points.shape}; {model} points need at least {least} coordinate(s) a row")
    finite = np.isfinite(points)
    if not finite.all():
        index, where = first_bad(~finite.all(axis=-1), name)
        raise ValueError(
            f"{where} is not finite: {show(points[index])}. NaN or inf are no points; drop or repair the row"
        )
    coordinates.check(points, c, name)
    return points


def check_table(X: Any, *, name: str = "X") -> None:
    """Raise TypeError if `X` would not be read as it is meant; the message says what to give instead."""
    refuse_hidden(name, X)
    if hasattr(X, "obsm"):
        keys = ", ".join(map(repr, X.obsm)) or "none yet"
        raise TypeError(
            f"{name} is an {type(X).__name__} object; give one table of it: adata.obsm[...] (keys: {keys}), or the "
            "dense adata.X where features are wanted"
        )
    if hasattr(X, "collect") and not hasattr(X, "__array__"):
        raise TypeError(f"{name} is a {type(X).__name__}, a query that has not run; give {name}.collect()")
    if hasattr(X, "toarray") and not isinstance(X, np.ndarray):  # anndata gives its arrays such a method
        raise TypeError(f"{name} is a sparse {type(X).__name__}; give {name}.toarray(), if it fits in memory")
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
    check_table(X, name=name)
    try:
        array = np.asarray(X)
        if array.dtype.kind in "biufO":
            with np.errstate(over="ignore"):  # a longdouble beyond float64 becomes inf, which is refused by its row
                return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"{name} is no table of real numbers: {error}") from None
    hint = "give complex points as two real columns" if array.dtype.kind == "c" else "convert it to real numbers first"
    raise TypeError(f"{name} has dtype {array.dtype}; {hint}")
