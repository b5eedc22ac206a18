"""What the commands say: a table on stdout, a spinner and notes on stderr.

Results go to stdout and everything else to stderr, so that a result can be piped. The spinner shows on a terminal only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def show_table(title: str, rows: dict[str, str], *, to_stderr: bool = False) -> None:
    """Print what was found, one line a quantity."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # No markup: a label such as "[x]" is text.
    console = Console(stderr=to_stderr, markup=False, highlight=False)
    console.print(title, style="bold", soft_wrap=True)
    table = Table(box=box.ROUNDED, show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(justify="right", overflow="fold")
    for quantity, value in rows.items():
        table.add_row(quantity, value)
    console.print(table)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner with `what` while the block runs, if there is a terminal to show it on."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield
