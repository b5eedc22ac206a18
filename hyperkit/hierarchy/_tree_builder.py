"""From points to a rooted hierarchy by a named method: what `infer`, `bootstrap` and `stability` have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone

from .._validation import check_choice, check_flag
from ..embedding import HyperbolicMDS
from ..models import Model
from ..steiner import HyperSteiner
from ._hierarchy import Hierarchy
from ._joining_tree import neighbor_joining
from ._sources import from_steiner

TreeMethod = Literal["steiner", "neighbor_joining"]
TREE_METHODS: tuple[TreeMethod, ...] = ("steiner", "neighbor_joining")


class Embedded(NamedTuple):
    """Points of hyperbolic space, in the units of the data where the embedding knows them."""

    points: NDArray[np.float64]
    model: Model
    curvature: float


def embedded(embed: BaseEstimator, table: Any, seed: int | None = None) -> Embedded:
    """The rows of `table` as an unfitted copy of `embed` places them, with this seed where it takes one.

    A pipeline's points are those of its last step.
    """
    embed = clone(embed)
    if seed is not None:
        seeded = [name for name in embed.get_params() if f"__{name}".endswith("__random_state")]
        embed.set_params(**dict.fromkeys(seeded, seed))
    last = embed
    while hasattr(last, "steps"):
        last = last.steps[-1][1]
    if isinstance(last, HyperbolicMDS):
        # Hyperboloid coordinates stay exact when their space is scaled to the units of the data.
        last.set_params(model="hyperboloid")
        points = np.asarray(embed.fit_transform(table))
        return Embedded(points / np.sqrt(-last.curvature_), "hyperboloid", last.curvature_)
    points = np.asarray(embed.fit_transform(table))
    return Embedded(points, getattr(last, "model", "poincare"), getattr(last, "curvature", -1.0))


@dataclass(frozen=True)
class TreeBuilder:
    """How hierarchies are made of points; it can be sent to another process."""

    method: TreeMethod | Callable[..., Hierarchy]
    """Or a function that is called as neighbor_joining is."""
    leaves: bool
    root: int | str

    def check(self) -> None:
        if not callable(self.method):
            check_choice("tree", self.method, TREE_METHODS)
        check_flag("leaves", self.leaves)

    def __call__(self, where: Embedded, names: NDArray[np.object_]) -> Hierarchy:
        """The rooted hierarchy of points."""
        points, model, curvature = where
        if self.method == "steiner":
            steiner = HyperSteiner(model, curvature=curvature, leaves=self.leaves).fit(points)
            tree = from_steiner(steiner.tree_, names=names.tolist())
        else:
            join = neighbor_joining if self.method == "neighbor_joining" else self.method
            tree = join(points, names=names.tolist(), model=model, curvature=curvature)
        return tree.root_at(self.root)
