"""`encode`: data through an encoder, to latent points.

The encoder is run as for a test: in evaluation mode, without gradients, batch after batch. Nothing is trained, loaded
or saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._validation import check_count
from ._batches import batches
from ._extras import import_extra
from ._manifold import Space, space_of
from ._networks import check_callable, checked_device, device_of, dtype_of, evaluation_mode, introduced
from ._output import LatentOutput, Output, check_output
from ._placing import OnBad, check_on_bad, place
from ._points import LatentPoints, latent_points

if TYPE_CHECKING:
    import torch

    from ._batches import Data
    from ._manifold import Manifold


def encode(
    encoder: Callable[[torch.Tensor], Any],
    data: Data,
    manifold: Manifold,
    *,
    output: Output = None,
    factor: int | None = None,
    on_bad: OnBad = "raise",
    batch_size: int = 256,
    device: torch.device | str | None = None,
) -> LatentPoints:
    """Latent points of a data set, in the Poincare unit ball.

    Parameters
    ----------
    encoder : callable, usually torch.nn.Module or a method of one
        Maps a batch (b, ...) of inputs to latent points (b, d): a tensor, a `torch.distributions.Distribution`, whose
        mean is taken, or something that holds one of these (`output`).
    data : torch.Tensor, array or data frame of shape (n, ...), torch Dataset, or DataLoader
        Inputs as the encoder takes them. Datasets and loaders give tensors, or tuples (x, ...) whose first entry is the
        input; a loader has batches of its own, and must neither shuffle nor drop the last. Arrays of floats get the
        dtype of the encoder's first parameter; the dtype of all else is left alone.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic, geoopt.Scaled, a product of these, or float
        Where the latent points live, as in `to_poincare`.
    output : int, str or callable, optional
        Where the latents are in what the encoder returns: the index of an entry of a tuple or list, the key of one of a
        dict (or the name of a field), or a function that takes what is returned to latents. Without it, a tuple or list
        must begin with them, and hold nothing else that lies on the manifold.
    factor : int >= 0, optional
        Of a product, which of its factors to look at, by its place.
    on_bad : {"raise", "drop"}, default="raise"
        What becomes of latent rows that are not finite, outside or clipped, as in `to_poincare`.
    batch_size : int >= 1, default=256
        Rows encoded at a time.
    device : torch.device or str, optional
        Where batches are brought; by default where the encoder's first parameter is. The encoder stays where it is.

    Returns
    -------
    LatentPoints
        The points at curvature -1, which of them are clipped, and which rows were left out.

    Raises
    ------
    ImportError, TypeError, ValueError
        As in `to_poincare`; also if there are no rows, a loader shuffles or drops rows, or the encoder does not return
        one latent row an input, all of one width; or torch has no such device. If it is not clear which of several
        outputs the latents are, the message names the choices: the first entry of a tuple is off the manifold, or
        another entry could lie on it. Errors of the encoder itself pass, with a note on the rows that it was given.

    Notes
    -----
    A network, or the one whose method the encoder is, runs in evaluation mode and without gradients; afterwards every
    submodule is back in the mode it had. A function around a network is called as it is: call ``eval()`` on the network
    first.

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> network = torch.nn.Linear(5, 2)
    >>> def encoder(x):
    ...     return {"mean": ball.expmap0(network(x)), "scale": torch.ones(len(x), 2)}
    >>> encode(encoder, torch.zeros(30, 5), ball, output="mean").points.shape
    (30, 2)
    """
    check_options(output, on_bad, batch_size)
    space = space_of(manifold, factor)
    with evaluation_mode(encoder):
        latents = encoded(encoder, data, space, output, int(batch_size), device, "data")
    return latent_points(place(latents, space, "latents of data", on_bad), space)


def check_options(output: Any, on_bad: Any, batch_size: Any) -> None:
    """Raise ValueError or TypeError for options of an encoding that make no sense."""
    check_output(output)
    check_on_bad(on_bad)
    check_count("batch_size", batch_size)


def encoded(
    encoder: Callable[[Any], Any],
    data: Data,
    space: Space,
    output: Output,
    batch_size: int,
    device: torch.device | str | None,
    name: str,
) -> torch.Tensor:
    """Latent rows of one set, all columns of a product, on the CPU; the encoder is in evaluation mode."""
    torch = import_extra("torch")
    check_callable("encoder", encoder)
    device = device_of(encoder) if device is None else checked_device(device)
    chooser = LatentOutput(output, space, name)
    found, start = [], 0
    with torch.no_grad():
        for batch in batches(data, batch_size, dtype_of(encoder), name):
            inputs = batch if device is None else batch.to(device)
            with introduced(name, start, inputs):
                returned = encoder(inputs)
            found.append(chooser.of(returned, len(inputs)).cpu())
            start += len(inputs)
    if not found:
        raise ValueError(f"{name} has no rows: a set needs at least one")
    chooser.check_unique()
    return torch.cat(found)
