"""What counts would be by chance: moments, permutations, expectation, and intervals by halves."""

from ._expected import expected_similarity
from ._interval import half_sample_interval
from ._labellings import Labellings, random_labellings
from ._nulls import free_null, paired_null
from ._permutation import permutation_p_values

__all__ = [
    "Labellings",
    "expected_similarity",
    "free_null",
    "half_sample_interval",
    "paired_null",
    "permutation_p_values",
    "random_labellings",
]
