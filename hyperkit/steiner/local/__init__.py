"""Local search over topologies, and neighbour joining, a second start of it."""

from ._joining import checked_neighbor_joining, neighbor_joining
from ._local import LocalSearch, is_large, local_tree
from ._regions import regions

__all__ = ["LocalSearch", "checked_neighbor_joining", "is_large", "local_tree", "neighbor_joining", "regions"]
