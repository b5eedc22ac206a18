"""The methods that there are. A further one is a room of its own, a line here, and a line of `_methods`, which runs it.

Nothing is imported here: the command line reads its choices from this list before it loads anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["auto", "greedy", "local", "thorough", "exact"]


@dataclass(frozen=True)
class SteinerMethod:
    """A way to find a short tree."""

    name: Method
    starts_from_a_tree: bool = False
    """Whether it can improve a tree that is given (`init`)."""
    keeps_to_a_time: bool = False
    """Whether it heeds `time_limit`."""
    runs_in_jobs: bool = False
    """Whether it heeds `n_jobs`."""


METHODS: dict[Method, SteinerMethod] = {
    method.name: method
    for method in (
        SteinerMethod("auto", starts_from_a_tree=True, runs_in_jobs=True),
        SteinerMethod("greedy"),
        SteinerMethod("local", starts_from_a_tree=True, runs_in_jobs=True),
        SteinerMethod("thorough", starts_from_a_tree=True, keeps_to_a_time=True, runs_in_jobs=True),
        SteinerMethod("exact", keeps_to_a_time=True),
    )
}
