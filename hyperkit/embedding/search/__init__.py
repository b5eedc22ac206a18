"""The search for a placement whose distances follow given ones."""

from ._descent import Descent
from ._place import place_all
from ._placement import FAR, Placement
from ._search import Search, search
from ._target import Target

__all__ = ["FAR", "Descent", "Placement", "Search", "Target", "place_all", "search"]
