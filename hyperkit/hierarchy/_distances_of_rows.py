"""What is to be joined: the distances of a user's rows, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._memory import physical_memory
from .._validation import check_choice, check_names
from ..embedding import checked_distances
from ..geometry import ball_distance_matrix
from ..models import Model, check_points, check_table, checked_to_ball, curvature_radius

RowMetric = Literal["hyperbolic", "precomputed"]


def distances_of_rows(
    X: ArrayLike, metric: RowMetric, model: Model, curvature: float, n_matrices: int
) -> NDArray[np.float64]:
    """Matrix of distances of the rows of `X`, (n, n), symmetric, the caller's own.

    Raises
    ------
    ValueError
        `n_matrices` of its size, which are what the caller takes in all, do not fit into memory.
    """
    check_choice("metric", metric, ("hyperbolic", "precomputed"))
    if metric == "precomputed":
        check_table(X)
        matrix = np.asarray(X)
        if matrix.dtype.kind not in "biuf" or matrix.ndim != 2:
            raise TypeError(f"X has shape {matrix.shape} and dtype {matrix.dtype}; give a table of distances")
        if matrix.size == 0:
            raise ValueError(f"X has shape {matrix.shape}; give a table of at least one row")
        _check_memory(len(matrix), n_matrices)
        return checked_distances(matrix.astype(np.float64, copy=False), "X")
    table = check_points(X, model, curvature=curvature)
    if table.ndim != 2 or len(table) == 0:
        raise ValueError(f"X has shape {table.shape}; give a table of at least one row")
    _check_memory(len(table), n_matrices)
    points = checked_to_ball(table, model, curvature=curvature)
    matrix = ball_distance_matrix(points, points)
    matrix *= curvature_radius(curvature)
    return matrix


def names_of_rows(X: Any, names: Sequence[Any] | None, n: int) -> NDArray[np.object_]:
    """Names of the rows: those given, else the labels of a frame, else their numbers."""
    labels = X if names is None and hasattr(X, "columns") else names
    return np.array(check_names("names", labels, n, "rows"), dtype=object)


def _check_memory(n: int, n_matrices: int) -> None:
    need, have = 8 * n_matrices * n**2, physical_memory()
    if need > have:
        raise ValueError(
            f"X has {n} rows: {n_matrices} float64 matrices of their distances take {need / 2**30:.1f} GiB, and this "
            f"machine has {have / 2**30:.1f} GiB; at most {int((have / 8 / n_matrices) ** 0.5)} rows fit. HyperSteiner "
            "needs no distances of all pairs"
        )
