"""Ctrl-C where kernels run: what it comes out of them as."""

from __future__ import annotations

# What Ctrl-C may be raised as.
INTERRUPTS = (KeyboardInterrupt, SystemError)


def is_interrupt(error: BaseException | None) -> bool:
    """Ctrl-C while a kernel packs its result comes out of it as a SystemError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
