"""What explains the colours: a legend or colour bar beside the axes, or the names of classes where their rows are.

A legend takes at most half of the room that its axes have. To fit it takes more columns, then smaller letters, then
shorter names, and at last it lists the largest classes only and counts the others. It is laid out anew when the figure
has another size, before the layout of the figure asks how large it is: so that nothing is cut, and the axes never
collapse. Widths are measured as the letters are, without a renderer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend as MatplotlibLegend
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from ._labels import MOST_LISTED, Colors
from ._names import write_on
from ._room import letters, slot

Legend = Literal["right", "on data", "none"]
LEGENDS = ("right", "on data", "none")

_LETTERS = (8.0, 7.0, 6.0, 5.0)  # typographic points; the last is what print can bear
_LONGEST = (40, 28, 20, 14, 10)  # letters of a name
_MOST_COLUMNS = 4
_ROWS_A_COLUMN = 27  # beside a disk of 6 inches
BAR = 1.0  # inches that a colour bar takes
_PADDING = 0.8 + 0.6  # in letter sizes, as all below: of the legend, and from the axes
_LINE = 1.7  # height, with the space between lines
_BETWEEN_COLUMNS = 1.0
_DOT = (1.0, 0.4)  # length of the handle, and space to the text
_STROKE = (1.6, 0.5)


def legend_room(colors: Colors, legend: Legend, more: Sequence[Line2D] = ()) -> float:
    """Inches that the legend and the colour bar need beside a disk of 6 inches."""
    if legend == "none":
        return 0.0
    bar = 0.0 if colors.scale is None else BAR
    texts = [text for text, _ in colors.lines()] if legend == "right" and colors.scale is None else []
    texts += [str(line.get_label()) for line in more]
    return bar + (_width(texts, _LETTERS[0], -(-len(texts) // _ROWS_A_COLUMN), bool(more)) if texts else 0.0)


def explain(
    ax: Axes,
    colors: Colors,
    legend: Legend,
    places: NDArray[np.float64],
    *,
    what: str | None = None,
    more: Sequence[Line2D] = (),
) -> None:
    """Put what explains `colors` beside `ax`, or names of classes where their rows, at `places` (n, 2), are.

    Numbers have a colour bar, with `what` it is a scale of, wherever the legend is; lines for what is `more` are always
    beside the axes.
    """
    if legend == "none":
        return
    if colors.scale is not None:
        draw_bar(ax, colors.scale, what)
    if legend == "on data" and colors.scale is None:
        named, middles = colors.middles(places)
        write_on(ax, named, middles)
    listed = legend == "right" and bool(colors.lines())
    if listed or more:
        draw_legend(ax, colors if listed else None, more, below_bar=colors.scale is not None)


def draw_bar(ax: Axes, scale: ScalarMappable, what: str | None) -> None:
    """Put a colour bar beside `ax`, with `what` it is a scale of."""
    bar = ax.figure.colorbar(scale, ax=ax, shrink=0.6, pad=0.02)
    bar.ax.tick_params(labelsize=letters(ax))
    if what is not None:
        bar.set_label(what, fontsize=letters(ax))


def draw_legend(ax: Axes, colors: Colors | None, more: Sequence[Line2D], *, below_bar: bool = False) -> None:
    """Put a legend of classes, and of lines for what is `more`, beside `ax`."""
    ax.legend_ = _SideLegend(ax, colors, more, below_bar=below_bar)  # as Axes.legend does
    _make_room(ax)


class _SideLegend(MatplotlibLegend):
    """A legend to the right of its axes that fits the figure, whatever size that has."""

    def __init__(self, ax: Axes, colors: Colors | None, more: Sequence[Line2D], *, below_bar: bool = False) -> None:
        self._below_bar = below_bar
        self._ax, self._colors, self._more = ax, colors, list(more)
        self._fitted: tuple[float, float] | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        """Choose columns, letters and names for the room there is, if that has changed."""
        ax = self._ax
        width, height = slot(ax)
        room = (max(width / 2, width - height), 0.97 * height)
        if self._fitted == room:
            return
        title = "" if self._fitted is None else self.get_title().get_text()
        lines, size, columns = _fit(self._colors, self._more, room, letters(ax))
        handles = [
            Line2D([], [], linestyle="", marker="o", markersize=0.65 * size, color=color, label=text)
            for text, color in lines
        ]
        handles += self._more
        length, pad = _STROKE if self._more else _DOT
        super().__init__(
            ax,
            handles,
            [str(handle.get_label()) for handle in handles],
            loc="lower left" if self._below_bar else "center left",
            bbox_to_anchor=(1.0, 0.0 if self._below_bar else 0.5),
            ncols=columns,
            fontsize=size,
            frameon=False,
            handlelength=length,
            handletextpad=pad,
            columnspacing=_BETWEEN_COLUMNS,
            borderaxespad=0.3,
            title=title or None,
        )
        self._fitted = room

    def get_tightbbox(self, renderer: Any = None) -> Bbox:
        """The box that a layout has to keep free.

        A disk that will be as wide as the legend leaves it is on the way there too far from its right: what the legend
        needs is kept free from the box of the axes on, or a layout of two rounds would leave the legend cut.
        """
        self._lay_out()
        box, ax = self.get_window_extent(renderer), self._ax
        width, height = slot(ax)
        needs = box.x1 - ax.get_window_extent().x1
        if ax.get_aspect() != "auto" and width - needs / ax.figure.dpi < height:
            right = ax.get_position(original=True).transformed(ax.figure.transSubfigure).x1
            box = Bbox.from_extents(box.x0, box.y0, max(box.x1, right + needs), box.y1)
        return box

    def draw(self, renderer: Any) -> None:
        """Draw the legend as it fits now."""
        self._lay_out()
        super().draw(renderer)

    def remove(self) -> None:
        """Take the legend from its axes."""
        self._ax.legend_ = None
        self._ax.stale = True


def _fit(
    colors: Colors | None, more: list[Line2D], room: tuple[float, float], largest: float
) -> tuple[list[tuple[str, Any]], float, int]:
    """Text and colour of the lines, size of the letters and number of columns that fit into the inches of the room."""
    width, height = room
    sizes = [largest, *(size for size in _LETTERS if size < largest)]
    extra = [str(line.get_label()) for line in more]
    most = 0 if colors is None else min(len(colors.names), MOST_LISTED)
    while True:
        for longest in _LONGEST:
            short = [] if colors is None else colors.lines(most, longest)
            texts = [text for text, _ in short] + extra
            for size in sizes:
                rows = int((72 * height / size - _PADDING) / _LINE)
                columns = -(-len(texts) // max(rows, 1))
                fits = rows > 0 and columns <= _MOST_COLUMNS
                if fits and _width(texts, size, columns, bool(more)) <= width + 1e-6:
                    return short, size, columns
        if most <= 1:
            return short, size, 1
        most = int(0.95 * most)


def _width(texts: list[str], size: float, columns: int, strokes: bool) -> float:
    """Inches that a legend takes, its lines one below the other in `columns`."""
    rows = -(-len(texts) // columns)
    longest = sum(max(map(_text_width, texts[start : start + rows])) for start in range(0, len(texts), rows))
    handles = columns * sum(_STROKE if strokes else _DOT) + (columns - 1) * _BETWEEN_COLUMNS
    return (1.03 * longest + handles + _PADDING) * size / 72


@lru_cache(4096)
def _text_width(text: str) -> float:
    """Width of a text in letter sizes."""
    return float(text_to_path.get_text_width_height_descent(text, FontProperties(size=100), False)[0]) / 100


def _make_room(ax: Axes) -> None:
    """Where no layout does it: make the axes narrower by as much as the legend sticks out of the figure."""
    legend, figure = ax.get_legend(), ax.figure
    if figure.get_layout_engine() is not None or legend is None:
        return
    box = ax.get_position(original=True)
    out = legend.get_window_extent().x1 - figure.bbox.x1
    if out > 0:
        ax.set_position((box.x0, box.y0, max(box.width - out / figure.bbox.width, 0.2 * box.width), box.height))
