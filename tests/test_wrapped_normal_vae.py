"""The reference model of `examples/`: its density against numerical integration, its samples against ours."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

import hyperkit as hk

torch = pytest.importorskip("torch")
pytest.importorskip("geoopt")


@pytest.fixture(scope="module")
def example():
    folder = str(Path(__file__).parents[1] / "examples")
    sys.path.insert(0, folder)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # of a few dozen rows: on a busy machine threads wait for each other most of the time
    try:
        import wrapped_normal_vae

        yield wrapped_normal_vae
    finally:
        torch.set_num_threads(threads)
        sys.path.remove(folder)


def at(vector) -> torch.Tensor:
    """The point of the hyperboloid where a tangent vector of the origin ends."""
    return torch.tensor(hk.convert(np.asarray(vector, dtype=float), "tangent", "hyperboloid"))


def grid(n_radii: int = 400, n_angles: int = 400, reach: float = 14.0):
    """Points of the hyperbolic plane around the origin, and the area of each by Gauss's and the trapezoidal rule."""
    nodes, weights = np.polynomial.legendre.leggauss(n_radii)
    radii, angles = reach * (nodes + 1) / 2, np.linspace(0, 2 * np.pi, n_angles, endpoint=False)
    tangent = radii[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    area = np.sinh(radii) * weights * reach / 2 * 2 * np.pi / n_angles
    return at(tangent.reshape(-1, 2)), np.repeat(area, n_angles)


@pytest.fixture(scope="module")
def shares(example):
    """Points of the plane, and the share of a normal that each stands for, as these take seconds to come by."""
    points, area = grid()

    @cache
    def of(mean, scale):
        normal = example.WrappedNormal(at(mean), torch.tensor(scale, dtype=torch.float64))
        return normal.log_density(points).exp().numpy() * area

    return points.numpy(), of


NORMALS = [((0.0, 0.0), (1.0, 1.0)), ((0.8, -0.3), (0.5, 1.2)), ((2.0, 1.0), (0.7, 0.4)), ((0.0, 3.0), (1.0, 1.0))]


@pytest.mark.parametrize(("mean", "scale"), NORMALS)
def test_the_density_integrates_to_one(shares, mean, scale):
    _, share = shares
    assert share(mean, scale).sum() == pytest.approx(1, abs=1e-6)


def test_the_density_integrates_to_one_in_three_dimensions(example):
    """By our own uniform points of a ball, so to the accuracy of a sample."""
    reach, n = 3.0, 100_000
    points = hk.random_uniform_ball(n, 3, radius=reach, model="hyperboloid", random_state=0)
    volume = np.pi * (np.sinh(2 * reach) - 2 * reach)
    normal = example.WrappedNormal(at([0.3, -0.2, 0.1]), torch.tensor([0.5, 0.4, 0.3], dtype=torch.float64))
    density = volume * normal.log_density(torch.tensor(points)).exp().numpy()
    assert density.mean() == pytest.approx(1, abs=4 * density.std() / np.sqrt(n))


def test_on_a_line_it_is_the_normal_density(example):
    normal = example.WrappedNormal(at([0.7]), torch.tensor([0.6], dtype=torch.float64))
    places = torch.linspace(-3, 3, 61, dtype=torch.float64)
    expected = scipy.stats.norm.logpdf(places.numpy(), 0.7, 0.6)
    np.testing.assert_allclose(normal.log_density(at(places[:, None])).numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("mean", "scale"), NORMALS)
@pytest.mark.parametrize("ours", [False, True])
def test_as_many_samples_fall_into_disks_as_the_density_says(example, shares, mean, scale, ours):
    """Of the model's samples and of those of the package, which draws them by other code."""
    n, center = 20_000, at(mean)
    normal = example.WrappedNormal(center, torch.tensor(scale, dtype=torch.float64))
    if ours:
        sample = hk.random_wrapped_normal(n, center.numpy(), scale=scale, model="hyperboloid", random_state=0)
    else:
        torch.manual_seed(0)
        sample = example.WrappedNormal(center.expand(n, 3), normal.scale.expand(n, 2)).sample().numpy()
    points, share = shares
    mass = share(mean, scale)
    for direction in ([0.5, 0.0], [0.0, 0.5], [-0.4, 0.4]):
        disk = hk.exp_map(center.numpy(), np.array(direction), model="hyperboloid")
        inside = [hk.distance(disk, x, model="hyperboloid") < 0.6 for x in (points, sample)]
        expected = mass[inside[0]].sum()
        # Three standard errors of a share, and what the border of the disk costs the integral.
        assert np.mean(inside[1]) == pytest.approx(expected, abs=3 * np.sqrt(expected / n) + 0.004)


def test_the_divergence_is_that_of_the_densities(example):
    posterior = example.WrappedNormal(at([1.0, 0.5]), torch.tensor([0.4, 0.7], dtype=torch.float64))
    prior = example.VAE(3).prior
    points, area = grid()
    log_density = posterior.log_density(points)
    log_ratio = (log_density - prior.log_density(points)).numpy()
    integral = (log_density.exp().numpy() * log_ratio) @ area
    torch.manual_seed(0)
    sample = example.WrappedNormal(posterior.mean.expand(20_000, 3), posterior.scale.expand(20_000, 2)).sample()
    estimates = (posterior.log_density(sample) - prior.log_density(sample)).numpy()
    assert estimates.mean() == pytest.approx(integral, abs=4 * estimates.std() / np.sqrt(20_000))


def test_gradients_are_finite_where_the_posterior_is_the_prior(example):
    """Where a collapsed encoder puts all rows: at the origin itself."""
    vae = example.VAE(5)
    with torch.no_grad():
        for parameter in vae.encoder[-1].parameters():
            parameter.zero_()
    log_likelihood, divergence = vae.evidence(torch.ones(4, 5, dtype=torch.float64))
    (divergence - log_likelihood).sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in vae.parameters())


def test_training_raises_the_evidence_and_does_not_collapse(example):
    torch.manual_seed(0)
    rows = torch.tensor(hk.datasets.make_binary_tree(4, random_state=0).data)
    vae = example.VAE(rows.shape[1])
    evidence = [log_likelihood - kl for log_likelihood, kl in example.train(vae, rows, 200, warm_up=20, rate=1e-2)]
    assert evidence[-1] > evidence[0] + 10
    with torch.no_grad():
        assert vae.evidence(rows)[1].mean() > 0.1
