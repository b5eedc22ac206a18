"""Hyperbolic Procrustes: the isometry that brings one set of points closest to another.

In come two sets in coordinates of their own, as two trainings give them; out comes an `Alignment`. With known pairs the
start is in closed form: both sets seen from their Fréchet means are vectors, which an orthogonal Procrustes step turns
onto each other. Newton's method on the hyperbolic distances of the pairs then finishes. Without pairs an optimal
matching takes their place, and matching and turning alternate from many starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import special_ortho_group
from sklearn.utils import check_random_state
from sklearn.utils.parallel import delayed

from ..._jobs import one_blas_thread, run
from ..._repr import KeyFigures
from ..._validation import check_flag, check_paired_rows, refuse_hidden
from ...geometry import ball_distance, ball_distance_matrix, ball_frechet_mean, move_to_origin
from ...models import (
    BallPoints,
    Model,
    ball_to_tangent,
    checked_to_ball,
    from_ball,
    require_inside,
    to_ball,
)
from ..distances import check_two_sets
from ._isometry import Isometry
from ._refined import refined

# Rows that are matched: the first guess, from every start, and the final one. Time grows with the cube.
_MATCHED_AT_START = 200
_MATCHED = 1000
_RANDOM_STARTS = 24
_MOST_FLIPS = 4  # axes that are flipped in all combinations
_MOST_ROUNDS = 50


@dataclass(frozen=True, eq=False, repr=False)
class Alignment(KeyFigures):
    """The isometry that brings a set A closest to a set B.

    Attributes
    ----------
    aligned : ndarray of shape (n, d) or (n, d + 1), float64
        A moved, in `model` coordinates of the space of `curvature`.
    mean_squared_distance : float
        Of the pairs after the move, a squared length of the space of `curvature`.
    pairs : ndarray of shape (k, 2), int64
        Rows of A and of B that were brought together: those given, or those matched.
    rotation : ndarray of shape (d, d), float64
        Orthogonal; its determinant is -1 if orientation is reversed.
    source, target : ndarray of shape (d,) or (d + 1,), float64
        Points in `model` coordinates. The isometry carries `source` to the origin along their geodesic, turns by
        `rotation`, and carries the origin to `target` along theirs. In half-space coordinates the origin is (0, 1).
    model : str
        Coordinates of the points.
    curvature : float
        Curvature of the space they live in.
    """

    aligned: NDArray[np.float64]
    mean_squared_distance: float
    pairs: NDArray[np.int64]
    rotation: NDArray[np.float64]
    source: NDArray[np.float64]
    target: NDArray[np.float64]
    model: Model
    curvature: float
    _isometry: Isometry

    def _key_figures(self) -> dict[str, object]:
        return {
            "mean_squared_distance": self.mean_squared_distance,
            "n_pairs": len(self.pairs),
            "d": len(self.rotation),
            "model": self.model,
            "curvature": self.curvature,
        }

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Move other points of the space of A by the same isometry.

        Parameters
        ----------
        X : array-like of shape (n, d); ``model="hyperboloid"``: (n, d + 1)
            Points in `model` coordinates of the space of `curvature`.

        Returns
        -------
        ndarray of the shape of X, float64
            The points moved, in the same coordinates.

        Raises
        ------
        ValueError
            A row is not in the model, or is moved farther out than its coordinates reach.
        """
        points = to_ball(X, self.model, curvature=self.curvature)
        return _moved(self._isometry, points, self.model, self.curvature)


