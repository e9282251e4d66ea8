"""Claims of a Word document."""

import unicodedata
import zipfile
from io import BytesIO
from typing import Any

from bini.domain.claim_files.parts import TAGS_MAX
from bini.domain.claims import ClaimSet, parse_claims
from bini.errors import InputError

UNPACKED_BYTES = 100_000_000
"""Most that a DOCX file may hold when unpacked."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SMALLER = "a document of claims is far smaller"


def from_docx(content: bytes) -> ClaimSet:
    """The claims of a Word document that may have been written by anyone; raises InputError."""
    from docx import Document

    _check_archive(content)
    try:
        document = Document(BytesIO(content))
    except Exception as error:  # python-docx lets errors of zipfile, lxml and its own through
        raise InputError(f"is no Word document ({type(error).__name__})", "save it as .docx again") from None
    counts: dict[str, int] = {}
    rows = [_paragraph(node, counts) for node in document.element.body.iter(f"{_WORD}p")]
    return parse_claims(unicodedata.normalize("NFC", "\n".join(rows)))


def _check_archive(content: bytes) -> None:
    """Refuse a zip bomb, by what the archive declares and by what it really unpacks to, and XML with a DTD."""
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.file_size > left:
                    raise InputError(f"{member.filename} unpacks to too much", _SMALLER)
                left -= _check_member(archive, member, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(f"is no Word document ({error})", "save it as .docx again") from None


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """The real size of a member."""
    size, tags, before = 0, 0, b""
    with archive.open(member) as file:
        while block := file.read(1 << 16):
            size += len(block)
            if size > left:
                raise InputError(f"{member.filename} unpacks to too much", _SMALLER)
            tags += block.count(b"<")
            if tags > TAGS_MAX and member.filename.endswith((".xml", ".rels")):
                raise InputError(f"{member.filename} has more than {TAGS_MAX:,} tags", _SMALLER)
            if b"<!DOCTYPE" in before + block or b"<!ENTITY" in before + block:
                raise InputError(f"{member.filename} declares entities", "save it as .docx again")
            before = block[-16:]
    return size


def _paragraph(node: Any, counts: dict[str, int]) -> str:
    """The text of a paragraph, insertions taken and deletions left out, after the number that Word gives it."""
    written = "".join(
        child.text or "" if child.tag == f"{_WORD}t" else {"tab": "\t", "br": "\n", "cr": "\n"}[child.tag[len(_WORD) :]]
        for child in node.iter(*(f"{_WORD}{name}" for name in ("t", "tab", "br", "cr")))
        if child.getparent().tag == f"{_WORD}r"
    )
    numbering = node.find(f"{_WORD}pPr/{_WORD}numPr")
    level = None if numbering is None else numbering.find(f"{_WORD}ilvl")
    if numbering is None or not written.strip() or (level is not None and level.get(f"{_WORD}val") != "0"):
        return written
    name = numbering.find(f"{_WORD}numId")
    key = "" if name is None else name.get(f"{_WORD}val")
    counts[key] = counts.get(key, 0) + 1
    return f"{counts[key]}. {written}"
