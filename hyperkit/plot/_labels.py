"""Colours by label, and the legend or colour bar that explains them.

In come labels, one a row; out go one colour a row and what to write beside the disk. Text, categories, booleans and up
to 20 different integers are classes and get a legend outside the disk, in up to three columns (the largest classes, if
there are more); other numbers get a colour bar. A missing label is grey, and says so in the legend. Rare classes are
drawn last, on top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_rgba, to_rgba_array
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

Palette = str | Colormap | Mapping[Any, Any]

_MISSING = "0.75"
_PLAIN = "#1f5a96"
_MOST_INTEGER_CLASSES = 20
_ROWS_A_COLUMN = 27  # legend lines of 8 points that fit beside a disk of 6 inches
_MOST_LISTED = 3 * _ROWS_A_COLUMN - 1  # and one line for the rest
_LONGEST_NAME = 40
_LETTER = 0.068  # inches a letter of 8 points takes


@dataclass(frozen=True)
class Colors:
    """Colours of the rows and what explains them."""

    rgba: NDArray[np.float64]
    """One colour a row, shape (n, 4)."""
    order: NDArray[np.int64]
    """Rows in the order to draw them: those of large classes first."""
    classes: dict[str, Any]
    """Colour of each class of the legend by its text; empty where there are none."""
    scale: ScalarMappable | None
    """The scale of numeric labels."""

    @property
    def legend_width(self) -> float:
        """Inches that the legend or colour bar needs beside the disk."""
        if self.scale is not None:
            return 1.0
        if not self.classes:
            return 0.0
        longest = max(map(len, self.classes))
        return self.legend_columns * (0.4 + _LETTER * longest)

    @property
    def legend_columns(self) -> int:
        """Columns of the legend."""
        return -(-len(self.classes) // _ROWS_A_COLUMN)

    def explain(self, ax: Axes) -> None:
        """Put the legend or the colour bar beside `ax`."""
        if self.scale is not None:
            ax.figure.colorbar(self.scale, ax=ax, shrink=0.6, pad=0.02)
        elif self.classes:
            handles = [
                Line2D([], [], linestyle="", marker="o", markersize=5, color=color, label=name)
                for name, color in self.classes.items()
            ]
            ax.legend(
                handles=handles,
                loc="center left",
                bbox_to_anchor=(1.0, 0.5),
                ncols=self.legend_columns,
                fontsize=8,
                frameon=False,
                handletextpad=0.1,
                columnspacing=1.0,
                borderaxespad=0.3,
            )


def row_colors(labels: ArrayLike | None, n: int, cmap: Palette | None) -> Colors:
    """Colours of `n` rows by their `labels`."""
    if labels is None:
        return Colors(np.tile(to_rgba(_PLAIN), (n, 1)), np.arange(n), {}, None)
    categories = getattr(getattr(labels, "dtype", None), "categories", None)  # a pandas Categorical keeps its order
    values = np.asarray(labels)
    if values.shape != (n,):
        raise ValueError(f"labels has shape {values.shape}; it must hold one label for each of the {n} points: ({n},)")
    missing = _is_missing(values)
    if categories is not None:
        return _by_class(values, missing, list(categories), cmap)
    return _by_number(values, missing, cmap) if _is_scale(values[~missing]) else _by_class(values, missing, None, cmap)


def _is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """None, NaN and pandas' NA: the values that are not themselves, and None."""
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype.kind != "O":
        return np.zeros(len(values), dtype=bool)
    return np.array([value is None or not _equals_itself(value) for value in values], dtype=bool)


def _equals_itself(value: Any) -> bool:
    try:
        return bool(value == value)
    except TypeError:  # pandas' NA is neither equal nor unequal
        return False


def _is_scale(known: NDArray[Any]) -> bool:
    """Whether labels are numbers on a scale, not numbers of classes."""
    if known.dtype.kind == "O":  # numbers among which some were missing
        known = np.array(known.tolist())
    distinct_integers = len(np.unique(known)) if known.dtype.kind in "iu" else 0
    return known.dtype.kind == "f" or distinct_integers > _MOST_INTEGER_CLASSES


