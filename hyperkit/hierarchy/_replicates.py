"""`Replicates`: a hierarchy, and how many others, of data changed a little, have each of its splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._jobs import run_until_stopped
from .._repr import KeyFigures
from .._warn import warn_caller
from ._consensus import majority, with_support
from ._hierarchy import Hierarchy
from ._split_keys import splits


@dataclass(frozen=True, eq=False, repr=False)
class Replicates(KeyFigures):
    """A hierarchy with the support that replicates give its splits; made by `bootstrap` and `stability`.

    Attributes
    ----------
    hierarchy : Hierarchy
        The given one, or that of the data as they are; `support` is the share of the replicates that have a split,
        wherever they are rooted. NaN where an edge parts fewer than two rows from the others.
    consensus : Hierarchy
        Majority consensus of the replicates: see `hyperkit.hierarchy.consensus`. Rooted by ``"min_variance"``, at the
        curvature of `hierarchy`.
    replicates : tuple of Hierarchy
        As many as were asked for, or as were done when Ctrl-C came.
    """

    hierarchy: Hierarchy
    consensus: Hierarchy
    replicates: tuple[Hierarchy, ...]

    def _key_figures(self) -> dict[str, object]:
        known = _known(self.hierarchy)
        return {
            "n_replicates": len(self.replicates),
            "n_rows": self.hierarchy.n_rows,
            "n_splits": len(known),
            "mean_support": float(known.mean()) if len(known) else None,
            "n_consensus_splits": len(_known(self.consensus)),
        }


def replicated(whole: Hierarchy, tasks: Sequence[Any], n_jobs: int | None, verbose: bool) -> Replicates:
    """Run the tasks, and count the splits of their trees."""
    trees = run_until_stopped(tasks, n_jobs, verbose, "replicates")
    if len(trees) < len(tasks):
        warn_caller(f"Ctrl-C: the result is that of {len(trees)} replicates of {len(tasks)}")
    names = whole.names[whole.node_of_rows]
    found = [splits(one, one.row, len(names)) for one in trees]
    agreed = majority(trees, [one.row for one in trees], names).root_at("min_variance")
    return Replicates(
        hierarchy=with_support(whole, whole.row, found, len(names)),
        consensus=replace(agreed, curvature=whole.curvature),
        replicates=tuple(trees),
    )


def _known(tree: Hierarchy) -> NDArray[np.float64]:
    """Support of the splits, each once: the two edges of a root make the same."""
    support = np.empty(0) if tree.support is None else tree.support[splits(tree, tree.row, tree.n_rows).node]
    return support[~np.isnan(support)]
