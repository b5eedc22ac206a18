"""The pages build without a warning, links inside lead somewhere, the Python in them runs, and no name is missing."""

import importlib
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urldefrag

import pytest
from matplotlib.image import imread

import hyperkit

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
WRITTEN = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]
PAGES_WITH_CODE = [path for path in WRITTEN if "```python\n" in path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def pages():
    """The folder of the pages, built as CONTRIBUTING says; the gallery runs the examples, all warnings errors."""
    target = DOCS / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", str(DOCS), str(target)]
    done = subprocess.run(command, env=os.environ | {"MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.mark.docs
def test_examples_write_their_figures_and_have_pages(pages):
    assert len(EXAMPLES) > 10
    for example in EXAMPLES:
        figure = f"{example.stem.removeprefix('plot_')}.png"
        image = imread(pages.parent / "examples" / "examples" / "figures" / figure)
        assert image.std() > 0.05, example  # not a blank page
        assert (pages / "auto_examples" / f"{example.stem}.html").is_file()


class Links(HTMLParser):
    """Addresses that a page leads to, and places in it that others may lead to."""

    def __init__(self, path):
        super().__init__()
        self.addresses, self.places = set(), {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses |= {attributes[key] for key in ("href", "src") if attributes.get(key)}
        self.places |= {attributes[key] for key in ("id", "name") if attributes.get(key)}


@pytest.mark.docs
def test_links_inside_lead_somewhere(pages):
    found = {path: Links(path) for path in pages.rglob("*.html") if "_static" not in path.parts}
    assert len(found) > 100
    broken = []
    for page, links in found.items():
        for address in links.addresses:
            if re.match(r"[a-z]+:|//", address):
                continue
            path, place = urldefrag(address)
            target = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page
            if not target.exists() or (target in found and unquote(place) not in found[target].places):
                broken.append(f"{page.relative_to(pages)}: {address}")
    assert not broken


@pytest.mark.docs
@pytest.mark.parametrize("page", PAGES_WITH_CODE, ids=lambda path: str(path.relative_to(DOCS)))
def test_the_code_of_a_page_runs(page, tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    environment = os.environ | {"MPLBACKEND": "Agg"}
    command = [sys.executable, "-W", "error", "-c", "".join(blocks)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def listed(page):
    """What a page of the API reference lists, as the objects themselves."""
    text = page.read_text(encoding="utf-8")
    module = re.search(r"^\.\. currentmodule:: (.+)$", text, re.MULTILINE)
    for name in re.findall(r"^   ([A-Za-z_][\w.]*)$", text, re.MULTILINE) if module else ():
        thing = importlib.import_module(module[1])
        for part in name.split("."):
            thing = getattr(thing, part)
        yield thing


def test_every_name_that_a_package_exports_is_in_the_api_reference():
    documented = [thing for page in (DOCS / "api").glob("*.rst") for thing in listed(page)]
    assert len(documented) > 100
    for part in [hyperkit, *(getattr(hyperkit, name) for name in hyperkit.__all__)]:
        for name in part.__all__ if isinstance(part, ModuleType) else ():
            thing = getattr(part, name)
            if callable(thing) and thing.__module__.startswith("hyperkit."):
                assert any(thing is other for other in documented), f"{part.__name__}.{name}"