def align(
    A: ArrayLike,
    B: ArrayLike,
    pairs: ArrayLike | Literal["rows"] | None = None,
    *,
    reflections: bool = False,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = 0,
    verbose: bool = False,
) -> Alignment:
    """Bring A closest to B by an isometry: hyperbolic Procrustes, with or without known pairs.

    Two embeddings that were trained apart share no coordinate system: align them before any score of sets is taken.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The set to move and the set to move it to, in `model` coordinates.
    pairs : array-like of int of shape (k, 2), "rows" or None
        Rows of A and of B that belong together; ``"rows"``: row i of A with row i of B. None: they are found, as the
        optimal matching of the smaller set into the larger one; of more than 1,000 rows, of 1,000 random ones.
    reflections : bool, default=False
        Allow isometries that reverse orientation. Two trainings may well differ by one.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates and the distances live in.
    random_state : int, RandomState or None, default=0
        Without pairs: for starts, and rows to match.
    verbose : bool, default=False
        Without pairs: show a progress bar on stderr.

    Returns
    -------
    Alignment

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model; `pairs` has another shape or rows
        that do not exist; or a moved point lies beyond polar radius 36.

    Notes
    -----
    Minimises the mean squared distance of the pairs. Start: Fréchet means and a Procrustes step [1]_ on the logarithms
    there; then Newton's method over all ``d (d + 1) / 2`` directions, with second derivatives in closed form, which
    ends in the minimum next to it. Without pairs this is the alternation of [2]_ with a hyperbolic distance, which ends
    in a local minimum; it starts from principal axes and from random rotations, and the best end is kept. That is a
    search without guarantee, above four dimensions in particular. It takes some seconds.

    References
    ----------
    .. [1] Schönemann, "A generalized solution of the orthogonal Procrustes problem", Psychometrika 31, 1966.
    .. [2] Besl and McKay, "A method for registration of 3-D shapes", IEEE Transactions on Pattern Analysis and Machine
       Intelligence 14, 1992.

    Examples
    --------
    >>> from hyperkit import translate
    >>> A = np.array([[0.0, 0.0], [0.4, 0.1], [-0.2, 0.5]])
    >>> B = translate(A, [0.3, 0.2])
    >>> alignment = align(A, B, pairs="rows")
    >>> bool(np.abs(alignment.aligned - B).max() < 1e-9)
    True
    """
    check_flag("reflections", reflections)
    table_a, table_b = check_two_sets(A, B, model, curvature)
    a = checked_to_ball(table_a, model, curvature=curvature, name="A")
    b = checked_to_ball(table_b, model, curvature=curvature, name="B")
    if pairs is None:
        rows = _matched_rows(a, b, reflections, check_random_state(random_state), verbose)
    else:
        if isinstance(pairs, str):
            check_paired_rows({"A": A, "B": B})
        rows = _check_pairs(pairs, len(a), len(b))
    chosen_a, chosen_b = a.take(rows[:, 0]), b.take(rows[:, 1])
    isometry = ball_align(chosen_a, chosen_b, reflections=reflections)
    return Alignment(
        aligned=_moved(isometry, a, model, curvature),
        mean_squared_distance=float(np.mean(ball_distance(isometry(chosen_a), chosen_b) ** 2)) / -curvature,
        pairs=rows,
        rotation=isometry.rotation,
        source=from_ball(isometry.source, model, curvature=curvature),
        target=from_ball(isometry.target, model, curvature=curvature),
        model=model,
        curvature=float(curvature),
        _isometry=isometry,
    )


def ball_align(a: BallPoints, b: BallPoints, *, reflections: bool) -> Isometry:
    """The isometry of :func:`align` for points of the ball whose rows are pairs."""
    # `expm` of a small matrix wakes all threads of BLAS: .1 s for 60 pairs are .6 to 8 s then, on two cores.
    with one_blas_thread():
        return refined(_procrustes(a, b, reflections), a, b)


def _check_pairs(pairs: ArrayLike | Literal["rows"], n: int, m: int) -> NDArray[np.int64]:
    if isinstance(pairs, str):
        if pairs != "rows":
            raise ValueError(f'pairs={pairs!r} must be "rows", a table of row numbers, or None')
        if n != m:
            raise ValueError(f'pairs="rows" pairs row i of A with row i of B, but A has {n} rows and B has {m}')
        return np.column_stack([np.arange(n), np.arange(n)])
    refuse_hidden("pairs", pairs)
    rows = np.asarray(pairs)
    if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows) or rows.dtype.kind not in "iu":
        raise ValueError(f"pairs has shape {rows.shape} and dtype {rows.dtype}; give whole numbers of shape (k, 2)")
    bad = (rows < 0) | (rows >= [n, m])
    if bad.any():
        k = int(np.argmax(bad.any(axis=1)))
        raise ValueError(f"pairs: row {k} is {tuple(rows[k].tolist())}, but A has rows 0 to {n - 1} and B 0 to {m - 1}")
    return rows.astype(np.int64)


