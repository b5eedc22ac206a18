"""The command line: which commands there are, and the one place where an error becomes a line.

A user's mistake (a file that is not there, a row outside the disk, an extra that is not installed) reaches the terminal
as one line ``Error: ...`` with exit status 2; Ctrl-C exits with 130; a warning is one line ``Warning: ...``. Any other
exception is a fault of ours and keeps its traceback. The commands import what they need when they run, so that
``hyperkit --help`` answers at once.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

import click

from .. import __version__
from ._commands import convert, dga
from ._compare import compare
from ._compile import compile_
from ._demo import demo
from ._embed import embed
from ._tree import tree
from ._words import in_words_of


class OneLineErrors(click.Group):
    """A group of commands whose errors are one line on stderr."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run a command line and exit: 0 when all went well, 2 after an error, 130 after Ctrl-C."""
        kwargs["standalone_mode"] = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a label that its encoding has not is told in another way
                stream.reconfigure(errors="backslashreplace")
        with _warnings_as_lines():
            try:
                status = super().main(*args, **kwargs)
                with _closed_pipe_is_no_error():  # which is noticed here and not at the interpreter's exit
                    sys.stdout.flush()
            except click.Abort:
                click.echo("Stopped before the result was there", err=True)
                sys.exit(130)
            except (click.ClickException, ValueError, TypeError, OSError, ImportError, MemoryError) as error:
                click.echo(f"Error: {_one_line(error)}", err=True)
                sys.exit(2)
        sys.exit(status if isinstance(status, int) else 0)

    # Click exits with status 1 if a pipe is closed, unless that is seen to before: in these two everything is printed.
    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the command line."""
        with _closed_pipe_is_no_error():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _closed_pipe_is_no_error():
            try:
                return super().invoke(ctx)
            except (ValueError, TypeError) as error:
                command = self.get_command(ctx, ctx.invoked_subcommand or "")
                raise click.ClickException(in_words_of(command, str(error))) from error


@contextmanager
def _closed_pipe_is_no_error() -> Iterator[None]:
    """Exit with 0 if the reader (`head`, say) has enough; nothing that is left in a buffer may raise again."""
    try:
        yield
    except BrokenPipeError:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        sys.exit(0)


def _one_line(error: Exception) -> str:
    """What went wrong and, after a wrong command line, where the help is."""
    if isinstance(error, click.ClickException):
        text = error.format_message()
        if isinstance(error, click.UsageError) and error.ctx is not None:
            text = f"{text.rstrip('.')} (see {error.ctx.command_path} --help)"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        text = f"not enough memory: {error}" if str(error) else "not enough memory"
    else:
        text = str(error)
    return " ".join(text.split())


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        context = click.get_current_context(silent=True)
        text = in_words_of(None if context is None else context.command, str(message))
        click.echo(f"Warning: {' '.join(text.split())}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        # What one library tells another: pyparsing's are of both kinds, and matplotlib 3.8 brings them up.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.showwarning = show
        yield


@click.group(cls=OneLineErrors, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hyperkit")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Trees and similarity scores of points in hyperbolic space.

    Tables have one point a row: CSV, TSV and other text, packed or not (gz, bz2, xz, zip), XLSX, Parquet, Feather,
    h5ad, NPY or NPZ files; "-" is a text on standard input. To see it work on bundled cells: hyperkit demo
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _command in (embed, tree, dga, compare, convert, demo, compile_):
    main.add_command(_command)
