"""Local search over topologies, and neighbour joining, a second start of it."""

from ._joining import neighbor_joining
from ._local import LocalSearch, is_large, local_tree
from ._regions import regions

__all__ = ["LocalSearch", "is_large", "local_tree", "neighbor_joining", "regions"]
