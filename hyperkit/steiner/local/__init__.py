"""Local search over topologies, and neighbour joining, from which it starts near the rim."""

from ._joining import neighbor_joining
from ._local import LocalSearch, local_tree

__all__ = ["LocalSearch", "local_tree", "neighbor_joining"]
