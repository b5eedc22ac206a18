"""Floor 1: the coordinate models of hyperbolic space, conversion between them, and validation."""

from ._check import Model, check_curvature, check_points, check_table, place, sheet_time
from ._convert import (
    BallPoints,
    ball_to_tangent,
    convert,
    from_ball,
    native_height,
    polar_radius,
    require_inside,
    tangent_to_ball,
    to_ball,
)
from ._gap import ball_gap, difference_of_products, length

__all__ = [
    "BallPoints",
    "Model",
    "ball_gap",
    "ball_to_tangent",
    "check_curvature",
    "check_points",
    "check_table",
    "convert",
    "difference_of_products",
    "from_ball",
    "length",
    "native_height",
    "place",
    "polar_radius",
    "require_inside",
    "sheet_time",
    "tangent_to_ball",
    "to_ball",
]
