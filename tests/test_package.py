"""The package as a whole: what importing costs, what is public, where imports may point."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import hyperkit

ROOT = Path(hyperkit.__file__).parent
FLOORS = {
    "models": 1,
    "predicates": 1,
    "geometry": 2,
    "delaunay": 3,
    "steiner": 4,
    "similarity": 4,
    "embedding": 4,
    "latents": 5,
    "datasets": 5,
    "cli": 6,
    "plot": 6,
}


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


def imported_modules(path):
    """Modules of the package that a file imports, by their first name."""
    depth = len(path.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level == depth:
                yield from [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
            elif node.level == 0 and node.module and node.module.split(".")[0] == "hyperkit":
                parts = node.module.split(".")
                yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]


def test_imports_point_down_the_floors_only():
    for path in ROOT.rglob("*.py"):
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if own not in FLOORS:
            continue
        for other in imported_modules(path):
            if other in FLOORS and other != own:
                assert FLOORS[other] < FLOORS[own] or (own, other) == ("cli", "plot"), f"{path} imports {other}"


def test_every_folder_of_code_has_its_floor():
    parts = {
        path.name.removesuffix(".py")
        for path in ROOT.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {part for part in parts if not part.startswith("_")} == set(FLOORS)


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


def test_only_kernels_call_what_is_compiled_into_kernels():
    # From Python these run uncompiled, a hundred times slower; `_exact` wants that, for fractions.
    inner = {
        function.name
        for path in ROOT.rglob("_kernels*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "subkernel" for mark in function.decorator_list)
    }
    assert len(inner) > 100
    for path in ROOT.rglob("*.py"):
        if path.name.startswith("_kernels"):
            continue
        text = path.read_text(encoding="utf-8")
        # Of two kernels with one name the other may be the one called: `insert` of the triangulation.
        allowed = {"_exact.py": {"nearest_face_point"}, "_spatial.py": {"insert"}}.get(path.name, set())
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ImportFrom):
                continue
            names = [(alias.name, alias.asname or alias.name) for alias in node.names]
            called = {name for name, _ in names} if "_kernels" in (node.module or "") else set()
            for name, alias in names:
                if name.startswith("_kernels"):
                    called |= set(re.findall(rf"\b{alias}\.(\w+)", text))
            assert inner & called <= allowed, path
