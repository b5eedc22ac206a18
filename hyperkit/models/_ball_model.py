"""What the two ball models share: whose coordinates fill a ball of radius ``1 / sqrt(c)``."""

from __future__ import annotations

import numpy as np

from ._coordinate_model import Float, first_bad, norm_against
from ._gap import ball_gap

# A plain |x|^2 errs by some 1e-16 a coordinate: below this no row is outside, and the costly gap need not be known.
_SURELY_INSIDE = 1 - 1e-9


def check_inside(points: Float, c: float, name: str, title: str) -> None:
    """Raise ValueError if a row is on or outside the rim of the ball."""
    with np.errstate(over="ignore", invalid="ignore"):
        bad = np.asarray(~(np.einsum("...i,...i", points, points) * c < _SURELY_INSIDE))
        if bad.any():
            bad[bad] = ~(ball_gap(points[bad], curvature=-c) > 0)
    if bad.any():
        index, where = first_bad(bad, name)
        limit = 1 / np.sqrt(c)
        bound = f"{limit:.6g}" + ("" if c == 1 else f" = 1/sqrt({c:g})")
        raise ValueError(
            f"{where} has norm {norm_against(points[index], limit)}; {title} points need norm < {bound}. "
            "Coordinates of another model or curvature? pass model=... or curvature=... Raw data? embed it first, with "
            "hyperkit.HyperbolicMDS"
        )
