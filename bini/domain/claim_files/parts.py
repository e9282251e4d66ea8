"""What the readers of claim files share: lines, and a set made of claims that stand one by one."""

import re
import unicodedata
from collections.abc import Sequence

from bini.domain.claims import ClaimSet
from bini.domain.claims.numbering import Numbered, leading_number
from bini.domain.claims.reading import build_claims

MARKUP_DEPTH = 200
"""Deepest nesting of tags that is read."""

Line = tuple[int, list[str]]
"""Indentation and the texts of one line."""


def from_parts(parts: Sequence[tuple[int, str]]) -> ClaimSet:
    """A set of claims that a file holds one by one; a number that the text itself begins with is the claim's."""
    rows: list[str] = []
    found: list[Numbered] = []
    length = 0
    for number, raw in parts:
        body = unicodedata.normalize("NFC", raw).strip()
        numbers, start = leading_number(body)
        numbers = numbers or range(number, number + 1)
        label = f"{numbers.start}. " if len(numbers) == 1 else f"{numbers.start}-{numbers.stop - 1}. "
        rows.append(f"{label}{body[start:].lstrip()}\n\n")
        found.append(Numbered(numbers, length + len(label), length + len(rows[-1]) - 2))
        length += len(rows[-1])
    return build_claims("".join(rows), found)


def rendered(lines: Sequence[Line]) -> str:
    """Lines with their indentation, white space collapsed, empty ones left out."""
    rows = ((depth, " ".join("".join(texts).split())) for depth, texts in lines)
    return "\n".join("    " * depth + row for depth, row in rows if row)


def given_number(given: str | None, position: int) -> int:
    """The number that a tag's attribute gives a claim, or else the claim's place in the file."""
    return int(given) if given and re.fullmatch(r"[0-9]{1,5}", given) else position
