"""Floor 5: rooted hierarchies, from trees of any origin; measured against the truth, with support.

- `Hierarchy` is the rooted tree as arrays; `from_steiner`, `from_parents` and others make one.
- `compare` measures hierarchies against the truth.
"""

from ._hierarchy import Hierarchy
from ._parents import from_parents
from .comparison import compare

__all__ = ["Hierarchy", "compare", "from_parents"]
