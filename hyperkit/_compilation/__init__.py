"""How kernels are compiled: once for each machine, kept on disk, and not in silence.

numba compiles a kernel when it is first called, which takes seconds, and later processes load what was kept.

- ``_decorators``: `njit` and `subkernel`, and the line on stderr that says what the user is waiting for.
- ``_cache``: what is kept of a kernel, and for which machine and arguments it holds.
- ``_kept``: the files of that, which hold for these sources and are whole or count for none.
- ``_folders``: where they are, and which folders are trusted.
- ``_ahead``: kernels compiled before they are needed, by several processes at once.
"""

from ._decorators import njit, subkernel

__all__ = ["njit", "subkernel"]
