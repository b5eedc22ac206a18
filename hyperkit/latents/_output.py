"""Which of the things that an encoder returns are the latents.

In comes whatever a batch was turned into; out come latent rows. A tensor is what it is, and a distribution gives its
mean; of several entries the user says which one, unless only the first can be it: ``(recon, mean, sigma)`` is as good a
tuple as ``(mean, sigma)``, and no name tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ._extras import import_extra, type_name
from ._manifold import Space
from ._placing import fits, float_rows, unusable

if TYPE_CHECKING:
    import torch

Output: TypeAlias = int | str | Callable[[Any], Any] | None


class LatentOutput:
    """The latents among an encoder's outputs, batch after batch of one set."""

    def __init__(self, output: Output, space: Space, name: str) -> None:
        self.output, self.space, self.name = output, space, name
        self._off: dict[int, int | None] = {}
        """By entry of a tuple without `output`: the first row off the manifold, None as long as there is none."""
        self._width: int | None = None
        self._returned: Any = None

    def of(self, returned: Any, n: int) -> torch.Tensor:
        """Latent rows of a batch of `n` inputs."""
        self._returned = returned
        if self.output is not None:
            found = _chosen(returned, self.output)
        elif isinstance(returned, tuple | list) and returned:
            found = self._first(returned, n)
        elif isinstance(returned, Mapping):
            raise ValueError(f"encoder returned a {type(returned).__name__}; {_choices(returned)}")
        else:
            found = returned
        return self._checked(mean_of(found), n)

    def check_unique(self) -> None:
        """Raise ValueError if another entry than the first lies on the manifold as well, in all batches."""
        if any(number and off is None for number, off in self._off.items()):
            raise self._unclear("more than one entry lies on the manifold")

    def _first(self, entries: Any, n: int) -> Any:
        for number, entry in enumerate(entries):
            if number == 0 or entry is not entries[0]:
                off = self._first_off(mean_of(entry), n)
                self._off[number] = off if self._off.get(number) is None else self._off[number]
        if self._off[0] is not None:
            raise self._unclear(
                "its first entry is no table of latent rows"
                if self._off[0] < 0
                else f"its first entry has row {self._off[0]} of a batch off the manifold"
            )
        return entries[0]

    def _first_off(self, entry: Any, n: int) -> int | None:
        """First finite row that is no point of the manifold; -1 if none can be, None if all are."""
        if not fits(entry, self.space) or len(entry) != n:
            return -1
        off = unusable(float_rows(entry, self.space), self.space, entry.dtype) == "outside"
        return int(np.argmax(off)) if off.any() else None

    def _unclear(self, why: str) -> ValueError:
        return ValueError(
            f"encoder returned a {type(self._returned).__name__} for {self.name}, and {why}; {_choices(self._returned)}"
        )

    def _checked(self, latent: Any, n: int) -> torch.Tensor:
        torch = import_extra("torch")
        if not isinstance(latent, torch.Tensor) or latent.ndim != 2 or len(latent) != n:
            shape = tuple(latent.shape) if isinstance(latent, torch.Tensor) else type_name(latent)
            hint = ""
            if isinstance(latent, np.ndarray):
                hint = " (every function of hyperkit takes arrays, by model= and curvature=)"
            elif isinstance(latent, torch.distributions.Distribution):
                hint = ", a distribution without a mean: choose a place of it, such as output=lambda q: q.loc"
            raise ValueError(
                f"encoder must return a tensor of shape ({n}, d) for {n} rows of {self.name}, or something from which "
                f"output=... takes it; got {shape}{hint}"
            )
        if self._width not in (None, latent.shape[1]):
            raise ValueError(
                f"encoder must return rows of one width; for {self.name} it returned {self._width} columns, "
                f"then {latent.shape[1]}"
            )
        self._width = latent.shape[1]
        return latent


def mean_of(value: Any) -> Any:
    """The mean of a distribution of torch that has one, and anything else as it is."""
    distributions = import_extra("torch").distributions
    if isinstance(value, distributions.Distribution) and not isinstance(_innermost(value), distributions.Cauchy):
        with suppress(NotImplementedError):
            return value.mean
    return value


def _innermost(distribution: Any) -> Any:
    """What a distribution, such as `Independent`, is made of: the mean of a Cauchy is NaN, or inf, and no error."""
    while hasattr(distribution, "base_dist"):
        distribution = distribution.base_dist
    return distribution


def check_output(output: Any) -> None:
    """Raise TypeError unless `output` is an index, a key or a callable."""
    is_entry = isinstance(output, int | np.integer | str) and not isinstance(output, bool)
    if not (output is None or is_entry or callable(output)):
        raise TypeError(
            f"output={output!r} must be the index or key of an entry that the encoder returns, or a function that "
            "takes what it returns to latents"
        )


def _chosen(returned: Any, output: int | str | Callable[[Any], Any]) -> Any:
    if callable(output):
        return output(returned)
    torch = import_extra("torch")
    if isinstance(returned, torch.Tensor):
        raise ValueError(f"output={output!r}: the encoder returns one tensor, leave out output")
    if output == "mean" and isinstance(returned, torch.distributions.Distribution):
        return returned
    try:
        if isinstance(output, str) and not isinstance(returned, Mapping):  # a named tuple, or an object
            return getattr(returned, output)
        if isinstance(returned, Mapping | tuple | list):
            return returned[output]  # type: ignore[index]
    except (AttributeError, LookupError, NotImplementedError):
        pass
    entries = f"; {_choices(returned)}" if isinstance(returned, Mapping | tuple | list) else ""
    raise ValueError(f"output={output!r} is not among what the encoder returned, a {type_name(returned)}{entries}")


def _choices(returned: Any) -> str:
    """What can be chosen, for a message."""
    items = returned.items() if isinstance(returned, Mapping) else enumerate(returned)
    listed = ", ".join(f"{key!r} is {_look(entry)}" for key, entry in items)
    return f"choose by output=... one of: {listed}"


def _look(entry: Any) -> str:
    torch = import_extra("torch")
    return f"a tensor of shape {tuple(entry.shape)}" if isinstance(entry, torch.Tensor) else f"a {type_name(entry)}"
