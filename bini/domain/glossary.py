"""The glossary: concepts with their Korean and English names, kin and false friends.

One TSV format that people can extend; its columns are the fields of `Concept`,
lists inside a cell are separated by `|`.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bini.errors import DataError
from bini.resources import resource


@dataclass(frozen=True)
class Concept:
    """One thing that patent people name, in both languages.

    Parameters
    ----------
    id
        Lower-case slug, unique over all tables.
    field, kind
        Technical field and part of speech in a claim (ingredient, component, process ...).
    ko, en
        Main names.
    ko_syn, en_syn, abbr
        Other names of the very same thing.
    genus
        Id of the broader concept, or an empty string.
    not_same
        Ids of neighbours that could take the same role but are other things.
    """

    id: str
    field: str
    kind: str
    ko: str
    en: str
    ko_syn: tuple[str, ...] = ()
    en_syn: tuple[str, ...] = ()
    abbr: tuple[str, ...] = ()
    genus: str = ""
    not_same: tuple[str, ...] = ()

    @property
    def written(self) -> frozenset[str]:
        """The names that are no abbreviations, in lower case."""
        return frozenset(name.lower() for name in (self.ko, self.en, *self.ko_syn, *self.en_syn))

    def names(self, language: str) -> tuple[str, ...]:
        """Every name of the concept in `language` ("ko" or "en"), main name first."""
        own = (self.ko, *self.ko_syn) if language == "ko" else (self.en, *self.en_syn)
        return (*own, *self.abbr)


@dataclass(frozen=True)
class Glossary:
    """Concepts by id, with their relations."""

    concepts: dict[str, Concept]

    @cached_property
    def children(self) -> dict[str, list[Concept]]:
        """Genus id -> the concepts directly below it."""
        below: dict[str, list[Concept]] = {}
        for concept in self.concepts.values():
            if concept.genus:
                below.setdefault(concept.genus, []).append(concept)
        return below

    def akin(self, one: Concept, other: Concept) -> bool:
        """Whether the two share a name, or one is a (distant) species of the other.

        Things may share an abbreviation and be different; a written-out name they share if they are the same.
        """
        return other.id in self._line(one) or one.id in self._line(other) or bool(one.written & other.written)

    def _line(self, concept: Concept) -> set[str]:
        """Ids of `concept` and of every genus above it."""
        line = {concept.id}
        while concept.genus and concept.genus not in line:
            line.add(concept.genus)
            concept = self.concepts[concept.genus]
        return line

    def rivals(self, concept: Concept) -> list[Concept]:
        """Other things that could take the role of `concept`: false friends and siblings."""
        named = [self.concepts[i] for i in concept.not_same]
        siblings = self.children.get(concept.genus, []) if concept.genus else []
        return [c for c in dict.fromkeys([*named, *siblings]) if not self.akin(concept, c)]


def shipped_glossary(own: Path | None = None) -> Glossary:
    """The glossary that comes with Bini, with the user's `own` table merged over it.

    Raises
    ------
    DataError
        As `load_glossary`.
    """
    return load_glossary([*sorted(resource("data/glossary").glob("*.tsv")), *([own] if own else [])])


def load_glossary(paths: Iterable[Path]) -> Glossary:
    """Read glossary tables; a later table's concept replaces an earlier one of the same id.

    Raises
    ------
    DataError
        If a table cannot be read, holds an id twice, lacks a column, or refers to an unknown concept.
    """
    concepts: dict[str, Concept] = {}
    for path in paths:
        concepts |= _table(path)
    for concept in concepts.values():
        unknown = [i for i in (concept.genus, *concept.not_same) if i and i not in concepts]
        if unknown:
            raise DataError(
                f"glossary concept {concept.id} refers to unknown {unknown[0]}",
                "genus and not_same must hold ids of concepts in the tables",
            )
    return Glossary(concepts)


def _table(path: Path) -> dict[str, Concept]:
    found: dict[str, Concept] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
                concept = _concept(row, f"{path}, row {number}")
                if concept.id in found:
                    raise DataError(f"{path}, row {number}: {concept.id} stands twice", "give every concept one row")
                found[concept.id] = concept
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not valid UTF-8", "save it as UTF-8, tab-separated") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    return found


def _concept(row: dict[str, str | None], where: str) -> Concept:
    def cell(column: str) -> str:
        value = row.get(column)
        if value is None:
            raise DataError(f"{where}: column {column} is missing", "see the header of data/glossary/*.tsv")
        return value.strip()

    def several(column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in cell(column).split("|") if part.strip())

    return Concept(
        id=cell("id"),
        field=cell("field"),
        kind=cell("kind"),
        ko=cell("ko"),
        en=cell("en"),
        ko_syn=several("ko_syn"),
        en_syn=several("en_syn"),
        abbr=several("abbr"),
        genus=cell("genus"),
        not_same=several("not_same"),
    )
