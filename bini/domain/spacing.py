"""White space as models read it, and the way back to the text as it was given.

Pasted text comes with doubled blanks, tabs and no-break spaces, which mean nothing and are other tokens. Models are
shown one blank instead; quotes and their offsets are those of the text as given.
"""

import re
from dataclasses import dataclass
from typing import Self

_GAP = re.compile(r"[^\S\n]+")


def even(text: str) -> str:
    """`text` with one blank for every run of white space within a line."""
    return _GAP.sub(" ", text)


@dataclass(frozen=True)
class Evened:
    """A text as models read it, with where each of its characters stands in the text as given.

    Parameters
    ----------
    given
        The text as given.
    text
        The same, evened out.
    places
        For each character of `text`, where it begins in `given`; and at last the end of `given`.
    """

    given: str
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, given: str) -> Self:
        """Even out a text."""
        inside = {place for gap in _GAP.finditer(given) for place in range(gap.start() + 1, gap.end())}
        places = [place for place in range(len(given)) if place not in inside]
        return cls(given, even(given), (*places, len(given)))

    def find(self, quote: str) -> tuple[int, int] | None:
        """Start and end in `given` of the first occurrence of a piece of `text`; None where it has none."""
        start = self.text.find(quote)
        return (self.places[start], self.places[start + len(quote)]) if start >= 0 else None
