"""Full components: all that are short, a pool of those seen, and the shortest tree that some of them make."""

from ._components import component_network
from ._pool import Pool

__all__ = ["Pool", "component_network"]
