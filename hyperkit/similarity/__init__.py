"""How alike two point sets are in hyperbolic space: HyperDGA and the classical distances between sets."""

from __future__ import annotations

from ._components import ComponentScores
from ._hyperdga import HyperDGA, compare_sets, hyperdga
from ._pairwise import PairwiseDGA, mixing_curve, pairwise_hyperdga
from ._result import DGAResult
from ._set_distances import assignment_cost, chamfer, hausdorff, wasserstein

__all__ = [
    "ComponentScores",
    "DGAResult",
    "HyperDGA",
    "PairwiseDGA",
    "assignment_cost",
    "chamfer",
    "compare_sets",
    "hausdorff",
    "hyperdga",
    "mixing_curve",
    "pairwise_hyperdga",
    "wasserstein",
]
