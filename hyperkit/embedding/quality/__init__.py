"""How good an embedding is, of whatever making: measures against a reference, and how hyperbolic the data are at all.

- `_distance_rows`: distances from some rows to all, of points, features, matrices and graphs alike.
- `_tree_paths`: the same along a tree.
- `_tallies`: what is counted for blocks of rows; `_measures`: what these counts come to.
- `_quality`: the public function; `_embedding_quality`: what it gives back.
- `_hyperbolicity`: Gromov's delta.
"""

from ._embedding_quality import EmbeddingQuality
from ._hyperbolicity import Hyperbolicity, delta_hyperbolicity
from ._quality import quality

__all__ = ["EmbeddingQuality", "Hyperbolicity", "delta_hyperbolicity", "quality"]
