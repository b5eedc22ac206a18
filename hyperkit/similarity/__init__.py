"""How alike two point sets are in hyperbolic space: HyperDGA and the classical distances between sets."""

from __future__ import annotations

from ._hyperdga import DGAResult, HyperDGA, compare_sets, hyperdga
from ._set_distances import assignment_cost, chamfer, hausdorff, wasserstein

__all__ = [
    "DGAResult",
    "HyperDGA",
    "assignment_cost",
    "chamfer",
    "compare_sets",
    "hausdorff",
    "hyperdga",
    "wasserstein",
]
