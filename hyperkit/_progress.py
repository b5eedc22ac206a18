"""The progress bar on stderr."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress


def progress_bar(verbose: bool) -> Progress:
    """Progress bar to enter with `with`; without `verbose` nothing is written.

    The console is quiet too, since rich before 14.3 ends a bar that is disabled by an empty line.
    """
    return Progress(console=Console(stderr=True, quiet=not verbose), disable=not verbose)
