"""What the build does that Sphinx and its extensions have no option for; `conf.py` names it."""

from __future__ import annotations

import warnings

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode


def warnings_are_errors(_conf: dict, _name: str, when: str) -> None:
    """Let no example warn; what Sphinx is warned of between them is its own affair."""
    if when == "before":
        warnings.simplefilter("error")
    else:
        warnings.resetwarnings()


def where_it_is_documented(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Element) -> Element | None:
    """Lead from `HyperbolicMDS` in any package to `hyperkit.HyperbolicMDS`, if only one thing has that name.

    What single backticks name and no page has is a parameter or an attribute, and stays as it is.
    """
    if node.get("refdomain") != "py":
        return None
    name = node["reftarget"].split(".")
    name = name[2:] if name[0] == "hyperkit" else name  # of which package it was taken
    ending = "." + ".".join(name)
    found = {
        full: entry
        for full, entry in env.get_domain("py").objects.items()
        if full.endswith(ending) and not entry.aliased and (len(name) > 1 or entry.objtype in ("class", "function"))
    }
    if len(found) == 1:
        ((full, entry),) = found.items()
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, full)
    return text if node["reftype"] == "obj" else None
