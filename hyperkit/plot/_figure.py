"""The figures that pictures open by themselves: their text stays text in SVG and PDF."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

# By default matplotlib writes the outlines of letters into SVG, and into PDF fonts that illustration programs cannot
# edit. Settings are the user's, and hold for all figures; so ours are there only while one of our figures is saved.
PRINT: dict[Any, Any] = {"svg.fonttype": "none", "pdf.fonttype": 42, "ps.fonttype": 42}


class PrintFigure(Figure):
    """A figure whose text can be searched and edited where it is saved."""

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save the figure as matplotlib does."""
        with mpl.rc_context(PRINT):
            super().savefig(*args, **options)
