"""`HyperbolicMDS`: the scikit-learn face of the embedding.

In: a table of features, a matrix of distances or a graph. Out: points of hyperbolic space whose mutual distances follow
the data's. This file checks parameters, keeps scikit-learn's conventions and translates units; dissimilarities come
from `_sources`, what is done with them is in `_fit`, the search in `search`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from .._jobs import one_thread
from .._progress import progress_bars
from .._validation import check_choice, check_count, check_flag, check_n_jobs, check_number
from .._warn import warn_caller
from ..models import MODELS, Model, check_curvature, checked_to_ball, from_ball, require_inside
from ._dissimilarities import check_memory
from ._fit import FEW_ROWS, N_LANDMARKS, Fit, fit_all, fit_landmarks
from ._metrics import Metric
from ._phases import Phases
from ._reading import read_fitted, read_new, source_of
from ._sources import NeighborSource
from .search import RIM, Search

Float = NDArray[np.float64]

# Largest distance asked for. Two points 36 from the origin, where float64 Poincaré coordinates end, are 72 apart; the
# rest is room for data that do not lie evenly around their mean.
_WIDEST = 60.0
# Up to so many samples all pairs are taken; 5,000 are 0.2 GB a matrix.
_MOST_FULL = 5000
# Landmarks of not many more: by 400 the stress of 5,000 was 15 % above that by all pairs, by 1,000 4 %.
_MORE_LANDMARKS = 1000


class HyperbolicMDS(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Place samples in hyperbolic space so that hyperbolic distances follow given ones.

    Multidimensional scaling with a hyperbolic target. The best of many starts with few samples, among them trees that
    the distances suggest, laid out, is refined by L-BFGS with the exact gradient, in turns with jumps of single points,
    until the weighted stress is at a minimum; the curvature (equivalently the scale of the distances) is found along
    the way. Above 5,000 samples all are placed by their distances to landmarks, and then moved by those to near
    samples, cell by cell. New samples are placed by :meth:`transform`.

    Parameters
    ----------
    n_components : int >= 1, default=2
        Dimension of the hyperbolic space.
    metric : str or callable, default="geodesic"
        ``"geodesic"``: shortest paths in the graph of Euclidean nearest neighbours, as in Isomap [1]_; a graph that is
        not connected is joined by its shortest bridges, with a warning. ``"precomputed"``: `X` is the matrix of
        distances. ``"precomputed_graph"``: `X` is a sparse array of the lengths of edges, such as scanpy's
        ``obsp["distances"]``, and distances are shortest paths. Else a metric of
        :func:`sklearn.metrics.pairwise_distances`, or a callable of two rows.
    n_neighbors : int >= 1, default=15
        Neighbours of each sample for ``metric="geodesic"``; of fewer distinct samples, all others are neighbours.
    weight_power : {0, 1, 2}, default=0
        Pairs weigh their distance to the power of minus this: 0 looks at large distances (metric scaling), 1 is
        Sammon's mapping, and 2 looks at relative errors (Kamada and Kawai): the one for trees inferred from the points.
        Distances below 1 % of the largest weigh as much as one of 1 %.
    n_landmarks : int >= 1, "auto" or None, default="auto"
        Random samples to which the distances of all are taken; None takes all pairs, which needs n_samples^2 memory.
        ``"auto"`` takes all pairs of up to 5,000 samples, 1,000 landmarks of up to 20,000, and 400 of more.
    curvature : float < 0 or "auto", default="auto"
        Curvature of the space in which distances should equal the given ones. ``"auto"`` searches for least stress,
        where the largest distance becomes 0.01 to 40 in units of the curvature radius. Not, as elsewhere in hyperkit,
        that of the coordinates: `embedding_` is at curvature -1 whatever it is (see Notes).
    n_init : int >= 1, default=8
        Random trees to start from where the eight starts that are always made (fewer with a given `curvature` or on a
        line, which has no trees: Hydra's [3]_, three from anywhere, four trees) differ, and three times as many more
        while the best do (with a given `curvature` twice as many at once); none where the first trees end clearly above
        the others. Up to `n_init` of the best are worked on.
    max_iter : int >= 1, default=5000
        Bound on the iterations of L-BFGS with all samples; with landmarks, of that with all landmarks, after which all
        samples take 55 at most, of up to 20,000 samples 450.
    tol : float > 0, default=2e-3
        Converged when 50 iterations, with landmarks of these, lower the stress by a smaller part than this.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the result, at curvature -1.
    random_state : int, RandomState instance or None, default=0
        For the landmarks and the starts. The same seed gives the same bits, whatever `n_jobs`.
    n_jobs : int or None, default=None
        Threads, as joblib counts them.
    verbose : bool, default=False
        Show a progress bar for each phase on stderr.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components) or, for the hyperboloid, (n_samples, n_components + 1)
        Coordinates at curvature -1, float64. Hyperbolic distances of these, divided by ``sqrt(-curvature_)``,
        approximate the given distances. The Fréchet mean of distinct samples is at the origin. Identical rows of
        features share one point.
    curvature_ : float
        Curvature found or given: -scale^2, where `scale` is the hyperbolic length that stands for distance 1.
    stress_ : float
        Normalised stress ``sqrt(sum w (d - scale D)^2 / sum w (scale D)^2)`` with D the given distances, d the
        hyperbolic ones of `embedding_` and ``w = D^-weight_power``: over all pairs of distinct samples, or all with a
        landmark. 0 is perfect; at ``weight_power=0`` all points in one place would give 1.
    n_iter_ : int
        Iterations of L-BFGS with all samples; with landmarks, those after all were placed by them.
    landmarks_ : ndarray of shape (n_landmarks,), int
        Samples by which others are placed, ascending: up to 400 where all pairs were taken.
    n_neighbors_ : int
        Neighbours used, only for ``metric="geodesic"``: `n_neighbors`, or the number of other distinct samples.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where they are all strings.

    See Also
    --------
    HyperbolicEncoder : Reads features as tangent vectors; keeps distances from the origin only.
    hyperkit.embedding.quality : Measures how good an embedding is.
    hyperkit.embedding.graph_distances : Distances of a tree or an ontology, for ``metric="precomputed"``.

    Notes
    -----
    All pairs: O(n_samples^2) memory, three float64 matrices at the peak (2.4 GB for 10,000 samples), and time a little
    above n_samples^2. Landmarks: O(n_samples (n_landmarks + n_features)) memory in float32.

    A fitted model keeps, beside its attributes, what :meth:`transform` needs: of features the rows as they were given
    (not copied where they are of float32 or float64), and for shortest paths the distances of all samples to
    `landmarks_`; of a precomputed matrix or graph no more than these.

    What follows takes ``embedding_`` as it is, and its lengths are at curvature -1. In the units of the data:
    ``HyperSteiner(curvature=mds.curvature_).fit(mds.embedding_ / np.sqrt(-mds.curvature_))``.

    The stress is not convex: seeds differ by some percent, and by more in ``curvature_``, on which the stress hardly
    depends (-.11 to -.17 by five seeds of the bundled blood cells, with ``n_init=1``). First a sample of 300 is placed,
    in which each branch of a dendrogram has its share. Starts with 100 of these place the others: by Hydra, by
    stochastic gradient descent on pairs [2]_, and by trees of neighbour joining [4]_, each laid out around the origin
    in the best of 32 random orders, later ones at about the scale of the best. The best of all are shaken: branches are
    turned over, samples placed anew by the others, at length where the first tries gain much. Three come down with all
    300, and the best of these, then shaken again, with 900 and with all samples, which sweeps [2]_ tell apart first. Of
    more samples the landmarks are placed so; all of them, or 200 of more than 20,000 samples, place all others and hold
    cells of 60 samples on average, in which all pairs count. Of more than 20,000 samples cells of 2,000 and of 250 come
    before, in which all pairs of one in 32 and one in four samples count. Cells of more than five times as many samples
    are divided, around a hub at random; where one was, small cells come once more at the end.

    Orientation carries no meaning. ``"auto"`` takes what lowers the stress however little, and the pictures of
    tree-like data then crowd at the rim. For a picture, fix the curvature: ``-(10 / diameter) ** 2`` makes the data
    10 across (the bundled krumsiek11: stress 0.008 instead of 0.003, and both late branchings become visible).

    References
    ----------
    .. [1] Tenenbaum, de Silva and Langford, "A global geometric framework for nonlinear dimensionality reduction",
       Science 290 (2000).
    .. [2] Zheng, Pawar and Goodman, "Graph drawing by stochastic gradient descent", IEEE TVCG 25 (2019).
    .. [3] Keller-Ressel and Nargang, "Hydra: a method for strain-minimizing hyperbolic embedding of network- and
       distance-based data", Journal of Complex Networks 8 (2020).
    .. [4] Saitou and Nei, "The neighbor-joining method: a new method for reconstructing phylogenetic trees", Molecular
       Biology and Evolution 4 (1987).

    Examples
    --------
    A star with three arms, distances along its edges:

    >>> import numpy as np
    >>> from hyperkit.embedding import HyperbolicMDS
    >>> distances = np.array([[0, 1, 1, 1], [1, 0, 2, 2], [1, 2, 0, 2], [1, 2, 2, 0]])
    >>> mds = HyperbolicMDS(metric="precomputed", random_state=0).fit(distances)
    >>> mds.embedding_.shape, bool(mds.stress_ < 0.02)
    ((4, 2), True)

    A fifth object, in the middle of an arm:

    >>> mds.transform([[0.5, 0.5, 1.5, 1.5]]).shape
    (1, 2)
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        metric: Metric = "geodesic",
        n_neighbors: int = 15,
        weight_power: int = 0,
        n_landmarks: int | str | None = "auto",
        curvature: float | str = "auto",
        n_init: int = 8,
        max_iter: int = 5000,
        tol: float = 2e-3,
        model: Model = "poincare",
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.n_components = n_components
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.weight_power = weight_power
        self.n_landmarks = n_landmarks
        self.curvature = curvature
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.model = model
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: Any = None) -> HyperbolicMDS:
        """Compute the embedding.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, n_samples) for precomputed metrics
            Samples: float32 and memory-mapped tables are not copied, and sparse ones stay sparse. Or their distances:
            finite, symmetric, not negative, with a zero diagonal. Or, for ``"precomputed_graph"``, a sparse array of
            edge lengths, in which i may name j and j not i.
        y : None
            Ignored.

        Returns
        -------
        HyperbolicMDS
            The fitted estimator itself.

        Raises
        ------
        TypeError
            `X` does not hold real numbers, or hides some: a mask, or a gradient.
        ValueError
            A parameter is out of range, `X` is not finite, no matrix of distances or no connected graph, the matrices
            do not fit into memory, or `curvature` puts the largest distance beyond 60, or a point beyond 34 from the
            Fréchet mean: farther than float64 Poincaré coordinates reach.

        Warns
        -----
        UserWarning
            The graph of neighbours is not connected; it is joined by its shortest bridges.
        ConvergenceWarning
            The stress was still falling after `max_iter` iterations, or Ctrl-C has ended the search after its first
            start: the result is the best so far.
        """
        self._check_parameters()
        self.__dict__.pop("n_neighbors_", None)  # of an earlier fit
        table = read_fitted(self, X)
        rng = check_random_state(self.random_state)
        # One thread: the same bits on any number of cores, and 3 s where two threads that share two busy cores took 9
        with progress_bars(show=bool(self.verbose)) as progress, one_thread():
            phases = Phases(progress)
            phases.begin("neighbours")
            source, inverse = source_of(self, table)
            n_landmarks = self._number_of_landmarks(source.n)
            if n_landmarks is None:
                check_memory(source.n, "n_samples")
                fit = fit_all(source, self._asked, rng, phases)
            else:
                check_memory(n_landmarks, "n_landmarks")
                fit = fit_landmarks(source, self._asked, n_landmarks, rng, phases)
            phases.end()
        if isinstance(source, NeighborSource):
            self.n_neighbors_ = source.n_neighbors
        return self._finish(fit, inverse)

    def fit_transform(self, X: ArrayLike, y: Any = None) -> Float:
        """Compute the embedding and return it; parameters and errors as in :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_components), float64
            `embedding_`, in coordinates of `model` at curvature -1. A frame, if `set_output` asks for one.
        """
        return self.fit(X).embedding_

    def transform(self, X: ArrayLike) -> Float:
        """Place new samples among the fitted ones, which stay where they are.

        Each is placed by itself, by its distances to the landmarks: by way of its nearest fitted samples, where
        distances are shortest paths.

        Parameters
        ----------
        X : array-like of shape (m, n_features), or of shape (m, n_samples) or (m, n_landmarks) for ``"precomputed"``
            New samples; or their distances to all fitted ones, or to those of `landmarks_`, in their order. A sparse
            array of shape (m, n_samples) for ``"precomputed_graph"``: what is stored in a row are the distances of a
            new sample to some fitted ones.

        Returns
        -------
        ndarray of shape (m, n_components), float64
            Coordinates of `model` at curvature -1. A copy of a fitted sample has its place.

        Raises
        ------
        TypeError, ValueError
            As in :meth:`fit`; `X` does not have the columns seen there, or `metric` or `model` were set since.

        Warns
        -----
        UserWarning
            A sample is farther from all fitted ones than any two neighbours of the graph are: it is placed, but its
            place says little.
        """
        check_is_fitted(self)
        asked = (self.metric, self.model)
        if asked != self._fitted_as:
            metric, model = self._fitted_as
            raise ValueError(
                f"metric={self.metric!r} and model={self.model!r} were set after fit, which was with metric={metric!r} "
                f"and model={model!r}: fit again, or set them back"
            )
        name = "the places of X"
        return from_ball(require_inside(self._placer.place(read_new(self, X)), name), self.model, name=name)

    @property
    def _n_features_out(self) -> int:
        """Number of columns of the result, which scikit-learn asks for."""
        return self.embedding_.shape[1]

    def _number_of_landmarks(self, n: int) -> int | None:
        """None for all pairs."""
        number = self.n_landmarks
        if number == "auto":
            number = None if n <= _MOST_FULL else _MORE_LANDMARKS if n <= FEW_ROWS else N_LANDMARKS
        return None if number is None or int(number) >= n else int(number)

    def _asked(self, longest: float) -> Search:
        """What the search is asked for, where the largest distance is `longest`; 1 is the unit where that is 0."""
        scale = None if self.curvature == "auto" else float(np.sqrt(-float(self.curvature))) * (longest or 1.0)
        if longest and scale is not None and scale > _WIDEST:
            raise ValueError(
                f"curvature={self.curvature}: the largest distance {longest:.6g} would span {scale:.6g} of hyperbolic "
                f"length, and Poincaré coordinates hold {_WIDEST:g}; take a curvature above "
                f"{-((_WIDEST / longest) ** 2):.6g}"
            )
        return Search(
            n_components=int(self.n_components),
            scale=scale,
            power=int(self.weight_power),
            n_init=int(self.n_init),
            tol=float(self.tol),
            max_iter=int(self.max_iter),
            n_jobs=self.n_jobs,
        )

    def _finish(self, fit: Fit, inverse: NDArray[np.intp]) -> HyperbolicMDS:
        end, placement = fit.descent.end, fit.descent.placement
        if self.curvature != "auto" and not placement.radius <= RIM:
            raise ValueError(
                f"curvature={self.curvature}: the largest distance {fit.unit:.6g} would span {placement.scale:.6g} of "
                f"hyperbolic length and a point would lie {placement.radius:.3g} from the Fréchet mean, where Poincaré "
                f'coordinates hold {RIM}; take a curvature nearer to 0, or "auto"'
            )
        if end != "converged":
            why, way_out = "was interrupted", ""
            if end == "max_iter":
                why = f"did not converge in max_iter={self.max_iter} iterations"
                way_out = f". Increase max_iter, or tol={self.tol:g} to be content with less"
            warn_caller(f"HyperbolicMDS {why}: stress {placement.stress:.4g}{way_out}", ConvergenceWarning)
        points = require_inside(fit.points, "embedding_")
        coordinates = from_ball(points, self.model, name="embedding_")
        self.embedding_ = coordinates[inverse]
        self.curvature_ = -((placement.scale / fit.unit) ** 2) if self.curvature == "auto" else float(self.curvature)
        # Of the points as they are given out, with the gap of their rounded coordinates.
        self.stress_ = fit.stress_of(checked_to_ball(coordinates, self.model, name="embedding_"))
        self.n_iter_ = fit.descent.n_iter
        _, first = np.unique(inverse, return_index=True)
        self.landmarks_ = first[fit.landmarks]
        self._fitted_as = (self.metric, self.model)
        self._placer = fit.placer(points)
        return self

    def _check_parameters(self) -> None:
        for name in ("n_components", "n_neighbors", "n_init", "max_iter"):
            check_count(name, getattr(self, name))
        check_count("weight_power", self.weight_power, 0, 2)
        check_number("tol", self.tol, "a positive number", lambda tol: 0 < tol < np.inf)
        check_choice("model", self.model, MODELS)
        check_n_jobs(self.n_jobs)
        check_flag("verbose", self.verbose)
        if not isinstance(self.metric, str) and not callable(self.metric):
            raise ValueError(f'metric={self.metric!r} must be "geodesic", "precomputed", another metric or a callable')
        if isinstance(self.n_landmarks, str):
            if self.n_landmarks != "auto":
                raise ValueError(
                    f'n_landmarks={self.n_landmarks!r} must be a whole number of at least 1, "auto" or None'
                )
        elif self.n_landmarks is not None:
            check_count("n_landmarks", self.n_landmarks)
        if isinstance(self.curvature, str):
            if self.curvature != "auto":
                raise ValueError(f'curvature={self.curvature!r} must be "auto" or a negative number')
        else:
            check_curvature(self.curvature)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric in ("precomputed", "precomputed_graph")
        tags.input_tags.sparse = self.metric != "precomputed"
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
