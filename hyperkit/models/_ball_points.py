"""`BallPoints`: how points travel inside the package, validated once and converted once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._gap import ball_gap


@dataclass(frozen=True, eq=False, slots=True)
class BallPoints:
    """Points of the unit ball, at curvature -1: Poincaré coordinates with their gap.

    Near the rim `z` alone has lost what `gap` still knows (at polar radius 30 a rounded `z` gives it to three digits),
    so lengths use both; questions of combinatorics use `z` alone, taken as exact.
    """

    z: NDArray[np.float64]
    """Poincaré coordinates, shape (..., d)."""
    gap: NDArray[np.float64]
    """``1 - |z|^2`` to full relative precision, shape (...)."""
    is_exact: bool = field(default=False, kw_only=True)
    """Whether `gap` is that of the float64 `z`, and not that of coordinates which `z` has rounded."""

    def __len__(self) -> int:
        return len(self.gap)

    @property
    def n(self) -> int:
        """Number of points."""
        return self.gap.size

    @property
    def d(self) -> int:
        """Dimension of the space."""
        return self.z.shape[-1]

    def take(self, index: Any) -> BallPoints:
        """Points at `index`, any numpy index of the leading axes."""
        are_rows = isinstance(index, np.ndarray) and index.dtype.kind == "i"
        # numpy's `take` moves rows in an eighth of the time that its indexing takes.
        z = self.z.take(index, axis=0) if are_rows else self.z[index]
        return BallPoints(z, self.gap[index], is_exact=self.is_exact)

    def joined(self, *others: BallPoints) -> BallPoints:
        """These points and then the others, along the first axis."""
        parts = (self, *others)
        return BallPoints(
            np.concatenate([part.z for part in parts]),
            np.concatenate([part.gap for part in parts]),
            is_exact=all(part.is_exact for part in parts),
        )

    def replaced(self, index: Any, others: BallPoints) -> BallPoints:
        """The points, with the others in place of those at `index`."""
        z, gap = self.z.copy(), self.gap.copy()
        z[index], gap[index] = others.z, others.gap
        return BallPoints(z, gap, is_exact=self.is_exact and others.is_exact)

    def taken_as_exact(self) -> BallPoints:
        """The points that the float64 `z` are: what combinatorics sees."""
        return self if self.is_exact else BallPoints(self.z, ball_gap(self.z), is_exact=True)


def polar_radius(points: BallPoints) -> NDArray[np.float64]:
    """Hyperbolic distance from the origin, shape (...)."""
    radius: NDArray[np.float64] = np.arcsinh(2 * np.linalg.norm(points.z, axis=-1) / points.gap)
    return radius
