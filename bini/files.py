"""Files that are read up to a limit, and written whole or not at all."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bini.errors import InputError


def read_bytes(path: Path, at_most: int, hint: str) -> bytes:
    """The content of a file that anyone may have written, `hint` being what to do about one that is too large.

    Raises
    ------
    InputError
        If it cannot be read or has more than `at_most` bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(at_most + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    if len(content) > at_most:
        raise InputError(f"{path} is larger than {at_most:,} bytes", hint)
    return content


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to a temporary neighbour of `path` and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def write_text(path: Path, content: str) -> None:
    """`write_bytes` for UTF-8 text."""
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, characters as they are."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def jsonl(rows: Iterable[Any]) -> str:
    """One JSON value a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def sha256(content: bytes | str) -> str:
    """Hex digest of bytes or UTF-8 text."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def sha256_file(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
