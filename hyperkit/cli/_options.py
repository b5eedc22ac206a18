"""Options that several commands share, and the checks that come before any work is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from ..models import Model

_Command = TypeVar("_Command", bound=Callable[..., Any])

model_choice = click.Choice(get_args(Model))

model_option = click.option(
    "--model", type=model_choice, default="poincare", show_default=True, help="What the coordinates are."
)


def table_options(command: _Command) -> _Command:
    """Add the options that say what the columns of a file are."""
    columns = click.option(
        "--columns", metavar="A,B,...", help="The columns of coordinates [default: all but the labels]."
    )
    header = click.option(
        "--header/--no-header", default=None, help="Whether the first line is a header [default: found out]."
    )
    return columns(header(command))


def check_folder(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an output file in a folder that is not there: now, and not after the work is done."""
    if value is not None and value != "-" and not Path(value).parent.is_dir():
        raise click.BadParameter(f"the folder {str(Path(value).parent)!r} does not exist", context, parameter)
    if value is not None and Path(value).is_dir():
        raise click.BadParameter(f"{value!r} is a folder; name a file in it", context, parameter)
    return value
