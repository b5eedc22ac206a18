"""What is counted of an embedding against a reference, block of rows by block of rows.

In: distances of the reference, of embeddings and perhaps of a tree, and the rows to look at. Out: one `Tally` for each
block and embedding; tallies add up. A row is seen against all others, so that ranks are true ones even if few rows are
looked at. Distances of the reference are computed once for all embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ._distance_rows import DistanceRows, Float, Index

# Up to so many rows are looked at all, and all pairs of them; of more, so many pairs and so many rows.
_MOST_EXACT = 5000
_PAIRS = 4_000_000
_ROWS = 500
# Entries of a block of distances: 16 MB.
_BLOCK = 2**21
# A sample is cut into so many random parts: what they differ by is its error, known itself to 15 %.
_PARTS = 25


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts over some rows."""

    n_rows: int
    shared: NDArray[np.int64]
    """Entry K - 1: others whose larger rank in the two orders is K, shape (n - 1,)."""
    intruding: int
    """Sum of ranks beyond k in the reference of those among the k nearest of the embedding."""
    missing: int
    """The same with the two exchanged."""
    precision: float
    """Sum of average precisions."""
    with_neighbors: int
    """Rows with an average precision."""
    right: int
    """Triplets in the right order."""
    compared: int
    """All triplets that have one."""
    wanted: Float
    """Distances of the reference for some pairs."""
    found: Float
    """Distances of the embedding for these."""


def joined(tallies: Sequence[Tally]) -> Tally:
    """The counts over the rows of all."""
    return Tally(
        n_rows=sum(each.n_rows for each in tallies),
        shared=np.sum([each.shared for each in tallies], axis=0),
        intruding=sum(each.intruding for each in tallies),
        missing=sum(each.missing for each in tallies),
        precision=sum(each.precision for each in tallies),
        with_neighbors=sum(each.with_neighbors for each in tallies),
        right=sum(each.right for each in tallies),
        compared=sum(each.compared for each in tallies),
        wanted=np.concatenate([each.wanted for each in tallies]),
        found=np.concatenate([each.found for each in tallies]),
    )


@dataclass(frozen=True, eq=False)
class Task:
    """Rows to look at and, for each, others for the pairs; None are all that come after it."""

    rows: Index
    others: Index | None


def plan(n: int, sample_size: int | None, rng: np.random.RandomState) -> list[Task]:
    """Tasks for `sample_size` of `n` rows; which they are depends on these two numbers and the generator only."""
    m = min(n, sample_size or (n if n <= _MOST_EXACT else _ROWS))
    if m == n <= _MOST_EXACT:
        return [Task(rows, None) for rows in np.array_split(np.arange(n), -(-n * n // _BLOCK))]
    rows = rng.permutation(n)[:m]
    others = rng.randint(n - 1, size=(m, min(n - 1, max(_PAIRS // m, 1))))
    others += others >= rows[:, None]
    n_parts = min(m, _PARTS)
    cuts = zip(np.array_split(rows, n_parts), np.array_split(others, n_parts), strict=True)
    return [Task(*cut) for cut in cuts]


def is_sample(tasks: Sequence[Task]) -> bool:
    """Whether not all rows and pairs are looked at; the tasks are then random parts of a sample."""
    return tasks[0].others is not None


def tally_all(
    tasks: Sequence[Task],
    reference: DistanceRows,
    embeddings: Sequence[DistanceRows],
    tree: DistanceRows | None,
    k: int,
    n_jobs: int | None,
    verbose: bool,
) -> list[list[Tally]]:
    """For each task the tallies of all embeddings."""
    work = [delayed(_tally_task)(task, reference, embeddings, tree, k) for task in tasks]
    return run(work, n_jobs, verbose, "quality")


def _tally_task(
    task: Task, reference: DistanceRows, embeddings: Sequence[DistanceRows], tree: DistanceRows | None, k: int
) -> list[Tally]:
    n_blocks = min(len(task.rows), -(-len(task.rows) * reference.n // _BLOCK))
    rows = np.array_split(task.rows, n_blocks)
    others = [None] * n_blocks if task.others is None else np.array_split(task.others, n_blocks)
    blocks = [_tally_block(Task(*part), reference, embeddings, tree, k) for part in zip(rows, others, strict=True)]
    return [joined(parts) for parts in zip(*blocks, strict=True)]


def _tally_block(
    task: Task, reference: DistanceRows, embeddings: Sequence[DistanceRows], tree: DistanceRows | None, k: int
) -> list[Tally]:
    from .kernels.ranks import tally_ranks, tally_triplets

    empty = np.zeros(0, dtype=np.int64)
    start, heads = reference.neighbors or (empty, empty)
    wanted = reference.rows(task.rows)
    by_wanted = _near_to_far(wanted, task.rows)
    truth, by_truth = wanted, by_wanted
    if tree is not None:
        truth = tree.rows(task.rows)
        by_truth = _near_to_far(truth, task.rows)
    tallies = []
    for embedding in embeddings:
        found = embedding.rows(task.rows)
        by_found = _near_to_far(found, task.rows)
        shared = np.zeros(reference.n - 1, dtype=np.int64)
        counts = tally_ranks(wanted, found, by_wanted, by_found, start, heads, k, shared)
        triplets = tally_triplets(truth, found, by_truth, by_found)
        seen = _pairs(wanted, task), _pairs(found, task)
        tallies.append(Tally(len(task.rows), shared, *(*counts, *triplets, *seen)))
    return tallies


def _near_to_far(distances: Float, rows: Index) -> Index:
    """Order of all rows by distance, each row itself first, even where others are at distance 0."""
    own = np.arange(len(rows)), rows
    distances[own] = -1.0
    order = np.argsort(distances, axis=1)
    distances[own] = 0.0
    return order


def _pairs(distances: Float, task: Task) -> Float:
    if task.others is not None:
        return np.take_along_axis(distances, task.others, axis=1).reshape(-1)
    return distances[np.arange(distances.shape[1]) > task.rows[:, None]]
