"""The command ``hyperkit``, and ``python -m hyperkit``: Ctrl-C ends them quietly while modules are imported, too."""

from __future__ import annotations

import sys


def run(prog_name: str | None = None) -> None:
    """Run the command line and exit."""
    try:
        from .cli import main

        main(prog_name=prog_name)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run("python -m hyperkit")
