"""Floor 1: the coordinate models of hyperbolic space, conversion between them, and validation.

A model is a file (`_poincare`, `_klein`, `_hyperboloid`, `_halfspace`, `_tangent`) and a line of `_registry`.
"""

from ._ball_points import BallPoints, polar_radius
from ._check import check_curvature, check_points, check_table, curvature_radius
from ._convert import checked_to_ball, convert, from_ball, require_inside, to_ball
from ._coordinate_model import CoordinateModel, first_bad
from ._gap import ball_gap, length
from ._hyperboloid import sheet_time
from ._registry import MODELS, Model, coordinate_model
from ._tangent import ball_to_tangent, tangent_to_ball

__all__ = [
    "MODELS",
    "BallPoints",
    "CoordinateModel",
    "Model",
    "ball_gap",
    "ball_to_tangent",
    "check_curvature",
    "check_points",
    "check_table",
    "checked_to_ball",
    "convert",
    "coordinate_model",
    "curvature_radius",
    "from_ball",
    "first_bad",
    "length",
    "polar_radius",
    "require_inside",
    "sheet_time",
    "tangent_to_ball",
    "to_ball",
]
