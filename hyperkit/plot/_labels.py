"""Colours by label, and the legend or colour bar that explains them.

In come labels, one a row; out go one colour a row and what to write beside the disk. Text, categories, dates (as text),
booleans and up to 20 different integers are classes and get a legend outside the disk, in up to three columns (the
largest classes, if there are more); other numbers get a colour bar. A missing label (None, NaN, NaT, NA or masked) is
grey, and says so in the legend. Rare classes are drawn last, on top.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from numbers import Real
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_hex, to_rgba, to_rgba_array
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

Palette = str | Colormap | Mapping[Any, Any]

_MISSING = "0.75"
_NO_LABEL = "(no label)"
_PLAIN = "#1f5a96"
_MOST_INTEGER_CLASSES = 20
_ROWS_A_COLUMN = 27  # legend lines of 8 points that fit beside a disk of 6 inches
_MOST_LISTED = 3 * _ROWS_A_COLUMN - 1  # and one line for the rest
_LONGEST_NAME = 40
_LETTER = 0.068  # inches a letter of 8 points takes


@dataclass(frozen=True, eq=False)
class Colors:
    """Colours of the rows and what explains them."""

    rgba: NDArray[np.float64]
    """One colour a row, shape (n, 4)."""
    order: NDArray[np.int64]
    """Rows in the order to draw them: those of large classes first."""
    classes: list[tuple[str, Any]]
    """Text and colour of each line of the legend; empty where there are none."""
    scale: ScalarMappable | None
    """The scale of numeric labels."""

    @property
    def legend_width(self) -> float:
        """Inches that the legend or colour bar needs beside the disk."""
        if self.scale is not None:
            return 1.0
        if not self.classes:
            return 0.0
        longest = max(len(text) for text, _ in self.classes)
        return self.legend_columns * (0.4 + _LETTER * longest)

    @property
    def legend_columns(self) -> int:
        """Columns of the legend."""
        return -(-len(self.classes) // _ROWS_A_COLUMN)

    def explain(self, ax: Axes, what: str | None = None, more: Sequence[Line2D] = ()) -> None:
        """Put the legend beside `ax`, or the colour bar, with `what` it is a scale of; and lines for what is `more`."""
        if self.scale is not None:
            bar = ax.figure.colorbar(self.scale, ax=ax, shrink=0.6, pad=0.02)
            if what is not None:
                bar.set_label(what, fontsize=8)
        handles = [
            *(
                Line2D([], [], linestyle="", marker="o", markersize=5, color=color, label=text)
                for text, color in self.classes
            ),
            *more,
        ]
        if handles:
            ax.legend(
                handles=handles,
                loc="center left" if self.scale is None else "lower left",  # below the colour bar
                bbox_to_anchor=(1.0, 0.5 if self.scale is None else 0.0),
                ncols=max(self.legend_columns, 1),
                fontsize=8,
                frameon=False,
                handlelength=1.4 if more else 2.0,
                handletextpad=0.5 if more else 0.1,
                columnspacing=1.0,
                borderaxespad=0.3,
            )


def class_colors(labels: Sequence[Any]) -> dict[Any, str]:
    """The colours that pictures give to classes, for others to use.

    Parameters
    ----------
    labels : sequence
        The classes, each once, in their order.

    Returns
    -------
    dict
        Hexadecimal colour of each class; as ``cmap=`` of any picture it says that a class keeps its colour.

    Examples
    --------
    >>> class_colors(["B", "T"])
    {'B': '#1f77b4', 'T': '#ff7f0e'}
    """
    names = list(labels)
    return {name: to_hex(color) for name, color in zip(names, _palette(names, None), strict=True)}


def row_colors(labels: ArrayLike | None, n: int, cmap: Palette | None) -> Colors:
    """Colours of `n` rows by their `labels`."""
    if labels is None:
        return Colors(np.tile(to_rgba(_PLAIN), (n, 1)), np.arange(n), [], None)
    values, missing, categories = _read(labels, n)
    if categories is None and _is_scale(values[~missing]):
        return _by_number(values, missing, cmap)
    return _by_class(values, missing, categories, cmap)


def classes_or_numbers(labels: Any, n: int) -> tuple[list[Any] | None, NDArray[Any]]:
    """The classes of `n` labels and the place of each label among them, -1 if missing; or None and the numbers."""
    values, missing, categories = _read(labels, n)
    if categories is None and _is_scale(values[~missing]):
        return None, np.where(missing, np.nan, values).astype(np.float64)
    try:
        seen = set(values[~missing].tolist())
    except TypeError as error:
        raise TypeError(f"labels must hold text, numbers or other hashable values ({error})") from None
    names = [c for c in categories if c in seen] if categories is not None else sorted(seen, key=_sort_key)
    position = {name: index for index, name in enumerate(names)}
    codes = [-1 if gone else position[value] for value, gone in zip(values.tolist(), missing, strict=True)]
    return names, np.array(codes, dtype=np.int64)


def _read(labels: Any, n: int) -> tuple[NDArray[Any], NDArray[np.bool_], list[Any] | None]:
    """Labels as an array, which of them are missing, and the categories in their order if the labels have any."""
    if isinstance(labels, Mapping | Set):
        raise TypeError(
            f"labels is a {type(labels).__name__}; it must be a list or an array with one label for each of the {n} "
            "points, in the order of the rows"
        )
    dtype = getattr(labels, "dtype", None)
    categories = None
    if isinstance(dtype, pd.CategoricalDtype):
        labels = pd.Categorical(labels)
        if labels.categories.dtype.kind in "mM":
            labels = labels.rename_categories(_dates_as_text(np.asarray(labels.categories)))
        categories = labels.categories.tolist()
    if isinstance(labels, list | tuple):
        labels = [None if label is np.ma.masked else label for label in labels]
    if isinstance(dtype, pd.api.extensions.ExtensionDtype):  # as objects: integers beside missing ones stay integers
        values = pd.Series(labels).astype(object).to_numpy()
    else:
        values = np.asarray(labels)
    if dtype is None and values.dtype.kind == "U":  # a list: numpy has made text of a NaN or a number beside text
        values = np.asarray(labels, dtype=object)
    if values.shape != (n,):
        raise ValueError(f"labels has shape {values.shape}; it must hold one label for each of the {n} points: ({n},)")
    missing = pd.isna(values)
    if isinstance(labels, np.ma.MaskedArray):
        missing = missing | np.ma.getmaskarray(labels)
    return _dates_as_text(values), missing, categories


def _dates_as_text(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "M":
        return np.datetime_as_string(values, unit="auto")
    return pd.Index(values).astype(str).to_numpy() if values.dtype.kind == "m" else values


def _is_scale(known: NDArray[Any]) -> bool:
    """Whether labels are numbers on a scale, not numbers of classes."""
    if known.dtype.kind == "O" and known.size and all(isinstance(value, Real) for value in known):
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
    return Colors(rgba, np.argsort(~missing, kind="stable"), [], scale)


def _by_class(
    values: NDArray[Any], missing: NDArray[np.bool_], categories: list[Any] | None, cmap: Palette | None
) -> Colors:
    try:
        seen = set(values[~missing].tolist())
    except TypeError as error:
        raise TypeError(f"labels must hold text, numbers or other hashable values ({error})") from None
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
    texts = _legend_texts([names[index] for index in listed], bool(missing.any()))
    classes: list[tuple[str, Any]] = list(zip(texts, palette[listed], strict=True))
    if len(names) > len(listed):
        classes.append((f"(and {len(names) - len(listed):,} more)", "none"))
    if missing.any():
        classes.append((_NO_LABEL, _MISSING))
    return Colors(rgba, np.argsort(-sizes[code], kind="stable"), classes, None)


def _sort_key(name: Any) -> tuple[list[tuple[bool, Any]], str, str]:
    """Text by its letters, but digits in it by their value: neoblast 2 comes before neoblast 10; then by the type."""
    parts = re.split(r"(\d+)", str(name))
    natural = [(not part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts]
    return natural, str(name), type(name).__name__


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
        return mpl.colormaps["tab10"](np.arange(len(names)))
    # A list of colours is indexed by integers.
    sixty = np.concatenate([mpl.colormaps[m](np.arange(20)) for m in ("tab20", "tab20b", "tab20c")])
    if len(names) <= 60:
        return sixty[: len(names)]
    return mpl.colormaps["turbo"](np.linspace(0.02, 0.98, len(names)))


def _legend_texts(names: list[Any], some_missing: bool) -> list[str]:
    """What the legend calls each class: different texts for different classes, as far as their length allows."""
    texts = [str(name) for name in names]
    count = Counter([*texts, _NO_LABEL] if some_missing else texts)
    texts = [repr(name) if count[text] > 1 else text for name, text in zip(names, texts, strict=True)]
    count = Counter(_without_end(text) for text in texts)
    short = [_without_end(text) if count[_without_end(text)] == 1 else shortened(text) for text in texts]
    return [_as_it_stands(text) for text in short]


def _without_end(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def shortened(text: str) -> str:
    """A text, a long one without its middle."""
    half = _LONGEST_NAME // 2
    return text if len(text) <= _LONGEST_NAME else f"{text[: half - 1]}…{text[-half:]}"


def _as_it_stands(text: str) -> str:
    """Matplotlib hides legend entries that begin with an underscore, and reads $...$ as mathematics."""
    text = text.replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text
