"""Floor 1: exact signs behind a floating-point filter.

Combinatorial questions are answered without error on the given doubles: a float computation with a proven error bound
decides almost all of them, and exact arithmetic the rest.
"""

from ._circumcircle import exact_circumcircle_test, rim_sides
from ._unit import exact_sum, unit_exponent

__all__ = ["exact_circumcircle_test", "exact_sum", "rim_sides", "unit_exponent"]
