"""What is kept of a compiled kernel: a file for each kernel and types of arguments, whose name says for what it holds.

numba's own cache [1]_ stamps a kernel with the file it stands in, so that a change of a kernel that it calls, or of a
constant that it imports, goes unnoticed; and a file cut short, or a package that cannot be written, ends the process.
Here the name of a file holds a hash of all that the machine code depends on, and its first bytes a hash of the rest: a
file of other sources, or one that is not whole, is as if it were not there.

References
----------
.. [1] `numba/core/caching.py`. Of numba's private parts there are used: a dispatcher's ``_cache``, with
   ``load_overload``, ``save_overload``, ``flush`` and ``cache_path``; `CompileResult`, which takes itself apart;
   `dumps`; and ``magic_tuple``, the name of the machine.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from .. import __version__
from ._folders import PACKAGE, folders
from ._messages import say_not_kept

_DIGEST = hashlib.sha256().digest_size


class KernelCache:
    """The cache of one kernel, in the form that a dispatcher of numba expects."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        module = (function.__module__ or "").removeprefix("hyperkit.")
        name = f"{module}.{function.__qualname__}".replace("<", "").replace(">", "")
        self._prefix = f"{name}-{sys.implementation.cache_tag}-"

    @property
    def cache_path(self) -> str:
        """The first folder that is looked at; numba shows it in its statistics."""
        return str(next(folders()).path)

    def load_overload(self, signature: Any, target_context: Any) -> CompileResult | None:
        """The kernel for arguments of these types; None if it is not kept, or cannot be used."""
        target_context.refresh()
        try:
            name = self._file_name(signature, target_context.codegen())
            for folder in folders():
                kept = _read(folder.path / name) if folder.is_trusted() else None
                if kept is not None:
                    return CompileResult._rebuild(target_context, *pickle.loads(kept))
        except Exception:  # whatever it is, the kernel can be compiled
            return None
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a kernel; if that cannot be done say so, once."""
        try:
            if not result.library.has_dynamic_globals:  # which are addresses of this process
                self._save(self._file_name(signature, result.codegen), dumps(result._reduce()))
        except Exception as error:  # whatever it is, the kernel is compiled
            say_not_kept(error)

    def _save(self, name: str, kept: bytes) -> None:
        failures = []
        for folder in folders():
            try:
                folder.make()
                self._remove_stale(folder.path)
                _write(folder.path / name, kept)
                return
            except OSError as error:
                if folder.is_trusted() and _read(folder.path / name) is not None:  # another process was first
                    return
                failures.append(error)
        raise failures[-1]

    def flush(self) -> None:
        """Nothing to do: numba calls it before it compiles anew, which overwrites what is kept."""

    def _file_name(self, signature: Any, codegen: Any) -> str:
        closure = [_name(cell.cell_contents) for cell in self._function.__closure__ or ()]
        about = (numba.__version__, str(signature), codegen.magic_tuple(), self._function.__code__.co_code, closure)
        key = hashlib.sha256(repr(about).encode()).hexdigest()[:20]
        return f"{self._prefix}{source_stamp()}-{key}.nbc"

    def _remove_stale(self, folder: Path) -> None:
        """Remove what was kept of this kernel from other sources, and what was left half written then."""
        for name in os.listdir(folder):
            if name.startswith(self._prefix) and not name.startswith(self._prefix + source_stamp()):
                with contextlib.suppress(OSError):
                    (folder / name).unlink()


@functools.cache
def source_stamp() -> str:
    """A hash of all sources that machine code comes from: 2 ms, once a process."""
    sources = kernel_sources()
    if not sources:
        raise FileNotFoundError(f"no sources in {PACKAGE}")
    digest = hashlib.sha256(__version__.encode())
    for path in sources:
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def kernel_sources() -> list[Path]:
    """Files of kernels, and of how they are compiled; they import from nowhere else in the package."""
    sources = [
        path for path in PACKAGE.rglob("*.py") if {"kernels", "_compilation"} & set(path.relative_to(PACKAGE).parts)
    ]
    return sorted(sources)


def _read(path: Path) -> bytes | None:
    """What `_write` wrote; None if there is no such file, or not the whole of it."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, kept = content[:_DIGEST], content[_DIGEST:]
    return kept if hashlib.sha256(kept).digest() == digest else None


def _write(path: Path, kept: bytes) -> None:
    """Write a file that other processes see whole or not at all."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        unfinished.write_bytes(hashlib.sha256(kept).digest() + kept)
        os.replace(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def _name(thing: Any) -> str:
    """What tells one thing that a kernel has from its surroundings, say the kernel that it calls, from another."""
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', repr(thing))}"
