"""Principal axes of tangent vectors, with signs that the data decide and no solver."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def principal_axes(vectors: Float) -> Float:
    """Axes in columns, shape (d, d), the longest first, each towards the longer tail of the vectors along it."""
    axes = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1]
    return np.asarray(axes * np.where(((vectors @ axes) ** 3).sum(axis=0) < 0, -1, 1))
