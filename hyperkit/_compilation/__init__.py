"""How kernels are compiled: once for each machine, kept on disk, and not in silence.

numba compiles a kernel when it is first called, which takes seconds, and later processes load what was kept.

- ``_decorators``: `njit` and `subkernel`, and the line on stderr that says what the user is waiting for.
- ``_cache``: what is kept of a kernel, and for which sources, machine and arguments it holds.
- ``_folders``: where it is kept, and which folders are trusted.
"""

from ._decorators import njit, subkernel

__all__ = ["njit", "subkernel"]
