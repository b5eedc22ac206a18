"""Floor 4: from a table of Euclidean features or of distances to points of the Poincaré ball, and what they show."""

from ._encoder import HyperbolicEncoder
from ._mds import HyperbolicMDS
from .comparison import EmbeddingComparison, compare
from .projection import DiskProjection, project_to_disk

__all__ = [
    "DiskProjection",
    "EmbeddingComparison",
    "HyperbolicEncoder",
    "HyperbolicMDS",
    "compare",
    "project_to_disk",
]
