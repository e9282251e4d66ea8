"""Texts and files from anywhere: the most that is read, as which text, and what an archive may unpack to."""

import unicodedata
import zipfile
from io import BytesIO

from bini.errors import InputError

FILE_BYTES = 20_000_000
"""Largest file that is read."""

UNPACKED_BYTES = 100_000_000
"""Most that an Office file may hold when unpacked."""

TAGS_MAX = 1_000_000
"""Most tags in one XML file or one part of an Office file: bounds the memory that their trees take."""

_SMALLER = "what is read here is far smaller"


def clean_text(text: str, what: str) -> str:
    """`text` in NFC, stripped; raises InputError if nothing is left or it is no Unicode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"the {what} is not valid Unicode text", "save it as UTF-8 and try again") from error
    cleaned = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if not cleaned:
        raise InputError(f"the {what} is empty", "give it as text, as @file, or as - for standard input")
    return cleaned


def decoded(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or in CP949, the code page of Korean Windows.

    Raises
    ------
    InputError
        If it is in none of them.
    """
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    place = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            place = max(place, error.start)
    raise InputError(f"byte {place:,} is no text", "save the file as UTF-8")


def check_archive(content: bytes, kind: str) -> None:
    """Refuse a zip bomb, by what the archive declares and by what it really unpacks to, and XML with a DTD.

    Parameters
    ----------
    content
        An Office file.
    kind
        What it should be, as errors call it.

    Raises
    ------
    InputError
        If it is unsafe or no ZIP archive.
    """
    left = UNPACKED_BYTES
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                if member.file_size > left:
                    raise InputError(f"{member.filename} unpacks to too much", _SMALLER)
                left -= _check_member(archive, member, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(f"is no {kind} ({error})", "save it again from the program that made it") from None


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
                raise InputError(f"{member.filename} declares entities", "save it again without them")
            before = block[-16:]
    return size