def _moved(isometry: Isometry, points: BallPoints, model: Model, curvature: float) -> NDArray[np.float64]:
    return from_ball(require_inside(isometry(points), "A moved"), model, curvature=curvature)


def _procrustes(a: BallPoints, b: BallPoints, reflections: bool) -> Isometry:
    """The closed form: mean to mean, and the best turn of the logarithms there."""
    source, target = ball_frechet_mean(a), ball_frechet_mean(b)
    v, w = ball_to_tangent(move_to_origin(a, source)), ball_to_tangent(move_to_origin(b, target))
    left, _, right = np.linalg.svd(w.T @ v)
    if not reflections and np.linalg.det(left) * np.linalg.det(right) < 0:
        left[:, -1] *= -1  # the axis that matters least
    return Isometry(source, left @ right, target)


def _matched_rows(
    a: BallPoints, b: BallPoints, reflections: bool, rng: RandomState, verbose: bool
) -> NDArray[np.int64]:
    """Rows of A and B that match best after the best isometry found."""
    small_a, small_b = _sample(a, _MATCHED_AT_START, rng), _sample(b, _MATCHED_AT_START, rng)
    some_a, some_b = a.take(small_a), b.take(small_b)
    starts = list(_starts(some_a, some_b, reflections, rng))
    tasks = [delayed(_match)(some_a, some_b, start, reflections) for start in starts]
    ends = run(tasks, None, verbose, "turning from each start")
    isometry, _ = min(ends, key=lambda found: _cost(some_a, some_b, *found))
    rows_a, rows_b = _sample(a, _MATCHED, rng), _sample(b, _MATCHED, rng)
    _, pairs = _match(a.take(rows_a), b.take(rows_b), isometry, reflections)
    return np.column_stack([rows_a[pairs[:, 0]], rows_b[pairs[:, 1]]])


def _sample(points: BallPoints, most: int, rng: RandomState) -> NDArray[np.int64]:
    n = points.n
    return np.arange(n) if n <= most else np.sort(rng.choice(n, most, replace=False))


def _starts(a: BallPoints, b: BallPoints, reflections: bool, rng: RandomState) -> Iterator[Isometry]:
    """Mean to mean, principal axes to principal axes with either sign, and turned at random."""
    source, target = ball_frechet_mean(a), ball_frechet_mean(b)
    d = a.d
    axes_a, axes_b = (_principal_axes(ball_to_tangent(move_to_origin(*ends))) for ends in ((a, source), (b, target)))
    if d <= _MOST_FLIPS:
        signs = np.array(list(product([1, -1], repeat=d)))
    else:
        signs = rng.choice([1, -1], size=(2**_MOST_FLIPS, d))
        signs[0] = 1
    turns = [(axes_b * sign) @ axes_a.T for sign in signs]
    if d > 1:
        turns += list(special_ortho_group.rvs(d, size=_RANDOM_STARTS, random_state=rng))
        if reflections:
            turns += [turn * np.r_[-1, np.ones(d - 1)] for turn in turns[-_RANDOM_STARTS:]]
    for turn in turns:
        if reflections or np.linalg.det(turn) > 0:
            yield Isometry(source, turn, target)


def _principal_axes(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Axes in columns, each towards the longer tail of the vectors along it."""
    axes = np.linalg.eigh(vectors.T @ vectors)[1]
    return np.asarray(axes * np.where(((vectors @ axes) ** 3).sum(axis=0) < 0, -1, 1))


def _match(a: BallPoints, b: BallPoints, isometry: Isometry, reflections: bool) -> tuple[Isometry, NDArray[np.int64]]:
    """Match and turn in turns until the matching stays."""
    pairs = np.empty((0, 2), dtype=np.int64)
    for _ in range(_MOST_ROUNDS):
        found = np.column_stack(linear_sum_assignment(ball_distance_matrix(isometry(a), b) ** 2))
        if np.array_equal(found, pairs):
            break
        pairs = found
        isometry = _procrustes(a.take(pairs[:, 0]), b.take(pairs[:, 1]), reflections)
    return isometry, pairs


def _cost(a: BallPoints, b: BallPoints, isometry: Isometry, pairs: NDArray[np.int64]) -> float:
    return float(np.mean(ball_distance(isometry(a.take(pairs[:, 0])), b.take(pairs[:, 1])) ** 2))
