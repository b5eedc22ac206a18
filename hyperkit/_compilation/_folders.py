"""Where compiled kernels are kept: beside the package, in the user's cache, in a temporary folder of the user.

They are looked for in all three, in this order, so that what an administrator or the build of a container compiled
serves every user; new ones go to the first that can be written. ``NUMBA_CACHE_DIR``, if set, takes the place of all.

What is kept are pickles, and reading a pickle runs what is in it. Beside the package they are as safe as its sources,
and ``NUMBA_CACHE_DIR`` is the user's word; any other folder is used only if nobody else can write it or put another in
its place.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba

PACKAGE = Path(__file__).resolve().parent.parent
# Each install has folders of its own: two versions would throw out each other's kernels.
_INSTALL = hashlib.sha256(os.fsencode(PACKAGE)).hexdigest()[:12]


@dataclass(frozen=True)
class Folder:
    """A folder of compiled kernels, which may not be there."""

    path: Path
    private: bool
    """Whether it is used only if nobody else can write it."""

    def is_trusted(self) -> bool:
        """Whether what is in it may be read."""
        return not self.private or _is_private(self.path)

    def make(self) -> None:
        """Make it if it is not there; raise OSError if that cannot be done or it is not to be trusted."""
        if not self.private:
            self.path.mkdir(parents=True, exist_ok=True)
            return
        if _can_be_replaced(self.path):  # before a folder of root is left in the home of a user
            raise PermissionError(f"others can replace {self.path}")
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)
        if not _is_private(self.path):
            raise PermissionError(f"others can write {self.path}")


def folders() -> Iterator[Folder]:
    """All folders, best first."""
    config: Any = numba.config
    if config.CACHE_DIR:
        yield Folder(Path(config.CACHE_DIR) / f"hyperkit-{_INSTALL}", private=False)
        return
    yield Folder(PACKAGE / "__pycache__", private=False)
    cache = _user_cache()
    if cache is not None:
        yield Folder(cache / "hyperkit" / _INSTALL, private=True)
    try:
        yield Folder(Path(tempfile.gettempdir()) / f"hyperkit-{_user()}-{_INSTALL}", private=True)
    except FileNotFoundError:  # no temporary folder at all
        return


def _user_cache() -> Path | None:
    """Where programs of this user keep what they can make again; None for a user without a home."""
    if sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA", ""))
    elif sys.platform == "darwin":
        cache = Path(os.path.expanduser("~"), "Library", "Caches")
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    return cache if cache.is_absolute() else None


def _user() -> int:
    return os.geteuid() if os.name == "posix" else 0  # elsewhere each user has temporary folders of his own


def _is_private(path: Path) -> bool:
    """Whether `path` is a folder that only this user can write."""
    if os.name != "posix":
        return True
    try:
        found = path.lstat()
    except OSError:
        return False
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return is_own and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not _can_be_replaced(path)


def _can_be_replaced(path: Path) -> bool:
    """Whether another user than root could put something else in the place of `path`."""
    if os.name != "posix":
        return False
    # In a sandbox root may have another number: it is whoever has the uppermost folder.
    trusted = {0, os.geteuid(), os.stat("/").st_uid}
    for folder in {*path.absolute().parents, *path.resolve().parents}:
        try:
            found = folder.lstat()
        except FileNotFoundError:
            continue
        everyone = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
        if found.st_uid not in trusted or everyone:
            return True
    return False
