"""The models that there are. A further one is a file of its own, and a line here."""

from __future__ import annotations

from typing import Literal

from ._coordinate_model import CoordinateModel
from ._halfspace import HALFSPACE
from ._hyperboloid import HYPERBOLOID
from ._klein import KLEIN
from ._poincare import POINCARE
from ._tangent import TANGENT

Model = Literal["poincare", "klein", "hyperboloid", "halfspace", "tangent"]
MODELS = {model.name: model for model in (POINCARE, KLEIN, HYPERBOLOID, HALFSPACE, TANGENT)}


def coordinate_model(name: str, argument: str = "model") -> CoordinateModel:
    """The model of that name; for another name a ValueError that lists them, and says which argument it was."""
    if name not in MODELS:
        known = ", ".join(map(repr, MODELS))
        raise ValueError(f"{argument}={name!r} is not a model of hyperbolic space; choose one of {known}")
    return MODELS[name]
