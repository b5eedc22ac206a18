"""The options that every command with a table shares: how its files are read, and what their columns are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from ._tables import Wanted


class Count(click.IntRange):
    """A whole number, from `least` to the `most` that a machine has time, threads or memory for.

    Beyond it libraries fail in words of their own, or the system ends the command, and neither names the option. Help
    tells the lower bound only.
    """

    name = "whole number"

    def __init__(self, least: int = 1, most: int = 1_000_000) -> None:
        super().__init__(min=least)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number."""
        count = int(super().convert(value, param, ctx))
        if count > self.most:
            self.fail(f"{count} is more than {self.most}", param, ctx)
        return count


job_count = Count(most=1000)

_OPTIONS = {
    "columns": click.option(
        "--columns",
        metavar="A,B,...",
        help="The columns of coordinates, or features [default: x, y, ... or x0, x1, ... by name; of features all].",
    ),
    "header": click.option(
        "--header/--no-header", default=None, help="Whether the first line is a header [default: found out]."
    ),
    "index": click.option(
        "--index",
        metavar="COLUMN",
        help="Column with the names of the rows [default: one without a heading, or whose texts are all different].",
    ),
    "sep": click.option(
        "--sep", metavar="CHAR", help='What separates the cells of a text: a character, "tab" or "space".'
    ),
    "decimal": click.option(
        "--decimal", type=click.Choice([".", ","]), default=".", show_default=True, help="Decimal sign of a text."
    ),
    "comment": click.option("--comment", metavar="CHAR", help="What begins a comment in a text, such as #."),
    "encoding": click.option(
        "--encoding", metavar="NAME", help="Encoding of a text, such as utf-16, latin-1 or cp1252 [default: utf-8]."
    ),
    "sheet": click.option("--sheet", metavar="NAME", help="Sheet of an XLSX file that has several."),
    "obsm": click.option("--obsm", metavar="KEY", help="Embedding of an h5ad file, such as X_pca; labels are of obs."),
}


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add these options; the command gets what they say as `wanted`."""

    @functools.wraps(command)
    def with_wanted(*arguments: Any, **params: Any) -> Any:
        wanted = Wanted(**{name: params.pop(name) for name in _OPTIONS})
        if wanted.comment is not None and len(wanted.comment) != 1:
            raise click.UsageError(f"--comment {wanted.comment} must be one character")
        return command(*arguments, wanted=wanted, **params)

    for option in reversed(_OPTIONS.values()):
        with_wanted = option(with_wanted)
    return with_wanted


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print all that was found as one JSON object, not as a table."
)


def labels_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The column of labels, which is one of obs in an h5ad file."""
    return click.option("--labels", "--obs", "labels", metavar="COLUMN", help=text)
