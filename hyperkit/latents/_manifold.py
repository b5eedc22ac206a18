"""What a geoopt manifold says: the coordinates of latent rows, their curvature, and which columns they are.

In comes a manifold of geoopt, or a number; out comes a `Space`. geoopt's conventions: ``PoincareBall(c)`` has curvature
-c, ``Lorentz(k)`` has -1/k, ``Scaled`` has the coordinates of its base and lengths of its own, and a point of a product
is a row with the points of all factors side by side.
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from .._validation import check_count
from ..models import Model, check_curvature
from ._extras import import_extra, type_name

if TYPE_CHECKING:
    from geoopt import Lorentz, ProductManifold, Scaled, Stereographic

    Manifold: TypeAlias = Stereographic | Lorentz | Scaled | ProductManifold | float


class Space(NamedTuple):
    """Where latent rows live."""

    model: Model
    curvature: float
    """Of the coordinates."""
    scale: float = 1.0
    """Length on the manifold of what has length 1 in these coordinates: what ``geoopt.Scaled`` asks for."""
    factor: int | None = None
    columns: slice = slice(None)
    """Those of the factor."""
    n_columns: int | None = None
    """Of the whole row of a product; None if any number will do."""

    @property
    def unit(self) -> float:
        """Length on the manifold of what has length 1 at curvature -1."""
        return float(self.scale / np.sqrt(-self.curvature))


def space_of(manifold: Manifold, factor: int | None = None) -> Space:
    """Read a geoopt manifold, or the curvature of a ball; of a product, one factor."""
    if isinstance(manifold, Real) and not isinstance(manifold, bool):
        _refuse_factor(factor, f"the curvature {manifold}")
        return Space("poincare", check_curvature(float(manifold)))
    base, scale = _unscaled(manifold)
    if isinstance(base, import_extra("geoopt").ProductManifold):
        return _of_factor(base, scale, factor)
    _refuse_factor(factor, f"a {type_name(base)}")
    return Space(*_model_and_curvature(base), scale)


def _unscaled(manifold: Any) -> tuple[Any, float]:
    """The manifold whose coordinates these are, and by how much its lengths are scaled."""
    scaled, scale = import_extra("geoopt").Scaled, 1.0
    while isinstance(manifold, scaled):
        manifold, scale = manifold.base, scale * manifold.scale.item()
    if not 0 < scale < np.inf:
        raise ValueError(f"manifold is scaled by {scale:g}; lengths need a scale > 0")
    return manifold, scale


def _refuse_factor(factor: int | None, what: str) -> None:
    if factor is not None:
        raise ValueError(
            f"factor={factor!r} must be a whole number of at least 0 for a product, and left out of {what}"
        )


def _of_factor(product: Any, scale: float, factor: int | None) -> Space:
    """The factor of a product that is asked for, or the only one."""
    if factor is None and len(product.manifolds) > 1:
        raise ValueError(f"manifold is a product; choose by factor=... what to look at: {_listed(product)}")
    number = 0 if factor is None else check_count("factor", factor, 0, len(product.manifolds) - 1)
    base, own = _unscaled(product.manifolds[number])
    if not _is_hyperbolic(base):
        raise ValueError(
            f"factor {number} of manifold is {_title(base)}, where no distance is hyperbolic; its factors: "
            f"{_listed(product)}"
        )
    shape, columns = product.shapes[number], product.slices[number]
    if len(shape) > 1:
        raise ValueError(
            f"factor {number} of manifold has shape {tuple(shape)}, more than one point a row; take columns "
            f"{columns.start} to {columns.stop - 1} alone, reshaped to (-1, {shape[-1]}), with its own manifold"
        )
    return Space(*_model_and_curvature(base), scale * own, number, columns, product.n_elements)


def _listed(product: Any) -> str:
    factors = (_unscaled(manifold)[0] for manifold in product.manifolds)
    return ", ".join(
        f"{i} is {_title(factor)}{'' if _is_hyperbolic(factor) else ' (not hyperbolic)'}"
        for i, factor in enumerate(factors)
    )


def _title(manifold: Any) -> str:
    """A manifold by its type, and by its curvature where that alone tells what it is."""
    is_any = isinstance(manifold, import_extra("geoopt").Stereographic)
    return type(manifold).__name__ + (f" of curvature {manifold.k.item():g}" if is_any else "")


def _is_hyperbolic(manifold: Any) -> bool:
    """Whether it is of a hyperbolic kind; a ball that lost its c says so when it is read."""
    geoopt = import_extra("geoopt")
    if isinstance(manifold, geoopt.Stereographic) and not isinstance(manifold, geoopt.PoincareBall):
        return bool(manifold.k.item() < 0)
    return isinstance(manifold, geoopt.Lorentz | geoopt.PoincareBall)


def _model_and_curvature(manifold: Any) -> tuple[Model, float]:
    geoopt = import_extra("geoopt")
    if isinstance(manifold, geoopt.Lorentz):
        return "hyperboloid", check_curvature(-1.0 / manifold.k.item())
    if isinstance(manifold, geoopt.Stereographic):
        curvature = manifold.k.item()
        if isinstance(manifold, geoopt.PoincareBall) and not -np.inf < curvature < 0:
            raise ValueError(
                f"manifold: this {type(manifold).__name__} has c={-curvature:g} and curvature {curvature:g}, perhaps "
                f"not what you gave it: geoopt stores c as log(exp(c) - 1), here in {manifold.k.dtype}. Give it a "
                "float64 c, such as torch.tensor(100.0, dtype=torch.float64) (up to 700), and encode with that"
            )
        if not curvature < 0:
            raise ValueError(f"manifold={manifold} has curvature {curvature:g}; hyperbolic space has curvature < 0")
        return "poincare", check_curvature(curvature)
    raise TypeError(
        "manifold must be a geoopt.PoincareBall, geoopt.Lorentz or geoopt.Stereographic, one of these in a "
        f"geoopt.Scaled or geoopt.ProductManifold, or a curvature < 0; got {type_name(manifold)}"
    )
