"""Two sets as they come, brought to the ball together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..._base import tangent_scale
from ...models import BallPoints, Model, checked_to_ball
from ..distances import check_two_sets


def two_balls(A: ArrayLike, B: ArrayLike, model: Model, curvature: float) -> tuple[BallPoints, BallPoints]:
    """Both sets, validated under their own names; tangent vectors that are too long shrink both."""
    a, b = check_two_sets(A, B, model, curvature)
    if model == "tangent":
        scale = tangent_scale(np.concatenate([a, b]), curvature, name="A and B stacked")
        a, b = a * scale, b * scale
    return (
        checked_to_ball(a, model, curvature=curvature, name="A"),
        checked_to_ball(b, model, curvature=curvature, name="B"),
    )
