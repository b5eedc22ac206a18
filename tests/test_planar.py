import pickle
import threading
import time

import numpy as np
import pytest
import reference

import hyperkit as hk
from hyperkit.delaunay.planar import _order, _threads, _triangulation, planar_complex
from hyperkit.models import to_ball


def far_clusters(n):
    centres = hk.convert([[12.0, 0.0], [-20.0, 3.0], [0.0, 0.0]], "tangent", "poincare")
    return np.concatenate([hk.random_wrapped_normal(n // 3, centre, random_state=0) for centre in centres])


def grid_with_copies(n):
    side = int(np.sqrt(n / 2))
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) / (2 * side)
    return np.random.default_rng(0).permutation(np.concatenate([grid, grid]))


SETS = {
    "disk": lambda n: hk.random_uniform_ball(n, radius=6.0, random_state=0),
    "clusters": far_clusters,
    "line": lambda n: np.column_stack([np.linspace(-0.9, 0.9, n), np.zeros(n)]),
    "grid": grid_with_copies,
    "one point": lambda n: np.full((n, 2), 0.25),
}


@pytest.fixture
def many_parts(monkeypatch):
    """Small sets in many parts, shared by threads, as large ones are."""
    monkeypatch.setattr(_triangulation, "_PART", 3)
    monkeypatch.setattr(_threads, "_LEAST", 10)


@pytest.mark.parametrize("points", SETS.values(), ids=SETS)
def test_parts_of_the_plane_give_the_edges_of_brute_force(points, many_parts):
    points = points(48)
    complex_ = planar_complex(to_ball(points))
    found, distinct = {tuple(edge) for edge in complex_.edges.tolist()}, np.unique(complex_.first_row)
    expected = {tuple(sorted(distinct[list(edge)].tolist())) for edge in reference.delaunay_edges(points[distinct])}
    assert found <= expected  # brute force has both diagonals of a square
    assert len(distinct) - len(found) + len(complex_.simplices) == 1
    if len(distinct) == len(points):
        assert found == expected


@pytest.mark.parametrize("points", SETS.values(), ids=SETS)
def test_every_number_of_threads_gives_the_same_bits(points, many_parts, monkeypatch):
    monkeypatch.setattr(_threads.os, "cpu_count", lambda: 5)
    ball = to_ball(points(3000))
    one, *others = (planar_complex(ball, n_jobs) for n_jobs in (1, 2, 5))
    for other in others:
        for name in ("edges", "simplices", "neighbors", "first_row"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("name", ["disk", "clusters"])
def test_parts_of_the_plane_give_the_edges_of_the_whole(name, monkeypatch):
    ball = to_ball(SETS[name](3000))
    whole = planar_complex(ball).edges
    monkeypatch.setattr(_triangulation, "_PART", 4)
    np.testing.assert_array_equal(planar_complex(ball).edges, whole)


@pytest.mark.parametrize("fails", ["caller", "other"])
def test_an_error_in_one_thread_comes_out_and_ends_the_others(fails, monkeypatch):
    monkeypatch.setattr(_threads.os, "cpu_count", lambda: 2)
    both, failed, done = threading.Barrier(2, timeout=60), threading.Event(), []

    def task(k):
        if k < 2:  # one each
            both.wait()
            if (threading.current_thread() is threading.main_thread()) == (fails == "caller"):
                failed.set()
                raise KeyboardInterrupt
        assert failed.wait(60)
        time.sleep(0.05)
        done.append(k)

    with pytest.raises(KeyboardInterrupt):
        _threads.Threads(2).run(task, [(k,) for k in range(50)])
    assert len(done) < 5


def test_few_points_are_left_for_one_thread(monkeypatch):
    """A walk that other parts cut off begins anew, else .53; a corner of the square is in all parts, else .34."""
    left = []

    class Triangulation(_triangulation.Triangulation):
        def _insert(self, ids, part=-1, *starts):
            if part < 0:
                left.append(len(ids))
            return super()._insert(ids, part, *starts)

    monkeypatch.setattr(_triangulation, "_PART", 60)
    z, threads = hk.random_uniform_ball(20_000, radius=10.0, random_state=0), _threads.Threads(1)
    order = _order.insertion_order(z, threads)
    Triangulation(z, order, threads)
    assert left[-1] < 0.1 * (len(z) - order.rounds[-2])


def test_a_crowd_is_put_in_order_along_a_curve_of_its_own():
    rng = np.random.default_rng(0)
    points = np.concatenate([0.25 + 1e-12 * rng.random((600, 2)), [[-0.9, 0.0], [0.0, 0.9]]])
    order = _order.insertion_order(points, _threads.Threads(1)).rows
    assert sorted(order.tolist()) == list(range(602))
    crowd = order[order < 600][-500:]
    steps = np.linalg.norm(np.diff(points[crowd], axis=0), axis=1)
    assert np.median(steps) < 1e-13  # 4e-14 is the distance of neighbours, 5e-13 that of any two


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_rounds_are_not_those_of_the_stream_that_data_come_from(name, seed):
    """Where row i has the i-th draw as its place, early rounds would be one side of the data."""
    x = np.random.Generator(getattr(np.random, name)(seed)).random(5000) - 0.5
    order = _order.insertion_order(np.column_stack([x, x**2]), _threads.Threads(1))
    assert 0.4 < np.mean(x[order.rows[: order.rounds[-2]]] > 0) < 0.6


def test_the_same_points_give_the_same_pickle():
    ball = to_ball(SETS["disk"](30))
    pickles = set()
    for k in range(20):
        heap = [np.full(size, k) for size in range(200, 400)]  # so that memory is not empty when it comes again
        del heap
        pickles.add(pickle.dumps(planar_complex(ball)))
    assert len(pickles) == 1
