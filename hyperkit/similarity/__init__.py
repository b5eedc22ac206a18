"""How alike two point sets are in hyperbolic space: HyperDGA and the classical distances between sets."""

from __future__ import annotations

from ._alignment import Alignment, align
from ._components import ComponentScores
from ._distribution_distances import energy_distance, mmd
from ._hyperdga import HyperDGA, compare_sets, hyperdga
from ._pairwise import PairwiseDGA, mixing_curve, pairwise_hyperdga
from ._relative import RelativeRepresentation
from ._result import DGAResult
from ._set_distances import assignment_cost, chamfer, hausdorff, wasserstein

__all__ = [
    "Alignment",
    "ComponentScores",
    "DGAResult",
    "HyperDGA",
    "PairwiseDGA",
    "RelativeRepresentation",
    "align",
    "assignment_cost",
    "chamfer",
    "compare_sets",
    "energy_distance",
    "hausdorff",
    "hyperdga",
    "mixing_curve",
    "mmd",
    "pairwise_hyperdga",
    "wasserstein",
]
