"""From points to a rooted hierarchy by a named method: what `infer`, `bootstrap` and `stability` have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone

from .._validation import check_choice, check_flag, check_order
from .._warn import warn_caller
from ..embedding import HyperbolicMDS
from ..models import Model
from ..steiner import HyperSteiner
from ._editing import CRITERIA
from ._hierarchy import Hierarchy
from ._joining_tree import neighbor_joining
from ._naming import Labels, named_nodes, one_of, row_types
from ._sources import from_steiner

TreeMethod = Literal["steiner", "neighbor_joining"]
TREE_METHODS: tuple[TreeMethod, ...] = ("steiner", "neighbor_joining")

_LEAST = 4  # rows or groups of which a split can say something


class Embedded(NamedTuple):
    """Points of hyperbolic space, in the units of the data where the embedding knows them."""

    points: NDArray[np.float64]
    model: Model
    curvature: float
    columns: tuple[str, ...] | None = None
    """Names of the coordinates, where they have any."""


def check_embed(embed: Any) -> None:
    """Raise TypeError unless `embed` is an estimator that can be copied, and gives points."""
    is_estimator = hasattr(embed, "get_params") and hasattr(embed, "fit_transform") and not isinstance(embed, type)
    if not is_estimator:
        raise TypeError(f"embed={embed!r} must be an estimator, such as HyperbolicMDS(5, weight_power=2)")


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
    groups: ArrayLike | None = None
    """Labels of the rows: the hierarchy, and a root that is no criterion, are of these."""

    def check(self) -> None:
        if not callable(self.method):
            check_choice("tree", self.method, TREE_METHODS)
        check_flag("leaves", self.leaves)

    def check_root(self, names: NDArray[np.object_]) -> None:
        """Raise an error, before anything is embedded, unless `root` is a criterion or one row, or one group."""
        known = self.names(names)
        if not isinstance(self.root, str) or self.root not in CRITERIA:
            what = "row" if self.groups is None else "group"
            one_of("root", named_nodes("root", self.root, Labels(known), np.arange(len(known)), what))

    def check_groups(self, names: NDArray[np.object_]) -> None:
        """Warn, before anything is embedded, if there are too few groups for a split that could have support."""
        n_groups = len(self.names(names))
        if self.groups is not None and n_groups < _LEAST:
            warn_caller(
                f"groups has {n_groups} different labels: no split parts two from two, which takes {_LEAST}, and so "
                "none has support",
                UserWarning,
            )

    def names(self, names: NDArray[np.object_]) -> NDArray[np.object_]:
        """Names of the rows of the hierarchy: those of the rows of the table, or of the groups."""
        if self.groups is None:
            return names
        check_order("groups", self.groups, "names", pd.Index(names))
        return row_types(self.groups, len(names), "groups")[1]

    def given(self, hierarchy: Hierarchy, names: NDArray[np.object_]) -> Hierarchy:
        """A hierarchy that need not be made, or an error unless its rows are those that would be made."""
        what = "rows of the data" if self.groups is None else "groups"
        _check_rows(
            hierarchy, self.names(names), "hierarchy", "hierarchy: its", f"its rows must be the {what}, in order"
        )
        return hierarchy

    def __call__(self, where: Embedded, names: NDArray[np.object_]) -> Hierarchy:
        """The rooted hierarchy of points."""
        points, model, curvature, columns = where
        if self.method == "steiner":
            steiner = HyperSteiner(model, curvature=curvature, leaves=self.leaves).fit(points)
            tree = from_steiner(replace(steiner.tree_, columns=columns), names=names.tolist())
        else:
            join = neighbor_joining if self.method == "neighbor_joining" else self.method
            tree = join(points, names=names.tolist(), model=model, curvature=curvature)
        way_out = "row k must be the k-th of the points, with the k-th of names=, as neighbor_joining has it"
        _check_rows(tree, names, "what tree gave", "tree gave a hierarchy whose", way_out)
        if self.groups is None:
            return tree.root_at(self.root)
        if self.root in CRITERIA:  # of the rows, of which there are more
            return tree.root_at(self.root).condense(self.groups)
        return tree.root_at("min_variance").condense(self.groups).root_at(self.root)


def _check_rows(tree: object, names: NDArray[np.object_], what: str, whose: str, way_out: str) -> None:
    """Raise an error unless row k of the tree has the k-th of the names."""
    if not isinstance(tree, Hierarchy):
        raise TypeError(f"{what} is a {type(tree).__name__} and no Hierarchy, as neighbor_joining gives it")
    if not np.array_equal(tree.rows, np.arange(len(names))):
        raise ValueError(f"{whose} {tree.n_rows} rows are not 0 to {len(names) - 1}; {way_out}")
    found = tree.names[tree.node_of_rows]
    if (found != names).any():
        k = int(np.argmax(found != names))
        raise ValueError(f"{whose} row {k} is {found[k]!r} and not {names[k]!r}; {way_out}")
