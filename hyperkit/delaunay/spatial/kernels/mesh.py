"""Delaunay triangulation in any dimension, point by point: the compiled part.

Bowyer's and Watson's method ("Computing Dirichlet tessellations" and "Computing the n-dimensional Delaunay
tessellation", Computer Journal 24, 1981): the simplices whose circumball strictly contains the new point p are in
conflict; they form a cavity about p, and are replaced by the simplices that join p to the cavity's facets. With exact
signs the cavity is star-shaped and p lies in the plane of none of its facets (the simplex beyond would be in conflict
too), so no flat simplex ever arises, of cospherical points neither.

All signs come from one thing, the weights of p: ``sum_k w_k (z_k - p) = 0`` over the vertices of a simplex, w_k the
signed volume of the other vertices and p. A negative weight says through which facet to walk towards p;
``sum_k w_k |z_k - p|^2 > 0`` says that p is inside the circumball. Rounding is bounded; a sign inside the bound is not
guessed: the search for conflicts changes nothing, so the kernel goes back to its caller with the question, and
searches again with the answer.

Invariant of a :class:`Mesh`: simplex t has ``vertices[t]``, all of one orientation, and ``neighbors[t, k]`` across
from vertex k, -1 beyond the outermost facets; a simplex that is no more has ``vertices[t, 0] == -1``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...._compilation import njit, subkernel

DONE, ASK, GROW = 0, 1, 2
CONFLICT, NO_CONFLICT, UNDECIDED = 1, -1, 0

# Products of up to 8 coordinate differences that underflow err by less than this together.
_UNDERFLOW = 1e-300
# Squares of smaller numbers may underflow.
_SMALLEST_REACH = 1e-140
_UNIT_ROUNDOFF = 2.0**-53


class Sites(NamedTuple):
    """The points to triangulate, first the corners of a simplex that contains all others."""

    x: NDArray[np.float64]
    """Shape (n, d)."""
    gaps: NDArray[np.float64]
    """``1 - |x|^2`` of each, relative error below 1e-15; shape (n,)."""
    exact_below: float
    """Weights times squared distances that sum up to less are computed without any rounding."""


class Terms(NamedTuple):
    """Laplace expansion, along the last column, of the minors of any s rows and the first s of d columns.

    A minor's number is the bit mask of its rows. With the terms in order of rows, each takes the sum of those before
    it with the other sign.
    """

    starts: NDArray[np.int64]
    """The terms of a minor are ``starts[mask]`` and following."""
    row: NDArray[np.int64]
    rest: NDArray[np.int64]
    """The minor of the other rows."""
    column: NDArray[np.int64]
    """s - 1 of each mask."""


class Mesh(NamedTuple):
    """A triangulation that grows, and the room its kernels work in; all arrays have one length, the capacity."""

    vertices: NDArray[np.int32]
    neighbors: NDArray[np.int32]
    judged: NDArray[np.int64]
    """The point that the verdict is about."""
    verdict: NDArray[np.int8]
    visited: NDArray[np.int64]
    """The last search that came by."""
    free: NDArray[np.int32]
    cavity: NDArray[np.int32]
    facets: NDArray[np.int64]
    """Facet k of simplex t on the cavity's boundary, as ``t * (d + 1) + k``."""
    counters: NDArray[np.int64]
    """Shape (4,): simplices ever numbered, free numbers, where the next walk starts, searches so far."""


def laplace_terms(d: int) -> Terms:
    """Terms of the minors of a (d + 1, d) matrix."""
    members = [[k for k in range(d + 1) if mask >> k & 1] for mask in range(2 ** (d + 1) - 1)]
    sizes = np.array([len(rows) for rows in members])
    rest = [mask ^ (1 << k) for mask, rows in enumerate(members) for k in rows]
    return Terms(np.append(0, np.cumsum(sizes)), np.concatenate(members[1:]), np.array(rest), sizes - 1)


