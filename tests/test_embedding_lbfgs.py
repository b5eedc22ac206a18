"""The descent of the stress as one kernel: scipy's L-BFGS-B from the same start, exact data, bounds, what stays."""

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

WIDEST = 40.0


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

    def __init__(self, placement, target, free, widest=WIDEST):
        rays, across = _rays(placement.u, placement.scale)
        unit = placement.stress**2 * target.norm
        self.bounds = tuple(np.log((0.01, widest)) - placement.log_scale) if free else (0.0, 0.0)
        self.size = 1 + rays.size
        self.arguments = (
            placement.u, rays, across, placement.scale, target.lengths, target.power, target.floor, unit, FAR
        )  # fmt: skip

    def __call__(self, x):
        slope = np.empty_like(x)
        value = stress_and_gradient(x, *self.arguments, slope)
        return min(value, 1e6), slope

    def by_kernel(self, max_iter):
        return lower_stress(*self.bounds, max_iter, *self.arguments)

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
    near, _ = lower(placed(rng, target, 2.0, n_components), target, free=free, max_iter=300)
    near = Placement(near.u + 0.01 * rng.normal(size=near.u.shape), near.log_scale).measured(target)
    stage = Stage(near, target, free)
    x, n_iter = stage.by_kernel(1000)
    assert 0 < n_iter < 1000
    assert stage(x)[0] <= stage.by_scipy(1000).fun * (1 + 1e-6) + 1e-9
    assert np.abs(stage(x)[1][0 if free else 1 :]).max() < 1e-4
