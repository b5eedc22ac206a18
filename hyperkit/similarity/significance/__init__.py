"""What counts would be by chance: moments, permutations at one scale and many, whole groups, and intervals."""

from ._correction import corrected_p_values
from ._expected import expected_similarity
from ._group_test import density_sums, group_test
from ._interval import half_sample_interval, similarity_of_graph
from ._labellings import BLOCK, Labellings, group_labellings, least_p_value, random_labellings, with_rows
from ._nulls import free_null, paired_null
from ._permutation import permutation_p_values
from ._scales import ScaleTest, scale_test, scale_test_of_groups

__all__ = [
    "BLOCK",
    "Labellings",
    "ScaleTest",
    "corrected_p_values",
    "density_sums",
    "expected_similarity",
    "free_null",
    "group_labellings",
    "group_test",
    "half_sample_interval",
    "least_p_value",
    "paired_null",
    "permutation_p_values",
    "random_labellings",
    "scale_test",
    "scale_test_of_groups",
    "similarity_of_graph",
    "with_rows",
]
