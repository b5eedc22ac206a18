"""Sets as they come, brought to the ball together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..._base import tangent_scale
from ...delaunay import check_exact
from ...models import BallPoints, Model, checked_to_ball
from ..distances import check_two_sets
from ..graph import Float


def two_balls(A: ArrayLike, B: ArrayLike, model: Model, curvature: float) -> tuple[BallPoints, BallPoints]:
    """Both sets, validated under their own names; tangent vectors that are too long shrink both."""
    a, b = scaled(list(check_two_sets(A, B, model, curvature)), model, curvature, "A and B stacked")
    return (
        checked_to_ball(a, model, curvature=curvature, name="A"),
        checked_to_ball(b, model, curvature=curvature, name="B"),
    )


def scaled(tables: list[Float], model: Model, curvature: float, name: str = "all sets stacked") -> list[Float]:
    """The sets; tangent vectors that are too long shrink all of them."""
    if model != "tangent":
        return tables
    scale = tangent_scale(np.concatenate(tables), curvature, name)
    return [table * scale for table in tables]


def to_balls(
    names: Sequence[str], tables: Sequence[Float], model: Model, curvature: float, method: str
) -> list[BallPoints]:
    """Points of checked sets, as the graph takes them."""
    sets = [
        checked_to_ball(table, model, curvature=curvature, name=name).taken_as_exact()
        for name, table in zip(names, tables, strict=True)
    ]
    for name, points in zip(names, sets, strict=True):
        check_exact(points, method, name)
    return sets
