"""A copy of the package that tests may change, with a kernel that compiles in no time."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import hyperkit

PACKAGE = Path(hyperkit.__file__).parent

# A kernel that calls one in another file, which has a constant from a third.
TINY = {
    "kernels/tiny.py": """
from .._compilation import njit
from .inner import inner

@njit
def outer(x):
    return inner(x) + 1
""",
    "kernels/inner.py": """
from .._compilation import subkernel
from .constants import CONSTANT

@subkernel
def inner(x):
    return CONSTANT * x
""",
    "kernels/constants.py": "CONSTANT = 10\n",
    "kernels/__init__.py": "",
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
USE = "from hyperkit.kernels.tiny import outer\nprint(outer(2), len(compiled))"


@contextmanager
def copy_of_package():
    """A copy of the package that every user can read, with three tiny files of kernels and none compiled."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = Path(folder, "site", "hyperkit")
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
        (copy / "kernels").mkdir()
        for name, text in TINY.items():
            (copy / name).write_text(text)
        yield copy


def run(package, code=USE, user=(), before="", **environment):
    """What a new process prints, word by word, and its stderr."""
    home = {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"} if user else {}
    inherited = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [*user, sys.executable, "-c", before + COUNT + code],
        env=inherited | home | {"PYTHONPATH": str(package.parent)} | environment,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def kept_in(folder):
    return sorted(folder.rglob("*.nbc"))
