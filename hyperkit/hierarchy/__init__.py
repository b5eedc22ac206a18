"""Floor 5: rooted hierarchies, from trees of any origin; measured against the truth, with support.

- `Hierarchy` is the rooted tree as arrays; `from_steiner`, `from_newick`, `from_linkage`, `from_networkx` and
  `from_parents` make one. `Placement` is what its `transform` gives.
- `compare` measures hierarchies against the truth.
"""

from ._graphs import from_networkx
from ._hierarchy import Hierarchy
from ._parents import from_parents
from ._placing import Placement
from ._reading import from_newick
from ._sources import from_linkage, from_steiner
from .comparison import compare

__all__ = [
    "Hierarchy",
    "Placement",
    "compare",
    "from_linkage",
    "from_networkx",
    "from_newick",
    "from_parents",
    "from_steiner",
]
