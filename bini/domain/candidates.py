"""Lists to rank: patents or products, a row each, as JSON Lines, CSV or an Excel workbook."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bini.domain.untrusted import FILE_BYTES, check_archive, decoded
from bini.errors import DataError, InputError
from bini.files import read_bytes

ROWS_MAX = 10_000
"""Most rows of a list."""

COLUMNS_MAX = 100
"""Columns of a workbook that are looked at."""

PATENTS, PRODUCTS = ("claim", "claims"), ("product",)
"""The columns of text that a list of patents, or of products, may have: `claims` is a whole claim set."""

Raw = tuple[int, Mapping[str, Any]]
"""A row as it stands in the file, and its line (of a workbook, its row)."""


@dataclass(frozen=True)
class Candidate:
    """One row of a list.

    Parameters
    ----------
    line
        Where it stands in its file, from 1.
    id, title
        What it is called; the title may be empty.
    column
        Which of the columns of text it has.
    text
        Claim, claim set or product description, NFC; may be empty.
    """

    line: int
    id: str
    title: str
    column: str
    text: str


def read_candidates(path: Path, columns: Sequence[str]) -> list[Candidate]:
    """Read a list to rank.

    Parameters
    ----------
    path
        A file that ends in .jsonl, .csv or .xlsx (its first sheet); the first line of the last two names the columns.
    columns
        `PATENTS` or `PRODUCTS`. Besides `id` and, if wanted, `title`, each row has a text in exactly one of them;
        other columns are left aside.

    Raises
    ------
    InputError
        If the file cannot be read, is unsafe, or is of another kind.
    DataError
        If a row breaks the form, an id stands twice, or there are no rows or more than 10,000; names file and line.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name}: lists of this kind are not read", f"give one of {', '.join(_READERS)}")
    content = read_bytes(path, FILE_BYTES, "give fewer rows")
    found: dict[str, Candidate] = {}
    try:
        for line, raw in reader(content):
            candidate = _candidate(line, raw, columns)
            if candidate.id in found:
                first = found[candidate.id].line
                raise DataError(f"line {line}: the id {candidate.id!r} stands in line {first} too", "make it unique")
            found[candidate.id] = candidate
            if len(found) > ROWS_MAX:
                raise DataError(f"more than {ROWS_MAX:,} rows", "rank a part of them at a time")
    except (InputError, DataError) as error:
        raise type(error)(f"{path.name}: {error.message}", error.hint) from None
    if not found:
        raise DataError(f"{path.name} holds no rows", f"each row has id and {' or '.join(columns)}")
    return list(found.values())


def _candidate(line: int, raw: Mapping[str, Any], columns: Sequence[str]) -> Candidate:
    given = [column for column in columns if raw.get(column) is not None]
    given = [column for column in given if _text(line, column, raw[column])] or given[:1]  # a table has all columns
    if len(given) != 1:
        wanted = " or ".join(columns)
        raise DataError(f"line {line}: {'none' if not given else 'more than one'} of {wanted}", f"give {wanted}")
    name = _text(line, "id", raw.get("id"))
    if not name:
        raise DataError(f"line {line}: there is no id", "each row needs an id of its own")
    title = _text(line, "title", raw.get("title"))
    return Candidate(line, name, " ".join(title.split()), given[0], _text(line, given[0], raw[given[0]]))


def _text(line: int, column: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip()
        case int() if not isinstance(value, bool):
            return str(value)
        case float() if value.is_integer():  # a registration number as Excel keeps it
            return str(int(value))
    raise DataError(f"line {line}, {column}: {str(value)[:40]!r} is no text", "write it as text")


def _from_jsonl(content: bytes) -> Iterator[Raw]:
    for number, line in enumerate(decoded(content).split("\n"), start=1):  # not splitlines: U+2028 may stand in a text
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"line {number}: not valid JSON ({error})", "give one JSON object a line") from None
        if not isinstance(raw, dict):
            raise DataError(f"line {number}: not an object", "give one JSON object a line")
        yield number, raw


def _from_csv(content: bytes) -> Iterator[Raw]:
    csv.field_size_limit(FILE_BYTES)  # of the whole process; no file that is read here has longer cells
    reader = csv.reader(io.StringIO(decoded(content), newline=""), strict=True)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        line = 1
        for row in reader:
            yield line, row
            line = reader.line_num + 1  # a quoted cell may hold several lines

    try:
        yield from _table(numbered())
    except csv.Error as error:
        raise DataError(f"line {reader.line_num}: {error}", "save the table as CSV with commas, in UTF-8") from None


def _from_xlsx(content: bytes) -> Iterator[Raw]:
    from openpyxl import load_workbook

    check_archive(content, "Excel workbook")
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        # Bounds, because a hostile sheet may name a row or column far out and have all before it filled in.
        rows = list(sheet.iter_rows(max_row=ROWS_MAX + 2, max_col=COLUMNS_MAX, values_only=True))
    except Exception as error:  # openpyxl lets errors of zipfile, lxml and its own through
        raise InputError(f"is no Excel workbook ({type(error).__name__})", "save it as .xlsx again") from None
    yield from _table(enumerate(rows, start=1))


def _table(rows: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[Raw]:
    """Rows by the names in the first one; empty rows are left out."""
    line, header = next(rows, (1, ()))
    names = [_text(line, "header", cell).lower() for cell in header]
    if "id" not in names:
        raise DataError(f"line {line}: there is no column id", "the first line names the columns")
    for number, row in rows:
        if any(cell not in (None, "") for cell in row):
            yield number, dict(zip(names, ("" if cell is None else cell for cell in row), strict=False))


_READERS: dict[str, Callable[[bytes], Iterator[Raw]]] = {
    ".jsonl": _from_jsonl,
    ".csv": _from_csv,
    ".xlsx": _from_xlsx,
}
