"""How kernels are compiled: once for each machine, kept on disk, and not in silence.

numba compiles a kernel when it is first called, which takes seconds, and later processes load what was kept.

- ``_decorators``: `njit` and `subkernel`, both also bare, and the line on stderr that says what is being waited for.
- ``_parts``: what kernels call is not made machine code of before it is part of one.
- ``_cache``: what is kept of a kernel, and for which machine and arguments it holds.
- ``_kept``: the files of that, which hold for these sources and are whole or count for none.
- ``_folders``: where they are, and which folders are trusted.
- ``_ahead``: kernels compiled before they are needed, by several processes at once.
"""

from typing import TYPE_CHECKING

import lazy_loader

from ._decorators import bare_njit, bare_subkernel, njit, subkernel

if TYPE_CHECKING:
    from ._ahead import Job, compile_all, is_marked, jobs_of, mark
    from ._messages import NOT_KEPT, WAY_OUT, say_compiling

# On first use: few processes compile ahead.
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_ahead": ["Job", "compile_all", "is_marked", "jobs_of", "mark"],
        "_messages": ["NOT_KEPT", "WAY_OUT", "say_compiling"],
    },
)

__all__ = [
    "NOT_KEPT",
    "WAY_OUT",
    "bare_njit",
    "bare_subkernel",
    "Job",
    "compile_all",
    "is_marked",
    "jobs_of",
    "mark",
    "njit",
    "say_compiling",
    "subkernel",
]
