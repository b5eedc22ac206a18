"""Components of tangent vectors: the chart's against finite differences, the metric tensor, geoopt and geomstats."""

import numpy as np
import pytest

import hyperkit as hk

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]
CURVATURES = [-1.0, -4.0, -0.3]


@pytest.fixture(params=MODELS)
def model(request):
    return request.param


@pytest.fixture(params=CURVATURES)
def curvature(request):
    return request.param


@pytest.fixture(params=[1, 2, 5])
def d(request):
    return request.param


def sample(d, model="tangent", curvature=-1.0, n=12, seed=0, scale=1.0):
    """Points up to some 3 from the origin, one of them the origin."""
    v = np.random.default_rng(seed).normal(size=(n, d)) * scale / np.sqrt(-curvature)
    v[0] = 0
    return hk.convert(v, "tangent", model, curvature=curvature)


def vectors(d, seed=1):
    return np.random.default_rng(seed).normal(size=(12, d))


def test_chart_components_are_the_velocity_of_the_coordinates(model, curvature, d):
    x, v = sample(d, model, curvature), vectors(d)
    there = hk.exp_map(x, v, model=model, curvature=curvature)
    found = hk.log_map(x, there, model=model, curvature=curvature, frame="chart")
    step = 1e-4
    # Central differences of fourth order: their error is 1e-13, and that of rounding 1e-12.
    ahead = [hk.exp_map(x, k * step * v, model=model, curvature=curvature) for k in (-2, -1, 1, 2)]
    velocity = np.tensordot([1 / 12, -2 / 3, 2 / 3, -1 / 12], ahead, axes=1) / step
    np.testing.assert_allclose(found, velocity, atol=1e-9 * np.abs(velocity).max())


def metric_norm(v, x, model, c):
    """Length by the metric tensor of each model, as the textbooks print it, at curvature -c."""
    squared, along = np.sum(v * v, axis=-1), np.sum(x * v, axis=-1)
    r2 = np.sum(x * x, axis=-1)
    if model == "poincare":
        return 2 * np.sqrt(squared) / (1 - c * r2)
    if model == "klein":
        return np.sqrt(squared / (1 - c * r2) + c * along**2 / (1 - c * r2) ** 2)
    if model == "hyperboloid":
        return np.sqrt(squared - 2 * v[..., 0] ** 2)
    return np.sqrt(squared / c) / x[..., -1]


@pytest.mark.parametrize("model", MODELS[:4])
def test_the_metric_tensor_measures_chart_components_as_the_norm_measures_orthonormal_ones(model, curvature, d):
    x, y = sample(d, model, curvature), sample(d, model, curvature, seed=2)
    u = hk.log_map(x, y, model=model, curvature=curvature)
    v = hk.log_map(x, y, model=model, curvature=curvature, frame="chart")
    np.testing.assert_allclose(metric_norm(v, x, model, -curvature), np.linalg.norm(u, axis=1), rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), hk.distance(x, y, model=model, curvature=curvature))


def test_exponential_and_logarithm_undo_each_other_in_both_frames(model, curvature, d):
    x, y = sample(d, model, curvature), sample(d, model, curvature, seed=2)
    for frame in ("orthonormal", "chart"):
        options = {"model": model, "curvature": curvature, "frame": frame}
        v = hk.log_map(x, y, **options)
        np.testing.assert_allclose(hk.exp_map(x, v, **options), y, rtol=1e-10, atol=1e-12)


