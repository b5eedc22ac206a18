"""Floor 4: from a table of Euclidean features or of distances to points of the Poincaré ball, and how good they are.

- `HyperbolicMDS` and `HyperbolicEncoder` make embeddings.
- `quality` judges them against what they embed, `comparison` against each other.
- `projection` brings those of more than two dimensions to the disk.
"""

from ._dissimilarities import checked_distances
from ._encoder import HyperbolicEncoder
from ._mds import HyperbolicMDS
from .comparison import EmbeddingComparison, compare
from .graph import graph_distances
from .projection import DiskProjection, project_to_disk
from .quality import EmbeddingQuality, Hyperbolicity, delta_hyperbolicity, quality

__all__ = [
    "DiskProjection",
    "EmbeddingComparison",
    "EmbeddingQuality",
    "HyperbolicEncoder",
    "HyperbolicMDS",
    "Hyperbolicity",
    "checked_distances",
    "compare",
    "delta_hyperbolicity",
    "graph_distances",
    "project_to_disk",
    "quality",
]
