"""How the sentences that answer a claim's elements become one product text, and what is said of it in the end."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bini.domain.korean import josa
from bini.domain.labels import DECIDING, Basis, RiskLevel
from bini.training.synthesis import phrases

FUSED = 0.4  # share of products whose thing claimed carries other elements: "TBC가 들어간 미백 크림"
LISTED = 0.4  # share of products that name what can be listed in one list
TYPOS = 0.04


@dataclass(frozen=True)
class Piece:
    """One element with the product sentence that answers it."""

    element: str
    sentence: str  # with « » around the quote; empty when the product is silent
    basis: Basis
    topic: str  # short name of the element for the reason
    closed: bool = False  # "nothing else"
    thing: bool = False  # the thing claimed as a whole
    modifier: str = ""  # the answer as a phrase that qualifies the thing, « » as in the sentence
    item: str = ""  # the answer as an item of a list
    beside: str = ""  # a sentence close to the element that does not answer it


Line = tuple[str, tuple[int, ...]]
"""A line of the product text, and whose answers its pairs of « » hold, in order."""


def answering(
    rng: random.Random, pieces: Sequence[Piece], language: str, bystander: Callable[[], str] | None
) -> list[Line]:
    """The sentences that answer the elements, some of them drawn together into one.

    Parameters
    ----------
    rng
        Source of chance.
    pieces
        The elements, in the order of the claim.
    language
        "ko" or "en", of the product.
    bystander
        Draws another thing that may stand in a list; None if the product may name nothing else.
    """
    left = {i: p for i, p in enumerate(pieces) if p.sentence}
    lines: list[Line] = []
    items = [i for i, p in left.items() if p.item]
    if items and bystander and rng.random() < LISTED:
        lines.append(_listed(rng, pieces, items, language, bystander))
        left = {i: p for i, p in left.items() if i not in items}
    things = [i for i, p in left.items() if p.thing and p.basis in (Basis.LITERAL, Basis.ABSENT)]
    carried = [i for i, p in left.items() if p.modifier]
    if things and carried and rng.random() < FUSED:
        carried = carried[: rng.choice((1, 1, 2))]
        lines.append(_fused(pieces, things[0], carried, language))
        left = {i: p for i, p in left.items() if i not in (*carried, things[0])}
    return lines + [(p.sentence, (i,)) for i, p in left.items()]


def written(rng: random.Random, lines: Sequence[Line], elements: int, bullet: str | None) -> tuple[str, list[str]]:
    """The product text, and the quote that answers each element, empty where none does.

    Parameters
    ----------
    rng
        Source of chance: now and then a space is forgotten.
    lines
        In the order of the text.
    elements
        How many the claim has.
    bullet
        What begins each line of a list; None for running text.
    """
    product, quotes = "", [""] * elements
    for sentence, owners in lines:
        text = sentence if bullet is None else bullet + sentence.rstrip(".")
        if owners and rng.random() < TYPOS:
            text = _slip(rng, text)
        for owner, quote in zip(owners, re.findall("«(.*?)»", text), strict=True):
            quotes[owner] = quote
        product += text.replace("«", "").replace("»", "") + (" " if bullet is None else "\n")
    return product.strip(), quotes


def reason(rng: random.Random, pieces: Sequence[Piece], quotes: Sequence[str], level: RiskLevel, language: str) -> str:
    """One or two clauses, in the claim's language, on the elements that decide the level."""
    chosen = [i for i, p in enumerate(pieces) if p.basis.match is DECIDING[level]]
    chosen = sorted(rng.sample(chosen, min(2, len(chosen))))
    clauses = []
    for i in chosen:
        frame = rng.choice(phrases.REASONS[language][pieces[i].basis.value])
        clauses.append(josa(frame.format(q=_short(quotes[i]), e=_short(pieces[i].topic))))
    return (", " if language == "ko" else "; ").join(clauses) + "."


def _fused(pieces: Sequence[Piece], thing: int, carried: list[int], language: str) -> Line:
    """The sentence of the thing claimed with other elements as its modifiers."""
    modifiers = " ".join(pieces[i].modifier for i in carried)
    before, _, after = pieces[thing].sentence.partition("«")
    if language == "ko":
        return f"{before}{modifiers} «{after}", (*carried, thing)
    name, _, rest = after.partition("»")
    return f"{before}«{name}» {modifiers}{rest}", (thing, *carried)


def _listed(
    rng: random.Random, pieces: Sequence[Piece], items: list[int], language: str, bystander: Callable[[], str]
) -> Line:
    """A list that names the elements `items` among bystanders."""
    entries: list[tuple[str, int]] = [(pieces[i].item, i) for i in items]
    for _ in range(rng.randint(1, 5)):
        name = bystander()
        entries.append((f"{name} {rng.randint(1, 60) / 2:g}%" if rng.random() < 0.5 else name, -1))
    rng.shuffle(entries)
    text = rng.choice((", ", " / ", ", ", "; ")).join(entry for entry, _ in entries)
    return rng.choice(phrases.LISTS[language]) + text + ".", tuple(i for _, i in entries if i >= 0)


def _slip(rng: random.Random, text: str) -> str:
    """`text` with one space forgotten, as in hurried notes."""
    spaces = [i for i, char in enumerate(text) if char == " "]
    if not spaces:
        return text
    spot = rng.choice(spaces)
    return text[:spot] + text[spot + 1 :]


def _short(text: str) -> str:
    """The first words of `text`, as far as they fit into 28 characters."""
    return text if len(text) <= 28 else text[:29].rpartition(" ")[0] or text[:28]
