"""Many comparisons: joblib tasks, each with one Delaunay graph, and their numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ...models import BallPoints
from .._settings import Settings
from ._compared import compared

if TYPE_CHECKING:
    import pandas as pd


def run_comparisons(
    pairs: Sequence[tuple[BallPoints, BallPoints]], settings: Sequence[Settings], description: str
) -> tuple[list[dict[str, Any]], float]:
    """The numbers of each comparison, with settings that differ in their groups; the least recall of their graphs."""
    # A pair goes as one tuple: joblib leaves bare arrays with one worker of a dask cluster, and they would die with it.
    tasks = [
        delayed(_figures)(pair, each._replace(n_jobs=1, verbose=False))
        for pair, each in zip(pairs, settings, strict=True)
    ]
    done = run(tasks, settings[0].n_jobs, settings[0].verbose, description) if settings else []
    return [figures for figures, _ in done], min((recall for _, recall in done), default=1.0)


def _figures(pair: tuple[BallPoints, BallPoints], settings: Settings) -> tuple[dict[str, Any], float]:
    """The numbers of a comparison, and the recall; the graph stays where it was made."""
    result, recall = compared(*pair, settings)
    return asdict(result), recall


def figures_table(figures: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row a comparison; what was not asked for is NaN, so that columns are of numbers and files can hold them."""
    import pandas as pd

    return pd.DataFrame([{k: np.nan if value is None else value for k, value in row.items()} for row in figures])
