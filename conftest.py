"""What all tests share: doctests that need an extra are left out without it, and no test leaves figures to the next."""

import sys
from importlib.util import find_spec

import pytest

_NEEDED = {
    "geoopt": "hyperkit/latents",
    "anndata": "hyperkit/scverse",
    "treedata": "hyperkit/scverse/tl/_treedata.py",
}
collect_ignore = [place for module, place in _NEEDED.items() if not find_spec(module)]


@pytest.fixture(autouse=True)
def _figures_are_closed():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
