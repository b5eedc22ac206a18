"""torch and geoopt, which come with an extra and are imported at the first call."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def import_extra(module: str) -> Any:
    """Import torch or geoopt, or say which extra brings it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f'{module} is needed for hyperkit.latents: pip install "hyperkit-geometry[torch]"') from error


def type_name(value: object) -> str:
    """What an error calls a value of another type than was wanted."""
    return f"{type(value).__module__}.{type(value).__qualname__}"
