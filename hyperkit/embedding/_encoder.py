"""Features as tangent vectors: the exponential map at the origin as a scikit-learn transformer.

In: rows of Euclidean features. Out: points of the Poincaré ball, one a row. The one idea: a row is read as a tangent
vector at the origin, so its direction stays and its length becomes the hyperbolic distance from the origin. Validation
and the rule for rows that are too long live in `hyperkit._base`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._base import HyperbolicEstimator
from ..models import Model, from_ball


class HyperbolicEncoder(OneToOneFeatureMixin, TransformerMixin, HyperbolicEstimator):
    """Map Euclidean features into the Poincaré ball by the exponential map at the origin.

    A row v goes to ``tanh(|v| / 2) v / |v|`` (at curvature -1), the point at hyperbolic distance ``|v|`` from the
    origin in the direction of v. Put it between a Euclidean step and a hyperbolic one. To make the tree-like part of
    the space count, scale the features first so that the rows are a few units long; unlike :class:`HyperbolicMDS` it
    preserves distances from the origin only.

    Parameters
    ----------
    curvature : float < 0, default=-1.0
        Curvature of the space: ``|v|`` is a length in it, and the points have norms below ``1 / sqrt(-curvature)``. The
        nearer to 0, the more the points lie as in Euclidean space. Give the steps that follow the same.

    Attributes
    ----------
    scale_ : float
        Factor on every row, learned in `fit`. 1.0 unless a row was longer than ``30 / sqrt(-curvature)``; then
        the longest row has that.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where `fit` saw names that are all strings.

    See Also
    --------
    HyperbolicMDS : Places points so that their mutual distances agree with the data.

    Notes
    -----
    In geoopt ``expmap0(v)`` at curvature -1 reaches the hyperbolic distance ``2 |v|``: there v are components in the
    chart (see :func:`hyperkit.exp_map`), here its norm is the length.

    Rows as long as 30 get a norm of 1 - 2e-13, where the spacing of float64 is worth 3e-4 of distance and float32 has
    nothing below 1 left: the output is float64 always.

    Examples
    --------
    >>> import numpy as np
    >>> from hyperkit.embedding import HyperbolicEncoder
    >>> HyperbolicEncoder().fit_transform([[0.0, 0.0], [np.log(3.0), 0.0]]).round(6)
    array([[0. , 0. ],
           [0.5, 0. ]])
    """

    model: Model = "tangent"

    def __init__(self, *, curvature: float = -1.0) -> None:
        self.curvature = curvature

    def fit(self, X: ArrayLike, y: Any = None) -> HyperbolicEncoder:
        """Learn the number of features and `scale_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; read as tangent vectors at the origin (hyperbolic length, of the curvature given).
        y : None
            Ignored.

        Returns
        -------
        HyperbolicEncoder
            The fitted encoder itself.

        Raises
        ------
        ValueError
            A row is not finite.
        """
        self._to_table(X, reset=True)  # no row is too long for the ball after it
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Points of the ball for rows of features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, multiplied by `scale_` here.

        Returns
        -------
        ndarray of shape (n_samples, n_features), float64
            Poincaré coordinates, norms below ``1 / sqrt(-curvature)``.

        Raises
        ------
        ValueError
            A row is not finite, or so much longer than the rows of `fit` that ``scale_ * |v|`` exceeds
            ``36 / sqrt(-curvature)``, beyond which float64 Poincaré coordinates round onto the rim.
        """
        check_is_fitted(self)
        return from_ball(self._to_ball(X, reset=False), "poincare", curvature=self.curvature)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
