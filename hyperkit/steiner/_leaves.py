"""Trees whose terminals are all tips: what `HyperSteiner(leaves=True)` does about an ordinary search.

In come terminals. Shortest trees of them join leaves too early: the topology the data come from, laid out, is 0.1 to
11 % longer than the tree found. So the topology is sought among points with long pendant edges, as it were, where the
metric is almost a tree's and no terminal lies inside the tree; then it is laid out with all terminals in their places.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_frechet_mean, move_to_origin
from ..models import BallPoints
from ._given import given_network
from ._network import Network, laid_out

# In trials on other seeds trees were as good from 6 on. By 4 those of distances with 20 % noise, in 10 dimensions, lost
# splits: points that are near each other were not yet parted.
_HEIGHT = 10.0
# Beyond this polar radius coordinates round onto the rim.
_FARTHEST = 35.0


def raised(points: BallPoints) -> BallPoints:
    """The points, each at distance 10 from the space they lie in, on one side of it in a space of one dimension more.

    Distances d become 2 arcsinh(cosh(10) sinh(d / 2)), about d + 18.6 for long ones: as if every point hung on its
    place by an edge of 9.3. Points near the middle are treated like the rest, unlike where tangent vectors at the
    middle are scaled: without a clock that loses .08 of the F1 of splits at 20 % noise (``stretched`` in
    ``python -m benchmarks.hierarchy_study --table``, 8 trees). Where points reach farther than polar radius 25 about
    their mean the distance is less, so that coordinates hold them.
    """
    centred = move_to_origin(points, ball_frechet_mean(points))
    time, space = 2 / centred.gap - 1, 2 * centred.z / centred.gap[:, None]
    height = min(_HEIGHT, max(_FARTHEST - float(np.arccosh(time.max())), 0.0))
    time *= np.cosh(height)
    space = np.column_stack([np.cosh(height) * space, np.full(len(space), np.sinh(height))])
    return BallPoints(space / (1 + time)[:, None], 2 / (1 + time))


def laid_out_with_tips(edges: NDArray[np.int64], points: BallPoints) -> Network:
    """The tree of these edges with the least length over the points, each of which is a tip of it.

    A point with several edges leaves them to a Steiner point that it hangs on: at length 0, unless elsewhere that point
    makes the tree shorter.
    """
    n = points.n
    inner = np.flatnonzero(np.bincount(edges.ravel(), minlength=n)[:n] > 1)
    number = np.arange(len(edges) + 1)
    number[inner] = len(number) + np.arange(len(inner))
    tips = np.column_stack([inner, number[inner]])
    return laid_out(given_network(np.concatenate([number[edges], tips]), points), points)
