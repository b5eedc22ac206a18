"""How much a score would move with other samples: an interval from random halves of the sets.

A bootstrap would draw rows twice, and the graph merges rows that repeat. So halves are drawn without replacement: of n
independent rows a random half deviates from the whole as the whole deviates from the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ...models import BallPoints
from .._settings import Settings
from ..graph import Float, Int, count_member_edges

_HALVES = 200


Score = Callable[[Sequence[BallPoints], Settings], tuple[Float, float]]
"""Gives the similarities of sets, at one scale or at several, and the recall of their graph."""


def half_sample_interval(
    sets: Sequence[BallPoints], similarity: Float, confidence: float, settings: Settings, score: Score
) -> tuple[tuple[Float, Float], float]:
    """Intervals for similarities at a confidence, cut at 0 and 1; the least recall of the graphs of the halves.

    The delete-half jackknife [1]_: deviations of the scores of halves from their own mean, since a half has a
    slightly other expectation than the whole. Of pairs, both rows are drawn.

    References
    ----------
    .. [1] Shao and Wu, "A general theory for jackknife variance estimation", Annals of Statistics 17, 1989.
    """
    rng = check_random_state(settings.random_state)
    one_job = settings._replace(n_jobs=1, verbose=False, random_state=int(rng.randint(2**31 - 1)))
    score_half = delayed(score)
    rows = [_draw_halves([len(points) for points in sets], settings.paired, rng) for _ in range(_HALVES)]
    tasks = [
        score_half([points.take(half) for points, half in zip(sets, halves, strict=True)], one_job) for halves in rows
    ]
    scores, recalls = zip(*run(tasks, settings.n_jobs, settings.verbose, "scoring half-samples"), strict=True)
    n = sum(map(len, sets))
    n_half = sum(map(len, rows[0]))
    # 1 if both sets are even: the variance of a sample of h rows out of n is (1/h - 1/n) / (1/n) times that of n.
    scale = np.sqrt(n_half / (n - n_half))
    tail = (1 - confidence) / 2
    low, high = np.quantile(scores, [tail, 1 - tail], axis=0) - np.mean(scores, axis=0)
    interval = np.maximum(0.0, similarity - scale * high), np.minimum(1.0, similarity - scale * low)
    return interval, min(recalls)


def _draw_halves(sizes: Sequence[int], paired: bool, rng: np.random.RandomState) -> list[Int]:
    if paired:
        return [rng.permutation(sizes[0])[: sizes[0] // 2]] * 2
    return [rng.permutation(size)[: size // 2] for size in sizes]


def similarity_of_graph(sets: Sequence[BallPoints], settings: Settings) -> tuple[Float, float]:
    """Similarity of sets, and the recall of their graph."""
    counts, recall = count_member_edges(sets, settings)
    return np.array(counts.ab / sum(counts)), recall
