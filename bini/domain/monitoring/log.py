"""The log: one JSON object a line, appended whole, read however broken."""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

from bini.domain.monitoring.record import LogRecord, answered, failed
from bini.domain.schema import Assessment
from bini.errors import DataError

LINE_BYTES = 4 << 20
"""A longer line is no record; what a model's window holds, with its claim, is far shorter."""

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class AssessmentLog:
    """A log to append to; several processes may, at once.

    Parameters
    ----------
    path
        The file; it and its folder are made if they are missing.
    with_text
        Whether product and claim are kept too.

    Raises
    ------
    OSError
        If the file cannot be written.
    """

    path: Path
    with_text: bool = False

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.open("ab").close()

    def append(self, records: Sequence[LogRecord]) -> None:
        """Add a line each, all of them or none; a line that a killed writer left unfinished is ended first."""
        lines = "".join(record.model_dump_json() + "\n" for record in records).encode()
        with self.path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, or its process killed
            end = file.seek(0, os.SEEK_END)
            if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
                lines = b"\n" + lines
            try:
                while lines:
                    lines = lines[file.write(lines) :]
            except BaseException:
                file.truncate(end)
                raise

    @contextmanager
    def recorded(self, model: str, adapter: str | None, product: str, claim: str | None) -> Iterator[list[Assessment]]:
        """Log what the block puts into the list, or the error that it ends with.

        Parameters
        ----------
        model, adapter
            Who is asked, as provenance names them.
        product, claim
            What is asked; None for the claim where several are.
        """
        made: list[Assessment] = []
        started = time.perf_counter()
        try:
            yield made
        except Exception as error:
            self.append([failed(error, model, adapter, product, claim, datetime.now(UTC), self.with_text)])
            raise
        seconds = round(time.perf_counter() - started, 3) if len(made) == 1 else None
        now = datetime.now(UTC)
        self.append([answered(one, now, seconds, claim, self.with_text) for one in made])


def read_log(path: Path) -> Iterator[LogRecord | None]:
    """The records of a log in its order; None for a line that is none, as a killed writer leaves it.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    return read_rows(path, LogRecord)


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row | None]:
    """The lines of a JSON Lines file as `kind`; None for a line that is none, blank lines skipped.

    Raises
    ------
    DataError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for line in _lines(file):
                if line is None:
                    yield None
                elif line.strip():
                    yield _row(line, kind)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a file; None for one of more than `LINE_BYTES`, which is never held whole."""
    while line := file.readline(LINE_BYTES):
        whole = len(line) < LINE_BYTES or line.endswith(b"\n")
        yield line if whole else None
        while not whole:
            rest = file.readline(LINE_BYTES)
            whole = len(rest) < LINE_BYTES or rest.endswith(b"\n")


def _row(line: bytes, kind: type[Row]) -> Row | None:
    try:
        return kind.model_validate_json(line)
    except ValidationError:
        return None
