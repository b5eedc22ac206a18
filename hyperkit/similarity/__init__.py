"""How alike two point sets are in hyperbolic space: HyperDGA and the classical distances between sets."""

from __future__ import annotations

from ._hyperdga import DGAResult, HyperDGA, hyperdga
from ._set_distances import assignment_cost, chamfer, hausdorff, wasserstein

__all__ = ["DGAResult", "HyperDGA", "assignment_cost", "chamfer", "hausdorff", "hyperdga", "wasserstein"]
