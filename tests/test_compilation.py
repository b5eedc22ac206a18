"""Compiled kernels are never those of other sources, and what cannot be kept, or is damaged, is compiled again."""

import ast
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import pytest
from numba.core import event

import hyperkit
from hyperkit._compilation import njit, subkernel

PACKAGE = Path(hyperkit.__file__).parent
NOBODY = 65534

# A kernel that calls one in another file, which has a constant from a third.
TINY = {
    "_kernels_tiny.py": """
from ._compilation import njit
from ._kernels_inner import inner

@njit
def outer(x):
    return inner(x) + 1
""",
    "_kernels_inner.py": """
from ._compilation import subkernel
from ._kernels_constants import CONSTANT

@subkernel
def inner(x):
    return CONSTANT * x
""",
    "_kernels_constants.py": "CONSTANT = 10\n",
}
COUNT = """
import sys
from numba.core import event
compiled = []
class Listener(event.Listener):
    def on_start(self, event): compiled.append(event.data["dispatcher"].py_func.__name__)
    def on_end(self, event): pass
event.register("numba:compile", Listener())
"""
USE = "from hyperkit._kernels_tiny import outer\nprint(outer(2), len(compiled))"
MEASURE = """
import hyperkit, numpy as np
from hyperkit.steiner._kernels_topology import FullTree, measure
near, z = np.array([[1, -1, -1], [0, -1, -1]]), np.array([[0.0, 0.0], [0.5, 0.0]])
print(measure(FullTree(near, np.zeros((2, 3)), z, 1 - (z * z).sum(axis=1))), len(compiled))
"""


@pytest.fixture
def folder():
    """A folder that every user can read."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.fixture
def package(folder):
    """A copy of the package, with three tiny files of kernels and none compiled."""
    copy = folder / "site" / "hyperkit"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name, text in TINY.items():
        (copy / name).write_text(text)
    return copy


def run(package, code=USE, user=None, before="", **environment):
    """What a new process prints, word by word, and its stderr."""
    home = {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"} if user is not None else {}
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    rights = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [sys.executable, "-c", before + COUNT + code],
        env=kept | home | {"PYTHONPATH": str(package.parent)} | environment,
        cwd="/",
        capture_output=True,
        text=True,
        **rights,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def kept_in(folder):
    return sorted(folder.rglob("*.nbc"))


class TestStale:
    def test_a_kernel_is_kept(self, package):
        assert run(package)[0] == ["21", "2"]
        assert run(package) == (["21", "0"], "")
        assert len(kept_in(package)) == 2

    @pytest.mark.parametrize(
        ("file", "old", "new", "result"),
        [
            ("_kernels_inner.py", "CONSTANT * x", "CONSTANT * x * 1000", "20001"),
            ("_kernels_constants.py", "10", "7", "15"),
            ("_kernels_tiny.py", "+ 1", "+ 2", "22"),
            ("__init__.py", '__version__ = "', '__version__ = "9', "21"),
        ],
    )
    def test_what_changed_is_compiled_anew(self, package, file, old, new, result):
        run(package)
        before = kept_in(package)
        replace(package / file, old, new)
        assert run(package)[0] == [result, "2"]
        assert run(package)[0] == [result, "0"]
        assert len(kept_in(package)) == 2
        assert not set(before) & set(kept_in(package))  # what no process will load again is gone

    def test_a_side_measured_by_a_changed_function_has_its_new_length(self, package):
        (length, _), _ = run(package, MEASURE)
        replace(package / "steiner/_kernels_fermat.py", "return math.log1p(", "return 1000 * math.log1p(")
        (changed, _), _ = run(package, MEASURE)
        assert float(changed) == pytest.approx(1000 * float(length))

    def test_the_stamp_covers_all_that_kernels_are_made_of(self):
        from hyperkit._compilation._cache import kernel_sources

        covered = set(kernel_sources())
        for path in PACKAGE.rglob("*.py"):
            imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            names = {alias.name for node in imports for alias in node.names if "_compilation" in (node.module or "")}
            if names & {"njit", "subkernel"}:
                assert path in covered
        assert len(covered) > 20
        for path in covered:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.level and node.module:
                    base = path.parents[node.level - 1] / node.module.replace(".", "/")
                    assert {base.with_suffix(".py"), base / "__init__.py"} & covered, f"{path} imports {base}"


@subkernel
def double(x):
    return 2 * x


def quadruple(x):
    return 2 * double(x)


def octuple(x):
    return 4 * double(x)


class Compiled(event.Listener):
    def __init__(self):
        self.names = []

    def on_start(self, event):
        self.names.append(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event):
        pass


@pytest.fixture
def compiled():
    listener = Compiled()
    with event.install_listener("numba:compile", listener):
        yield listener.names


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, as if this process began with NUMBA_CACHE_DIR."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"
