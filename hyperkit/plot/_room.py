"""How much room axes have, and how large letters, dots and lines are in it.

All sizes are those of a picture of 6 inches, as a new figure is; in smaller axes dots and letters shrink less than the
axes, or nobody could see them at the 3.3 inches of a column. Axes are asked for the part of the figure that is theirs,
which they have before any layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from .._validation import check_number

Rasterized = bool | Literal["auto"]

SIDE = 6.0  # inches; side of the square that holds a disk

_LETTERS = (5.0, 8.0)  # typographic points
_DOTS = (0.7, 6.0)
_LINES = (0.2, 1.2)
_MOST_VECTORS = 5000  # more dots or edges are pixels: as vectors 21,612 cells are 7 MB of SVG


def slot(ax: Axes) -> tuple[float, float]:
    """Width and height in inches of the part of the figure that is for `ax` and its legend."""
    figure: Any = ax.figure  # or a subfigure
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    spec = ax.get_subplotspec()
    if spec is None:  # placed by hand: all that is to its right
        box = ax.get_position(original=True)
        return (1 - box.x0) * width, box.height * height
    box, pars = spec.get_position(figure), figure.subplotpars
    columns = min(box.width / (pars.right - pars.left), 1.0)
    rows = min(box.height / (pars.top - pars.bottom), 1.0)
    return columns * width, rows * height


def side(ax: Axes, legend_width: float = 0.0) -> float:
    """Inches of the square that fits into the axes beside a legend, which takes at most half."""
    width, height = slot(ax)
    return float(min(max(width - legend_width, width / 2), height))


def letters(ax: Axes, largest: float = _LETTERS[1]) -> float:
    """Typographic points of letters in axes of this size."""
    return float(np.clip(largest * (side(ax) / SIDE) ** 0.4, _LETTERS[0], largest))


@dataclass(frozen=True)
class Marks:
    """How dots and lines look; None is what suits the axes and the number of dots."""

    size: float | None
    linewidth: float | None
    alpha: float | None
    rasterized: Rasterized

    def diameter(self, n: int, inches: float) -> float:
        """Diameter of a dot in typographic points: in 6 inches 6 for a handful, 1.2 for tens of thousands."""
        if self.size is not None:
            return self.size
        return float(np.clip(6 * (100 / max(n, 100)) ** 0.3 * (inches / SIDE) ** 0.6, *_DOTS))

    def line_width(self, n: int, inches: float) -> float:
        """Width of a line likewise: 1.2 for some hundred, 0.3 for many thousands."""
        if self.linewidth is not None:
            return self.linewidth
        return float(np.clip(1.2 * (300 / max(n, 300)) ** 0.25 * (inches / SIDE) ** 0.5, *_LINES))

    def rasterize(self, artist: Artist, n: int) -> None:
        """Draw `artist`, of `n` dots or lines, as pixels in a vector format, if it is to be."""
        artist.set_rasterized(n > _MOST_VECTORS if self.rasterized == "auto" else self.rasterized)


def check_marks(size: Any = None, linewidth: Any = None, alpha: Any = None, rasterized: Any = "auto") -> Marks:
    """See that sizes are finite and not negative, `alpha` in [0, 1], and `rasterized` "auto", True or False."""

    def number(name: str, value: Any) -> float | None:
        if value is None:
            return None
        return check_number(name, value, "a finite number of at least 0", lambda given: 0 <= given < np.inf)

    if not isinstance(rasterized, bool | np.bool_) and not (isinstance(rasterized, str) and rasterized == "auto"):
        raise ValueError(f"rasterized={rasterized!r} must be 'auto', True or False")
    if alpha is not None:
        alpha = check_number("alpha", alpha, "a number in [0, 1]", lambda given: 0 <= given <= 1)
    pixels: Rasterized = "auto" if isinstance(rasterized, str) else bool(rasterized)
    return Marks(number("size", size), number("linewidth", linewidth), alpha, pixels)
