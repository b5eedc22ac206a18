"""What a user may ask of a comparison, checked once."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from numpy.random import RandomState

from .._validation import check_choice, check_count, check_flag, check_n_jobs, check_number
from ..delaunay import DELAUNAY_METHODS
from ._groups import Groups


class Settings(NamedTuple):
    """Arguments of `HyperDGA` and of its `compare`, which documents them."""

    method: Literal["auto", "exact", "rays"] = "auto"
    n_rays: int = 16384
    random_state: int | RandomState | None = 0
    n_jobs: int | None = None
    verbose: bool = False
    paired: bool = False
    n_permutations: int = 0
    interval: float | None = None
    max_points: int | None = None
    hops: int = 1
    groups: Groups | None = None
    scan: bool = False

    def delaunay(self) -> dict[str, Any]:
        """Those of `HyperbolicDelaunay`."""
        return {name: getattr(self, name) for name in ("method", "n_rays", "random_state", "n_jobs", "verbose")}


def check_search(settings: Settings) -> None:
    """Raise ValueError if the settings make no sense for the search of edges, whatever the sets."""
    check_choice("method", settings.method, DELAUNAY_METHODS)
    check_count("n_rays", settings.n_rays)
    check_n_jobs(settings.n_jobs)
    check_count("hops", settings.hops)


def check_settings(settings: Settings, n_a: int, n_b: int) -> None:
    """Raise ValueError if the settings make no sense for sets of so many rows."""
    check_search(settings)
    check_flag("paired", settings.paired)
    check_flag("scan", settings.scan)
    check_count("n_permutations", settings.n_permutations, 0)
    if settings.max_points is not None:
        check_count("max_points", settings.max_points, 2)
    if settings.groups is not None and settings.paired:
        raise ValueError(
            "paired=True swaps single pairs of rows, and whole groups are relabelled; leave out paired: the labels "
            "of a group that is in both sets are swapped in all its rows at once"
        )
    if settings.paired and n_a != n_b:
        raise ValueError(
            f"paired=True takes row i of A and row i of B as a pair, but A has {n_a} rows and B has {n_b}; give both "
            "in the same order, or leave out paired"
        )
    if settings.interval is None:
        return
    allowed = "a confidence level between 0 and 1, such as 0.95"
    check_number("interval", settings.interval, allowed, lambda level: 0 < level < 1)
    if settings.groups is not None:
        # Halves of groups are no way out: of 6 + 6 donors, intervals of 95 % held the mean in 73 to 91 % of trials.
        raise ValueError(
            f"interval={settings.interval} draws halves of independent rows, and rows of one group are not; leave out "
            "interval or groups"
        )
    if min(n_a, n_b) < 4:
        raise ValueError(
            f"interval={settings.interval} draws halves of A and of B, which have {n_a} and {n_b} rows; it needs at "
            "least 4 in each"
        )