def _by_number(values: NDArray[Any], missing: NDArray[np.bool_], cmap: Palette | None) -> Colors:
    if isinstance(cmap, Mapping):
        raise TypeError("cmap is a mapping, but the labels are numbers; give the name of a matplotlib colour map")
    numbers = np.where(missing, np.nan, values).astype(np.float64)
    if np.isinf(numbers).any():
        row = int(np.flatnonzero(np.isinf(numbers))[0])
        raise ValueError(
            f"labels: row {row} is {numbers[row]}; a colour bar needs finite numbers (NaN counts as missing)"
        )
    known = numbers[~missing]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    scale = ScalarMappable(Normalize(low, high), cmap or "viridis")
    rgba = scale.to_rgba(numbers)
    rgba[missing] = to_rgba(_MISSING)
    return Colors(rgba, np.argsort(~missing, kind="stable"), {}, scale)


def _by_class(
    values: NDArray[Any], missing: NDArray[np.bool_], categories: list[Any] | None, cmap: Palette | None
) -> Colors:
    seen = set(values[~missing].tolist())
    names = [c for c in categories if c in seen] if categories is not None else sorted(seen, key=_sort_key)
    palette = _palette(names, cmap)
    position = {name: index for index, name in enumerate(names)}
    code = np.array(
        [len(names) if gone else position[v] for v, gone in zip(values.tolist(), missing, strict=True)], int
    )
    rgba = np.concatenate([palette, [to_rgba(_MISSING)]])[code]
    sizes = np.bincount(code, minlength=len(names) + 1)
    sizes[len(names)] = len(values) + 1  # the missing ones go under all others
    listed = np.sort(np.argsort(-sizes[: len(names)], kind="stable")[:_MOST_LISTED])
    classes = {_legend_text(str(names[index])): palette[index] for index in listed}
    if len(names) > len(listed):
        classes[f"(and {len(names) - len(listed):,} more)"] = "none"
    if missing.any():
        classes["(no label)"] = _MISSING
    return Colors(rgba, np.argsort(-sizes[code], kind="stable"), classes, None)


def _sort_key(name: Any) -> list[tuple[bool, Any]]:
    """Text by its letters, but digits in it by their value: neoblast 2 comes before neoblast 10."""
    return [(not part.isdecimal(), int(part) if part.isdecimal() else part) for part in re.split(r"(\d+)", str(name))]


def _palette(names: list[Any], cmap: Palette | None) -> NDArray[np.float64]:
    if isinstance(cmap, Mapping):
        without = [name for name in names if name not in cmap]
        if without:
            raise ValueError(f"cmap has no colour for label {without[0]!r}; it must name one for each label")
        return to_rgba_array([cmap[name] for name in names]).reshape(-1, 4)
    if cmap is not None:
        colors = mpl.colormaps.get_cmap(cmap)
        listed = getattr(colors, "colors", None)
        if listed is not None and len(names) <= len(listed) <= 60:  # a list of distinct colours, not a gradient
            return to_rgba_array(listed)[: len(names)]
        return colors(np.linspace(0, 1, max(len(names), 2)))[: len(names)]
    if len(names) <= 10:
        return to_rgba_array(mpl.colormaps["tab10"].colors)[: len(names)]  # type: ignore[attr-defined]
    sixty = np.concatenate([to_rgba_array(mpl.colormaps[m].colors) for m in ("tab20", "tab20b", "tab20c")])  # type: ignore[attr-defined]
    if len(names) <= 60:
        return sixty[: len(names)]
    return mpl.colormaps["turbo"](np.linspace(0.02, 0.98, len(names)))


def _legend_text(name: str) -> str:
    """Matplotlib hides legend entries that begin with an underscore, and reads $...$ as mathematics."""
    text = (name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…").replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text
