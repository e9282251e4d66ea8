"""What a report is made of, before it is laid out. Every text may be hostile: the layouts escape it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from bini.domain.charts.words import WORDS
from bini.domain.labels import Match, RiskLevel

NONE = "–"


@dataclass(frozen=True)
class Estimate:
    """A figure and, if it has one, its interval."""

    value: str
    interval: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.interval}".rstrip()


Cell = str | Estimate | RiskLevel | Match


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the report's title."""

    kind: ClassVar = "heading"

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph. A warning must not be overlooked; a note explains the figures above it."""

    kind: ClassVar = "text"

    text: str
    tone: Literal["plain", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Bullets:
    """Remarks, one a line."""

    kind: ClassVar = "bullets"

    items: Sequence[str]


@dataclass(frozen=True)
class Headline:
    """The figures that a reader should take away, by what they are, and what they are about."""

    kind: ClassVar = "headline"

    system: str
    about: str
    figures: dict[str, Estimate]


@dataclass(frozen=True)
class Table:
    """A table; rows whose number stands in `dim` say little and are greyed."""

    kind: ClassVar = "table"

    header: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    dim: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A picture in a file beside the report."""

    kind: ClassVar = "picture"

    file: str
    caption: str


Block = Heading | Text | Bullets | Headline | Table | Picture


def shown(cell: Cell) -> str:
    """A cell as text; labels are Korean with their English."""
    if isinstance(cell, RiskLevel | Match):
        return f"{cell.value} ({WORDS['en'][cell.value]})"
    return str(cell)
