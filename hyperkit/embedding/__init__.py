"""Floor 4: from a table of Euclidean features or of distances to points of the Poincaré ball, and how good they are."""

from ._encoder import HyperbolicEncoder
from ._mds import HyperbolicMDS
from .graph import graph_distances
from .quality import EmbeddingQuality, Hyperbolicity, delta_hyperbolicity, quality

__all__ = [
    "EmbeddingQuality",
    "HyperbolicEncoder",
    "HyperbolicMDS",
    "Hyperbolicity",
    "delta_hyperbolicity",
    "graph_distances",
    "quality",
]
