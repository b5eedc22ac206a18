"""How results show themselves: one short line at a prompt, a small table in a notebook.

A result inherits :class:`KeyFigures` and says in `_key_figures` what is worth telling; both views are made of that.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape
from numbers import Integral, Real

# A line of the screen, less what a prompt or a list puts in front.
_LONGEST = 99


def short_repr(name: str, **fields: object) -> str:
    """One line of less than 100 characters, ``<Name n=3 d=2>``: a field that is None is left out, the last are cut."""
    words = (f"{field}={_text(value)}" for field, value in fields.items() if value is not None)
    return f"<{textwrap.shorten(' '.join([name, *words]), _LONGEST - 2, placeholder=' ...')}>"


def html_table(title: str, fields: Mapping[str, object]) -> str:
    """The fields as an HTML table of two columns; whatever a title, name or value holds is text and never markup."""
    rows = (
        f"<tr><th>{escape(field.replace('_', ' '))}</th><td>{escape(_text(value))}</td></tr>"
        for field, value in fields.items()
        if value is not None
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{''.join(rows)}</tbody></table>"


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, Real) and not isinstance(value, Integral) else str(value)


class KeyFigures:
    """Base of results that show themselves by their key figures."""

    def _key_figures(self) -> dict[str, object]:
        """Name and value of what is worth telling, the most important first; a value of None is left out."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return short_repr(type(self).__name__, **self._key_figures())

    def _repr_html_(self) -> str:
        return html_table(type(self).__name__, self._key_figures())
