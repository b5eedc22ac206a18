"""``hyperkit compile``, and what the other commands do before they call kernels: compile with all cores.

A first call compiles its kernels one after the other; they do not depend on each other, so that helpers can compile
them at the same time. Examples say which there are: small calls of what the commands do (see `_compilation._ahead`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from ._report import on_terminal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .._compilation import Job
    from ..steiner import Method

Example = Callable[[], object]


@click.command("compile")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that compile [default: one a core].")
def compile_(jobs: int | None) -> None:
    """Compile all that is compiled on first use.

    For the build of a container or an image of a machine, and for tests: what is compiled now, nobody waits for later.
    Kernels are kept beside the package, else in the user's cache; the environment variable NUMBA_CACHE_DIR names
    another place. They serve processors of this kind only.
    """
    from joblib import cpu_count

    from .._compilation import jobs_of

    wanted = jobs_of(_all_examples())
    missing = [job for job in wanted if not job.is_done()]
    _compile(missing, jobs or cpu_count())
    click.echo(f"Compiled {len(missing)} of {len(wanted)} kernels; the others were compiled before")


def get_ready(what: str, examples: Sequence[Example]) -> None:
    """Compile what `examples` use, with all cores, if that has not been done; `what` is a name for all of them."""
    from joblib import cpu_count

    from .._compilation import is_marked, jobs_of, mark

    if cpu_count() == 1 or is_marked(what):
        return
    missing = [job for job in jobs_of(examples) if not job.is_done()]
    try:
        _compile(missing, cpu_count())
        mark(what)
    except OSError:  # nothing can be kept: each process compiles its own, and says so
        return


def get_ready_for_trees(method: Method, dimension: int) -> None:
    """Compile what finds trees, with all cores, if that has not been done."""
    method = "local" if method == "auto" else method
    dimension = _alike(dimension)
    get_ready(f"{method}-{dimension}", [tree_example(method, dimension)])


def get_ready_for_scores(dimension: int) -> None:
    """Compile what compares two sets, with all cores, if that has not been done."""
    dimension = _alike(dimension)
    get_ready(f"scores-{dimension}", [score_example(dimension)])


def tree_example(method: Method, dimension: int) -> Example:
    """What finds a tree by `method`."""
    return partial(_find_tree, method, dimension)


def score_example(dimension: int) -> Example:
    """What compares two sets."""
    return partial(_compare, dimension)


def _alike(dimension: int) -> int:
    """The dimension that stands for all with the same kernels: of the plane, of space, of rays."""
    return 2 if dimension <= 2 else 3 if dimension <= 6 else 8


def _all_examples() -> list[Example]:
    from ..steiner import METHODS

    plane = [tree_example(method, 2) for method in METHODS]
    elsewhere = [tree_example("local", dimension) for dimension in (3, 8)]
    return [*plane, *elsewhere, *(score_example(dimension) for dimension in (2, 3, 8)), _look_around]


def _compile(jobs: list[Job], n_processes: int) -> None:
    """Compile in several processes, and show how far they are."""
    from .._compilation import compile_all, say_compiling
    from .._progress import progress_bars

    if jobs and not on_terminal():
        say_compiling()
    compiled = compile_all(jobs, n_processes)  # which forks, and that before the bar has a thread
    with progress_bars(show=on_terminal()) as bar:
        task = bar.add_task("Compiling for this machine, once", total=sum(job.size for job in jobs))
        for job in compiled:
            bar.advance(task, job.size)


def _points(n: int, dimension: int) -> NDArray[np.float64]:
    import numpy as np

    from ..geometry import random_wrapped_normal

    return random_wrapped_normal(n, np.zeros(dimension), random_state=0)


def _find_tree(method: Method, dimension: int) -> None:
    from ..steiner import HyperSteiner

    # So few for "exact" and "thorough": as Python their kernels take a hundred times as long.
    HyperSteiner(method=method).fit(_points(12 if method in ("greedy", "local") else 5, dimension))


def _compare(dimension: int) -> None:
    from ..similarity import compare_sets

    compare_sets(*_points(40, dimension).reshape(2, 20, dimension), n_permutations=2)


def _look_around() -> None:
    from ..delaunay import HyperbolicVoronoi, nearest_neighbors

    points = _points(12, 2)
    nearest_neighbors(points, 2)
    cells = HyperbolicVoronoi(points)
    cells.find(points)
    _ = cells.cell_areas, cells.regions
