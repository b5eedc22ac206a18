"""``hyperkit compile``, and what the other commands do before they call kernels: compile with all cores.

A first call compiles its kernels one after the other; they do not depend on each other, so that helpers can compile
them at the same time. Which they are is seen from small examples of what the commands do (`_compilation._ahead`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import click

from ..steiner import METHODS
from ._options import job_count, json_option
from ._report import as_json as to_json
from ._report import on_terminal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .._compilation import Job
    from ..steiner import Method


@dataclass(frozen=True)
class Use:
    """A small example of what a command does."""

    what: str
    """A key of `_EXAMPLES`, or how a tree is looked for."""
    dimension: int

    def __str__(self) -> str:
        return f"{self.what}-{self.dimension}"

    def __call__(self) -> None:
        """Do it."""
        _EXAMPLES.get(self.what, _find_tree)(self)

    def points(self, n: int) -> NDArray[np.float64]:
        """Some points of this dimension."""
        import numpy as np

        from ..geometry import random_wrapped_normal

        return random_wrapped_normal(n, np.zeros(self.dimension), random_state=0)


def _find_tree(use: Use) -> None:
    from ..delaunay import nearest_neighbors
    from ..steiner import HyperSteiner

    # So few for "exact" and "thorough": as Python their kernels take a hundred times as long.
    method: Any = use.what
    n_restarts = 1 if method == "thorough" else None
    HyperSteiner(method=method, n_restarts=n_restarts).fit(use.points(5 if method in ("exact", "thorough") else 12))
    if use.dimension > 2:  # above space, neighbours are found in another way
        nearest_neighbors(replace(use, dimension=4).points(12), 2)


def _search_large(use: Use) -> None:
    from numpy.random import default_rng

    from ..models import to_ball
    from ..steiner.local import LocalSearch, neighbor_joining, regions

    points = to_ball(use.points(9))
    tree = neighbor_joining(points)
    LocalSearch(points).escape(tree, 1, default_rng(0))
    regions(tree, 4)


def _prove(use: Use) -> None:
    import math
    import time

    from rich.progress import Progress

    from ..delaunay import ball_spanning_tree
    from ..models import to_ball
    from ..steiner.components import component_network
    from ..steiner.prices import certified_tree

    # So few, and near each other, as Python takes 6 s for four.
    points = to_ball(use.points(3) / 4)
    mst, lengths = ball_spanning_tree(points)
    silent = Progress(disable=True)
    found = component_network(points, mst, lengths, 3, silent, math.inf)
    if found is not None and use.dimension == 2:
        certified_tree(points, found, silent, time.monotonic() + 10)


def _ask_estimators(use: Use) -> None:
    from ..similarity import HyperDGA
    from ..steiner import HyperSteiner

    # What Python can be asked for, and the shell not.
    HyperDGA().fit(use.points(12)).score(use.points(24)[12:])
    HyperSteiner(method="greedy").fit(use.points(6)).insert(use.points(9)[6:])


def _compare(use: Use) -> None:
    from ..similarity import compare_sets

    compare_sets(use.points(20), use.points(40)[20:], n_permutations=19)


def _compare_scales(use: Use) -> None:
    from ..similarity import compare_sets, mixing_profile

    compare_sets(use.points(12), use.points(24)[12:], n_permutations=19, scan=True)
    mixing_profile(use.points(12), use.points(24)[12:], max_hops=1, n_permutations=19)


def _cut_into_cells(use: Use) -> None:
    from ..delaunay import HyperbolicVoronoi, nearest_neighbors

    points = use.points(12)
    nearest_neighbors(points, 2)
    cells = HyperbolicVoronoi(points)
    cells.find(points)
    _ = cells.cell_areas, cells.regions


def _embed(use: Use) -> None:
    from ..embedding import HyperbolicMDS

    # All pairs are float64; paths to landmarks are float32, and distances to them float64. Weights are arrays of
    # another order than none are.
    # As few points as have a tree, and a given curvature: as Python, a search takes seconds otherwise.
    quick: Any = {"n_neighbors": 2, "curvature": -1.0, "n_init": 1, "max_iter": 1, "tol": 0.5}
    points = use.points(4)
    for metric, n_landmarks, power in product(("geodesic", "euclidean"), (None, 3), (0, 1)):
        mds = HyperbolicMDS(metric=metric, n_landmarks=n_landmarks, weight_power=power, **quick)
        mds.fit(points).transform(points)


def _judge(use: Use) -> None:
    from ..embedding import quality

    quality(use.points(7), use.points(7), n_neighbors=2)


def _compare_embeddings(use: Use) -> None:
    from ..embedding import compare

    compare(use.points(20), use.points(40)[20:], use.points(20))


def _find_leaves(use: Use) -> None:
    from ..steiner import HyperSteiner

    HyperSteiner(leaves=True).fit(use.points(12))


def _hang(use: Use) -> None:
    from ..hierarchy import from_steiner
    from ..steiner import HyperSteiner

    from_steiner(HyperSteiner(method="greedy").fit(use.points(9)).tree_).root_at(0)


def _ask(use: Use) -> None:
    from ..hierarchy import from_steiner
    from ..steiner import HyperSteiner

    tree = from_steiner(HyperSteiner(method="greedy").fit(use.points(9)).tree_)
    tree.root_at("midpoint").cut(2)
    tree.condense([0, 0, 0, 1, 1, 1, 2, 2, 2])


def _compare_trees(use: Use) -> None:
    from ..hierarchy import compare, from_steiner
    from ..steiner import HyperSteiner

    tree = from_steiner(HyperSteiner(method="greedy").fit(use.points(12)).tree_)
    compare(tree, tree)
    compare(tree, tree, [0, 1, 2, 3] * 3)


def _jitter(use: Use) -> None:
    from ..hierarchy import stability

    stability(use.points(12), scale=0.1, n_replicates=1)


_EXAMPLES = {
    "large": _search_large,
    "proof": _prove,
    "estimators": _ask_estimators,
    "scores": _compare,
    "scales": _compare_scales,
    "cells": _cut_into_cells,
    "embedding": _embed,
    "quality": _judge,
    "comparison": _compare_embeddings,
    "leaves": _find_leaves,
    "hierarchy": _hang,
    "questions": _ask,
    "truth": _compare_trees,
    "stability": _jitter,
}
_USES = [
    *(Use(method, dimension) for method in METHODS if method != "auto" for dimension in (2, 3)),
    *(Use("large", dimension) for dimension in (2, 3)),
    Use("estimators", 2),
    *(Use("proof", dimension) for dimension in (2, 3)),
    *(Use("scores", dimension) for dimension in (2, 3, 8)),
    Use("scales", 2),
    Use("cells", 2),
    Use("embedding", 2),
    Use("quality", 2),
    Use("comparison", 2),
    *(Use("leaves", dimension) for dimension in (2, 3)),
    Use("hierarchy", 2),
    Use("questions", 2),
    Use("truth", 2),
    *(Use("stability", dimension) for dimension in (2, 3)),
]


def tree_uses(method: Method, dimension: int, n: int) -> list[Use]:
    """The examples that have the kernels of such trees over n points: those of the plane, or of space."""
    room = 2 if dimension <= 2 else 3
    search = Use("local" if method == "auto" else method, room)
    if method == "greedy":
        return [search]
    from ..steiner import enumerates, is_large

    further = {"large": is_large(n), "proof": method == "exact" and not enumerates(n, dimension)}
    return [search, *(Use(what, room) for what, needed in further.items() if needed)]


def hierarchy_uses(
    dimension: int, *, leaves: bool = False, questions: bool = False, truth: bool = False, support: bool = False
) -> list[Use]:
    """The examples that have the kernels of what ``tree`` does with a tree; `questions` are of clusters and groups."""
    there = {"leaves": leaves, "hierarchy": True, "questions": questions, "truth": truth, "stability": support}
    in_space = ("leaves", "stability") if dimension > 2 else ()
    return [Use(what, 3 if what in in_space else 2) for what, is_there in there.items() if is_there]


def score_uses(dimension: int, *, scales: bool = False) -> list[Use]:
    """The examples that have the kernels of scores, those of the plane, of simplices, or of rays; and of scales."""
    scores = Use("scores", 2 if dimension <= 2 else 3 if dimension <= 6 else 8)
    return [scores, Use("scales", 2)] if scales else [scores]


def embedding_uses(*, quality: bool = False) -> list[Use]:
    """The examples that have the kernels of embeddings, and of their quality, in any dimension."""
    return [Use("embedding", 2), Use("quality", 2)] if quality else [Use("embedding", 2)]


def comparison_use() -> Use:
    """The example that has the kernels of a comparison of embeddings, of any dimension."""
    return Use("comparison", 2)


@click.command("compile")
@click.option("--jobs", type=job_count, metavar="N", help="Processes that compile [default: one a core].")
@json_option
def compile_(jobs: int | None, as_json: bool) -> None:
    """Compile now all that is compiled on first use.

    For the build of a container or the image of a machine, and before tests: nobody waits later. What is compiled is
    kept beside the package, else in the user's cache; the environment variable NUMBA_CACHE_DIR names another place. It
    serves processors of this kind only.
    """
    from joblib import cpu_count

    from .._compilation import NOT_KEPT, WAY_OUT

    try:
        n_compiled, n_there = _compile_for(_USES, jobs or cpu_count())
    except OSError as error:
        raise OSError(f"{NOT_KEPT} ({error}); {WAY_OUT}") from error
    if as_json:
        click.echo(to_json({"n_compiled": n_compiled, "n_there": n_there}))
    else:
        click.echo(f"{n_compiled} kernels compiled, {n_there} were there already")


def get_ready(*uses: Use) -> None:
    """Compile, with all cores, what these uses need and has not been compiled."""
    from joblib import cpu_count

    try:
        from .._compilation import is_marked

        new = [use for use in uses if not is_marked(str(use))]
        if new and cpu_count() > 1:
            _compile_for(new, cpu_count())
    except Exception:  # whatever it is, kernels are compiled when they are called
        return


def _compile_for(uses: list[Use], n_processes: int) -> tuple[int, int]:
    """Compile what is missing, and note that it was; gives how many kernels were compiled, and how many were not."""
    from .._compilation import jobs_of, mark

    mark("begun")  # OSError if nothing can be kept
    jobs = jobs_of(uses)
    missing = [job for job in jobs if not job.is_done()]
    if missing:
        _compile(missing, n_processes)
    for use in uses:
        mark(str(use))
    return len(missing), len(jobs) - len(missing)


def _compile(jobs: list[Job], n_processes: int) -> None:
    """Compile in several processes, and show how far they are."""
    from .._compilation import compile_all, say_compiling
    from .._progress import progress_bars

    if not on_terminal():
        say_compiling()
    compiled = compile_all(jobs, n_processes)  # which forks, and that before the bar has a thread
    with progress_bars(show=on_terminal()) as bar:
        task = bar.add_task("Compiling for this machine, once", total=sum(job.size for job in jobs))
        for job in compiled:
            bar.advance(task, job.size)
