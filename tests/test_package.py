"""The package as a whole: what importing costs, what is public, where imports may point."""

import ast
import builtins
import graphlib
import importlib
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

import hyperkit

ROOT = Path(hyperkit.__file__).parent
# The drawing of design.md: a module imports from lower floors only. Folders and modules of the package by floor.
FLOORS = (
    {"_compilation", "_validation", "_progress", "_jobs", "_warn", "_sparse", "_repr", "_memory", "_newick", "_walk"},
    {"models", "predicates"},
    {"_base"},
    {"geometry"},
    {"delaunay"},
    {"steiner", "similarity", "embedding"},
    {"hierarchy", "latents", "datasets"},
    {"plot"},
    {"cli", "scverse"},
)
# Arrows along a floor: `align` judges embeddings, jobs show how far they are, and Newick says what it cannot hold.
ALONG_A_FLOOR = {("embedding", "similarity"), ("_jobs", "_progress"), ("_newick", "_warn")}


def floor_of(part):
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py")) if path.name != "__main__.py"}


def imports(path):
    """What a file imports of the package, as modules and packages: tuples of names below `hyperkit`."""
    home = path.parent.relative_to(ROOT).parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        inner = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            target = home[: len(home) - node.level + 1] + inner
        elif inner[0] == "hyperkit":
            target = inner[1:]
        else:
            continue
        for alias in node.names:
            yield (*target, alias.name) if (*target, alias.name) in MODULES else target


@cache
def edges():
    """All imports inside the package, from module to module; the top of the package knows everybody."""
    return [(name, target) for name, path in MODULES.items() if name for target in imports(path)]


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_brings_in_nothing_heavy():
    heavy = ("numpy", "scipy", "sklearn", "matplotlib", "pandas", "networkx", "torch", "numba")
    loaded = run(f"import sys, hyperkit; print([m for m in {heavy!r} if m in sys.modules])")
    assert loaded.strip() == "[]"


def test_help_of_the_command_line_brings_in_click_at_most():
    code = (
        "import sys\nfrom hyperkit.cli import main\n"
        "try:\n    main(['--help'], prog_name='hyperkit')\nexcept SystemExit: pass\n"
        "print([m for m in ('scipy', 'sklearn', 'matplotlib', 'pandas', 'networkx') if m in sys.modules])"
    )
    assert run(code).splitlines()[-1] == "[]"


def test_every_public_name_is_there_documented_and_listed():
    assert len(hyperkit.__all__) > 20
    for name in hyperkit.__all__:
        thing = getattr(hyperkit, name)
        assert thing.__doc__, name
        assert name in dir(hyperkit)


