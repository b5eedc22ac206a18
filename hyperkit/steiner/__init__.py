"""Floor 4: short Steiner trees in hyperbolic space, the hierarchy that the data suggest.

The rooms, from the ground up; a room knows those before it only.

- `kernels`: what all methods share: Fermat points, full trees, Newton's method.
- `greedy`: the published algorithm. `local`: local search, and neighbour joining. `exact`: enumeration.
- `components`: full components, and trees made of them.
- `_network`, `_given`, `_tree`, `_tree_distance`, `_lower_bound`: trees as edges over points, and what is asked of them.
- `_thorough`, `_proof`: many local searches; what can be proven. `_methods`: who does what.
- `_hypersteiner`: the estimator.
"""

from ._hypersteiner import HyperSteiner
from ._methods import METHODS, Method
from ._tree import SteinerTree

__all__ = ["METHODS", "HyperSteiner", "Method", "SteinerTree"]
