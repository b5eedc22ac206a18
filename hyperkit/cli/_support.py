"""What ``tree --support`` does: the same tree, of resampled features or of jittered points, again and again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

from ..hierarchy import Hierarchy, bootstrap, from_steiner, stability
from ..steiner import HyperSteiner
from ._embedded import embed_rows
from ._report import on_terminal
from ._rooted import Rooted, group_of_rows
from ._tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RowPlaces(BaseEstimator):
    """Places of rows as the command has them for its own tree: lengths of the one are lengths of the other."""

    def __init__(
        self,
        given_curvature: float | None = None,
        *,
        metric: str = "geodesic",
        n_neighbors: int | None = None,
        n_components: int = 2,
        weight_power: int = 0,
        max_iter: int = 5000,
        tol: float = 2e-3,
        random_state: int = 0,
    ) -> None:
        self.given_curvature = given_curvature
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.weight_power = weight_power
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    @property
    def curvature(self) -> float:
        """Of the space that the points are laid out in."""
        return -1.0 if self.given_curvature is None else self.given_curvature

    def fit_transform(self, X: Any, y: Any = None) -> NDArray[np.float64]:
        """Points of the Poincaré ball for rows of features."""
        options = {name: value for name, value in self.get_params().items() if name != "given_curvature"}
        return embed_rows(Table("X", X, None), self.given_curvature, verbose=False, **options).table.points


def with_replicates(
    rooted: Rooted, table: Table, places: dict[str, Any], search: dict[str, Any], options: dict[str, Any]
) -> Rooted:
    """The tree with the support of its splits, from the features in `table`, or their stability, if it has points.

    `places` are the parameters of `RowPlaces` for features; `scale` of the jitter, model and curvature for points.
    Trees are looked for by `search`.
    """

    def found(X: Any, *, names: Any, model: Any, curvature: float) -> Hierarchy:
        return from_steiner(HyperSteiner(model, curvature=curvature, **search).fit(X).tree_, names=names)

    options = options | {
        "tree": found,
        "hierarchy": rooted.shown,
        "groups": None if table.groups is None else group_of_rows(table),
        "names": table.vertex_names(),
        "root": rooted.root.for_rows,
        "verbose": on_terminal(),
    }
    is_stability = "scale" in places
    if is_stability:
        result = stability(table.points, **places, **options)
    else:
        result = bootstrap(table.points, embed=RowPlaces(**places), **options)
    return replace(rooted, shown=result.hierarchy, replicates=result, is_stability=is_stability)