@njit
def insert(mesh, sites, terms, order, start, questions):
    """Insert ``order[start:]``, until done, until a sign is asked for, or until the mesh is full.

    Returns
    -------
    status : int
        ``ASK``: the caller writes the verdicts on ``order[position]`` of simplices ``questions[:n_questions]``.
        ``GROW``: the caller makes all arrays of the mesh longer. Either way it calls again with ``start=position``.
    position, n_questions : int
    """
    d = sites.x.shape[1]
    differences = np.empty((d + 1, d))
    minors = np.empty(len(terms.column))
    weights = np.empty(d + 1)
    reach = np.empty(d + 1)
    room = (differences, minors, weights, reach, np.empty((d + 1, d + 1)))
    for position in range(start, len(order)):
        p = order[position]
        t, n_questions = _locate(mesh, sites, terms, room, p, questions)
        if n_questions > 0:
            return ASK, position, n_questions
        n_cavity, n_facets, n_questions = _find_cavity(mesh, sites, terms, room, p, t, questions)
        if n_questions > 0:
            return ASK, position, n_questions
        if n_facets < 0 or mesh.counters[0] + n_facets - mesh.counters[1] > len(mesh.free):
            return GROW, position, 0
        _fill_cavity(mesh, p, n_cavity, n_facets)
    return DONE, len(order), 0


@subkernel
def _weigh(mesh, sites, terms, room, t, p):
    """Weights of p in simplex t, and the l1 distances of its vertices from p; returns the product of the latter."""
    differences, minors, weights, reach, _ = room
    d = sites.x.shape[1]
    product = 1.0
    for k in range(d + 1):
        v = mesh.vertices[t, k]
        total = 0.0
        for c in range(d):
            differences[k, c] = sites.x[v, c] - sites.x[p, c]
            total += abs(differences[k, c])
        reach[k] = total
        product *= total
    minors[0] = 1.0
    for mask in range(1, len(terms.column)):
        column = terms.column[mask]
        value = 0.0
        for e in range(terms.starts[mask], terms.starts[mask + 1]):
            value = differences[terms.row[e], column] * minors[terms.rest[e]] - value
        minors[mask] = value
    full = (1 << (d + 1)) - 1
    sign = 1.0
    for k in range(d + 1):
        weights[k] = sign * minors[full ^ (1 << k)]
        sign = -sign
    return product


@subkernel
def _judge(mesh, sites, terms, room, t, p):
    """Write down whether p is inside the circumball of t, or that rounding hides it.

    Two lifts give the same sum: squared distances from p are accurate in clusters, differences of gaps near the rim.
    Each of the about d^2 / 2 + 3 d roundings of a term is relative, and the terms are bounded by the reaches.
    """
    differences, _, weights, reach, _ = room
    d = sites.x.shape[1]
    product = _weigh(mesh, sites, terms, room, t, p)
    by_distance = by_gap = distance_bound = gap_bound = 0.0
    for k in range(d + 1):
        squared = 0.0
        for c in range(d):
            squared += differences[k, c] * differences[k, c]
        by_distance += weights[k] * squared
        distance_bound += squared / reach[k]
        v = mesh.vertices[t, k]
        by_gap += weights[k] * (sites.gaps[p] - sites.gaps[v])
        gap_bound += (abs(sites.gaps[p]) + abs(sites.gaps[v])) / reach[k]
    roundings = (d + 4) * (d + 4)
    error = roundings * _UNIT_ROUNDOFF * product * distance_bound + _UNDERFLOW
    gap_error = (roundings + 16) * _UNIT_ROUNDOFF * product * gap_bound + _UNDERFLOW
    verdict = UNDECIDED
    if by_distance > error or by_gap > gap_error:
        verdict = CONFLICT
    elif by_distance < -error or by_gap < -gap_error:
        verdict = NO_CONFLICT
    elif product * distance_bound < sites.exact_below:
        verdict = CONFLICT if by_distance > 0 else NO_CONFLICT
    mesh.judged[t] = p if verdict != UNDECIDED else -1
    mesh.verdict[t] = verdict


