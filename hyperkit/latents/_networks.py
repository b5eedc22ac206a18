"""What there is to know of a user's network, and how to look at it without changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._extras import import_extra, type_name

if TYPE_CHECKING:
    import torch


def check_callable(name: str, function: Any) -> None:
    """Raise TypeError, by name, for what cannot be called."""
    if not callable(function):
        raise TypeError(f"{name} must be a torch.nn.Module, a method of one or a function, got {type_name(function)}")


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


def checked_device(device: Any) -> torch.device:
    """The device that is asked for; ValueError if torch has none of that kind."""
    library = import_extra("torch")
    try:
        found: torch.device = library.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device={device!r} is no device of torch, such as 'cpu' or 'cuda:0'") from error
    if found.type == "cuda" and not library.cuda.is_available():
        raise ValueError(f"device={device!r}: torch finds no CUDA on this machine; leave out device, or give 'cpu'")
    return found


@contextmanager
def introduced(name: str, start: int, inputs: torch.Tensor) -> Iterator[None]:
    """Add to an error of the user's network what it was given."""
    try:
        yield
    except Exception as error:
        error.add_note(
            f"The encoder was given rows {start} to {start + len(inputs) - 1} of {name}: a tensor of shape "
            f"{tuple(inputs.shape)}, {inputs.dtype}, on {inputs.device}."
        )
        raise


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
