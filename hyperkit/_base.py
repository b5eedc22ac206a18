"""What the estimators share: a `model` parameter, validation by scikit-learn's rules, and points of the ball.

Between scikit-learn's view of a table (features, names, dtypes) and the geometry's (points of one model).
``model="tangent"`` takes any Euclidean features: if a row is longer than 30, one common factor learned in ``fit``
shrinks all rows so that the longest has 30, with a warning; polar radius 30 is well inside what float64 can hold (36).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from .models import BallPoints, Model, check_points, check_table, length, to_ball

LONGEST_TANGENT = 30.0
# A row scaled to LONGEST_TANGENT is as long up to rounding: that is no reason to scale it again, and to warn.
ROUNDED = 1e-14


class HyperbolicEstimator(BaseEstimator):
    """Base of the estimators that take points; subclasses have a parameter `model`.

    Attributes
    ----------
    scale_ : float
        Factor on tangent vectors, 1.0 unless ``model="tangent"`` met a row longer than 30 in ``fit``.
    """

    model: Model
    scale_: float

    def _to_ball(self, X: Any, *, reset: bool) -> BallPoints:
        """Validate `X` and convert it; ``reset=True`` in ``fit`` (learns features and scale), False ever after."""
        return to_ball(self._to_table(X, reset=reset), self.model)

    def _to_table(self, X: Any, *, reset: bool) -> NDArray[np.float64]:
        """Validate `X` and scale it: points in coordinates of the model, row for row."""
        check_table(X)
        # Rows that are not finite are left to check_points, which names them.
        table = validate_data(self, X, reset=reset, ensure_all_finite=False)
        points = check_points(table, self.model)
        if reset:
            self.scale_ = tangent_scale(points) if self.model == "tangent" else 1.0
        return np.asarray(points * self.scale_)


def tangent_scale(table: NDArray[np.float64], name: str = "X") -> float:
    """Factor that brings the longest row to 30 if any row is longer, with a UserWarning; else 1."""
    lengths = length(table)
    row = int(np.argmax(lengths))
    if lengths[row] <= LONGEST_TANGENT * (1 + ROUNDED):
        return 1.0
    scale = float(LONGEST_TANGENT / lengths[row])
    warnings.warn(
        f"{name}: row {row} has length {lengths[row]:.6g}, beyond polar radius {LONGEST_TANGENT:g}: all rows are "
        f"multiplied by scale_={scale:.6g} so that the longest has {LONGEST_TANGENT:g}. Scale the features to choose "
        "another size",
        UserWarning,
        stacklevel=3,
    )
    return scale
