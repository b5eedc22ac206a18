"""The descent of the stress as one kernel: scipy's L-BFGS-B from the same start, exact data, bounds, what stays."""

import os
import signal
import threading

import numpy as np
import pytest
from kernels import compiled
from scipy.optimize import minimize
from scipy.spatial.distance import pdist, squareform

from hyperkit.embedding.search import Placement, Target, lower
from hyperkit.embedding.search._descent import _rays
from hyperkit.embedding.search._placement import FAR
from hyperkit.embedding.search.kernels.lbfgs import lower_stress, lowest_between
from hyperkit.embedding.search.kernels.stress import stress_and_gradient
from hyperkit.geometry import ball_distance_matrix
from hyperkit.models import tangent_to_ball


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def euclidean(rng, n=12):
    lengths = squareform(pdist(rng.normal(size=(n, 6))))
    return lengths / lengths.max()


def placed(rng, target, scale, n_components=2, spread=0.1):
    u = spread * rng.normal(size=(target.n, n_components))
    return Placement(u, float(np.log(scale))).measured(target)


class Stage:
    """The objective of `lower`, from the present placement."""

    def __init__(self, placement, target, free, narrowest=0.01, widest=40.0, n_moving=None):
        rays, across = _rays(placement.u[:n_moving], placement.scale)
        unit = placement.stress**2 * target.norm
        self.bounds = tuple(np.log((narrowest, widest)) - placement.log_scale) if free else (0.0, 0.0)
        self.size = 1 + rays.size
        self.arguments = (
            placement.u, rays, across, placement.scale, target.lengths, target.power, target.floor, unit, FAR
        )  # fmt: skip

    def __call__(self, x):
        slope = np.empty_like(x)
        value = stress_and_gradient(x, *self.arguments, slope)
        return min(value, 1e6), slope

    def steepest(self, x):
        """The largest slope but for what is held."""
        slope = self(x)[1]
        if not self.bounds[0] < x[0] < self.bounds[1]:
            slope[0] = 0.0
        return np.abs(slope).max()

    def by_kernel(self, max_iter):
        x = np.empty(self.size)
        return x, lower_stress(*self.bounds, max_iter, *self.arguments, x)

    def by_scipy(self, max_iter):
        bounds = [self.bounds] + [(None, None)] * (self.size - 1)
        options = {"maxiter": max_iter, "maxfun": 3 * max_iter, "ftol": 1e-15, "gtol": 1e-9}
        return minimize(self, np.zeros(self.size), jac=True, method="L-BFGS-B", bounds=bounds, options=options)


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("power", [0, 1, 2])
@pytest.mark.parametrize("n_components", [2, 3, 5])
def test_the_minimum_is_the_one_that_scipy_finds(rng, n_components, power, free):
    target = Target.of(euclidean(rng), power)
    # near a minimum, so that both go down to the same one
    near, _ = lower(placed(rng, target, 2.0, n_components), target, free=free, max_iter=300, widest=8.0)
    near = Placement(near.u + 0.01 * rng.normal(size=near.u.shape), near.log_scale).measured(target)
    stage = Stage(near, target, free, widest=8.0)
    x, n_iter = stage.by_kernel(1000)
    assert 0 < n_iter < 1000
    assert stage(x)[0] <= stage.by_scipy(1000).fun * (1 + 1e-6)
    assert stage.steepest(x) < 1e-3 * stage.steepest(np.zeros_like(x))


@pytest.mark.parametrize(("lengths", "end"), [("star", 1), ("cycle", 0)])
def test_the_scale_stops_at_its_bounds_and_the_rest_goes_on(rng, lengths, end):
    """No scale is wide enough for a star, and none is flat enough for a cycle."""
    steps = np.abs(np.subtract.outer(np.arange(12.0), np.arange(12.0)))
    table = {"star": 1.0 - np.eye(12), "cycle": np.minimum(steps, 12.0 - steps) / 6.0}[lengths]
    target = Target.of(table, 0)
    stage = Stage(placed(rng, target, 3.0, spread=0.3), target, free=True, narrowest=2.0, widest=3.5)
    x, n_iter = stage.by_kernel(1000)
    assert n_iter < 1000
    assert x[0] == stage.bounds[end]
    assert stage(x)[0] <= stage.by_scipy(1000).fun * (1 + 1e-6)
    assert stage.steepest(x) < 1e-3 * stage.steepest(np.zeros_like(x))


