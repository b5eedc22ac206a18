"""`Page`: the HTML file, and how it is made of the template, the style sheet, the modules and the data.

The modules are plain ES modules. A file without a server cannot load them, so that they stand in the page one after the
other, in the order of `_MODULES`, without their imports. A content policy in the page's head allows this script and
no other, and no network: whatever a label holds, it cannot run or send.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

from ..._repr import KeyFigures

# Each imports from those before it only.
_MODULES = (
    "geometry",
    "tree",
    "raster",
    "coloring",
    "scene",
    "search",
    "panel",
    "signs",
    "gestures",
    "exporting",
    "explorer",
)
_HEIGHT = 720  # pixels of the frame in a notebook


@dataclass(frozen=True, eq=False, repr=False)
class Page(KeyFigures):
    """A page to explore a hierarchy, which :func:`explore` gives; a notebook shows it.

    Attributes
    ----------
    html : str
        The whole page: it needs no other file, no network and no server.
    title : str
    n_nodes, n_rows : int
        Size of the hierarchy.
    """

    html: str
    title: str
    n_nodes: int
    n_rows: int

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, which any browser opens.

        Parameters
        ----------
        path : str or path-like
            Such as ``"page.html"``; a file that is there is replaced.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        Path(path).write_text(self.html, encoding="utf-8", newline="\n")

    def _key_figures(self) -> dict[str, object]:
        return {
            "title": repr(self.title),
            "n_nodes": self.n_nodes,
            "n_rows": self.n_rows,
            "bytes": len(self.html.encode()),
        }

    def _repr_html_(self) -> str:
        style = f"width: 100%; height: {_HEIGHT}px; border: 0; border-radius: 8px"
        # Without the origin of the notebook, whose server takes orders from it.
        kept_apart = 'sandbox="allow-scripts allow-downloads"'
        frame = f'{kept_apart} title="{escape(self.title)}" style="{style}" srcdoc="{escape(self.html)}"'
        return f"<iframe {frame}></iframe>"


def page_of(data: str, title: str, summary: str, reach: str, n_nodes: int, n_rows: int) -> Page:
    """The page with packed `data`; `title`, `summary` and `reach` are text, whatever they hold."""
    script = script_of(_MODULES)
    parts = {
        "TITLE": escape(title),
        "SUMMARY": escape(summary),
        "REACH": escape(reach),
        "STYLE": _web("style.css"),
        "SCRIPT": script,
        "SCRIPT_HASH": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        "DATA": data,
    }
    # In one pass, so that a title with braces stays what it is.
    html = re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _web("template.html"))
    return Page(html, title, n_nodes, n_rows)


def script_of(modules: tuple[str, ...]) -> str:
    """Modules one after the other as a single one, with a line break at either end, as it stands in the page."""
    text = "\n".join(_web(f"{module}.js") for module in modules)
    text = re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE)
    return "\n" + re.sub(r"^export ", "", text, flags=re.MULTILINE)


def _web(name: str) -> str:
    return files(__package__).joinpath("web", name).read_text(encoding="utf-8")
