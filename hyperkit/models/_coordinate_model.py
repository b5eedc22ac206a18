"""What a model of hyperbolic space has to say for itself: one `CoordinateModel` a file, listed in `_registry`.

Arrays are float64, points along the last axis, leading axes broadcast; `c` is minus the curvature of the space.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._ball_points import BallPoints
from ._gap import length

Float = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CoordinateModel:
    """Coordinates of hyperbolic space, and what the package does with them.

    All but `to_ball` and `half_chord` are given the points as the user has them; these two also their heights.
    """

    name: str
    """What `model=` calls it."""
    extra_columns: int
    """Columns beyond the dimension."""
    check: Callable[[Float, float, str], None]
    """Raise ValueError for the first row that is no point: (points, c, name of the argument)."""
    height: Callable[[Float, float], Float]
    """What fixes a point's place together with its coordinates, and is known best near the rim: (points, c)."""
    to_ball: Callable[[Float, Float, float], BallPoints]
    """Poincaré coordinates and gaps at curvature -1: (points, heights, c)."""
    from_ball: Callable[[BallPoints, float], Float]
    """The inverse: (points of the ball, c)."""
    half_chord: Callable[[Float, Float, Float, Float, float], Float]
    """sinh(d / 2) at curvature -1, from differences of coordinates: (x, heights of x, y, heights of y, c)."""
    to_chart: Callable[[Float, BallPoints, float], Float]
    """Velocities of the coordinates from tangent vectors in the orthonormal frame: (vectors, their points, c)."""
    from_chart: Callable[[Float, BallPoints, float], Float]
    """The inverse."""
    farthest: float = 36.0
    """Polar radius, at curvature -1, where float64 coordinates end, or the Poincaré coordinates made of them."""
    highest: float = np.inf
    """Above this height distances overflow."""
    chord_factor: Callable[[float], float] | None = None
    """If set, the half chord is that factor times ``|x - y| / sqrt(product of the heights)``: (c)."""
    rim_gap: Callable[[BallPoints], Float] | None = None
    """If coordinates end at a rim: ``1 - c |x|^2`` of the coordinates of points of the ball."""

    def n_columns(self, d: int) -> int:
        """Columns of a table of points in dimension d."""
        return d + self.extra_columns


def first_bad(bad: NDArray[np.bool_] | np.bool_, name: str) -> tuple[tuple[int, ...], str]:
    """Index of the first true entry of `bad`, and words for it: ``X: row 17``."""
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    if not index:
        return index, f"{name}: the point"
    return index, f"{name}: row {index[0] if len(index) == 1 else index}"


def show(row: Float) -> str:
    """The first coordinates of a row, for a message."""
    shown = ", ".join(f"{value:.6g}" for value in row[:4])
    return f"({shown}{', ...' if row.size > 4 else ''})"


def norm_against(row: Float, limit: float) -> str:
    """Norm of `row` with as many digits as it takes to tell it from `limit`."""
    norm = float(length(row))
    return f"{norm:.6g}" if abs(norm - limit) > 1e-5 * limit else f"{norm:.17g}"
