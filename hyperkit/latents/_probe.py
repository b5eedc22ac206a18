"""`Probe`: networks and a batch, and what `monitor` finds out by sending one through the other.

Encoded once; noise and reconstructions are encoded beside it. The numbers themselves are of `_figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..models import BallPoints
from ._encoding import encoded
from ._extras import import_extra, type_name
from ._figures import labels_of, likeness, mixing, radii, shift, spread
from ._manifold import Space
from ._networks import device_of, evaluation_mode, parameters_of
from ._output import Output, mean_of
from ._placing import Placed, place

if TYPE_CHECKING:
    import torch

_BATCH = 256


class Probe:
    """An encoder, perhaps a decoder, and inputs to look at them with."""

    def __init__(
        self,
        encoder: Callable[[Any], Any],
        decoder: Callable[[Any], Any] | None,
        inputs: torch.Tensor,
        space: Space,
        output: Output,
        noise: float,
        seed: int,
    ) -> None:
        self.encoder, self.decoder, self.inputs = encoder, decoder, inputs
        self.space, self.output, self.noise, self.seed = space, output, noise, seed

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Networks in evaluation mode, and afterwards they and torch's random numbers as if nothing had happened."""
        torch = import_extra("torch")
        functions = (self.encoder, self.decoder)
        devices = {parameter.device for function in functions for parameter in parameters_of(function)}
        with (
            torch.random.fork_rng([device for device in devices if device.type == "cuda"]),
            torch.no_grad(),
            evaluation_mode(self.encoder),
            evaluation_mode(self.decoder),
        ):
            yield

    @cached_property
    def latents(self) -> torch.Tensor:
        """Rows as the encoder gives them, all columns of a product."""
        return self._encoded(self.inputs)

    @cached_property
    def placed(self) -> Placed:
        """Those that are points, clipped ones among them."""
        return self._placed(self.latents)

    @cached_property
    def reconstructed(self) -> torch.Tensor:
        """The inputs of `placed`, decoded from their latents."""
        if self.decoder is None:
            raise ValueError("no decoder was given")
        if not len(self.placed.rows):
            raise ValueError("no row can be used")
        device = device_of(self.decoder) or self.inputs.device
        parts = []
        for rows in self.latents[self.placed.rows].split(_BATCH):
            wanted = (len(rows), *self.inputs.shape[1:])
            parts.append(_like_inputs(self.decoder(rows.to(device)), wanted))
        return import_extra("torch").cat(parts).to(self.inputs)

    def shares(self) -> dict[str, float]:
        """How many rows there are to look at."""
        n, n_points = len(self.inputs), len(self.placed.ball)
        clipped = np.count_nonzero(self.placed.clipped)
        return {"n_points": n_points, "bad_share": 1 - n_points / n, "clipped_share": clipped / n}

    def radii(self) -> dict[str, float]:
        """Distances from the origin."""
        return radii(self.placed.ball, self.space.unit)

    def spread(self) -> dict[str, float]:
        """Distances from the mean, and in how many directions."""
        return spread(self.placed.ball, self.space.unit)

    def mixing(self, labels: Any, chosen: NDArray[np.int64], n: int) -> float:
        """How mixed labels are that go with `n` rows, of which these were `chosen` as inputs."""
        if labels is None:
            raise ValueError("no labels were given")
        return mixing(self.placed.ball, labels_of(labels, n)[chosen][self.placed.rows], self.seed)

    @cached_property
    def noisy(self) -> tuple[BallPoints, BallPoints]:
        """Latents of inputs and of noisy inputs, row by row."""
        torch = import_extra("torch")
        if not self.inputs.is_floating_point():
            raise ValueError(f"noise is added to real numbers, and these inputs are {self.inputs.dtype}")
        finite = self.inputs[self.inputs.isfinite().reshape(len(self.inputs), -1).all(dim=1)]
        scale = self.noise * finite.std(dim=0, correction=0)
        drawn = torch.Generator().manual_seed(self.seed)
        added = torch.randn(self.inputs.shape, generator=drawn).to(self.inputs) * scale
        return self._both(self._placed(self._encoded(self.inputs + added)), np.arange(len(self.inputs)))

    def noise_robustness(self) -> float:
        """How alike they are as sets."""
        return likeness(*self.noisy, self.seed)

    def noise_shift(self) -> float:
        """How far apart they are."""
        return shift(*self.noisy)

    def reconstruction(self) -> float:
        """How alike inputs and reconstructions are."""
        return likeness(*self._both(self._placed(self._encoded(self.reconstructed)), self.placed.rows), self.seed)

    def reconstruction_error(self) -> float:
        """Share of the variance that is not reconstructed."""
        torch = import_extra("torch")
        inputs, again = (x.cpu().to(torch.float64) for x in (self.inputs[self.placed.rows], self.reconstructed))
        variance = (inputs - inputs.mean(dim=0)).square().sum().item()
        if variance == 0:
            raise ValueError("all inputs are the same")
        return float((again - inputs).square().sum().item() / variance)

    def _encoded(self, inputs: torch.Tensor) -> torch.Tensor:
        return encoded(self.encoder, inputs, self.space, self.output, _BATCH, None, "batch")

    def _placed(self, latents: torch.Tensor) -> Placed:
        return place(latents, self.space, "latents", "drop", keep_clipped=True)

    def _both(self, again: Placed, rows: NDArray[np.int64]) -> tuple[BallPoints, BallPoints]:
        """Latents of the inputs, and of what became of those at `rows`, where both are points."""
        _, one, other = np.intersect1d(self.placed.rows, rows[again.rows], assume_unique=True, return_indices=True)
        return self.placed.ball.take(one), again.ball.take(other)


def _like_inputs(returned: Any, shape: tuple[int, ...]) -> torch.Tensor:
    """The one thing among what a decoder returned that has the shape of the inputs."""
    torch = import_extra("torch")
    entries = [mean_of(entry) for entry in (returned if isinstance(returned, tuple | list) else [returned])]
    alike = [entry for entry in entries if isinstance(entry, torch.Tensor) and tuple(entry.shape) == shape]
    if len(alike) == 1:
        return alike[0]
    got = ", ".join(
        str(tuple(entry.shape)) if isinstance(entry, torch.Tensor) else type_name(entry) for entry in entries
    )
    raise ValueError(f"decoder must return one tensor of the shape {shape} of the inputs; got {got}")
