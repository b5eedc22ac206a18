"""Names beside their places, none on top of another.

In come names and where they belong in the axes, the important ones first; out go texts that stand beside these places.
Where exactly is decided anew each time the picture is drawn, when pixels are known: each name takes, of the places
around its dot, the one that covers least of the drawing, and one that finds no room is not shown until there is some,
in a larger figure or after a zoom. How many have room is written in the corner. Names are text as it stands:
nothing in them is mathematics or a command.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection
from matplotlib.patheffects import Stroke
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

from ._labels import shortened_apart, with_signs
from ._room import letters

MOST_NAMES = 100  # what a picture has by itself: more is a carpet

_MOST_TEXTS = 1000  # more never find room; a text costs 0.1 ms to make and to measure
_MOST_COVERED = 60_000  # places of the drawing that names keep clear of
_SAMPLES = 8  # of each piece of a line
_OUTLINE = Stroke(linewidth=2.0, foreground=(1, 1, 1, 0.85))
APART = 3.0  # typographic points from one name to the next
_TIGHTER = 0.8  # height of letters in that of their box, which has room for accents and tails
# Sides of the dot, the best first: where the box of a name is, in halves of its size and in distances from the dot.
AROUND = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]], dtype=np.float64)
RIGHT = AROUND[:1]
# On its place, or as near as there is room; farther away than beside it with a line to it.
ON = np.vstack([[[0.0, 0.0]], *(ring * AROUND for ring in (1, 2, 3, 4))])
ABOVE_LEFT = np.array([[-1, 1], [-1, -1], [1, 1], [1, -1]], dtype=np.float64)


def write_names(
    ax: Axes,
    names: Sequence[str],
    places: NDArray[np.float64],
    sides: Sequence[NDArray[np.float64]],
    *,
    gap: float,
    size: float,
    covers: NDArray[np.float64],
    left: bool = False,
    outlined: bool = False,
) -> list[_Name]:
    """Write `names` beside `places` (n, 2) of the axes, the important ones first; empty ones are none.

    Parameters
    ----------
    sides
        Of each name the sides of its place that it may be on, the best first.
    gap
        Distance from the place, in typographic points.
    size
        Of the letters, likewise.
    covers : (m, 2) array
        Places in the axes that names keep clear of if they can.
    left
        Whether the note of how many have room is in the upper left corner of the axes, and not in the right one.
    outlined
        Whether names are read on top of dots: they have a light outline, stay inside the axes, and where one is away
        from its place a thin line leads there.
    """
    named = [index for index, name in enumerate(names) if name.strip()]
    chosen = named[:: -(-len(named) // _MOST_TEXTS)] if named else []
    if not chosen:
        return []
    short = shortened_apart([with_signs(" ".join(names[index].split())) for index in chosen])
    texts = [
        _Name(
            name,
            tuple(places[index]),
            (0.0, 0.0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=size,
            parse_math=False,
            usetex=False,
            clip_on=False,
            zorder=4 if outlined else 3,
        )
        for name, index in zip(short, chosen, strict=True)
    ]
    for text in texts:
        text.outlined = outlined
        ax.add_artist(text)
    leaders = None
    if outlined:
        leaders = LineCollection([], colors="0.3", linewidths=0.5, zorder=3.9)
        leaders.set_in_layout(False)
        ax.add_collection(leaders, autolim=False)
    size_of_note = letters(ax, 7.0)
    earlier = sum(isinstance(artist, _Arrangement) for artist in ax.artists)
    note = ax.annotate(
        "",
        (0.0 if left else 1.0, 1.0),
        (0.0, -1.4 * size_of_note * earlier),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="left" if left else "right",
        va="top",
        fontsize=size_of_note,
        color="0.4",
    )
    thinned = covers[:: max(1, len(covers) // _MOST_COVERED)]
    ax.add_artist(_Arrangement(texts, [sides[index] for index in chosen], gap, thinned, len(named), note, leaders))
    return texts


def write_beside(
    ax: Axes,
    names: Sequence[str],
    places: NDArray[np.float64],
    paths: list[NDArray[np.float64]],
    diameter: float,
) -> None:
    """Write names in a disk, on any side of their dots, clear of the lines `paths` and of dots of this diameter."""
    write_names(
        ax,
        names,
        places,
        [AROUND] * len(names),
        gap=diameter / 2 + 2,
        size=letters(ax),
        covers=drawing(paths, places),
    )


def write_on(ax: Axes, names: Sequence[str], places: NDArray[np.float64]) -> None:
    """Write names, of classes, on their places or beside them, on top of what is drawn; they are there for all."""
    nothing = np.empty((0, 2))
    write_names(ax, names, places, [ON] * len(names), gap=1, size=letters(ax), covers=nothing, left=True, outlined=True)


class _Name(Annotation):
    """A name, perhaps with an outline, which goes below it: as its path effect it would make shapes of the letters."""

    outlined = False

    def draw(self, renderer: RendererBase) -> None:
        """Draw the outline, then the name."""
        if self.outlined:
            self.set_path_effects([_OUTLINE])
            super().draw(renderer)
            self.set_path_effects([])
        super().draw(renderer)


class _Arrangement(Artist):
    """What is drawn first and draws nothing: it puts the names where there is room, and hides those without."""

    def __init__(
        self,
        texts: list[_Name],
        sides: list[NDArray[np.float64]],
        gap: float,
        covers: NDArray[np.float64],
        n_names: int,
        note: Text,
        leaders: LineCollection | None,
    ) -> None:
        super().__init__()
        self.texts, self.sides, self.gap, self.covers = texts, sides, gap, covers
        self.n_names, self.note, self.leaders = n_names, note, leaders
        self.set_zorder(-1)
        self.set_in_layout(False)

    def draw(self, renderer: RendererBase) -> None:
        """Arrange the names for this renderer."""
        assert self.axes is not None
        to_pixels = self.axes.transData.transform
        gap = renderer.points_to_pixels(self.gap)
        covers = to_pixels(self.covers)
        covers = covers[np.argsort(covers[:, 0])]
        space = renderer.points_to_pixels(APART) * np.array([-1.0, 0.0, 1.0, 0.0])
        figure = self.axes.figure.figure  # that of subfigures, too
        taken, leaders = self._taken(renderer), []
        for text, sides in zip(self.texts, self.sides, strict=True):
            text.set_visible(True)
            outer = self.axes.bbox if text.outlined else figure.bbox
            extent = text.get_window_extent(renderer)
            half = np.array([extent.width, (1.0 if text.outlined else _TIGHTER) * extent.height]) / 2
            # At a corner of the dot a name is as near as beside it.
            offsets = sides * (half + gap / np.maximum(np.abs(sides).sum(axis=1), 1)[:, None] ** 0.5)
            middles = to_pixels(text.xy) + offsets
            boxes = np.hstack([middles - half, middles + half])
            free = _is_inside(boxes, np.array(outer.extents)) & ~_overlap(np.add(boxes, space, dtype=np.float64), taken)
            text.set_visible(bool(free.any()))
            if free.any():
                away = np.abs(sides[free]).max(axis=1) > 1
                boxes, offsets = boxes[free], offsets[free]
                best = int(np.argmin([_count_inside(box, covers) for box in boxes]))
                taken = np.vstack([taken, boxes[best]])
                # Offsets of an annotation are in points, whatever the resolution.
                text.set_position(tuple(offsets[best] / renderer.points_to_pixels(1.0)))
                if away[best]:
                    place = to_pixels(text.xy)
                    leaders.append([place, np.clip(place, boxes[best, :2], boxes[best, 2:])])
        if self.leaders is not None:
            self.leaders.set_segments([self.axes.transData.inverted().transform(leader) for leader in leaders])
        shown = sum(text.get_visible() for text in self.texts)
        self.note.set_text(f"{shown} of {self.n_names} names have room" if shown < self.n_names else "")

    def _taken(self, renderer: RendererBase) -> NDArray[np.float64]:
        """Boxes that the legend, other axes, and names that were arranged before take, (n, 4)."""
        assert self.axes is not None
        figure, legend = self.axes.figure, self.axes.get_legend()
        boxes = [other.get_window_extent(renderer) for other in figure.axes if other is not self.axes]
        for other in self.axes.get_children():
            if other is self:
                break
            if isinstance(other, _Arrangement):
                boxes += [text.get_window_extent(renderer) for text in other.texts if text.get_visible()]
        if legend is not None:
            boxes.append(legend.get_window_extent(renderer))
        return np.array([box.extents for box in boxes]).reshape(-1, 4)


def _is_inside(boxes: NDArray[np.float64], outer: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which `boxes` lie in a box as a whole."""
    return np.all(boxes[:, :2] >= outer[:2], axis=1) & np.all(boxes[:, 2:] <= outer[2:], axis=1)


