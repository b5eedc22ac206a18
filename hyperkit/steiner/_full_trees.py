"""Steiner points of small full trees: any fixed full topology, many trees of it at once, in the plane.

The length of a tree of fixed topology is geodesically convex in its Steiner points; where no edge collapses it is
smooth, and a Riemannian Newton method with backtracking finds its one minimum, at which edges meet at 120 degrees.
Each tree is worked on in coordinates centred amid its terminals, where a small tree far from the origin is as well
resolved as any other. In come terminals as :class:`~hyperkit.models.BallPoints`; out go Steiner points and which
trees exist, that is, have all edges of positive length at the minimum. Choosing terminals is for `_candidates`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..geometry import ball_distance, ball_geodesic, directions, move_from_origin, move_to_origin
from ..models import BallPoints, ball_gap, tangent_to_ball

_MAX_STEPS = 30
# A Newton step that must be cut more than 8-fold has met a kink of the length; Weiszfeld's takes over.
_MAX_HALVINGS = 3
# The gradient of the length is a sum of unit vectors: its norm is free of scale, and the excess of length goes with
# its square.
_GRADIENT_TOLERANCE = 1e-9
# A tree with an edge this short, as a share of its length, is not full; a smaller candidate covers it.
_SHORTEST_EDGE = 1e-9


class Topology(NamedTuple):
    """A full topology: terminals 0..n_terminals-1, Steiner points after them."""

    n_terminals: int
    edges: tuple[tuple[int, int], ...]
    start: tuple[tuple[int, int, int], ...]
    """For each Steiner point terminals (p, q, r): it starts on side p q, where the incircle of p q r touches."""


FERMAT = Topology(3, ((0, 3), (1, 3), (2, 3)), ((0, 1, 2),))
"""One Steiner point between three terminals."""

TWO_PAIRS = Topology(4, ((0, 4), (1, 4), (4, 5), (2, 5), (3, 5)), ((0, 1, 2), (2, 3, 0)))
"""Two Steiner points, one on terminals 0 and 1, one on 2 and 3."""


def full_trees(terminals: BallPoints, topology: Topology) -> tuple[BallPoints, NDArray[np.bool_]]:
    """Steiner points of the shortest trees of one full topology.

    Parameters
    ----------
    terminals : BallPoints of shape (T, n_terminals) in the plane
    topology : Topology

    Returns
    -------
    steiner_points : BallPoints of shape (T, n_steiner)
        Their gaps are those of the rounded coordinates.
    exists : ndarray of shape (T,), bool
        False where an edge collapses: the tree of least length is not full, and its points mean nothing.
    """
    centre = _centre(terminals, topology)
    local = move_to_origin(terminals, centre)
    nodes = join(local, _starts(local, topology))
    exists = _minimise(nodes, topology)
    steiner = BallPoints(nodes.z[:, topology.n_terminals :], nodes.gap[:, topology.n_terminals :])
    z = move_from_origin(steiner, centre).z
    return BallPoints(z, ball_gap(z)), exists


def tree_lengths(nodes: BallPoints, topology: Topology) -> NDArray[np.float64]:
    """Lengths of the edges of trees with `nodes` of shape (T, n_nodes), terminals first; shape (T, n_edges)."""
    u, v = np.array(topology.edges).T
    return ball_distance(_columns(nodes, u), _columns(nodes, v))


def join(a: BallPoints, b: BallPoints) -> BallPoints:
    """Nodes of `a` and then of `b`, tree by tree: terminals and Steiner points make the nodes of trees."""
    return BallPoints(np.concatenate([a.z, b.z], axis=1), np.concatenate([a.gap, b.gap], axis=1))


def _columns(nodes: BallPoints, index: NDArray[np.intp]) -> BallPoints:
    return BallPoints(nodes.z[:, index], nodes.gap[:, index])


def _centre(terminals: BallPoints, topology: Topology) -> BallPoints:
    """A point amid the terminals of each tree, shape (T, 1): seen from there no terminal is farther than it must be.

    Seen from a terminal at polar radius 20 the others may lie at 40, where their coordinates round onto the rim.
    """
    starts = _starts(terminals, topology)
    z = _at(starts.take(np.s_[:, 0]), starts.take(np.s_[:, -1]), np.full(len(starts.gap), 0.5)).z
    gap = ball_gap(z)
    on_rim = gap <= 0
    z[on_rim], gap[on_rim] = terminals.z[on_rim, 0], ball_gap(terminals.z[on_rim, 0])
    return BallPoints(z[:, None], gap[:, None])


def _starts(terminals: BallPoints, topology: Topology) -> BallPoints:
    """A point on a side for each Steiner point, within a bounded distance of its place however large the tree."""
    starts = []
    for p, q, r in topology.start:
        a, b, c = (terminals.take(np.s_[:, k]) for k in (p, q, r))
        side = ball_distance(a, b)
        touch = (side + ball_distance(a, c) - ball_distance(b, c)) / 2
        share = np.clip(touch / side, 0.05, 0.95)  # not at a terminal, where the length is not smooth
        starts.append(_at(a, b, share))
    return BallPoints(np.stack([s.z for s in starts], axis=1), np.stack([s.gap for s in starts], axis=1))


def _at(a: BallPoints, b: BallPoints, share: NDArray[np.float64]) -> BallPoints:
    points = ball_geodesic(a, b, share[:, None])
    return BallPoints(points.z[:, 0], points.gap[:, 0])


def _minimise(nodes: BallPoints, topology: Topology) -> NDArray[np.bool_]:
    """Move the Steiner points of `nodes`, in place, to the minimum of the length; True where it was reached."""
    first = topology.n_terminals
    done = np.zeros(len(nodes.z), dtype=bool)
    active = np.arange(len(nodes.z))
    for _ in range(_MAX_STEPS):
        here = nodes.take(active)
        lengths, gradient, hessian = _derivatives(here, topology)
        total = lengths.sum(axis=1)
        full = lengths.min(axis=1) > _SHORTEST_EDGE * total
        converged = np.linalg.norm(gradient, axis=1) <= _GRADIENT_TOLERANCE
        done[active[full & converged]] = True
        going = full & ~converged
        active, here, gradient, total = active[going], here.take(going), gradient[going], total[going]
        if len(active) == 0:
            break
        step = -np.linalg.solve(hessian[going], gradient[:, :, None])[:, :, 0]
        # No Steiner point is farther from its place than the tree is long.
        step *= np.minimum(1, total / np.linalg.norm(step, axis=1))[:, None]
        moved, improved = _line_search(here, step, (gradient * step).sum(axis=1), total, topology)
        stuck = np.flatnonzero(~improved)
        if len(stuck):
            # Newton's step may point across a terminal, where the length has a kink. Weiszfeld's shortens itself there.
            step = -gradient[stuck] / _weiszfeld_weights(lengths[going][stuck], topology)
            slope = (gradient[stuck] * step).sum(axis=1)
            rescued, improved[stuck] = _line_search(here.take(stuck), step, slope, total[stuck], topology)
            moved.z[stuck], moved.gap[stuck] = rescued
        nodes.z[active, first:], nodes.gap[active, first:] = moved.z[:, first:], moved.gap[:, first:]
        active = active[improved]
    return done


def _weiszfeld_weights(lengths: NDArray[np.float64], topology: Topology) -> NDArray[np.float64]:
    """Second derivatives of the quadratic majorant of the length, shape (T, 2 n_steiner) as the gradient.

    An edge of length l has curvature at most coth(l) in any direction; where both its ends move, twice that at each.
    """
    weights = np.zeros((len(lengths), len(topology.start)))
    for k, (u, v) in enumerate(topology.edges):
        moving = [end - topology.n_terminals for end in (u, v) if end >= topology.n_terminals]
        for s in moving:
            weights[:, s] += len(moving) / np.tanh(lengths[:, k])
    return np.repeat(weights, 2, axis=1)


def _derivatives(
    nodes: BallPoints, topology: Topology
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Edge lengths, gradient and Hessian of the total length in orthonormal frames at the Steiner points.

    An edge of length l with unit directions e at one end and f at the other has gradient (-e, -f); its second variation
    is ``coth(l) (a^2 + b^2) - 2 a b / sinh(l)`` for displacements a, b across the edge at its two ends.
    """
    n_trees, n_steiner = len(nodes.z), len(topology.start)
    lengths = np.empty((n_trees, len(topology.edges)))
    gradient = np.zeros((n_trees, n_steiner, 2))
    hessian = np.zeros((n_trees, n_steiner, 2, n_steiner, 2))
    for k, (u, v) in enumerate(topology.edges):
        a, b = nodes.take(np.s_[:, u]), nodes.take(np.s_[:, v])
        length = lengths[:, k] = ball_distance(a, b)
        stiffness = 1 / np.tanh(np.maximum(length, 1e-300))
        ends = [(u - topology.n_terminals, directions(a, b), 1.0), (v - topology.n_terminals, directions(b, a), -1.0)]
        ends = [end for end in ends if end[0] >= 0]
        across = []
        for s, direction, side in ends:
            gradient[:, s] -= direction
            normal = side * np.stack([-direction[:, 1], direction[:, 0]], axis=1)
            hessian[:, s, :, s, :] += stiffness[:, None, None] * normal[:, :, None] * normal[:, None, :]
            across.append((s, normal))
        if len(across) == 2:
            (s, n), (t, m) = across
            mixed = n[:, :, None] * m[:, None, :] / np.sinh(np.maximum(length, 1e-300))[:, None, None]
            hessian[:, s, :, t, :] -= mixed
            hessian[:, t, :, s, :] -= mixed.transpose(0, 2, 1)
    size = 2 * n_steiner
    square = hessian.reshape(n_trees, size, size)
    # Edges in one line leave the Hessian singular along it; a share of 1e-9 of its trace keeps the step finite.
    square += 1e-9 * np.trace(square, axis1=1, axis2=2)[:, None, None] * np.eye(size)
    return lengths, gradient.reshape(n_trees, size), square


