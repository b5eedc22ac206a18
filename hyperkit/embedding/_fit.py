"""From dissimilarities to placed objects: by all pairs of few objects, or by the pairs with landmarks of many.

In: a source of dissimilarities (`_sources`). Out: places of all objects, and what places new ones. The one idea: the
landmarks come first, so that one and the same target, the dissimilarities of the first m objects to all n, is the
matrix of all pairs where m = n, and what is known of many objects where m is small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._jobs import one_thread, to_its_end
from .._warn import warn_caller
from ..geometry import ball_distance_matrix
from ..models import BallPoints, ball_to_tangent
from ._cell_by_cell import Cells, Size
from ._known import Known, NewObjects
from ._phases import Phases
from ._sources import Source
from .search import (
    A_FEW_STEPS,
    RIM,
    Descent,
    Placement,
    Search,
    Target,
    best_landmark,
    chosen,
    costs_at,
    lower,
    parted,
    place_all,
    place_rows_from,
    search,
)

Float = NDArray[np.float64]
AskedAt = Callable[[float], Search]
"""What the search is asked for, by the largest dissimilarity, which is its unit unless it is 0."""

# New objects are placed by at most so many of the fitted ones.
N_LANDMARKS = 400
# Of few rows all landmarks place the others and hold the cells; of many rows so many, or it would take too long.
FEW_ROWS, _N_ANCHORS = 20_000, 200
# Rounds of cells. Of few rows one in twenty or more is a landmark, and small cells are enough.
_CELLS, _FEW_CELLS = (Size(2000, 32), Size(250, 4), Size(60, 1)), (Size(60, 1),)
# Iterations of L-BFGS with all rows before cells are refined, and after. More of these lower the stress, and of few
# rows lift all other measures too (5,000 rows: until 450). Of 98,298 rows five mend what cells have done to the
# landmarks' distances (stress .0328 -> .0300); ten take .03 of the nearest 15 again (.90 -> .87), and .0004 of stress.
# They pile up what landmarks do not tell apart, such as leaves of a star: after them come cells again, and then five.
_N_BEFORE, _N_AFTER, _MOST_AFTER = 50, 5, 400
_PAIRS_AFTER = 2e9
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Fit:
    """Placed objects, in the order of the source."""

    points: BallPoints
    descent: Descent
    """The end of the search, of the objects in the order of the target."""
    target: Target
    order: NDArray[np.intp]
    """Objects in the order of the target."""
    unit: float
    """The dissimilarity that is 1 in the target."""
    landmarks: NDArray[np.intp]
    """Objects by which new ones are placed."""
    known: Known
    """What is kept of the source."""

    def stress_of(self, points: BallPoints) -> float:
        """Stress of places of the objects."""
        scale = self.descent.placement.scale
        return self.target.stress(ball_to_tangent(points.take(self.order)) / scale, float(np.log(scale)))

    def placer(self, points: BallPoints) -> Placer:
        """What places new objects among these places of the fitted ones."""
        scale = self.descent.placement.scale / self.unit
        return Placer(points, self.landmarks, self.known, scale, self.target.without_lengths(), self.unit)


@dataclass(frozen=True, eq=False)
class Placer:
    """What places new objects among those that are fitted."""

    points: BallPoints
    landmarks: NDArray[np.intp]
    known: Known
    scale: float
    """Hyperbolic length of a dissimilarity of 1."""
    weighting: Target
    """Gives the weights of pairs, of dissimilarities in units of `unit`."""
    unit: float

    def place(self, X: Any) -> BallPoints:
        """Places of new objects, copies of a fitted one at its place; warns of those that are far from all."""
        new = self.known.new(X)
        self._warn_of_far(new)
        landmarks = self.points.take(self.landmarks)
        between = ball_distance_matrix(landmarks, landmarks)
        with one_thread():
            blocks = [
                self._place(new, slice(i, i + _ROWS_AT_ONCE), landmarks, between)
                for i in range(0, len(new.nearest), _ROWS_AT_ONCE)
            ]
        copies = self.points.take(new.nearest[new.is_copy, 0])
        return blocks[0].joined(*blocks[1:]).replaced(new.is_copy, copies)

    def _warn_of_far(self, new: NewObjects) -> None:
        farthest = self.known.farthest
        far = np.flatnonzero(new.to_nearest > farthest)
        if len(far):
            warn_caller(
                f"X: row {far[0]} is {new.to_nearest[far[0]]:.6g} from the nearest fitted sample"
                f"{f', and {len(far) - 1} more rows are as far off' if len(far) > 1 else ''}: no two neighbours of the "
                f"graph are more than {farthest:.6g} apart. Their places say little"
            )

    def _place(self, new: NewObjects, rows: slice, landmarks: BallPoints, between: Float) -> BallPoints:
        """By the landmarks, from the best of their places and from that of the nearest fitted objects, what ends lower.

        From one start alone, the better of the two, one of seven rows ended in a minimum a fifth higher.
        """
        lengths = self.scale * new.to_landmarks[rows]
        # Of lengths without end rounding leaves no direction: 1e6 off ended nearer than 10. They stay as different.
        lengths -= np.maximum(lengths.min(axis=1, keepdims=True) - 2 * RIM, 0.0)
        weights = self.weighting.weights(new.to_landmarks[rows] / self.unit)
        # Of what is farther off than the landmarks are wide the best start would be whatever is far from most of them,
        # on the wrong side too: that far off, only how the lengths differ says where it is.
        reach = lengths - np.maximum(lengths.min(axis=1, keepdims=True) - between.max() / 2, 0.0)

        def better(one: BallPoints, other: BallPoints, wanted: Float) -> BallPoints:
            of_other, of_one = (costs_at(places, landmarks, wanted, weights) for places in (other, one))
            return chosen(of_other < of_one, other, one)

        start, _ = best_landmark(reach, weights, between)
        first, *others = (self.points.take(nearest) for nearest in new.nearest[rows].T)
        for places in others:
            first = better(first, places, reach)
        one, other = (place_rows_from(begin, landmarks, lengths, weights) for begin in (landmarks.take(start), first))
        return Placement.at(better(one, other, lengths), 1.0).within().points


def fit_all(source: Source, asked_at: AskedAt, rng: np.random.RandomState, phases: Phases) -> Fit:
    """Place all objects by all pairs."""
    phases.begin("distances of all pairs")
    lengths = source.lengths(np.arange(source.n))
    unit, asked = _unit_and_asked(lengths, asked_at)
    chosen = np.arange(source.n)
    if source.n > N_LANDMARKS:
        chosen = np.sort(rng.choice(source.n, N_LANDMARKS, replace=False))
    known = source.known(chosen, lengths[chosen])
    lengths /= unit
    target = Target.of(lengths, asked.power)
    descent = search(target, asked, rng, phases.begin("search", asked.max_iter))
    return Fit(descent.placement.points, descent, target, np.arange(source.n), unit, chosen, known)


def _unit_and_asked(lengths: NDArray[np.floating], asked_at: AskedAt) -> tuple[float, Search]:
    """The largest dissimilarity, or 1 if that is 0; and what is asked for."""
    longest = float(lengths.max())
    return longest or 1.0, asked_at(longest)


def fit_landmarks(
    source: Source, asked_at: AskedAt, n_landmarks: int, rng: np.random.RandomState, phases: Phases
) -> Fit:
    """Place random landmarks by all their pairs, all objects by these, and then cell by cell by what is near."""
    chosen = np.sort(rng.choice(source.n, n_landmarks, replace=False))
    phases.begin("distances to landmarks")
    kept = source.lengths(chosen)
    mixed = rng.permutation(n_landmarks)
    order = np.concatenate([chosen[mixed], np.delete(np.arange(source.n), chosen)])
    lengths = kept[np.ix_(mixed, order)]
    unit, asked = _unit_and_asked(lengths, asked_at)
    lengths /= unit
    square = lengths[:, :n_landmarks].astype(np.float64)
    np.fill_diagonal(square, 0.0)
    landmarks = Target.of(0.5 * (square + square.T), asked.power)
    del square
    descent = search(landmarks, asked, rng, phases.begin("landmarks", asked.max_iter))
    is_few = source.n <= FEW_ROWS
    anchors = Target.of(lengths if is_few else lengths[:_N_ANCHORS], asked.power)
    n_after = int(np.clip(_PAIRS_AFTER / lengths.size, _N_AFTER, _MOST_AFTER)) if is_few else _N_AFTER
    phases.begin("placing rows")
    others = anchors.lengths[:, n_landmarks:].T
    few, scale = descent.placement.points, descent.placement.scale
    placers = few.take(np.s_[: len(anchors.lengths)])

    def placed() -> Placement:
        points = parted(place_all(placers, scale, others, anchors, asked.n_jobs, A_FEW_STEPS), scale, rng)
        return _centred(few.joined(points), scale, anchors)

    def refined(placement: Placement, size: Size) -> tuple[Placement, bool]:
        cells = Cells(source, order, unit, anchors, placement.scale, asked)
        division = cells.divided(size, rng)
        points = cells.refined(placement.points, division, rng)
        return _centred(points, placement.scale, anchors), division.is_split

    placement, was_stopped = to_its_end(placed)
    n_iter, end = 0, "interrupted" if was_stopped else descent.end
    try:
        if end != "interrupted":
            phases.begin("all rows")
            placement, n_iter = _all_moved(placement, anchors, asked, _N_BEFORE)
            phases.begin("near rows")
            for size in _FEW_CELLS if is_few else _CELLS:
                placement, was_split = refined(placement, size)
            phases.begin("all rows again")
            placement, used = _all_moved(placement, anchors, asked, n_after)
            n_iter += used
            if was_split:
                placement, _ = refined(placement, size)
                placement, used = _all_moved(placement, anchors, asked, _N_AFTER)
                n_iter += used
    except KeyboardInterrupt:
        end = "interrupted"
    target = Target.of(lengths, asked.power)
    descent = Descent(placement, n_iter, end)
    place = np.empty_like(order)
    place[order] = np.arange(source.n)
    return Fit(descent.placement.points.take(place), descent, target, order, unit, chosen, source.known(chosen, kept))


def _all_moved(placement: Placement, anchors: Target, asked: Search, most: int) -> tuple[Placement, int]:
    """The placement after L-BFGS, its Fréchet mean at the origin, and the iterations."""
    moved, n_iter = lower(placement, anchors, free=asked.scale is None, max_iter=min(most, asked.max_iter))
    return _centred(moved.points, moved.scale, anchors), n_iter


def _centred(points: BallPoints, scale: float, anchors: Target) -> Placement:
    """The placement with its Fréchet mean at the origin, or where it is if that would lead a point beyond its reach."""
    placement = Placement.at(points, scale).within()
    centred = placement.centred(anchors)
    return centred if centred.stress < np.inf else placement.measured(anchors)
