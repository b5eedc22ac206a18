"""The code of the README runs, and its figures are those of the examples, which run when the pages are built."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


README = EXAMPLES[0].parents[1] / "README.md"


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_readers_figure_of_an_example_is_in_the_repository(example):
    assert (example.parent / "figures" / f"{example.stem.removeprefix('plot_')}.png").is_file()


def test_the_code_of_the_readme_runs(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    environment = os.environ | {"MPLBACKEND": "Agg"}
    command = [sys.executable, "-W", "error", "-c", "".join(blocks)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_files_that_the_readme_names_are_there():
    text = README.read_text(encoding="utf-8")
    assert not re.findall(r"\]\((?!https?://)([^)]+)\)", text)  # a relative link leads nowhere on a package index
    links = re.findall(r"\]\(https://[^)]*/(?:blob|tree|raw)/main/([^)]+)\)", text)
    assert len(links) >= 20
    assert all((README.parent / link).exists() for link in links)


def test_figures_of_the_readme_have_the_address_of_the_project():
    """A package index shows the README without the repository around it."""
    metadata = ConfigParser()
    metadata.read(README.parent / "setup.cfg", encoding="utf-8")
    base = f"{metadata['metadata']['url']}/raw/main/"
    figures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert len(figures) == 2
    assert all(figure.startswith(base) for figure in figures)
    assert all((README.parent / figure.removeprefix(base)).is_file() for figure in figures)
