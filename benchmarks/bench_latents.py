"""From torch to points of the ball."""

import torch

import hyperkit as hk


class Latents:
    def setup(self):
        generator = torch.Generator().manual_seed(0)
        self.z = 0.3 * torch.randn(100_000, 2, generator=generator).clamp(-2, 2)

    def time_to_poincare_100k(self):
        hk.latents.to_poincare(self.z, -1.0)
