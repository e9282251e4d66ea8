"""Claims of a Word document."""

import unicodedata
from io import BytesIO
from typing import Any

from bini.domain.claims import ClaimSet, parse_claims
from bini.domain.untrusted import check_archive
from bini.errors import InputError

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def from_docx(content: bytes) -> ClaimSet:
    """The claims of a Word document that may have been written by anyone; raises InputError."""
    from docx import Document

    check_archive(content, "Word document")
    try:
        document = Document(BytesIO(content))
    except Exception as error:  # python-docx lets errors of zipfile, lxml and its own through
        raise InputError(f"is no Word document ({type(error).__name__})", "save it as .docx again") from None
    counts: dict[str, int] = {}
    rows = [_paragraph(node, counts) for node in document.element.body.iter(f"{_WORD}p")]
    return parse_claims(unicodedata.normalize("NFC", "\n".join(rows)))


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
