"""Drills: where in a product text the words begin that answer an element, asked many times of one text.

A model of this size learns to judge long before it learns to find: with four elements a case, few of the tokens that it
reads teach it where to look. A drill asks several elements of every sentence, and each answer ends after a few tokens.
"""

import random
import re
from dataclasses import dataclass

from bini.domain.labels import Basis
from bini.training.synthesis.cases import TRAPS, CaseWriter
from bini.training.synthesis.cloze import cloze, share_word

SENTENCES = (4, 8)
"""Fewest and most sentences of a drill that elements ask for."""
ELEMENTS = (1, 2, 2)
"""How many elements are made of a sentence's words."""
BANK = 0.5
"""Share of the sentences that are asked for by their element in the bank as well."""


@dataclass(frozen=True)
class Drill:
    """A product text, and elements each with the words of it that answer them."""

    product: str
    asked: tuple[tuple[str, str], ...]


def drill(writer: CaseWriter) -> Drill:
    """The next drill of a writer's stream: elements of the bank and elements made of a sentence's own words."""
    rng: random.Random = writer.rng
    writer.begin()
    language = writer.product_lang
    same = writer.claim_lang == language
    lines: list[str] = []
    asked: list[tuple[str, str]] = []
    for _ in range(rng.randint(*SENTENCES)):
        piece = writer.prose(Basis.LITERAL) if not same or rng.random() < BANK else None
        sentence, element = (piece.sentence, piece.element) if piece else (writer.sentence(), "")
        nonsense = writer.mixed(sentence) if same else None
        sentence, element = (nonsense, "") if nonsense else writer.topical(sentence, element)
        (quote,) = re.findall("«(.*?)»", sentence)
        elements = [element] if element else []
        if same:
            made = [cloze(rng, sentence, language, Basis.LITERAL, "") for _ in range(rng.choice(ELEMENTS))]
            elements += [one.element for one in made if one]
        asked += [(each, quote) for each in elements]
        lines.append(re.sub("[«»]", "", sentence))
        if elements and same and rng.random() < TRAPS:
            lines.append(share_word(rng, writer.sentence(), elements[-1], language))
    rng.shuffle(lines)
    rng.shuffle(asked)
    return Drill(rng.choice((" ", "\n", "\n- ")).join(lines), tuple(asked))
