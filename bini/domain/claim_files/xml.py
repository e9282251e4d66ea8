"""Claims of XML: KIPRIS, and the formats in which the USPTO has published since 2001.

Those are "Red Book" grants (us-patent-grant) and applications since 2005, applications of 2001 to 2004
(patent-application-publication) and grants of 2002 to 2004 (PATDOC, after WIPO's standard ST.32). The older two declare
the pictures of the patent as entities that are never parsed, and name characters (&lsqb;) that their DTD would define.
"""

import re
from collections.abc import Iterator
from html.entities import html5
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

from bini.domain.claim_files.parts import MARKUP_DEPTH, Line, from_parts, given_number, rendered
from bini.domain.claims import ClaimSet
from bini.domain.untrusted import TAGS_MAX
from bini.errors import InputError

_PICTURE = re.compile(rb'<!ENTITY\s+[\w.-]+\s+SYSTEM\s+"[^"<>]*"\s+NDATA\s+\w+\s*>')
"""A picture beside the file; such an entity cannot be referred to in a text, so that it is safe to leave out."""

_DECLARATION = re.compile(rb"<\?xml\s")
_LINES = {"claim-text", "PARA", "CLMSTEP"}
_INLINE = {"dependent-claim-reference"}
_KINDS = "neither claimInfo (KIPRIS) nor claim-text or CLM (USPTO)"


def from_xml(content: bytes) -> ClaimSet:
    """The claims of an XML file that may have been written by anyone; raises InputError."""
    nodes = list(_shallow(_root(content)))
    kipris = [child for node in nodes if _tag(node) == "claimInfo" for child in node if _tag(child) == "claim"]
    if kipris:
        return from_parts([(n, "".join(node.itertext())) for n, node in enumerate(kipris, 1)])
    claims = [
        node
        for node in nodes
        if (_tag(node) == "claim" and any(_tag(child) == "claim-text" for child in node)) or _tag(node) == "CLM"
    ]
    if not claims:
        raise InputError(f"holds {_KINDS}", "give the XML of one patent")
    return from_parts([(given_number(node.get("num"), n), _claim_text(node)) for n, node in enumerate(claims, 1)])


def _root(content: bytes) -> Node:
    """The tree of a file without the entities, external files and sheer size that could make it harmful."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if content.count(b"<") > TAGS_MAX:
        raise InputError(f"has more than {TAGS_MAX:,} tags", "give the XML of one patent")
    documents = len(_DECLARATION.findall(content))
    if documents > 1:
        raise InputError(
            f"holds {documents:,} XML documents, one after another",
            "give one of them, from its '<?xml' to before the next",
        )
    parser = DefusedXMLParser()
    parser.entity.update({name[:-1]: characters for name, characters in html5.items() if name.endswith(";")})
    try:
        parser.feed(_PICTURE.sub(b"", content))
        root: Node = parser.close()
        return root
    except ParseError as error:
        line, column = error.position
        raise InputError(
            f"line {line}, column {column}: no well-formed XML ({ErrorString(error.code)})", _unformed(content)
        ) from None
    except DefusedXmlException as error:
        raise InputError(f"declares entities or external files ({type(error).__name__})", "remove its DTD") from None
    except (ValueError, LookupError) as error:
        raise InputError(f"is in no encoding that can be read ({error})", "save the file as UTF-8") from None


def _unformed(content: bytes) -> str:
    """What to do about a file that is no XML."""
    if b"<PATDOC" in content:
        return "the USPTO's files of before 2002 are SGML, not XML: give a saved page of patents.google.com"
    return "save the file again from its source"


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


def _claim_text(claim: Node) -> str:
    """The text of a claim: every nested claim-text, PARA and CLMSTEP is a line of its own, indented."""
    lines: list[Line] = [(0, [])]

    def write(node: Node, depth: int, inline: bool) -> None:
        own = _tag(node) in _LINES and not inline
        if own:
            lines.append((max(depth, _level(node)), []))
        lines[-1][1].append(node.text or "")
        inline = inline or _tag(node) in _INLINE
        for child in node:
            write(child, depth + own, inline)
            if _tag(child) in _LINES and not inline:
                lines.append((depth, []))
            lines[-1][1].append(child.tail or "")

    write(claim, 0, False)
    return rendered(lines)


def _level(node: Node) -> int:
    """How far in the LVL of ST.32 puts a line: 0 and 1 are the margin."""
    given = node.get("LVL", "")
    return int(given) - 1 if re.fullmatch("[1-9]", given) else 0
