"""Floor 4: short Steiner trees in hyperbolic space, the hierarchy that the data suggest.

The rooms, from the ground up; a room knows those before it only.

- `kernels`: what all methods share: Fermat points, full trees, Newton's method.
- `greedy`: the published algorithm. `local`: local search, and neighbour joining. `exact`: enumeration.
- `components`: full components, and trees made of them. `prices`: what no component is cheaper than proves a tree.
- `_network`, `_given`, `_tree`, `_tree_distance`, `_lower_bound`: trees as edges over points, and questions to them.
- `_leaves`: points with long pendant edges, and trees whose terminals are all tips.
- `_thorough`, `_proof`: many local searches; what can be proven. `_interrupt`: Ctrl-C in kernels.
- `_registry`, `_methods`: which methods there are, and who does what. `_identical`: rows that are not distinct.
- `_hypersteiner`: the estimator.
"""

from typing import TYPE_CHECKING

import lazy_loader

from ._registry import METHODS, Method

if TYPE_CHECKING:
    from ._hypersteiner import HyperSteiner
    from ._proof import enumerates
    from ._tree import SteinerTree
    from ._tree_distance import ball_nearest_on_tree
    from .local import is_large

# On first use: the command line lists the methods before anything heavy is loaded.
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_hypersteiner": ["HyperSteiner"],
        "_proof": ["enumerates"],
        "_tree": ["SteinerTree"],
        "_tree_distance": ["ball_nearest_on_tree"],
        "local": ["is_large"],
    },
)

__all__ = [
    "METHODS",
    "HyperSteiner",
    "Method",
    "SteinerTree",
    "ball_nearest_on_tree",
    "enumerates",
    "is_large",
]
