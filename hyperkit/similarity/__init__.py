"""How alike two point sets are in hyperbolic space: HyperDGA and the classical distances between sets."""

from __future__ import annotations

from .alignment import Alignment, RelativeRepresentation, align
from .distances import assignment_cost, chamfer, energy_distance, hausdorff, mmd, wasserstein
from .scores import (
    ComponentScores,
    DGAResult,
    HyperDGA,
    MixingProfile,
    PairwiseDGA,
    compare_sets,
    hyperdga,
    mixing_curve,
    mixing_profile,
    pairwise_hyperdga,
)

__all__ = [
    "Alignment",
    "ComponentScores",
    "DGAResult",
    "HyperDGA",
    "MixingProfile",
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
    "mixing_profile",
    "mmd",
    "pairwise_hyperdga",
    "wasserstein",
]
