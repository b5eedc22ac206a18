"""Full components: all that are short, a pool of those seen, and the shortest tree that some of them make."""

from ._components import component_network, compose
from ._concatenation import concatenate, dual_of_relaxation
from ._pool import Pool

__all__ = ["Pool", "component_network", "compose", "concatenate", "dual_of_relaxation"]
