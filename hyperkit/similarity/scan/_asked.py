"""The scan that a comparison asks for, from its graph and its settings."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._settings import Settings
from ..graph import Int, MemberGraph, near_rows
from ..significance import Labellings, group_labellings, random_labellings, with_rows
from ._scan import Scan, scan_rows

# Three steps find a shift of 50 + 50 points in .53 of all cases, two in .43, one in .04; five in .57.
LEAST_HOPS = 3
_N_LABELLINGS = 999


def scan_graph(graph: MemberGraph, settings: Settings) -> Scan:
    """Scan the rows of two sets, up to ``settings.hops`` steps and at least up to three."""
    rows = near_rows(graph)
    number = int(settings.n_permutations or _N_LABELLINGS)
    seed = int(check_random_state(settings.random_state).randint(2**31 - 1))
    groups = settings.groups
    if groups is None:
        relabel = partial(_relabel, rows.in_b, settings.paired, number, seed)
    else:
        relabel = partial(_relabel_groups, group_labellings(groups, number, seed), groups.of_rows)
    return scan_rows(
        rows,
        relabel,
        paired=settings.paired,
        groups=groups,
        hops=max(int(settings.hops), LEAST_HOPS),
        n_jobs=settings.n_jobs,
        verbose=settings.verbose,
    )


def _relabel(in_b: NDArray[np.bool_], paired: bool, number: int, seed: int, kept: NDArray[np.bool_]) -> Labellings:
    return random_labellings(in_b[kept], paired, number, seed)


def _relabel_groups(labellings: Labellings, of_rows: Int, kept: NDArray[np.bool_]) -> Labellings:
    return with_rows(labellings, of_rows[kept])
