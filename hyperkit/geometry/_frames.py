"""Tangent vectors in two frames: the orthonormal one that the package computes in, and the chart of the user's model.

Orthonormal components are those in the frame that parallel transport along the ray carries from the origin. Chart
components are velocities of the coordinates: what geoopt and geomstats take and give. How each model turns one into the
other stands with the model.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..models import BallPoints, Model, check_curvature, coordinate_model

Frame = Literal["orthonormal", "chart"]
FRAMES = ("orthonormal", "chart")
Float = NDArray[np.float64]


def to_chart(v: Float, base: BallPoints, model: Model, curvature: float) -> Float:
    """Chart components of vectors at `base` with the orthonormal components `v`; leading axes broadcast."""
    return coordinate_model(model).to_chart(v, base, -check_curvature(curvature))


def from_chart(v: Float, base: BallPoints, model: Model, curvature: float) -> Float:
    """Orthonormal components of vectors at `base` with the chart components `v`; inverse of :func:`to_chart`.

    Raises
    ------
    ValueError
        A vector of the hyperboloid is not tangent to it.
    """
    return coordinate_model(model).from_chart(v, base, -check_curvature(curvature))
