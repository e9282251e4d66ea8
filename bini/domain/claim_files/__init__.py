"""Claim sets from files: plain text, Markdown, DOCX, KIPRIS and USPTO XML, saved Google Patents pages."""

import unicodedata
from pathlib import Path

from bini.domain.claim_files.docx import from_docx
from bini.domain.claim_files.html import from_html
from bini.domain.claim_files.xml import from_xml
from bini.domain.claims import ClaimSet, parse_claims
from bini.domain.untrusted import FILE_BYTES, decoded
from bini.errors import InputError
from bini.files import read_bytes


def read_claims(path: Path) -> ClaimSet:
    """Read the claim set in a file; its offsets are offsets into `ClaimSet.text`, in Unicode's composed form.

    Parameters
    ----------
    path
        A file that ends in .txt, .md, .docx, .xml (KIPRIS or USPTO), .html or .htm (a saved page of Google Patents).

    Raises
    ------
    InputError
        If the file cannot be read, is larger than 20 MB, is unsafe (a zip bomb, entities in XML), or its claims are not
        sound; the message names the file and the place.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: files of this kind are not read", f"give one of {', '.join(_READERS)}")
    content = read_bytes(path, FILE_BYTES, "give a file that holds the claims alone")
    try:
        return reader(content)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.hint) from None


def _from_text(content: bytes) -> ClaimSet:
    return parse_claims(unicodedata.normalize("NFC", decoded(content)))


_READERS = {
    ".txt": _from_text,
    ".md": _from_text,
    ".docx": from_docx,
    ".xml": from_xml,
    ".html": from_html,
    ".htm": from_html,
}
