"""Colours by label.

In come labels, one a row; out go one colour a row and the lines of a legend. Text, categories, dates (as text),
booleans and up to 20 different integers are classes; other numbers are on a scale. Of more than 60 classes the largest
have a colour and a line, the others are grey and counted. A missing label (None, NaN, NaT, NA or masked) is of a
lighter grey, and says so in the legend. Rare classes are drawn last, on top. How legends are laid out is decided in
`_legend`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile
from numbers import Real
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize, to_hex, to_rgba, to_rgba_array
from numpy.typing import ArrayLike, NDArray

from ._palette import CLASS_COLORS, OTHERS, palette

Palette = str | Colormap | Mapping[Any, Any]

_MISSING = "0.75"
_NO_LABEL = "(no label)"
_PLAIN = "#1f5a96"
_MOST_INTEGER_CLASSES = 20
MOST_LISTED = len(CLASS_COLORS)  # and one line for the rest
_LONGEST_NAME = 40
_LONGEST_MIDDLE = 8  # of a name without its middle, where that tells it from others


@dataclass(frozen=True, eq=False)
class Colors:
    """Colours of the rows and what explains them."""

    rgba: NDArray[np.float64]
    """One colour a row, shape (n, 4)."""
    order: NDArray[np.int64]
    """Rows in the order to draw them: those of large classes first."""
    codes: NDArray[np.int64]
    """Class of each row, shape (n,); of rows without a label the number of classes."""
    names: list[Any]
    """The classes in their order; empty where there are none."""
    class_rgba: NDArray[np.float64]
    """One colour a class, shape (n_classes, 4)."""
    scale: ScalarMappable | None
    """The scale of numeric labels."""

    def lines(self, most: int = MOST_LISTED, longest: int = _LONGEST_NAME) -> list[tuple[str, Any]]:
        """Text and colour of each line of the legend that lists at most so many classes, the largest."""
        if not len(self.codes):
            return []
        sizes = np.bincount(self.codes, minlength=len(self.names) + 1)
        some_missing = bool(sizes[-1])
        listed = np.sort(np.argsort(-sizes[:-1], kind="stable")[:most])
        short = _legend_texts([self.names[index] for index in listed], some_missing, longest)
        lines: list[tuple[str, Any]] = list(zip(short, self.class_rgba[listed], strict=True))
        if len(self.names) > len(listed):
            rest = np.delete(self.class_rgba, listed, axis=0)
            one = OTHERS if (rest == to_rgba(OTHERS)).all() else "none"  # or each has another
            lines.append((f"(and {len(self.names) - len(listed):,} more)", one))
        if some_missing:
            lines.append((_NO_LABEL, _MISSING))
        return lines

    def middles(self, places: NDArray[np.float64]) -> tuple[list[str], NDArray[np.float64]]:
        """Names of the classes, the largest first, and for each the place of the row in the middle of its rows."""
        sizes = np.bincount(self.codes, minlength=len(self.names) + 1)[:-1]
        largest = np.argsort(-sizes, kind="stable")[:MOST_LISTED]
        middles = np.empty((len(largest), 2))
        for number, code in enumerate(largest):
            own = places[self.codes == code]
            middles[number] = own[np.linalg.norm(own - np.median(own, axis=0), axis=1).argmin()]
        return [str(self.names[code]) for code in largest], middles


def class_colors(labels: Sequence[Any], *, sizes: ArrayLike | None = None) -> dict[Any, str]:
    """The colours that pictures give to classes, for others to use.

    Up to eight are those of Okabe and Ito, which colour-blind readers tell apart; up to 60 are all different.

    Parameters
    ----------
    labels : sequence
        The classes, each once, in their order.
    sizes : array-like of shape (n_classes,), optional
        Rows of each class: of more than 60 classes the largest have a colour, and the others one grey. By default the
        first 60 have.

    Returns
    -------
    dict
        Hexadecimal colour of each class; as ``cmap=`` of any picture it says that a class keeps its colour.

    Raises
    ------
    ValueError
        A class comes twice, or `sizes` is not one number for each.

    Examples
    --------
    >>> class_colors(["B", "T"])
    {'B': '#0072b2', 'T': '#e69f00'}
    """
    names = list(labels)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ValueError(f"labels has {repeated[0]!r} twice; give each class once, such as dict.fromkeys(labels)")
    counts = np.zeros(len(names), int) if sizes is None else np.asarray(sizes)
    if counts.shape != (len(names),):
        raise ValueError(f"sizes has shape {counts.shape}; it must hold one number for each of the {len(names)} labels")
    return {name: to_hex(color) for name, color in zip(names, palette(counts), strict=True)}


def row_colors(labels: ArrayLike | None, n: int, cmap: Palette | None) -> Colors:
    """Colours of `n` rows by their `labels`."""
    if labels is None:
        return _without_classes(np.tile(to_rgba(_PLAIN), (n, 1)), np.arange(n), None)
    names, values = classes_or_numbers(labels, n)
    return _by_number(values, cmap) if names is None else _by_class(names, values, cmap)


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


def _by_number(numbers: NDArray[np.float64], cmap: Palette | None) -> Colors:
    if isinstance(cmap, Mapping):
        raise TypeError("cmap is a mapping, but the labels are numbers; give the name of a matplotlib colour map")
    if np.isinf(numbers).any():
        row = int(np.flatnonzero(np.isinf(numbers))[0])
        raise ValueError(
            f"labels: row {row} is {numbers[row]}; a colour bar needs finite numbers (NaN counts as missing)"
        )
    missing = np.isnan(numbers)
    known = numbers[~missing]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    scale = ScalarMappable(Normalize(low, high), cmap or "viridis")
    rgba = scale.to_rgba(numbers)
    rgba[missing] = to_rgba(_MISSING)
    return _without_classes(rgba, np.argsort(~missing, kind="stable"), scale)


def _without_classes(rgba: NDArray[np.float64], order: NDArray[np.int64], scale: ScalarMappable | None) -> Colors:
    return Colors(rgba, order, np.empty(0, int), [], np.empty((0, 4)), scale)


def _by_class(names: list[Any], codes: NDArray[np.int64], cmap: Palette | None) -> Colors:
    code = np.where(codes < 0, len(names), codes)
    sizes = np.bincount(code, minlength=len(names) + 1)
    colors = _class_palette(names, sizes[: len(names)], cmap)
    rgba = np.concatenate([colors, [to_rgba(_MISSING)]])[code]
    sizes[len(names)] = len(code) + 1  # the missing ones go under all others
    return Colors(rgba, np.argsort(-sizes[code], kind="stable"), code, names, colors, None)


def _sort_key(name: Any) -> tuple[list[tuple[bool, Any]], str, str]:
    """Text by its letters, but digits in it by their value: neoblast 2 comes before neoblast 10; then by the type."""
    parts = re.split(r"(\d+)", str(name))
    natural = [(not part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts]
    return natural, str(name), type(name).__name__


def _class_palette(names: list[Any], sizes: NDArray[np.int64], cmap: Palette | None) -> NDArray[np.float64]:
    if isinstance(cmap, Mapping):
        without = [name for name in names if name not in cmap]
        if without:
            raise ValueError(f"cmap has no colour for label {without[0]!r}; it must name one for each label")
        return to_rgba_array([cmap[name] for name in names]).reshape(-1, 4)
    if cmap is not None:
        colors = mpl.colormaps.get_cmap(cmap)
        listed = getattr(colors, "colors", None)
        if listed is not None and len(names) <= len(listed) <= MOST_LISTED:  # distinct colours, not a gradient
            return to_rgba_array(listed)[: len(names)]
        return colors(np.linspace(0, 1, max(len(names), 2)))[: len(names)]
    return palette(sizes)


def class_texts(names: list[Any], some_missing: bool) -> list[str]:
    """What each class is called: those that would be alike, such as 1 and "1", as Python writes them."""
    count = Counter(text for name in names for text in {str(name), repr(name)})
    count.update([_NO_LABEL] * some_missing)
    return [repr(name) if count[str(name)] > 1 else str(name) for name in names]


def _legend_texts(names: list[Any], some_missing: bool, longest: int) -> list[str]:
    """What the legend calls each class: different texts for different classes."""
    texts = [with_signs(text) for text in class_texts(names, some_missing)]
    short = shortened_apart(texts, longest)
    if longest >= _LONGEST_NAME:  # where there is room, the beginning alone, if it is enough
        begun = [text if len(text) <= longest else f"{text[: longest - 1]}…" for text in texts]
        count = Counter(begun)
        short = [one if count[one] == 1 else other for one, other in zip(begun, short, strict=True)]
    return [_as_it_stands(text) for text in short]


def with_signs(text: str) -> str:
    """The text; half a surrogate, such as names of files may have, as Python writes it: no font has a sign for it."""
    return text.encode(errors="backslashreplace").decode()


def shortened_apart(texts: Sequence[str], longest: int = _LONGEST_NAME) -> list[str]:
    """Texts, long ones without their middles; of those that would be alike what differs there stays."""
    brief = {text: _shortened(text, longest) for text in texts}
    count = Counter(brief.values())
    for short in [short for short, times in count.items() if times > 1]:
        alike = [text for text in brief if brief[text] == short]
        start = _common_length(alike)
        ends = [text[start:] for text in alike]
        stop = _common_length([end[::-1] for end in ends])
        middles = shortened_apart([end[: len(end) - stop] for end in ends], _LONGEST_MIDDLE)
        for text, middle in zip(alike, middles, strict=True):
            brief[text] = short.replace("…", f"…{middle}…", 1)
    return [brief[text] for text in texts]


def _common_length(texts: list[str]) -> int:
    """How many letters all texts begin with."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)))


def _shortened(text: str, longest: int) -> str:
    """A text, a long one without its middle."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[: half - 1]}…{text[-half:]}"


def _as_it_stands(text: str) -> str:
    """Matplotlib hides legend entries that begin with an underscore, and reads $...$ as mathematics."""
    text = text.replace("$", r"\$")
    return f"\u200b{text}" if text.startswith("_") else text
