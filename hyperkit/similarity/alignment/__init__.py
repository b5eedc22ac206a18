"""Making sets comparable: the isometry that brings one to the other, and distances to anchors."""

from ._alignment import Alignment, align, ball_align
from ._isometry import Isometry
from ._relative import RelativeRepresentation

__all__ = ["Alignment", "Isometry", "RelativeRepresentation", "align", "ball_align"]
