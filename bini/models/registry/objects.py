"""The files of registered adapters: copied in whole, found by their digest, never changed.

A run folder's files are kept, not the folders in it: reports and folds are made of an adapter, and are no part of it.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bini.errors import AdapterError
from bini.files import sha256, sha256_file
from bini.models.adapters.report import printable

STAGING = ".staging-"
"""Start of the name of a folder in which an adapter is copied and checked, before it is one of the objects."""


@contextmanager
def staging(objects: Path) -> Iterator[Path]:
    """A folder to copy into, removed at the end; those that killed processes left are removed first."""
    objects.mkdir(parents=True, exist_ok=True)
    with (objects / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # another process is copying: what is left stays until the next time
        else:
            for left in objects.glob(f"{STAGING}*"):
                shutil.rmtree(left)
        fcntl.flock(lock, fcntl.LOCK_SH)  # held as long as this process copies
        folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=objects))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def copy_files(source: Path, target: Path) -> None:
    """Copy the files of a run folder to a new folder.

    Raises
    ------
    AdapterError
        If it holds a link, or what is neither a file nor a folder.
    """
    target.mkdir()
    for path in sorted(source.iterdir()):
        if path.is_dir() and not path.is_symlink():
            continue
        _refuse_odd(path)
        copy = target / path.name
        shutil.copyfile(path, copy, follow_symlinks=False)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        copy.chmod(0o444)


def tree_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of a folder's files.

    Raises
    ------
    AdapterError
        If it holds anything but files.
    """
    paths = sorted(folder.iterdir())
    for path in paths:
        _refuse_odd(path)
    return sha256(json.dumps([[path.name, sha256_file(path)] for path in paths]))


def verified(objects: Path, digest: str, name: str) -> Path:
    """The folder of an object, found to be what was registered.

    Raises
    ------
    AdapterError
        If it is missing, reached by a link, or was changed.
    """
    folder = objects / digest / name
    register = f"put back what was registered, or register it again: its files had the digest {digest[:16]}…"
    if not folder.is_dir():
        raise AdapterError(f"{folder} is missing", register)
    if folder.resolve() != objects.resolve() / digest / name:
        raise AdapterError(f"{folder} is reached by a link", register)
    if tree_digest(folder) != digest:
        raise AdapterError(f"{folder} was changed after it was registered", register)
    return folder


def _refuse_odd(path: Path) -> None:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise AdapterError(f"{printable(path)} is a link, or no ordinary file", "put the file itself there")
