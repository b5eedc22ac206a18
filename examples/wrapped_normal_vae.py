"""A variational autoencoder whose latent space is hyperbolic, to copy and to change; `plot_vae.py` trains one.

In comes a table of features, out come latent points on the hyperboloid and what the decoder makes of them. The one
idea: the posterior of a row is a wrapped normal [1]_, a normal vector of the tangent space at the origin, carried to
the mean by parallel transport and followed there by the exponential map, so that samples have gradients and the density
is known. The noise of the data is learned. The weight of the divergence from the prior is warmed up, a guard against
latents that collapse onto the prior before the decoder has found a use for them. Keep an eye on it: with two hidden
layers one of two trials collapsed all the same.

All is float64: at distance 6 from the origin float32 no longer tells distances below 0.1 apart.

.. [1] Nagano et al., "A wrapped normal distribution on hyperbolic space for gradient-based learning", ICML 2019.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 compiles with torch.jit.script
    import geoopt

MANIFOLD = geoopt.Lorentz(k=torch.tensor(1.0, dtype=torch.float64))
_LOG_TWO_PI = math.log(2 * math.pi)


class WrappedNormal(NamedTuple):
    """Wrapped normal distributions on the hyperboloid of curvature -1.

    `mean` has the shape (..., d + 1), time first; `scale`, (..., d), are standard deviations along the axes of the
    frame that parallel transport carries from the origin to the mean.
    """

    mean: Tensor
    scale: Tensor

    def sample(self) -> Tensor:
        """One point (..., d + 1) of each distribution, with gradients to the mean and the scale."""
        tangent = _at_origin(self.scale * torch.randn_like(self.scale))
        return MANIFOLD.expmap(self.mean, MANIFOLD.transp0(self.mean, tangent))

    def log_density(self, points: Tensor) -> Tensor:
        """Logarithm of the density (...) at points (..., d + 1), by hyperbolic volume."""
        tangent = MANIFOLD.transp0back(self.mean, MANIFOLD.logmap(self.mean, points))[..., 1:]
        d = tangent.shape[-1]
        normal = -0.5 * ((tangent / self.scale).square() + _LOG_TWO_PI).sum(-1) - self.scale.log().sum(-1)
        # At distance r the exponential map stretches by sinh(r) / r, in all directions but that of the geodesic.
        r = tangent.norm(dim=-1).clamp_min(1e-8)
        return normal - (d - 1) * (torch.sinh(r) / r).log()


class VAE(nn.Module):
    """Encoder and decoder of one hidden layer each, around a hyperbolic space of `d` dimensions."""

    def __init__(self, n_features: int, d: int = 2, width: int = 16) -> None:
        super().__init__()
        self.encoder = _perceptron(n_features, width, 2 * d)
        self.decoder = _perceptron(d, width, n_features)
        self.log_noise = nn.Parameter(torch.zeros((), dtype=torch.float64))
        origin = MANIFOLD.origin(d + 1, dtype=torch.float64)
        self.prior = WrappedNormal(origin, torch.ones(d, dtype=torch.float64))

    def forward(self, rows: Tensor) -> WrappedNormal:
        """Posteriors of rows (n, n_features)."""
        mean, scale = self.encoder(rows).chunk(2, dim=-1)
        return WrappedNormal(MANIFOLD.expmap0(_at_origin(mean)), functional.softplus(scale) + 1e-4)

    def decode(self, points: Tensor) -> Tensor:
        """Expected rows (n, n_features) at latent points (n, d + 1)."""
        return self.decoder(MANIFOLD.logmap0(points)[..., 1:])

    def evidence(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Log-likelihood of each row at one sample of its posterior, and the estimate there of its KL divergence.

        The first less the second is an unbiased estimate of the evidence lower bound (ELBO).
        """
        posterior = self(rows)
        points = posterior.sample()
        residual = (rows - self.decode(points)) / self.log_noise.exp()
        log_likelihood = -(0.5 * (residual.square() + _LOG_TWO_PI) + self.log_noise).sum(-1)
        return log_likelihood, posterior.log_density(points) - self.prior.log_density(points)


def train(
    vae: VAE, rows: Tensor, epochs: int, *, warm_up: int = 100, rate: float = 3e-3, batch_size: int = 128
) -> Iterator[tuple[float, float]]:
    """Train by Adam; after each epoch, its mean log-likelihood and KL divergence of a row.

    The weight of the divergence rises from 0 to 1 in the first `warm_up` epochs.
    """
    optimiser = torch.optim.Adam(vae.parameters(), lr=rate)
    for epoch in range(epochs):
        weight = min(1.0, epoch / warm_up) if warm_up else 1.0
        likelihood = divergence = 0.0
        for batch in torch.randperm(len(rows)).split(batch_size):
            log_likelihood, kl = vae.evidence(rows[batch])
            optimiser.zero_grad()
            (weight * kl - log_likelihood).mean().backward()
            optimiser.step()
            likelihood += log_likelihood.sum().item() / len(rows)
            divergence += kl.sum().item() / len(rows)
        yield likelihood, divergence


def _at_origin(vectors: Tensor) -> Tensor:
    """Vectors (..., d) as tangent vectors of the hyperboloid at its origin, (..., d + 1)."""
    return functional.pad(vectors, (1, 0))


def _perceptron(*widths: int) -> nn.Sequential:
    layers = [layer for n_in, n_out in pairwise(widths) for layer in (nn.Linear(n_in, n_out).double(), nn.ReLU())]
    return nn.Sequential(*layers[:-1])
