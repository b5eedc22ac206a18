"""How far an embedding is, phase by phase."""

from __future__ import annotations

from rich.progress import Progress

from .search import Placement, Watcher


class Phases:
    """Shows one bar after the other."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def end(self) -> None:
        """All that has begun is over."""
        for task in self._progress.tasks:
            self._progress.update(task.id, total=1, completed=1)

    def begin(self, name: str, total: int | None = None) -> Watcher:
        """Begin a phase; the others are over. Gives what shows its stress and iterations, of at most `total`."""
        self.end()
        new = self._progress.add_task(name, total=total)

        def watch(placement: Placement, n_iter: int) -> None:
            self._progress.update(new, completed=n_iter, description=f"{name}: stress {placement.stress:.4g}")

        return watch