def _overlap(boxes: NDArray[np.float64], taken: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which `boxes` (left, bottom, right, top) overlap one of those `taken`."""
    is_below = np.all(boxes[:, None, :2] < taken[None, :, 2:], axis=2)
    is_above = np.all(boxes[:, None, 2:] > taken[None, :, :2], axis=2)
    return np.asarray((is_below & is_above).any(axis=1))


def _count_inside(box: NDArray[np.float64], covers: NDArray[np.float64]) -> int:
    """How many of the places `covers`, sorted from left to right, are in a box."""
    first, last = np.searchsorted(covers[:, 0], box[[0, 2]])
    height = covers[first:last, 1]
    return int(np.count_nonzero((height > box[1]) & (height < box[3])))


def drawing(paths: list[NDArray[np.float64]], dots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places that are drawn on, (m, 2): along polylines, and dots, which count for several: a name there misleads."""
    fraction = (np.arange(_SAMPLES) / _SAMPLES)[:, None, None]
    start = np.concatenate([dots[:0], *(path[:-1] for path in paths)])
    stop = np.concatenate([dots[:0], *(path[1:] for path in paths)])
    return np.vstack([((1 - fraction) * start + fraction * stop).reshape(-1, 2), np.repeat(dots, _SAMPLES, axis=0)])
