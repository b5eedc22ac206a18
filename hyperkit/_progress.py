"""Progress bars: on stderr where that is a terminal, in the cell of a notebook, and none unless they are asked for.

rich draws them. In notebooks it wants ipywidgets, and without these it warns instead of drawing: so there the text of
the bar is shown by what every notebook has.
"""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, TaskID

_SECONDS_BETWEEN = 0.2


def progress_bars(*columns: str | ProgressColumn, show: bool) -> Progress:
    """A context in which tasks show how far they are; `columns` as those of `rich.progress.Progress`."""
    # Quiet too: before 14.3 rich ends a bar that is disabled by an empty line.
    console = Console(stderr=True, quiet=not show)
    if show and console.is_jupyter:
        return _InNotebook(*columns, console=Console(quiet=True, force_jupyter=False), auto_refresh=False)
    return Progress(*columns, console=console, disable=not show, auto_refresh=show)


class _InNotebook(Progress):
    """Bars as one text of a notebook, which is replaced as they grow."""

    def start(self) -> None:
        from IPython.display import display

        self._cell = display({"text/plain": ""}, raw=True, display_id=True)
        self._last = 0.0

    def stop(self) -> None:
        self._last = 0.0
        self.refresh()

    def refresh(self) -> None:
        if time.monotonic() - self._last < _SECONDS_BETWEEN:
            return
        self._last = time.monotonic()
        console = Console(width=100, force_jupyter=False, color_system=None)
        with console.capture() as text:
            console.print(self.get_renderable())
        self._cell.update({"text/plain": text.get().rstrip()}, raw=True)

    def update(self, task_id: TaskID, **changes: Any) -> None:
        super().update(task_id, **changes)
        self.refresh()

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        super().advance(task_id, advance)
        self.refresh()
