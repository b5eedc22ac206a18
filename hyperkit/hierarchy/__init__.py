"""Floor 5: rooted hierarchies, from trees of any origin; measured against the truth, with support.

- `Hierarchy` is the rooted tree as arrays; `from_steiner`, `from_parents` and others make one.
"""

from ._hierarchy import Hierarchy
from ._consensus import consensus
from ._joining_tree import neighbor_joining
from ._linkage_tree import linkage
from ._parents import from_parents

__all__ = ["Hierarchy", "consensus", "from_parents", "linkage", "neighbor_joining"]
