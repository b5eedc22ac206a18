"""What the estimators share: a `model` parameter, validation by scikit-learn's rules, and points of the ball.

Between scikit-learn's view of a table (features, names, dtypes) and the geometry's (points of one model).
``model="tangent"`` takes any Euclidean features: if a row is longer than 30 (at curvature -1), one common factor
learned in ``fit`` shrinks all rows so that the longest has 30, with a warning; polar radius 30 is well inside what
float64 can hold (36).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from ._warn import warn_caller
from .models import BallPoints, Model, check_points, check_table, checked_to_ball, length

LONGEST_TANGENT = 30.0
# A row scaled to LONGEST_TANGENT is as long up to rounding: that is no reason to scale it again, and to warn.
ROUNDED = 1e-14


class HyperbolicEstimator(BaseEstimator):
    """Base of the estimators that take points; subclasses have the parameters `model` and `curvature`.

    What is fitted is in the space of ``fit``: to set one of the two later is an error until the next ``fit``.

    Attributes
    ----------
    scale_ : float
        Factor on tangent vectors, 1.0 unless ``model="tangent"`` met a row longer than 30 in ``fit``.
    """

    model: Model
    curvature: float = -1.0
    scale_: float
    _fitted_space: tuple[Model, float]

    def _to_ball(self, X: Any, *, reset: bool) -> BallPoints:
        """Validate `X` and convert it; ``reset=True`` in ``fit`` (learns features and scale), False ever after."""
        return checked_to_ball(self._to_table(X, reset=reset), self.model, curvature=self.curvature)

    def _to_table(self, X: Any, *, reset: bool) -> NDArray[np.float64]:
        """Validate `X` and scale it: points in coordinates of the model, row for row."""
        if not reset and (self.model, self.curvature) != self._fitted_space:
            model, curvature = self._fitted_space
            raise ValueError(
                f"model={self.model!r} and curvature={self.curvature!r} were set after fit, which was in "
                f"model={model!r} with curvature={curvature!r}: fit again, or set them back"
            )
        points = check_points(validated_table(self, X, reset=reset), self.model, curvature=self.curvature)
        if reset:
            self._fitted_space = self.model, self.curvature
            self.scale_ = tangent_scale(points, self.curvature) if self.model == "tangent" else 1.0
        return np.asarray(points * self.scale_)


def validated_table(estimator: BaseEstimator, X: Any, *, reset: bool, sparse: bool = False) -> NDArray[Any]:
    """Table that scikit-learn makes of `X`, real numbers; rows that are not finite are left to those who name them.

    Where `sparse` tables are taken, they come out in compressed rows.
    """
    if not (sparse and issparse(X)):
        check_table(X)
        _refuse_other_than_tables_of_numbers(X)
    kinds = ["csr"] if sparse else False
    try:
        table: NDArray[Any] = validate_data(estimator, X, reset=reset, ensure_all_finite=False, accept_sparse=kinds)
    except OverflowError as error:  # an int beyond float64
        raise TypeError(f"X is no table of real numbers: {error}") from None
    if table.dtype.kind in "mM":
        raise TypeError(f"X has dtype {table.dtype}; convert it to real numbers first")
    return table


def _refuse_other_than_tables_of_numbers(X: Any) -> None:
    """Raise ValueError if `X` is no table or holds complex numbers, TypeError if text, naming the first row."""
    try:
        table = np.asarray(X)
    except (ValueError, TypeError):  # rows of several lengths: scikit-learn has words for that
        return
    if table.ndim != 2:
        # scikit-learn's checks look for "Reshape your data".
        single = ". Reshape your data: X.reshape(1, -1) is one row, X.reshape(-1, 1) one column"
        raise ValueError(
            f"X has shape {table.shape}; give a table of shape (n, d), a row a point{single if table.ndim == 1 else ''}"
        )
    if table.dtype.kind == "c":
        row, column = next(zip(*np.nonzero(table.imag), strict=True), (0, 0))
        raise ValueError(
            f"X: row {row} holds {table[row, column]:.6g} in column {column}. Complex data not supported: give real "
            "and imaginary parts as two columns"
        )
    if table.dtype.kind not in "OUS":
        return
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            if isinstance(value, str | bytes) and not _is_number(value):
                raise TypeError(f"X: row {row} holds {value!r} in column {column}; leave out columns of text")


def _is_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def tangent_scale(table: NDArray[np.float64], curvature: float = -1.0, name: str = "X") -> float:
    """Factor that brings the longest row to 30 / sqrt(-curvature) if any is longer, with a UserWarning; else 1."""
    lengths = length(table)
    row = int(np.argmax(lengths))
    longest = float(LONGEST_TANGENT / np.sqrt(-curvature))
    if lengths[row] <= longest * (1 + ROUNDED):
        return 1.0
    scale = float(longest / lengths[row])
    warn_caller(
        f"{name}: row {row} has length {lengths[row]:.6g}, beyond polar radius {longest:g}: all rows are "
        f"multiplied by scale_={scale:.6g} so that the longest has {longest:g}. Scale the features to choose "
        "another size",
    )
    return scale
