"""Making sets comparable: the isometry that brings one to the other, and distances to anchors."""

from ._alignment import Alignment, align
from ._relative import RelativeRepresentation

__all__ = ["Alignment", "RelativeRepresentation", "align"]