@subkernel
def _verdict(mesh, sites, terms, room, t, p):
    if mesh.judged[t] != p and not _judge_quickly(mesh, sites, room, t, p):
        _judge(mesh, sites, terms, room, t, p)
    return mesh.verdict[t]


@subkernel
def _judge_quickly(mesh, sites, room, t, p):
    """As `_judge`, by elimination with pivots; False if it cannot tell. Half the time at d = 5, a coarser bound.

    Each row is divided by its reach, so that small sets do not underflow. With u the largest number met, backward
    errors are below 4 d u roundings an entry, or 2^d times the sum of the last column there; the determinant takes
    them in at (d + 1)^2 places, times at most that sum.
    """
    table = room[4]
    d = sites.x.shape[1]
    total = 0.0
    for k in range(d + 1):
        v = mesh.vertices[t, k]
        reach = 0.0
        squared = 0.0
        for c in range(d):
            difference = sites.x[v, c] - sites.x[p, c]
            table[k, c] = difference
            squared += difference * difference
            reach += abs(difference)
        if not reach > _SMALLEST_REACH:
            return False
        factor = 1.0 / reach
        for c in range(d):
            table[k, c] *= factor
        table[k, d] = squared * factor
        total += table[k, d]
    largest = 1.0
    value = 1.0 if d % 2 == 0 else -1.0
    for c in range(d):
        pivot = c
        for k in range(c + 1, d + 1):
            if abs(table[k, c]) > abs(table[pivot, c]):
                pivot = k
        if pivot != c:
            value = -value
            for e in range(c, d + 1):
                table[c, e], table[pivot, e] = table[pivot, e], table[c, e]
        value *= table[c, c]
        factor = 1.0 / table[c, c]
        for k in range(c + 1, d + 1):
            share = table[k, c] * factor
            for e in range(c + 1, d + 1):
                table[k, e] -= share * table[c, e]
                largest = max(largest, abs(table[k, e]))
    value *= table[d, d]
    if not abs(value) > 8 * (d + 1) ** 4 * _UNIT_ROUNDOFF * largest * total:
        return False
    mesh.judged[t] = p
    mesh.verdict[t] = CONFLICT if value > 0 else NO_CONFLICT
    return True


@subkernel
def _locate(mesh, sites, terms, room, p, questions):
    """Some simplex in conflict with p, or a question about one: walk towards p, then look around."""
    _, _, weights, reach, _ = room
    d = sites.x.shape[1]
    t = mesh.counters[2]
    for _ in range(mesh.counters[0]):
        if _verdict(mesh, sites, terms, room, t, p) == CONFLICT:
            return t, 0
        product = _weigh(mesh, sites, terms, room, t, p)
        least = -(d + 4) * (d + 4) * _UNIT_ROUNDOFF * product - _UNDERFLOW
        towards = -1
        for k in range(d + 1):
            if weights[k] * reach[k] < least and mesh.neighbors[t, k] >= 0:
                towards, least = k, weights[k] * reach[k]
        if towards < 0:
            break
        t = mesh.neighbors[t, towards]
    return _look_around(mesh, sites, terms, room, p, t, questions)


@subkernel
def _look_around(mesh, sites, terms, room, p, t, questions):
    """The simplex in conflict with p that is fewest facets away from t: there is one, whatever t is."""
    mesh.counters[3] += 1
    search = mesh.counters[3]
    mesh.visited[t] = search
    mesh.cavity[0] = t
    head, tail = 0, 1
    while head < tail:
        t = mesh.cavity[head]
        head += 1
        verdict = _verdict(mesh, sites, terms, room, t, p)
        if verdict == CONFLICT:
            return t, 0
        if verdict == UNDECIDED:
            questions[0] = t
            return t, 1
        for k in range(mesh.vertices.shape[1]):
            s = mesh.neighbors[t, k]
            if s >= 0 and mesh.visited[s] != search:
                mesh.visited[s] = search
                mesh.cavity[tail] = s
                tail += 1
    raise AssertionError("no simplex is in conflict with the point")


