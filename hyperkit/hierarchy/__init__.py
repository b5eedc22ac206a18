"""Floor 5: rooted hierarchies, from trees of any origin; measured against the truth, with support.

- `Hierarchy` is the rooted tree as arrays; `from_steiner`, `from_newick`, `from_linkage`, `from_networkx` and
  `from_parents` make one. `Placement` is what its `transform` gives.
- `infer` makes one of data; `neighbor_joining` and `linkage` of distances; `SteinerClustering` cuts one.
- `consensus`, `bootstrap` and `stability` say which splits of it hold.
- `compare` measures hierarchies against the truth.
"""

from ._bootstrap import bootstrap
from ._clustering import SteinerClustering
from ._consensus import consensus
from ._graphs import from_networkx
from ._hierarchy import Hierarchy
from ._infer import infer
from ._joining_tree import neighbor_joining
from ._linkage_tree import linkage
from ._parents import from_parents
from ._placing import Placement
from ._reading import from_newick
from ._replicates import Replicates
from ._sources import from_linkage, from_steiner
from ._stability import stability
from .comparison import compare

__all__ = [
    "Hierarchy",
    "Placement",
    "Replicates",
    "SteinerClustering",
    "bootstrap",
    "compare",
    "consensus",
    "from_linkage",
    "from_networkx",
    "from_newick",
    "from_parents",
    "from_steiner",
    "infer",
    "linkage",
    "neighbor_joining",
    "stability",
]
