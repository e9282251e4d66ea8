"""ZIP files without the time at which they were made: the same content is the same file."""

import io
from collections.abc import Iterable
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

NO_DATE = datetime(1980, 1, 1)
"""The earliest time that a ZIP entry can hold, where a document must name one."""


def packed(entries: Iterable[tuple[str, bytes]], compression: int) -> bytes:
    """A ZIP file of these entries in this order, each with `NO_DATE`."""
    archive = io.BytesIO()
    with ZipFile(archive, "w") as target:
        for name, content in entries:
            entry = ZipInfo(name, NO_DATE.timetuple()[:6])
            entry.create_system = 3  # Unix, wherever it was made
            target.writestr(entry, content, compression)
    return archive.getvalue()


def undated(archive: bytes) -> bytes:
    """The same entries in the same order, each with `NO_DATE`."""
    with ZipFile(io.BytesIO(archive)) as source:
        return packed([(name, source.read(name)) for name in source.namelist()], ZIP_DEFLATED)
