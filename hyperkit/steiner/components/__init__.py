"""Full components: all that are short, a pool of those seen, and the shortest tree that some of them make."""

from ._components import component_network, shortest_part
from ._concatenation import concatenate, dual_of_relaxation
from ._pool import Pool

__all__ = ["Pool", "component_network", "concatenate", "dual_of_relaxation", "shortest_part"]
