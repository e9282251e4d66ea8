"""Claim sets from files: plain text, Markdown, DOCX, KIPRIS and USPTO XML, saved Google Patents pages."""

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

from bini.domain.claims import ClaimSet, parse_claims
from bini.domain.claims.numbering import Numbered, leading_number
from bini.domain.claims.reading import build_claims
from bini.errors import InputError

FILE_BYTES = 20_000_000
"""Largest file that is read."""

UNPACKED_BYTES = 100_000_000
"""Most that a DOCX file may hold when unpacked."""

MARKUP_DEPTH = 200
"""Deepest nesting of tags that is read."""

TAGS_MAX = 1_000_000
"""Most tags in one XML file or one part of a DOCX file: bounds the memory that their trees take."""

Line = tuple[int, list[str]]
"""Indentation and the texts of one line."""


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
        raise InputError(f"{path.name}: files of this kind are not read", f"give one of {', '.join(_READERS)}")
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path.name}: {error.strerror or error}", "give the path of a file that you can read"
        ) from None
    if len(content) > FILE_BYTES:
        raise InputError(
            f"{path.name}: larger than {FILE_BYTES // 1_000_000} MB", "give a file that holds the claims alone"
        )
    try:
        return reader(content)
    except InputError as error:
        raise InputError(f"{path.name}: {error.message}", error.hint) from None


def _from_text(content: bytes) -> ClaimSet:
    return parse_claims(unicodedata.normalize("NFC", _decoded(content)))


