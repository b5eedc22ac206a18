"""The page to explore a hierarchy: one HTML file with its data, that needs no network and no server.

- `_explore`: the public door. `_columns`: labels and values, as classes and numbers. `_packing`: arrays as one text.
- `_page`: the file, of the template, the style sheet and the modules in `web`, which do the rest in the browser.
"""

from ._explore import explore
from ._page import Page

__all__ = ["Page", "explore"]