def test_leading_axes_broadcast_in_the_chart(model):
    x, y = sample(2, model), sample(2, model, seed=2)[:5]
    v = hk.log_map(x[:, None], y[None], model=model, frame="chart")
    assert v.shape[:2] == (12, 5)
    for i in range(12):
        np.testing.assert_allclose(v[i], hk.log_map(x[i], y, model=model, frame="chart"), rtol=1e-12, atol=1e-14)
    end = hk.exp_map(x[3], v[3], model=model, frame="chart")
    np.testing.assert_allclose(end, y, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("radius", [8.0, 15.0])
def test_far_from_the_origin_the_chart_keeps_what_its_numbers_can_hold(model, radius):
    radius /= 2 if model == "klein" else 1  # Klein coordinates end at 18, the others at 36
    base = np.random.default_rng(4).normal(size=(12, 3))
    base *= radius / np.linalg.norm(base, axis=1, keepdims=True)
    x = hk.convert(base, "tangent", model)
    v = vectors(3) / 2
    y = hk.exp_map(x, v, model=model)
    chart = hk.log_map(x, y, model=model, frame="chart")
    again = hk.log_map(x, hk.exp_map(x, chart, model=model, frame="chart"), model=model)
    # A chart whose factors along and across the ray differ by cosh(r) loses as many digits; Klein coordinates of the
    # points have lost as many again.
    farthest = radius + np.linalg.norm(v, axis=1).max()
    lost = np.cosh(farthest) ** (2 if model == "klein" else 1)
    np.testing.assert_allclose(again, v, atol=1e-14 * lost)


def test_a_vector_that_is_not_tangent_to_the_hyperboloid_is_refused():
    x = sample(2, "hyperboloid")
    v = hk.log_map(x, x[::-1], model="hyperboloid", frame="chart")
    hk.exp_map(x, v.astype(np.float32), model="hyperboloid", frame="chart")
    v[4, 0] += 0.1
    with pytest.raises(ValueError, match=r"v: row 4 has the time component .*is it one of frame='orthonormal'"):
        hk.exp_map(x, v, model="hyperboloid", frame="chart")
    with pytest.raises(ValueError, match=r"v has 2 coordinates a row; .* it has 3 in the chart frame"):
        hk.exp_map(x, v[:, 1:], model="hyperboloid", frame="chart")


def test_an_unknown_frame_is_refused():
    for function in (hk.exp_map, hk.log_map):
        with pytest.raises(ValueError, match="frame='parallel' must be one of 'orthonormal', 'chart'"):
            function([0.0, 0.0], [0.1, 0.0], frame="parallel")


@pytest.mark.parametrize("model", ["poincare", "hyperboloid"])
def test_the_chart_is_that_of_geoopt(model, curvature, d):
    geoopt, torch = pytest.importorskip("geoopt"), pytest.importorskip("torch")
    manifold = (
        geoopt.PoincareBall(c=torch.tensor(-curvature, dtype=torch.float64))
        if model == "poincare"
        else geoopt.Lorentz(k=torch.tensor(-1 / curvature, dtype=torch.float64))
    )
    options = {"model": model, "curvature": curvature, "frame": "chart"}
    x, y = sample(d, model, curvature), sample(d, model, curvature, seed=2)
    v = hk.log_map(x, y, **options)
    tx, ty, tv = (torch.from_numpy(array) for array in (x, y, v))
    np.testing.assert_allclose(v, manifold.logmap(tx, ty).numpy(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(hk.exp_map(x, v / 2, **options), manifold.expmap(tx, tv / 2).numpy(), rtol=1e-8)
    if model == "poincare":
        from_origin = manifold.expmap0(tv).numpy()
        np.testing.assert_allclose(hk.exp_map(np.zeros(d), v, **options), from_origin, rtol=1e-8)
        np.testing.assert_allclose(hk.exp_map(np.zeros(d), 2 * v, curvature=curvature), from_origin, rtol=1e-8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", ["poincare", "hyperboloid", "halfspace"])
@pytest.mark.parametrize("d", [2, 3])
def test_the_chart_is_that_of_geomstats(model, d, monkeypatch):
    # geomstats 2.8 imports a name that NumPy 2.4 no longer has.
    if not hasattr(np, "trapz"):
        monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)
    pytest.importorskip("geomstats.geometry")
    from geomstats.geometry.hyperboloid import Hyperboloid
    from geomstats.geometry.poincare_ball import PoincareBall
    from geomstats.geometry.poincare_half_space import PoincareHalfSpace

    space = {"poincare": PoincareBall, "hyperboloid": Hyperboloid, "halfspace": PoincareHalfSpace}[model](d)
    x, y = sample(d, model), sample(d, model, seed=2)
    v = hk.log_map(x, y, model=model, frame="chart")
    np.testing.assert_allclose(v, space.metric.log(y, x), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        hk.exp_map(x, v / 2, model=model, frame="chart"), space.metric.exp(v / 2, x), rtol=1e-6, atol=1e-8
    )