def _line_search(
    nodes: BallPoints,
    step: NDArray[np.float64],
    slope: NDArray[np.float64],
    total: NDArray[np.float64],
    topology: Topology,
) -> tuple[BallPoints, NDArray[np.bool_]]:
    """Halve each tree's step until the length falls enough; False where no step does."""
    first = topology.n_terminals
    steps = step.reshape(len(step), -1, 2)
    z, gap = nodes.z.copy(), nodes.gap.copy()
    waiting = np.arange(len(step))
    for halvings in range(_MAX_HALVINGS + 1):
        share = 0.5**halvings
        here = nodes.take(waiting)
        steiner = BallPoints(here.z[:, first:], here.gap[:, first:])
        moved = move_from_origin(tangent_to_ball(share * steps[waiting]), steiner)
        trial = join(BallPoints(here.z[:, :first], here.gap[:, :first]), moved)
        # Near the minimum the decrease drowns in the rounding of the length: 1e-14 of it is allowed.
        bound = total[waiting] * (1 + 1e-14) + 1e-4 * share * slope[waiting]
        good = tree_lengths(trial, topology).sum(axis=1) <= bound
        z[waiting[good]], gap[waiting[good]] = trial.z[good], trial.gap[good]
        waiting = waiting[~good]
    improved = np.ones(len(step), dtype=bool)
    improved[waiting] = False
    return BallPoints(z, gap), improved
