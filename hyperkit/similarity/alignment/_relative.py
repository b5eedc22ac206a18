"""Relative representations: points by their distances to anchors, which no isometry changes.

In come points of hyperbolic space, out comes a table of Euclidean features, a column an anchor. Two embeddings of one
kind of data that were trained apart become comparable if their anchors are the same samples.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from ..._base import HyperbolicEstimator
from ..._validation import check_count, check_flag
from ...geometry import native_distance_matrix, native_points
from ...models import Model, check_points, check_table


class RelativeRepresentation(ClassNamePrefixFeaturesOutMixin, TransformerMixin, HyperbolicEstimator):
    """Represent points by their hyperbolic distances to anchors.

    An isometry moves points and anchors alike and leaves the result as it is, so that embeddings which differ by one
    (and by what the training left to chance) can be compared, stitched or fed to one downstream model.

    Parameters
    ----------
    anchors : int, array-like of int of shape (k,), or array-like of shape (k, d), default=10
        A number: so many rows of the fitted set, drawn at random. Whole numbers: these rows of the fitted set; give the
        same samples in each embedding. A table: points in `model` coordinates (``"hyperboloid"``: d + 1 columns).
    normalize : bool, default=True
        Standardise each column to mean 0 and standard deviation 1 over the fitted set [2]_, which also takes away a
        difference of scale between embeddings. A column that is constant there is only centred.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the points.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates and the distances live in.
    random_state : int, RandomState or None, default=0
        For the draw of anchors.

    Attributes
    ----------
    anchors_ : ndarray of shape (k, d) or (k, d + 1), float64
        The anchors in `model` coordinates of the space of `curvature`, as given, with `scale_` applied.
    mean_, std_ : ndarray of shape (k,), float64
        Of the distances of the fitted set to each anchor, lengths of the space of `curvature`; 0 and 1 if not
        `normalize`, and a standard deviation of 0 is replaced by 1.
    scale_ : float
        The factor that shrinks all rows; 1.0 except for ``model="tangent"`` with a row longer than
        ``30 / sqrt(-curvature)``.
    n_features_in_ : int
        Columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names seen in `fit`; only when all of them are strings.

    Notes
    -----
    Published with the cosine to the anchors [1]_; here with hyperbolic distance. Time and memory O(n k).

    References
    ----------
    .. [1] Moschella et al., "Relative representations enable zero-shot latent space communication", ICLR 2023 (arXiv
       2209.15430).
    .. [2] García-Castellanos et al., "Relative representations: topological and geometric perspectives", 2024 (arXiv
       2409.10967).

    Examples
    --------
    >>> points = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]
    >>> RelativeRepresentation(anchors=[0, 1], normalize=False).fit_transform(points).round(3)
    array([[0.   , 1.099],
           [1.099, 0.   ],
           [1.099, 1.681]])
    """

    def __init__(
        self,
        anchors: int | ArrayLike = 10,
        *,
        normalize: bool = True,
        model: Model = "poincare",
        curvature: float = -1.0,
        random_state: int | RandomState | None = 0,
    ) -> None:
        self.anchors = anchors
        self.normalize = normalize
        self.model = model
        self.curvature = curvature
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Choose the anchors, and learn mean and standard deviation of the distances to them.

        Parameters
        ----------
        X : array-like of shape (n, d), or (n, d + 1) for ``model="hyperboloid"``
            Points in `model` coordinates.
        y : ignored
            Here for scikit-learn's conventions.

        Returns
        -------
        RelativeRepresentation
            The fitted transformer itself.

        Raises
        ------
        ValueError
            `anchors` asks for rows that X does not have, or has points of another dimension; a row of X is not finite
            or not in the model.
        """
        check_flag("normalize", self.normalize)
        table = self._to_table(X, reset=True)
        self.anchors_ = self._choose_anchors(table)
        self._anchors = native_points(self.anchors_, self.model, self.curvature, "anchors")
        k = len(self.anchors_)
        self.mean_, self.std_ = np.zeros(k), np.ones(k)
        if self.normalize:
            distances = self._distances(table)
            self.mean_, spread = distances.mean(axis=0), distances.std(axis=0)
            self.std_ = np.where(spread > 1e-12 * self.mean_, spread, 1.0)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Distances of points to the anchors.

        Parameters
        ----------
        X : array-like of shape (n, d), or (n, d + 1) for ``model="hyperboloid"``
            Points in `model` coordinates.

        Returns
        -------
        ndarray of shape (n, k), float64
            Lengths of the space of `curvature`, less `mean_`, divided by `std_`: without unit if `normalize`.

        Raises
        ------
        ValueError
            X has another number of columns than the fitted set, or a row that is not in the model.
        """
        check_is_fitted(self)
        return np.asarray((self._distances(self._to_table(X, reset=False)) - self.mean_) / self.std_)

    def _distances(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        points = native_points(table, self.model, self.curvature, "X")
        return native_distance_matrix(points, self._anchors)

    def _choose_anchors(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        n = len(table)
        anchors = self.anchors
        check_table(anchors, name="anchors")
        if np.ndim(anchors) == 0:
            number = check_count("anchors", anchors)
            if number > n:
                raise ValueError(
                    f"anchors={number} rows cannot be drawn from n_samples={n}; give a number from 1 to {n}"
                )
            return table[check_random_state(self.random_state).permutation(n)[:number]]
        given = np.asarray(anchors)
        if given.ndim == 1 and given.dtype.kind in "iu" and len(given):
            bad = (given < 0) | (given >= n)
            if bad.any():
                raise ValueError(f"anchors: entry {np.argmax(bad)} is {given[bad][0]}; rows go from 0 to {n - 1}")
            return table[given]
        if given.ndim != 2 or given.shape[1] != table.shape[1] or not len(given):
            raise ValueError(
                f"anchors has shape {given.shape}; give a number of rows, a list of row numbers, or a table of points "
                f"with {table.shape[1]} columns"
            )
        return check_points(given, self.model, curvature=self.curvature, name="anchors") * self.scale_

    @property
    def _n_features_out(self) -> int:
        return len(self.anchors_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
