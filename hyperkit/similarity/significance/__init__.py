"""What counts would be by chance: moments, permutations at one scale and at many, expectation, and intervals."""

from ._expected import expected_similarity
from ._interval import half_sample_interval, similarity_of_graph
from ._nulls import free_null, paired_null
from ._permutation import permutation_p_values
from ._scales import scale_test

__all__ = [
    "expected_similarity",
    "free_null",
    "half_sample_interval",
    "paired_null",
    "permutation_p_values",
    "scale_test",
    "similarity_of_graph",
]
