"""What there is to know of a user's network, and how to look at it without changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._extras import import_extra

if TYPE_CHECKING:
    import torch


def network_of(function: Callable[..., Any] | None) -> torch.nn.Module | None:
    """The network that an encoder is, or is a method of, as ``model.encode`` is; None of a plain function."""
    owner = getattr(function, "__self__", function)
    return owner if isinstance(owner, import_extra("torch").nn.Module) else None


def parameters_of(function: Callable[..., Any] | None) -> list[torch.nn.Parameter]:
    """The parameters of that network."""
    network = network_of(function)
    return [] if network is None else list(network.parameters())


def dtype_of(function: Callable[..., Any]) -> torch.dtype | None:
    """Dtype of its first parameter of real numbers."""
    return next((each.dtype for each in parameters_of(function) if each.is_floating_point()), None)


def device_of(function: Callable[..., Any]) -> torch.device | None:
    """Device of its first parameter."""
    return next((each.device for each in parameters_of(function)), None)


@contextmanager
def evaluation_mode(function: Callable[..., Any] | None) -> Iterator[None]:
    """Put a network in evaluation mode; afterwards each submodule is back in its own, since parts may be frozen."""
    network = network_of(function)
    modules = [] if network is None else list(network.modules())
    modes = [module.training for module in modules]
    if network is not None:
        network.eval()
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
