"""The shortest tree of few points, with a proof: all full topologies, depth first.

In come distinct points and the best tree known; out go a tree and a length that no tree can be below. Partial trees
that are too long already are cut (Smith, 1992), and what the missing terminals will add at least is counted in. A
planar dozen takes a second.
"""

from __future__ import annotations

import time
from copy import deepcopy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from ...geometry import ball_distance_matrix
from ...models import BallPoints
from .._full_tree import FullTree
from .kernels.convexity import Bounds
from .kernels.missing_terminals import least_growth
from .kernels.topologies import Enumeration, enumerate_topologies

# Trees that may be shorter by no more than this share are not looked for.
_TOLERANCE = 1e-10
# Trees minimised between two looks at the clock: some hundredths of a second.
_CHUNK = 2000


class Enumerated(NamedTuple):
    """A tree and what is proven of it."""

    tree: FullTree
    proven: bool
    """No tree is shorter than `lower_bound`, which is the length less about 1e-10 of it, or what rounding hides."""
    lower_bound: float
    """Valid for any tree, also where the search was stopped; errors of rounding are counted in."""
    interrupted: bool
    """It was stopped from the keyboard."""


def enumerated_tree(
    points: BallPoints, upper: FullTree, progress: Progress, time_limit: float | None = None
) -> Enumerated:
    """Shortest Steiner tree by enumeration of all full topologies.

    Every bound that cuts is one of convexity: the value where a minimisation stopped, less the norm of the gradient
    times the distance to the farthest place a Steiner point can have, less the rounding of distances. So the result
    does not depend on whether a minimisation succeeded. Points in the plane: 0.1 s for 10, 1 s for 12, 2 to 40 s for
    14; in five dimensions 10 s for 10.

    Parameters
    ----------
    points : BallPoints of shape (n,)
        Distinct; 3 <= n <= 20 or so: memory is 2^n numbers.
    upper : FullTree
        The best tree known. The better, the faster.
    progress : rich.progress.Progress
    time_limit : float, optional
        Seconds; then, or when interrupted from the keyboard, the best tree so far is returned.
    """
    deadline = np.inf if time_limit is None else time.monotonic() + time_limit
    search, bounds = _start(points, upper)
    task = progress.add_task("Enumeration", total=1.0)
    finished = interrupted = False
    try:
        while not finished and time.monotonic() < deadline:
            finished = enumerate_topologies(search, bounds, _TOLERANCE, _CHUNK)
            progress.update(task, completed=_share_done(search))
    except KeyboardInterrupt:
        # What is open is known whenever the kernel is not running.
        finished, interrupted = False, True
    progress.remove_task(task)
    lower = min(search.upper[0] * (1 - _TOLERANCE), search.upper[1], np.inf if finished else _least_open(search))
    return Enumerated(FullTree(*search.best), finished, float(lower), interrupted)


def _start(points: BallPoints, upper: FullTree) -> tuple[Enumeration, Bounds]:
    """The state of an enumeration that begins with three terminals far from each other."""
    n, d = points.n, points.d
    distances = ball_distance_matrix(points, points)
    bounds = surrounding_ball(distances)
    search = Enumeration(
        tree=deepcopy(upper.arrays),
        best=deepcopy(upper.arrays),
        upper=np.empty(2),
        at=np.zeros(2, dtype=np.int64),
        ends=np.zeros((2 * n - 3, 2), dtype=np.int64),
        present=np.zeros(n, dtype=bool),
        places=np.zeros((n + 1, n - 2, d + 1)),
        bound=np.zeros((n + 1, n, 2 * n - 3)),
        growth=least_growth(points.z, points.gap),
        picked=np.zeros(n + 1, dtype=np.int64),
        choices=np.zeros((n + 1, 2 * n - 3), dtype=np.int64),
        n_choices=np.zeros(n + 1, dtype=np.int64),
        done=np.zeros(n + 1, dtype=np.int64),
    )
    i, j = np.unravel_index(np.argmax(distances), distances.shape)
    third = np.argmax(np.minimum(distances[i], distances[j]))
    search.picked[:3] = i, j, third
    enumerate_topologies(search, bounds, _TOLERANCE, 0)
    return search, bounds


def surrounding_ball(distances: NDArray[np.float64]) -> Bounds:
    """The ball about one of the points that holds all of them, and so their convex hull."""
    centre = int(np.argmin(distances.max(axis=1)))
    return Bounds(centre, float(distances[centre].max()))


def _open_choices(search: Enumeration) -> list[tuple[NDArray[np.float64], int]]:
    """For each partial tree that is not done with: bounds of what is still to be tried, and of how many it was."""
    return [
        (
            search.bound[k, search.picked[k], search.choices[k, search.done[k] : search.n_choices[k]]],
            int(search.n_choices[k]),
        )
        for k in range(3, search.at[0] + 1)
    ]


def _least_open(search: Enumeration) -> float:
    return min((float(bounds.min(initial=np.inf)) for bounds, _ in _open_choices(search)), default=np.inf)


def _share_done(search: Enumeration) -> float:
    """About how much of the enumeration is done, if the choices at one place take equally long."""
    left, share = 0.0, 1.0
    for bounds, count in _open_choices(search):
        share /= max(count, 1)
        left += share * len(bounds)
    return 1 - left
