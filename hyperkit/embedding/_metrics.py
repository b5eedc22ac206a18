"""Metrics of scikit-learn, and callables of two rows, with what some of them learn from a table.

In: a table of features and the word for a metric. Out: `FittedMetric`, which gives distances of any rows, checked, by
the variances or covariances of that table: scikit-learn takes those of whatever rows it is given, or refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin_min

from ._dissimilarities import Float, check_lengths

Metric = str | Callable[[Float, Float], float]

# Metrics that scikit-learn may compute as |x|^2 - 2xy + |y|^2, and that do not see a translation.
_EUCLIDEAN = ("euclidean", "l2", "sqeuclidean")


@dataclass(frozen=True, eq=False)
class FittedMetric:
    """A metric with its parameters."""

    metric: Metric
    learnt: dict[str, Float]

    @classmethod
    def of(cls, X: Any, metric: Metric) -> FittedMetric:
        """The metric as it is for the rows of `X`; ValueError, naming the column, if these leave it undefined."""
        if metric not in ("seuclidean", "mahalanobis") or issparse(X) or len(X) < 2:
            return cls(metric, {})
        if metric == "seuclidean":
            variance = np.var(X, axis=0, ddof=1, dtype=np.float64)
            if not variance.all():
                raise ValueError(
                    f"metric='seuclidean' divides by the variance of each column, and column {variance.argmin()} is "
                    "constant; leave it out"
                )
            return cls(metric, {"V": variance})
        covariance = np.atleast_2d(np.cov(X, rowvar=False, dtype=np.float64))
        unit = _units(X, covariance)  # beside a column 1e8 times as large, one would be taken for rounding
        correlation = covariance / unit / unit[:, None]
        rank = np.linalg.matrix_rank(correlation)
        if rank < len(covariance):
            raise ValueError(
                f"metric='mahalanobis' needs the inverse of the covariance of the {len(covariance)} columns, which has "
                f"rank {rank}: leave out columns that follow from others, or take principal components first"
            )
        return cls(metric, {"VI": np.linalg.inv(covariance)})

    def distances(self, X: Any, Y: Any = None, *, rows: NDArray[np.integer] | None = None) -> Float:
        """Distances of rows of `X` to rows of `Y` or to each other, finite and not negative.

        `rows` are the numbers that errors give the rows of `X`.
        """
        try:
            distances = np.array(pairwise_distances(X, Y, metric=self.metric, **self.learnt), dtype=np.float64)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f'metric={self.metric!r} cannot be computed; choose "geodesic", "precomputed", a callable or a metric '
                f"of sklearn.metrics.pairwise_distances that fits the data: {error}"
            ) from error
        check_lengths(distances, f"distances of metric={self.metric!r}", rows)
        return distances

    def as_if_alone(self, X: Any, Y: Any) -> Float:
        """As :meth:`distances`, each row as if it were alone: products of matrices round by the number of rows."""
        by_pairs = {**dict.fromkeys(_EUCLIDEAN, "euclidean"), "sqeuclidean": "sqeuclidean", "cosine": "cosine"}
        if issparse(X) or not isinstance(self.metric, str) or self.metric not in by_pairs:
            return self.distances(X, Y)
        distances = cdist(X, Y, by_pairs[self.metric])
        if self.metric == "cosine":  # of a row of zeros, which scikit-learn takes to be at right angles to all
            distances = np.nan_to_num(np.clip(distances, 0.0, 2.0), nan=1.0)
        check_lengths(distances, f"distances of metric={self.metric!r}")
        return distances

    def nearest(self, X: Any, Y: Any) -> tuple[NDArray[np.intp], Float]:
        """For each row of `X` the nearest of `Y`, and its distance."""
        return pairwise_distances_argmin_min(X, Y, metric=self.metric, metric_kwargs=self.learnt)

    def origin(self, X: Any) -> Float | None:
        """What to take off all rows: far from the origin |x|^2 - 2xy + |y|^2 has no digit of a distance left."""
        if issparse(X) or self.metric not in _EUCLIDEAN:
            return None
        first = X[0].astype(np.float64)  # first, since a sum of far columns may overflow
        blocks = (X[i : i + 4096] - first for i in range(0, len(X), 4096))
        return np.asarray(first + sum(block.sum(axis=0) for block in blocks) / len(X))


def _units(X: Any, covariance: Float) -> Float:
    """Standard deviation of each column; infinite if that is constant but for rounding."""
    deviation = np.sqrt(np.diag(covariance))
    rounding = 8 * np.finfo(np.float64).eps * np.abs(X).max(axis=0)
    return np.where((np.ptp(X, axis=0) <= rounding) | (deviation == 0), np.inf, deviation)
