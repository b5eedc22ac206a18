"""How the pages are built: `sphinx-build -n -W --keep-going docs docs/_build/html`."""

import shutil
import sys
from pathlib import Path

import hyperkit

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
# People write hk.tl, and no page should call it hyperkit.scverse.tl.
sys.modules |= {"hyperkit.tl": hyperkit.tl, "hyperkit.pl": hyperkit.pl}

from _hooks import where_it_is_documented  # noqa: E402

project = "hyperkit"
author = "The hyperkit developers"
copyright = f"{author}, BSD-3-Clause"
release = version = hyperkit.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
default_role = "py:obj"  # `HyperSteiner` in a docstring leads to its page
smartquotes = False  # --option is no dash
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(scipy|sklearn)\..*")]  # a build asks nobody on the network

myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3

# Types stand in the numpydoc sections, with shapes; what scikit-learn hands down is told there.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_filename_map = {"hyperkit.hyperdga": "hyperkit.hyperdga-function"}  # beside HyperDGA, where case is ignored
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "hyperkit"
html_static_path = ["_static"]
html_css_files = ["hyperkit.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
html_theme_options = {
    "logo": {"image_light": "_static/logo.svg", "image_dark": "_static/logo-dark.svg", "text": "hyperkit"},
    "github_url": "https://github.com/hyperkit-geometry/hyperkit",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"**": ["page-toc"], "evidence": []},
}

# The gallery runs the examples, which write their figures below the folder they are in: a copy, out of git's sight.
EXAMPLES = HERE / "_build" / "examples"
shutil.copytree(HERE.parent / "examples", EXAMPLES, ignore=shutil.ignore_patterns("figures", "__*"), dirs_exist_ok=True)

sphinx_gallery_conf = {
    "examples_dirs": str(EXAMPLES),
    "gallery_dirs": "auto_examples",
    "abort_on_example_error": True,
    "reset_modules": ("matplotlib", "_hooks.warnings_are_errors"),
    "reset_modules_order": "both",
    "download_all_examples": False,
    "ignore_pattern": "__init__|wrapped_normal_vae",
    "write_computation_times": False,
    "show_memory": False,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
}


def setup(app):
    """Let Sphinx know of our own part in the build."""
    app.connect("missing-reference", where_it_is_documented)