def test_the_citation_names_this_version():
    citation = (ROOT.parent / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {hyperkit.__version__}\n" in citation


def test_every_part_of_the_package_has_its_floor():
    assert {name[0] for name in MODULES if name} == set().union(*FLOORS)


def test_imports_point_down_the_floors_only():
    for name, target in edges():
        if not target:
            assert name[0] in ("_compilation", "cli"), f"{name} imports the top of the package"
        elif name[0] != target[0] and (name[0], target[0]) not in ALONG_A_FLOOR:
            assert floor_of(target[0]) < floor_of(name[0]), f"{name} imports {target}"


def test_private_modules_are_imported_by_their_own_package_only():
    for name, target in edges():
        for depth, part in enumerate(target):
            if depth and part.startswith("_"):
                assert name[:depth] == target[:depth], f"{name} imports {target}: use the package that holds it"


def test_no_package_imports_in_a_circle():
    for package in [(), *(name for name, path in MODULES.items() if path.name == "__init__.py" and name)]:
        depth = len(package)
        # Folders and modules right below the package, each with those it imports.
        rooms = {}
        for name, target in edges():
            if name[:depth] == target[:depth] == package and len(name) > depth and len(target) > depth:
                rooms.setdefault(name[depth], set()).add(target[depth])
                rooms[name[depth]].discard(name[depth])
        graphlib.TopologicalSorter(rooms).prepare()


def test_no_name_of_a_module_stands_twice_in_a_package():
    for part in set().union(*FLOORS):
        names = [name[-1] for name in MODULES if name and name[0] == part and len(name) > 1 and name[-1] != "kernels"]
        assert len(names) == len(set(names)), part


def test_kernels_live_in_folders_called_kernels():
    for name, path in MODULES.items():
        if re.search(r"^@(bare_)?(njit|subkernel)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert "kernels" in name, name


def filled(thing):
    """An instance of a dataclass, with arrays where it has them."""
    made = object.__new__(thing)
    for field in fields(thing):
        is_array = field.type.startswith(("NDArray", "pd.DataFrame"))
        object.__setattr__(made, field.name, np.arange(3) if is_array else field.name)
    return made


def test_dataclasses_can_be_compared_and_put_into_sets():
    modules = [importlib.import_module(".".join(("hyperkit", *name))) for name in MODULES]
    found = {thing for module in modules for thing in vars(module).values() if isinstance(thing, type)}
    classes = {thing for thing in found if is_dataclass(thing) and thing.__module__.startswith("hyperkit.")}
    assert {"SteinerTree", "Alignment", "DGAResult", "PairwiseDGA"} <= {thing.__name__ for thing in classes}
    for thing in classes:
        one, other = filled(thing), filled(thing)
        assert (one == other) in (True, False)
        assert one == one
        assert len({one, one}) == 1


def test_compilation_is_announced_once_and_leaves_the_garbage_collector_as_it_was(tmp_path):
    # Kernels that another program makes have no module, and are none of ours.
    code = """
import gc, numba, numpy as np, hyperkit as hk
before = gc.get_threshold()
print(hk.nearest_neighbors(np.array([[0.0, 0.0], [0.5, 0.0], [0.96, 0.0]]), k=1)[1].ravel())
print(gc.get_threshold() == before)
made = {"numba": numba}
exec("@numba.njit\\ndef f(x): return x + 1", made)
print(made["f"](3))
"""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    lines = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == "[1 0 1]\nTrue\n4\n"
        lines.append(done.stderr.splitlines())
    assert len(lines[0]) == 1
    assert "compiling" in lines[0][0]
    assert lines[1] == []


@pytest.mark.parametrize(
    "work",
    [
        lambda X: hyperkit.HyperbolicDelaunay(X),
        lambda X: hyperkit.HyperbolicDelaunay(np.column_stack([X, X[:, 0]])),
        lambda X: hyperkit.nearest_neighbors(X, 3),
        lambda X: hyperkit.HyperSteiner(method="thorough", n_restarts=1).fit(X),
        lambda X: hyperkit.HyperbolicMDS(max_iter=2000).fit(X),
        lambda X: hyperkit.hyperdga(X, -X),
    ],
)
def test_without_verbose_nothing_is_written_by_any_rich(work, capsys, monkeypatch):
    def stop(progress):  # what rich before 14.3 did, also for a bar that is disabled
        progress.live.stop()
        progress.console.print()

    work(hyperkit.random_uniform_ball(20, random_state=0))  # compiling is announced
    capsys.readouterr()
    monkeypatch.setattr(Progress, "stop", stop)
    work(hyperkit.random_uniform_ball(20, random_state=0))
    assert capsys.readouterr() == ("", "")


def test_only_kernels_call_what_is_compiled_into_kernels():
    # From Python these run uncompiled, a hundred times slower; `_exact_sites` wants that, for fractions.
    inner = {
        function.name
        for path in ROOT.rglob("kernels/*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and {mark.id for mark in function.decorator_list if isinstance(mark, ast.Name)}
        & {"subkernel", "bare_subkernel"}
    }
    assert len(inner) > 100
    for path in ROOT.rglob("*.py"):
        if path.parent.name == "kernels":
            continue
        text = path.read_text(encoding="utf-8")
        # Of two kernels with one name the other may be the one called: `insert` of the triangulation.
        allowed = {"_exact_sites.py": {"nearest_face_point"}, "_spatial.py": {"insert"}}.get(path.name, set())
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ImportFrom):
                continue
            names = [(alias.name, alias.asname or alias.name) for alias in node.names]
            module = (node.module or "").split(".")
            called = {name for name, _ in names} if "kernels" in module[:-1] else set()
            for _, alias in names if module[-1] == "kernels" else ():
                called |= set(re.findall(rf"\b{alias}\.(\w+)", text))
            assert inner & called <= allowed, path


def test_where_references_are_not_counted_no_array_is_made_or_given_back():
    bare = {
        function.name: function
        for path in ROOT.rglob("kernels/*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and {"bare_njit", "bare_subkernel"} & set(map(ast.unparse, function.decorator_list))
    }
    assert len(bare) > 40
    for name, function in bare.items():
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                # `Close` packs arguments for a call.
                assert called in {*bare, *dir(builtins), "Close"} or called.startswith("math."), (name, called)
            assert not isinstance(node, ast.Slice | ast.List | ast.ListComp), name
