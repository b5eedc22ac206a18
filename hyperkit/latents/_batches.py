"""From data of any of the shapes that people train on to batches of inputs.

In comes a tensor, an array, a data frame, a `Dataset` or a `DataLoader`; out come tensors, in the order of the rows.
Loaders that shuffle or leave rows out are refused, since rows are known by their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..models import check_table
from ._extras import import_extra, type_name

if TYPE_CHECKING:
    import torch

    Data: TypeAlias = torch.Tensor | ArrayLike | torch.utils.data.Dataset[Any] | torch.utils.data.DataLoader[Any]


def batches(data: Data, batch_size: int, dtype: torch.dtype | None, name: str) -> Iterator[torch.Tensor]:
    """Batches of inputs; arrays of real numbers get the `dtype`, if there is one, since numpy knows float64 only."""
    torch = import_extra("torch")
    if isinstance(data, torch.utils.data.DataLoader):
        _check_order(data, name)
        yield from _inputs(data, name)
    elif isinstance(data, torch.utils.data.Dataset):
        # A generator of its own: a loader draws a seed even where it shuffles nothing, from what training draws from.
        yield from _inputs(torch.utils.data.DataLoader(data, batch_size, generator=torch.Generator()), name)
    else:
        rows = check_rows(data, name)
        if len(rows) == 0:
            raise ValueError(f"{name} has shape {tuple(rows.shape)}: a set needs at least one row")
        for start in range(0, len(rows), batch_size):
            yield as_tensor(rows[start : start + batch_size], dtype)


def as_tensor(rows: torch.Tensor | NDArray[Any], dtype: torch.dtype | None) -> torch.Tensor:
    """A tensor as it is; of an array a copy, which may have any strides and be read-only."""
    torch = import_extra("torch")
    if isinstance(rows, torch.Tensor):
        return rows
    copied = torch.tensor(rows)
    return copied.to(dtype) if dtype is not None and copied.is_floating_point() else copied


def check_rows(
    data: Any, name: str, others: str = "a data frame, or a Dataset or DataLoader of torch"
) -> torch.Tensor | NDArray[Any]:
    """A tensor or an array of numbers with rows, or TypeError that says which `others` the caller takes."""
    library = import_extra("torch")
    if not isinstance(data, library.Tensor):
        check_table(data, name=name)
        if not isinstance(data, np.ndarray) and not hasattr(data, "iloc"):
            loads = isinstance(data, library.utils.data.DataLoader | library.utils.data.Dataset)
            way_out = "give one batch, next(iter(loader))" if loads else f"wrap it with torch.as_tensor({name})"
            raise TypeError(f"{name} must be a torch.Tensor, an array, {others}, got {type_name(data)}: {way_out}")
        data = np.asarray(data)
        if data.dtype.kind not in "biuf":
            raise TypeError(f"{name} has dtype {data.dtype}; an encoder takes numbers")
    if data.ndim == 0:
        raise ValueError(f"{name} has shape (): a set needs at least one row")
    rows: torch.Tensor | NDArray[Any] = data
    return rows


def _inputs(loader: Any, name: str) -> Iterator[torch.Tensor]:
    """The inputs of each batch: the batch itself, or its first entry, which labels and weights may follow."""
    torch = import_extra("torch")
    for batch in loader:
        inputs = batch[0] if isinstance(batch, tuple | list) and batch else batch
        if not isinstance(inputs, torch.Tensor):
            raise TypeError(
                f"{name} gives batches of {type_name(batch)}; it must give tensors, or tuples whose first entry is the "
                "input of the encoder"
            )
        if len(inputs):
            yield inputs


def _check_order(loader: Any, name: str) -> None:
    """Raise ValueError for a loader of which it is not sure that it gives all rows, in their order, each time."""
    utils = import_extra("torch").utils.data
    batches, drops = loader.batch_sampler, loader.drop_last
    if isinstance(loader.dataset, utils.IterableDataset):
        if loader.num_workers > 1:
            raise ValueError(
                f"{name} is a DataLoader with num_workers={loader.num_workers} of an IterableDataset, which then gives "
                "rows in another order; take num_workers=0"
            )
    elif batches is not None:
        sampler = batches.sampler if type(batches) is utils.BatchSampler else batches
        _check_sampler(sampler, name)
        drops = batches.drop_last
    else:
        _check_sampler(loader.sampler, name)
    if drops:
        raise ValueError(
            f"{name} is a DataLoader with drop_last=True, which leaves out the last rows: give {name}.dataset, or a "
            "loader with drop_last=False"
        )


def _check_sampler(sampler: Any, name: str) -> None:
    if type(sampler) is not import_extra("torch").utils.data.SequentialSampler:
        raise ValueError(
            f"{name} is a DataLoader that shuffles, draws or leaves out rows, or may do so, by a {type_name(sampler)}, "
            f"and rows are known by their place: give {name}.dataset, or a loader with shuffle=False and no sampler"
        )