@subkernel
def _find_cavity(mesh, sites, terms, room, p, t, questions):
    """All simplices in conflict with p, from t on, and the facets about them; or all questions met on the way.

    The number of facets is -1 if there is no room for them.
    """
    corners = mesh.vertices.shape[1]
    mesh.counters[3] += 1
    search = mesh.counters[3]
    mesh.visited[t] = search
    mesh.cavity[0] = t
    n_cavity, n_facets, n_questions = 1, 0, 0
    done = 0
    while done < n_cavity:
        t = mesh.cavity[done]
        done += 1
        for k in range(corners):
            s = mesh.neighbors[t, k]
            if s >= 0:
                if mesh.visited[s] == search:
                    continue
                verdict = _verdict(mesh, sites, terms, room, s, p)
                if verdict == CONFLICT:
                    mesh.visited[s] = search
                    mesh.cavity[n_cavity] = s
                    n_cavity += 1
                    continue
                if verdict == UNDECIDED and n_questions < len(questions):
                    questions[n_questions] = s
                    n_questions += 1
            if n_facets == len(mesh.facets):
                return n_cavity, -1, n_questions
            mesh.facets[n_facets] = t * corners + k
            n_facets += 1
    return n_cavity, n_facets, n_questions


@subkernel
def _fill_cavity(mesh, p, n_cavity, n_facets):
    """Replace the simplices of the cavity by those that join p to its facets."""
    vertices, neighbors, counters = mesh.vertices, mesh.neighbors, mesh.counters
    corners = vertices.shape[1]
    new = 0
    for f in range(n_facets):
        t, k = mesh.facets[f] // corners, mesh.facets[f] % corners
        if counters[1] > 0:
            counters[1] -= 1
            new = mesh.free[counters[1]]
        else:
            new = counters[0]
            counters[0] += 1
        # In place of vertex k, p sees the facet from the same side: the orientation stays.
        for c in range(corners):
            vertices[new, c] = vertices[t, c]
            neighbors[new, c] = -1
        vertices[new, k] = p
        mesh.judged[new] = -1
        beyond = neighbors[t, k]
        neighbors[new, k] = beyond
        if beyond >= 0:
            neighbors[beyond, _index(neighbors[beyond], t)] = new
        # From here on the dead simplex points at its heir.
        neighbors[t, k] = -2 - new
    for f in range(n_facets):
        t, k = mesh.facets[f] // corners, mesh.facets[f] % corners
        for j in range(corners):
            if j != k and neighbors[-2 - neighbors[t, k], j] == -1:
                _glue(mesh, t, k, j)
    for c in range(n_cavity):
        t = mesh.cavity[c]
        vertices[t, 0] = -1
        mesh.free[counters[1]] = t
        counters[1] += 1
    counters[2] = new


@subkernel
def _glue(mesh, t, k, j):
    """Join the heir of facet k of t to its neighbour across from vertex j, another heir.

    Both contain the ridge of t without k and j; turn about it through the cavity to the other boundary facet.
    """
    vertices, neighbors = mesh.vertices, mesh.neighbors
    heir = -2 - neighbors[t, k]
    out, stay = j, vertices[t, k]
    while neighbors[t, out] >= 0:
        onward = neighbors[t, out]
        out = _index(vertices[onward], stay)
        stay = vertices[onward, _index(neighbors[onward], t)]
        t = onward
    other = -2 - neighbors[t, out]
    neighbors[heir, j] = other
    neighbors[other, _index(vertices[t], stay)] = heir


@subkernel
def _index(row, value):
    k = 0
    while row[k] != value:
        k += 1
    return k
