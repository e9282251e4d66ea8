"""Copies of labelled cases that differ from them in one thing, with the labels that follow (Kaushik et al. 2020).

Of a hand-made set most elements correspond, and many cases stand under few claims: a model learns the claims and says
대응. A copy whose product denies an element, leaves it open or keeps silent about it has all else in common with its
original; a copy in which claim and product call some things by other names has the labels of its original.
"""

import random
import re
from collections.abc import Sequence
from itertools import islice

from bini.domain.cases import Case, Label, LabelledComparison
from bini.domain.korean import exchange, josa, korean_share
from bini.domain.labels import Basis, Match
from bini.domain.nouns import content_words
from bini.training.synthesis.cloze import DENIED, LEAST, OPEN, fresh_names

TURNS = (Basis.ABSENT, Basis.ABSENT, Basis.PARTIAL, Basis.SILENT)
"""What becomes of an element that corresponded: half of the copies deny it."""
NAMED = 3
"""Most words by which an added sentence names the element."""
LEFT = 0.4
"""Share of an element's words that a product which is silent about it may hold."""
RENAMED = (0.2, 0.7)
"""Least and greatest share of the words common to claim and product that are exchanged."""
FRESH = 0.4
"""Share of the new names that are made up; the others are words of other claims."""
KOREAN = 0.2
"""Share of Hangul from which on a text is Korean: technical Korean is full of Latin letters."""
BREAK = re.compile(r"(?<=[.!?])\s+|\n+")
"""Where a product text may be cut."""
EXCLUDING = re.compile(r"없|않|아니|무첨가|만으로|외에|\b(?:no|not|without|free|only|consist\w*)\b", re.IGNORECASE)
"""An element that says what shall not be there: to deny it means something else."""


def turned(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """Up to `count` copies of each case in which the product no longer has an element that it had.

    The sentences with the element's quote are exchanged for one that denies the element or leaves it open, or left
    out. Where that would cut another quote, or leave nothing of the text, there is no such copy.
    """
    rng = random.Random(seed)
    made: list[Case] = []
    for case in cases:
        order = rng.sample(range(len(case.elements)), len(case.elements))
        copies = (copy for index in order if (copy := _turned(rng, case, index)))
        made += islice(copies, count)
    return _numbered(made, "turned")


def renamed(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """Up to `count` copies of each case in which claim and product call some things by other names, both the same.

    Where claim and product are in two languages, or have no word in common, there is no such copy.
    """
    rng = random.Random(seed)
    pool: dict[str, list[str]] = {language: [] for language in LEAST}
    for case in cases:
        pool[_language(case.claim_text)] += _nameable(case)
    made = [copy for case in cases for _ in range(count) if (copy := _renamed(rng, case, pool))]
    return _numbered(made, "renamed")


def _numbered(made: list[Case], kind: str) -> list[Case]:
    return [
        case.model_copy(update={"case_id": f"{case.case_id}~{kind}{number}"}) for number, case in enumerate(made, 1)
    ]


def _language(text: str) -> str:
    return "ko" if korean_share(text) > KOREAN else "en"


def _turned(rng: random.Random, case: Case, index: int) -> Case | None:
    row = case.label.comparisons[index]
    quote, text = row.user_product_element, case.user_query
    if row.match is not Match.YES or not quote or quote not in text or EXCLUDING.search(row.patent_element):
        return None
    start = text.index(quote)
    breaks = [(0, 0), *(cut.span() for cut in BREAK.finditer(text)), (len(text), len(text))]
    head = text[: max(end for _, end in breaks if end <= start)]
    tail = text[min(begin for begin, _ in breaks if begin >= start + len(quote)) :]
    basis = rng.choice(TURNS)
    said, words = _said(rng, basis, quote, _language(text))
    product = f"{head}{words}{tail}".strip()
    if not (head + tail).strip() or any(
        other.user_product_element and other.user_product_element not in product
        for other in case.label.comparisons
        if other is not row
    ):
        return None
    named = content_words(row.patent_element, _language(row.patent_element))
    if basis is Basis.SILENT and sum(word in product for word in named) > LEFT * len(named):
        return None
    changed = {"user_product_element": said, "match": basis.match, "basis": basis}
    rows = [other.model_copy(update=changed) if other is row else other for other in case.label.comparisons]
    return case.model_copy(update={"user_query": product, "label": Label(comparisons=tuple(rows))})


def _said(rng: random.Random, basis: Basis, quote: str, language: str) -> tuple[str | None, str]:
    """The new quote and the sentence that it stands in."""
    if basis is Basis.SILENT:
        return None, ""
    words = " ".join(content_words(quote, language)[:NAMED]) or quote
    pattern = rng.choice((DENIED if basis is Basis.ABSENT else OPEN)[language])
    before, said, after = re.split("[«»]", josa(pattern.format(w=words, d=fresh_names(rng, language, 1)[0])))
    return said, before + said + after


def _nameable(case: Case) -> list[str]:
    """The words of the claim that another name may stand for."""
    language = _language(case.claim_text)
    words = [word for element in case.elements for word in content_words(element, language)]
    return [word for word in words if word.isalpha() and len(word) > LEAST[language] and _language(word) == language]


def _renamed(rng: random.Random, case: Case, pool: dict[str, list[str]]) -> Case | None:
    language = _language(case.claim_text)
    common = [word for word in dict.fromkeys(_nameable(case)) if word in case.user_query]
    if not common or _language(case.user_query) != language:
        return None
    chosen = rng.sample(common, max(1, round(len(common) * rng.uniform(*RENAMED))))
    others = sorted(set(pool[language]) - set(_nameable(case)))  # words of other claims
    names = {
        word: fresh_names(rng, language, 1)[0] if rng.random() < FRESH or not others else rng.choice(others)
        for word in sorted(chosen, key=len, reverse=True)
    }
    rows = [
        LabelledComparison(
            patent_element=_with(row.patent_element, names),
            user_product_element=_with(row.user_product_element or "", names),
            match=row.match,
            basis=row.basis,
        )
        for row in case.label.comparisons
    ]
    product = _with(case.user_query, names)
    if any(row.user_product_element and row.user_product_element not in product for row in rows):
        return None
    label = Label(comparisons=tuple(rows))
    return case.model_copy(update={"claim_text": _with(case.claim_text, names), "user_query": product, "label": label})


def _with(text: str, names: dict[str, str]) -> str:
    for word, name in names.items():
        text = exchange(text, word, name)
    return text