def test_a_scale_at_its_bound_comes_back(rng):
    target = Target.of(euclidean(rng), 0)
    stage = Stage(placed(rng, target, 6.0, 5, spread=0.3), target, free=True, widest=6.0)
    assert stage.bounds[1] == 0.0
    x, _ = stage.by_kernel(1000)
    assert x[0] < -0.5


def exact(rng, n_components):
    points = tangent_to_ball(rng.normal(size=(40, n_components)) * 2.0)
    lengths = ball_distance_matrix(points, points)
    unit = lengths.max()
    return Placement.at(points, unit), Target.of(np.ascontiguousarray(lengths / unit), 0)


@pytest.mark.parametrize("n_components", [2, 3, 5])
@pytest.mark.parametrize("off", [1e-2, 1e-5, 1e-9])
def test_exact_distances_are_met_to_rounding_from_wherever_it_begins(rng, n_components, off):
    """From 1e-9 off too, where the first step must be that short."""
    answer, target = exact(rng, n_components)
    begin = Placement(answer.u + off * rng.normal(size=answer.u.shape), answer.log_scale).measured(target)
    end = begin
    for _ in range(10):
        lowered, n_iter = lower(end, target, free=True, max_iter=200)
        assert n_iter > 0 or end.stress < 1e-12
        end = min(end, lowered.measured(target), key=lambda placement: placement.stress)
    assert end.stress < 1e-11


def test_steps_beyond_the_largest_radius_are_shortened(rng):
    target = Target.of(1.0 - np.eye(12), 0)
    begin = placed(rng, target, 30.0, spread=0.3)
    begin = Placement(begin.u * 0.99 * FAR / begin.radius, begin.log_scale).measured(target)
    lowered, n_iter = lower(begin, target, free=False, max_iter=300)
    assert n_iter > 1
    assert lowered.measured(target).stress < begin.stress
    assert lowered.radius <= FAR * (1 + 1e-12)


def test_rows_that_stay_are_met_as_well_as_scipy_meets_them(rng):
    _, target = exact(rng, 2)
    begin = placed(rng, target, 4.0)
    stage = Stage(begin, target, False, n_moving=7)
    x, _ = stage.by_kernel(500)
    assert len(x) == 1 + 7 * 2
    assert stage(x)[0] <= stage.by_scipy(500).fun * (1 + 1e-6)
    lowered, _ = lower(begin, target, free=False, max_iter=500, n_moving=7)
    assert np.array_equal(lowered.u[7:], begin.u[7:])
    assert lowered.measured(target).stress == pytest.approx(begin.stress * np.sqrt(stage(x)[0]), rel=1e-9)


def test_iterations_are_bounded_and_counted_and_the_same_every_time(rng):
    target = Target.of(euclidean(rng, 30), 1)
    stage = Stage(placed(rng, target, 4.0), target, True)
    values = [1.0]
    for most in (1, 2, 5, 20):
        x, n_iter = stage.by_kernel(most)
        assert n_iter == most
        assert np.array_equal(x, stage.by_kernel(most)[0])
        values.append(stage(x)[0])
    assert values == sorted(values, reverse=True)


def test_where_a_cubic_is_lowest(rng):
    lowest = compiled(lowest_between)
    for _ in range(20):
        a, b, c = rng.normal(size=3)
        bottom = (-b + np.sqrt(b * b - 3 * a * c)) / (3 * a) if b * b > 3 * a * c else np.nan
        near, far = np.sort(rng.normal(size=2))
        ends = [(t, a * t**3 + b * t**2 + c * t, 3 * a * t**2 + 2 * b * t + c) for t in (near, far)]
        assert lowest(*ends[0], *ends[1]) == pytest.approx(bottom, rel=1e-6, nan_ok=True)
    assert np.isnan(lowest(0.0, 1.0, -1.0, 1.0, np.inf, 0.0))


@pytest.mark.parametrize("delay", [0.02, 0.05, 0.11])
def test_ctrl_c_during_a_descent_is_a_keyboard_interrupt(rng, delay):
    target = Target.of(euclidean(rng, 500), 0)
    start = placed(rng, target, 4.0)
    lower(start, target, free=True, max_iter=1)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            [lower(start, target, free=True, max_iter=50) for _ in range(10_000)]
    finally:
        signal.signal(signal.SIGINT, before)
