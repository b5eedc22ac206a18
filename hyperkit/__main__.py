"""``python -m hyperkit``: the same as the command ``hyperkit``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="python -m hyperkit")
