"""What counts would be by chance: moments, permutations, whole groups, expectation, and intervals by halves."""

from ._correction import corrected_p_values
from ._expected import expected_similarity
from ._group_test import group_test, labelling_blocks
from ._interval import half_sample_interval
from ._nulls import free_null, paired_null
from ._permutation import permutation_p_values

__all__ = [
    "corrected_p_values",
    "expected_similarity",
    "free_null",
    "group_test",
    "half_sample_interval",
    "labelling_blocks",
    "paired_null",
    "permutation_p_values",
]