def _decoded(content: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or in CP949, the code page of Korean Windows."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    place = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            place = max(place, error.start)
    raise InputError(f"byte {place:,} is no text", "save the file as UTF-8")


def _from_parts(parts: Sequence[tuple[int, str]]) -> ClaimSet:
    """A set of claims that a file holds one by one; a number that the text itself begins with is the claim's."""
    rows: list[str] = []
    found: list[Numbered] = []
    length = 0
    for number, raw in parts:
        body = unicodedata.normalize("NFC", raw).strip()
        numbers, start = leading_number(body)
        numbers = numbers or range(number, number + 1)
        label = f"{numbers.start}. " if len(numbers) == 1 else f"{numbers.start}-{numbers.stop - 1}. "
        rows.append(f"{label}{body[start:]}\n\n")
        found.append(Numbered(numbers, length + len(label), length + len(rows[-1]) - 2))
        length += len(rows[-1])
    return build_claims("".join(rows), found)


def _rendered(lines: Sequence[Line]) -> str:
    """Lines with their indentation, white space collapsed, empty ones left out."""
    rows = ((depth, " ".join("".join(texts).split())) for depth, texts in lines)
    return "\n".join("    " * depth + row for depth, row in rows if row)


# DOCX --------------------------------------------------------------------------------------------
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


_SMALLER = "a document of claims is far smaller"


def _from_docx(content: bytes) -> ClaimSet:
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


# XML ---------------------------------------------------------------------------------------------
def _from_xml(content: bytes) -> ClaimSet:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if content.count(b"<") > TAGS_MAX:
        raise InputError(f"has more than {TAGS_MAX:,} tags", "give the XML of one patent")
    try:
        root = fromstring(content)
    except ParseError as error:
        line, column = error.position
        raise InputError(
            f"line {line}, column {column}: no well-formed XML", "save the file again from its source"
        ) from None
    except DefusedXmlException as error:
        raise InputError(f"declares entities or external files ({type(error).__name__})", "remove its DTD") from None
    except (ValueError, LookupError) as error:
        raise InputError(f"is in no encoding that can be read ({error})", "save the file as UTF-8") from None
    nodes = list(_shallow(root))
    kipris = [child for node in nodes if _tag(node) == "claimInfo" for child in node if _tag(child) == "claim"]
    if kipris:
        return _from_parts([(n, "".join(node.itertext())) for n, node in enumerate(kipris, 1)])
    claims = [node for node in nodes if _tag(node) == "claim" and any(_tag(child) == "claim-text" for child in node)]
    if not claims:
        raise InputError("holds neither claimInfo (KIPRIS) nor claim-text (USPTO)", "give the XML of one patent")
    return _from_parts([(_number(node.get("num"), n), _claim_text(node)) for n, node in enumerate(claims, 1)])


def _shallow(root: Node) -> Iterator[Node]:
    """All nodes, none of them too deep to be read."""
    level = [root]
    for _ in range(MARKUP_DEPTH):
        yield from level
        level = [child for node in level for child in node]
    if level:
        raise InputError(f"its tags are nested more than {MARKUP_DEPTH} deep", "save the file again from its source")


def _tag(node: Node) -> str:
    return str(node.tag).rpartition("}")[2]


def _number(given: str | None, position: int) -> int:
    return int(given) if given and re.fullmatch(r"[0-9]{1,5}", given) else position


def _claim_text(claim: Node) -> str:
    """The text of a claim: every nested claim-text is a line of its own, indented."""
    lines: list[Line] = [(0, [])]

    def write(node: Node, depth: int) -> None:
        own = _tag(node) == "claim-text"
        if own:
            lines.append((depth, []))
        lines[-1][1].append(node.text or "")
        for child in node:
            write(child, depth + own)
            if _tag(child) == "claim-text":
                lines.append((depth, []))
            lines[-1][1].append(child.tail or "")

    write(claim, 0)
    return _rendered(lines)


# HTML --------------------------------------------------------------------------------------------
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNSEEN = {"script", "style", "google-src-text"}


class _Page:
    """Collects the claims of a Google Patents page: the innermost tags of class (or name) 'claim'.

    It is a target of lxml's parser, which takes broken and hostile pages in linear time; that of the standard library
    does not.
    """

    def __init__(self) -> None:
        self.claims: list[tuple[int, list[Line]]] = []
        self.open: list[tuple[str, frozenset[str]]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _VOID:
            self.data("\n")
            return
        names = frozenset(
            [*attributes.get("class", "").split(), *([tag] if "-" in tag or tag in ("claim", *_UNSEEN) else [])]
        )
        self.open.append((tag, names))
        if len(self.open) > MARKUP_DEPTH:
            raise InputError(f"its tags are nested more than {MARKUP_DEPTH} deep", "save the page again")
        if "claim" in names:
            if self.claims and not _rendered(self.claims[-1][1]):
                self.claims.pop()  # the outer of two tags around one claim
            self.claims.append((_number(attributes.get("num"), len(self.claims) + 1), [(0, [])]))
        elif "claim-text" in names:
            self._line()

    def end(self, tag: str) -> None:
        place = next((n for n in range(len(self.open) - 1, -1, -1) if self.open[n][0] == tag), None)
        if place is not None:
            ends_line = any("claim-text" in names for _, names in self.open[place:])
            del self.open[place:]
            if ends_line:
                self._line()

    def data(self, text: str) -> None:
        names: frozenset[str] = frozenset().union(*(names for _, names in self.open))
        if "claim" in names and not names & _UNSEEN:
            self.claims[-1][1][-1][1].append(text)

    def close(self) -> list[tuple[int, list[Line]]]:
        return self.claims

    def _line(self) -> None:
        """Begin a line, as far in as claim-text is nested."""
        depth = sum("claim-text" in names for _, names in self.open)
        if self.claims:
            self.claims[-1][1].append((max(depth - 1, 0), []))


def _from_html(content: bytes) -> ClaimSet:
    from lxml.etree import HTMLParser, XMLSyntaxError

    parser = HTMLParser(target=_Page())
    try:
        parser.feed(_decoded(content))
        found: list[tuple[int, list[Line]]] = parser.close()
    except XMLSyntaxError as error:
        raise InputError(f"is no HTML ({error.msg})", "save the page again") from None
    claims = [(number, _rendered(lines)) for number, lines in found]
    if not any(text for _, text in claims):
        raise InputError("holds no tag of class 'claim'", "save the whole page of one patent from patents.google.com")
    return _from_parts([(number, text) for number, text in claims if text])


_READERS = {
    ".txt": _from_text,
    ".md": _from_text,
    ".docx": _from_docx,
    ".xml": _from_xml,
    ".html": _from_html,
    ".htm": _from_html,
}
