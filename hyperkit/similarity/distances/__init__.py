"""Distances between sets of points, and between their distributions."""

from ._distribution_distances import energy_distance, mmd
from ._set_distances import assignment_cost, chamfer, check_sets, check_two_sets, hausdorff, wasserstein

__all__ = [
    "assignment_cost",
    "chamfer",
    "check_sets",
    "check_two_sets",
    "energy_distance",
    "hausdorff",
    "mmd",
    "wasserstein",
]
