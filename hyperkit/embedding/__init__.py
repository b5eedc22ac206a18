"""Floor 4: from a table of Euclidean features or of distances to points of the Poincaré ball."""

from ._encoder import HyperbolicEncoder
from ._mds import HyperbolicMDS
from .graph import graph_distances

__all__ = ["HyperbolicEncoder", "HyperbolicMDS", "graph_distances"]
