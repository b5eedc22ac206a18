"""HyperDGA: the estimator and its functions, of two sets and of many, and what they give back."""

from .._settings import Settings, check_search, check_settings
from ._beside import with_dropped
from ._compared import compare_points
from ._components import ComponentScores
from ._group_rows import pair_of_groups
from ._hyperdga import HyperDGA
from ._labels import check_labels, stacked_index
from ._pairwise import PairwiseDGA, pairwise_hyperdga
from ._profile import MixingProfile, mixing_profile
from ._result import DGAResult
from ._series import mixing_curve
from ._two_sets import compare_sets, hyperdga

__all__ = [
    "ComponentScores",
    "DGAResult",
    "HyperDGA",
    "MixingProfile",
    "PairwiseDGA",
    "Settings",
    "check_labels",
    "check_search",
    "check_settings",
    "compare_points",
    "compare_sets",
    "hyperdga",
    "mixing_curve",
    "mixing_profile",
    "pair_of_groups",
    "pairwise_hyperdga",
    "stacked_index",
    "with_dropped",
]
