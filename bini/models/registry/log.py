"""The log of a name: one event a line, appended under a lock, never changed.

A line counts once its line end is written: what a killed writer leaves unfinished is passed over, and cut off by the
next writer.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from bini.errors import AdapterError
from bini.models.registry.events import Event, State, fold, step


def read_events(path: Path) -> list[Event]:
    """The events of a log in their order; none if there is no log.

    Raises
    ------
    AdapterError
        If a line is no event.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return _parse(path, _whole_lines(file.read()))
    except FileNotFoundError:
        return []


def append(path: Path, make: Callable[[State], Event | None]) -> State:
    """Add the event that `make` makes of the state; while it does, no other process can.

    Returns
    -------
    State
        After the event; as it was if `make` gave None.

    Raises
    ------
    AdapterError
        If the log is broken, or the event cannot follow. Nothing is written then.
    OSError
        If the log cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, or its process killed
        whole = _whole_lines(file.read())
        state = fold(_parse(path, whole))
        event = make(state)
        if event is None:
            return state
        after = step(state, event)
        file.truncate(len(whole))
        file.seek(len(whole))
        line = (event.model_dump_json(exclude_defaults=True) + "\n").encode()
        try:
            while line:
                line = line[file.write(line) :]
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(len(whole))
            raise
        return after


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _parse(path: Path, content: bytes) -> list[Event]:
    events = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            events.append(Event.model_validate_json(line))
        except ValidationError as error:
            raise AdapterError(
                f"{path}, line {number} is no event of the registry", "put the log back as it was"
            ) from error
    return events
