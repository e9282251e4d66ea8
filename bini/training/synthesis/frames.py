"""The frame bank: claim elements with the sentences that answer them, as people write them.

`phrases.py` holds skeletons that any name fits; the bank (data/frames, one YAML file per domain) holds prose. Its
entries use the slots of `phrases.py`; `kind` says what `{x}` stands for ("none": fixed words only), `unit` which
quantity `{range}` is drawn from. Two kinds stand apart: "thing", what is claimed as a whole, and "irrelevant",
sentences that answer no element.
"""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bini.errors import DataError
from bini.resources import resource

Kind = Literal["ingredient", "material", "component", "function", "process", "product", "none", "thing", "irrelevant"]


class Wordings(BaseModel):
    """An element in one language: wordings of the claim, and product sentences by basis."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    claim: tuple[str, ...]
    literal: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    equivalent: tuple[str, ...] = ()

    def of(self, basis: str) -> tuple[str, ...]:
        """The sentences of `basis`."""
        sentences: tuple[str, ...] = getattr(self, basis, ())
        return sentences


class Frame(BaseModel):
    """One claim element in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Kind
    field: str | None = None
    unit: str | None = None
    ko: Wordings
    en: Wordings

    def words(self, language: str) -> Wordings:
        """The wordings in `language` ("ko" or "en")."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Domain:
    """The frames of one file."""

    elements: tuple[Frame, ...]
    things: tuple[Frame, ...]
    irrelevant: tuple[Frame, ...]


@cache
def irrelevant() -> tuple[Frame, ...]:
    """The lists of sentences that answer no element, of every domain."""
    return tuple(frame for domain in bank() for frame in domain.irrelevant)


@cache
def bank() -> tuple[Domain, ...]:
    """Every domain of the bank that comes with Bini."""
    return tuple(load_domain(path) for path in sorted(resource("data/frames").glob("*.yaml")))


def load_domain(path: Path) -> Domain:
    """Read one file of the bank.

    Raises
    ------
    DataError
        If the file is no list of frames; the message names file, entry and field.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        frames = [Frame.model_validate(entry) for entry in entries]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{path}: {where}: {first['msg']}", "data/README.md shows an entry") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"{path} is not a YAML list of frames", "data/README.md shows an entry") from error
    return Domain(
        tuple(f for f in frames if f.kind not in ("thing", "irrelevant")),
        tuple(f for f in frames if f.kind == "thing"),
        tuple(f for f in frames if f.kind == "irrelevant"),
    )


def draw(rng: random.Random, domain: Domain) -> Frame:
    """An element's frame: of `domain` mostly, else of any other, so that elements of a claim often belong together."""
    return rng.choice(domain.elements if rng.random() < 0.75 else rng.choice(bank()).elements)
