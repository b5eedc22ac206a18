"""Floor 4: from a table of Euclidean features or of distances to points of the Poincaré ball, and what they show."""

from ._encoder import HyperbolicEncoder
from ._mds import HyperbolicMDS
from .projection import DiskProjection, project_to_disk

__all__ = ["DiskProjection", "HyperbolicEncoder", "HyperbolicMDS", "project_to_disk"]
