"""A wheel built from the sdist works in an empty environment, without extras."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel
ROOT = Path(__file__).parents[1]

IMPORT_ALL = """
import importlib, pkgutil, hyperkit
names = [m.name for m in pkgutil.walk_packages(hyperkit.__path__, "hyperkit.") if not m.name.endswith("__main__")]
assert len(names) > 30, names
for name in names:
    importlib.import_module(name)
for name in hyperkit.__all__:
    getattr(hyperkit, name)
print(hyperkit.__file__)
"""

USE_DATA = """
import hyperkit as hk
for load in (hk.datasets.load_wordnet_mammals, hk.datasets.load_krumsiek11, hk.datasets.load_pbmc68k_reduced):
    assert len(load().embedding) > 500
"""

NEED_EXTRA = """
import hyperkit as hk
try:
    hk.latents.to_poincare([[0.1, 0.2]], -1.0)
except ImportError as error:
    assert 'pip install "hyperkit-geometry[torch]"' in str(error), error
else:
    raise AssertionError("torch is not installed here, and nothing said so")
"""


def run(*command, cwd):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_from_the_sdist_imports_and_runs_in_an_empty_environment(tmp_path):
    # `python -m build` makes the sdist, and the wheel from the sdist.
    run(sys.executable, "-m", "build", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("hyperkit_geometry-*.whl")
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert str(tmp_path / "empty") in run(python, "-c", IMPORT_ALL, cwd=tmp_path)
    run(python, "-c", USE_DATA, cwd=tmp_path)
    run(python, "-c", NEED_EXTRA, cwd=tmp_path)
    run(python, "-m", "hyperkit", "demo", "--output", tmp_path / "demo", cwd=tmp_path)
    assert run(tmp_path / "empty" / "bin" / "hyperkit", "--version", cwd=tmp_path).strip()
    files = {path.name for path in (tmp_path / "empty").rglob("hyperkit/**/*")}
    assert {"py.typed", "__init__.pyi", "template.html", "style.css", "explorer.js"} <= files
    assert any("WORDNET" in name.upper() for name in files)
