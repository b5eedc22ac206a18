"""`Score`: what a measure says, and what the same measure says of something trivial."""

from __future__ import annotations

from typing import NamedTuple

NAN = float("nan")
SHUFFLED = "names shuffled"


class Score(NamedTuple):
    """A row of the table that `compare` gives; the columns are explained there."""

    value: float
    baseline: float = NAN
    baseline_of: str = ""
    standard_error: float = NAN
    among: str = ""
    note: str = ""


Scores = dict[str, Score]


def missing(names: tuple[str, ...], reason: str) -> Scores:
    """NaN for each of the measures, with the reason."""
    return {name: Score(NAN, note=reason) for name in names}


def ratio(part: float, whole: float) -> float:
    """Their quotient, NaN where there is nothing to take a part of."""
    return part / whole if whole else NAN


def precision_recall_f1(shared: float, found: float, wanted: float) -> tuple[float, float, float]:
    """Share of what was found that is wanted, share of what is wanted that was found, and their harmonic mean."""
    return ratio(shared, found), ratio(shared, wanted), ratio(2 * shared, found + wanted)
