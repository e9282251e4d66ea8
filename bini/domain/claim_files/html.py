"""Claims of a saved page of Google Patents."""

from collections.abc import Mapping

from bini.domain.claim_files.parts import MARKUP_DEPTH, Line, from_parts, given_number, rendered
from bini.domain.claims import ClaimSet
from bini.domain.untrusted import decoded
from bini.errors import InputError

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
            if self.claims and not rendered(self.claims[-1][1]):
                self.claims.pop()  # the outer of two tags around one claim
            self.claims.append((given_number(attributes.get("num"), len(self.claims) + 1), [(0, [])]))
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


def from_html(content: bytes) -> ClaimSet:
    """The claims of a saved page of Google Patents; raises InputError."""
    from lxml.etree import HTMLParser, XMLSyntaxError

    parser = HTMLParser(target=_Page())
    try:
        parser.feed(decoded(content))
        found: list[tuple[int, list[Line]]] = parser.close()
    except XMLSyntaxError as error:
        raise InputError(f"is no HTML ({error.msg})", "save the page again") from None
    claims = [(number, rendered(lines)) for number, lines in found]
    if not any(text for _, text in claims):
        raise InputError("holds no tag of class 'claim'", "save the whole page of one patent from patents.google.com")
    return from_parts([(number, text) for number, text in claims if text])
