"""Floor 6: the command ``hyperkit``."""

from ._main import main

__all__ = ["main"]
