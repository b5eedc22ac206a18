"""Floor 4: short Steiner trees in hyperbolic space, the hierarchy that the data suggest."""

from ._hypersteiner import HyperSteiner
from ._tree import SteinerTree

__all__ = ["HyperSteiner", "SteinerTree"]
