"""The search for a placement whose distances follow given ones.

- `_target`: what a placement should reproduce, and its stress.
- `_placement`: points on their way.
- `_descent`: down to a local minimum, with jumps of single points.
- `_place`: objects placed one by one by landmarks.
- `_sweeps`: stochastic gradient descent on pairs; `_starts`: placements out of nothing, by these or by Hydra.
- `_trees`: placements by the tree that the dissimilarities suggest.
- `_sample`: random objects that stand for all.
- `_shaking`: out of local minima, by turned branches and objects placed anew.
- `_few`: the best placement of few objects, from many starts.
- `_search`: few objects, then more, then all.
- `_refinement`: many objects, cell by cell.
"""

from ._descent import Descent, Watcher, lower
from ._few import Search
from ._place import A_FEW_STEPS, best_landmark, chosen, costs_at, parted, place_all, place_rows_from, place_rows_near
from ._placement import RIM, Placement
from ._refinement import refine_cell
from ._search import search
from ._target import Target

__all__ = [
    "A_FEW_STEPS",
    "RIM",
    "Descent",
    "Placement",
    "Search",
    "Target",
    "Watcher",
    "best_landmark",
    "chosen",
    "costs_at",
    "lower",
    "parted",
    "place_all",
    "place_rows_from",
    "place_rows_near",
    "refine_cell",
    "search",
]
