"""Files of what is kept: their names, and how they are written and read.

A name ends in a hash of the sources and one of all else that the content depends on. The content begins with a hash of
the rest, so that a file which is not whole counts for none.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import uuid
from pathlib import Path

import numba

from .. import __version__
from ._folders import PACKAGE, folders

_DIGEST = hashlib.sha256().digest_size


def kept_name(what: str, *details: object) -> str:
    """The name of the file for `what`, which no other of this package has, with these details."""
    what = what.removeprefix("hyperkit.").replace("<", "").replace(">", "")
    key = hashlib.sha256(repr((numba.__version__, *details)).encode()).hexdigest()[:20]
    return f"{what}-{sys.implementation.cache_tag}-{source_stamp()}-{key}.nbc"


def read_kept(name: str) -> bytes | None:
    """What was kept under this name; None if nothing is, or not the whole of it."""
    for folder in folders():
        content = _read(folder.path / name) if folder.is_trusted() else None
        if content is not None:
            return content
    return None


def keep(name: str, content: bytes) -> None:
    """Keep `content` in the first folder that can be written; OSError if none can."""
    failures = []
    for folder in folders():
        try:
            folder.make()
            _remove_stale(folder.path, name)
            _write(folder.path / name, content)
            return
        except OSError as error:
            if folder.is_trusted() and _read(folder.path / name) is not None:  # another process was first
                return
            failures.append(error)
    raise failures[-1]


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


def _remove_stale(folder: Path, name: str) -> None:
    """Remove what was kept of the same kernel from other sources, and what was left half written then."""
    of_kernel, stamp, _ = name.rsplit("-", 2)
    for other in os.listdir(folder):
        if other.startswith(f"{of_kernel}-") and not other.startswith(f"{of_kernel}-{stamp}-"):
            with contextlib.suppress(OSError):
                (folder / other).unlink()


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
