"""Rows beside the cases given: copies with names exchanged, and generated cases on other claims.

A handful of cases teaches a model to call whatever stands in the right place 대응. A copy of the case in which only the
name is exchanged, with the label that follows, teaches it to read the name. And cases on one claim teach it that claim:
generated ones on all kinds of claims keep what pre-training taught (rehearsal, Robins 1995). Products written for one
claim never show what has nothing to do with it: products of other fields do.
"""

import random
import re
from collections.abc import Sequence

from bini.domain.cases import Case, Label, LabelledComparison
from bini.domain.glossary import Concept, Glossary
from bini.domain.korean import exchange
from bini.domain.labels import Basis, Match
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.names import made_up

HANGUL = re.compile("[가-힣]")

WORD = 3
"""Letters by which a word of a claim is looked for in a product; Korean particles hang behind them."""

MIN_NAME = 3
"""Shortest name that is looked for in running text; shorter ones stand inside too many other words."""

ROLE = re.compile(r"유효\s?성분|주\s?성분|핵심|\bkey\b|\bmain\b|\bactive", re.IGNORECASE)
"""A product that says which thing is the active or main one: another thing there is 미대응. Without such a word, naming
another thing says nothing about the claimed one, and no counterfactual is made."""


REHEARSED = Stage(elements=(1, 4), noise=3, orders=0.03, made_up=0.5)
"""How hard the generated cases are: as in the long middle of pre-training (training/nano.yaml)."""


def rehearse(count: int, glossary: Glossary, seed: int) -> list[Case]:
    """`count` generated cases, each on a claim of its own."""
    writer = CaseWriter(glossary, random.Random(seed), REHEARSED)
    made: list[Case] = []
    for number in range(1, count + 1):
        case = writer.case()
        rows = [
            LabelledComparison(**row.model_dump(), basis=basis)
            for row, basis in zip(case.answer.comparisons, case.bases, strict=True)
        ]
        made.append(
            Case(
                case_id=f"generated~{number}",
                regit_num="generated",
                claim_text="\n".join(case.elements),
                user_query=case.product,
                label=Label(comparisons=tuple(rows), decision_reason=case.answer.decision_reason),
            )
        )
    return made


def strangers(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """`count` products of other fields for each claim: another thing altogether, and silent on all else.

    Only products are taken in which the labels say what the product is, and none that has a word of the claim. Claims
    and products without a field are left out.
    """
    rng = random.Random(seed)
    claims = {case.claim_text: case for case in cases if case.patent_field}
    made: list[Case] = []
    for claim in claims.values():
        foreign = [c for c in cases if c.patent_field and c.patent_field != claim.patent_field and _foreign(claim, c)]
        for number, other in enumerate(rng.sample(foreign, min(count, len(foreign))), start=1):
            rows = [
                LabelledComparison(patent_element=element, match=Match.UNKNOWN, basis=Basis.SILENT)
                for element in claim.elements
            ]
            place, what = _thing(claim), other.label.comparisons[_thing(other)].user_product_element
            rows[place] = LabelledComparison(
                patent_element=claim.elements[place], user_product_element=what, match=Match.NO, basis=Basis.ABSENT
            )
            changed = {
                "case_id": f"{claim.case_id}~stranger{number}",
                "user_query": other.user_query,
                "label": Label(comparisons=tuple(rows)),
            }
            made.append(claim.model_copy(update=changed))
    return made


def _foreign(claim: Case, other: Case) -> bool:
    """Whether the other product is known for what it is, in the claim's language, and has no word of the claim."""
    named = other.label.comparisons[_thing(other)]
    if named.match is not Match.YES or not named.user_product_element:
        return False
    words = [word for element in claim.elements for word in element.lower().split() if len(word) >= WORD]
    product = other.user_query.lower()
    same_language = bool(HANGUL.search(claim.claim_text)) is bool(HANGUL.search(product))
    return same_language and not any(word[:WORD] in product for word in words if HANGUL.search(word) or len(word) > 4)


def _thing(case: Case) -> int:
    """The element that says what is claimed as a whole: in Korean the last, or "...에 있어서"; in English the first."""
    for index, element in enumerate(case.elements):
        if element.endswith("에 있어서"):
            return index
    return len(case.elements) - 1 if HANGUL.search(case.claim_text) else 0


def swap_names(cases: Sequence[Case], glossary: Glossary, rivals: int, synonyms: int, seed: int) -> list[Case]:
    """Copies of `cases` with one name exchanged.

    Parameters
    ----------
    cases
        Labelled cases.
    glossary
        Tells which names mean the same, and what else could take a role.
    rivals, synonyms
        How many copies of a row name a rival instead (미대응), and how many the same thing by another name (대응).
        Copies with rivals are made of products that say which thing is the active or main one, where the quote names
        the thing of its claim element, or already a rival of it; half of the new rivals come from the glossary, half
        are made up, so that any unknown name is read. Where the element claims a genus of products, other species
        count as other names of the same thing.
    seed
        Of the choice of names.

    Returns
    -------
    list of Case
        New cases; those whose elements name nothing in the glossary have none.
    """
    rng = random.Random(seed)
    made: list[Case] = []
    for case in cases:
        language = "ko" if re.search("[가-힣]", case.user_query) else "en"  # an abbreviation has no language
        for index, row in enumerate(case.label.comparisons):
            claimed = _concepts_in(row.patent_element, glossary)
            said = _concepts_in(row.user_product_element or "", glossary)
            same = [(c, name) for c, name in said if c in dict(claimed)]
            swaps: list[tuple[str, list[str], int, Basis]] = []
            if row.match is Match.YES and same:
                concept, name = same[0]
                others = [n for n in concept.names("ko") + concept.names("en") if n != name]
                swaps.append((name, others, synonyms, Basis.LITERAL))
                if ROLE.search(case.user_query):
                    others = _other_names(concept, language, rivals, glossary, rng)
                    swaps.append((name, others, rivals, Basis.ABSENT))
            elif row.match is Match.NO and not same and ROLE.search(case.user_query):
                pairs = [(c, name) for c, _ in claimed for rival, name in said if _could_replace(rival, c, glossary)]
                for concept, name in pairs[:1]:
                    others = [n for n in _other_names(concept, language, rivals, glossary, rng) if n != name]
                    swaps.append((name, others, rivals, Basis.ABSENT))
            if row.match is Match.YES:
                swaps += [
                    (name, names, synonyms, Basis.LITERAL)
                    for name, names in _siblings(row.patent_element, row.user_product_element or "", language, glossary)
                ]
            for name, names, count, basis in swaps:
                for other in rng.sample(names, min(count, len(names))):
                    made.append(_swapped(case, index, name, other, basis, len(made)))
    return made


def _concepts_in(text: str, glossary: Glossary) -> list[tuple[Concept, str]]:
    """The things that `text` names, each with its longest name there; the longest name first.

    A genus ("active ingredient") is the name of a role, not of a thing in it, and is left out.
    """
    found: list[tuple[Concept, str]] = []
    for concept in glossary.concepts.values():
        if concept.id not in glossary.children:
            names = [n for n in concept.names("ko") + concept.names("en") if len(n) >= MIN_NAME and n in text]
            if names:
                found.append((concept, max(names, key=len)))
    return sorted(found, key=lambda pair: -len(pair[1]))


def _siblings(element: str, quote: str, language: str, glossary: Glossary) -> list[tuple[str, list[str]]]:
    """For a claimed genus ("화장료 조성물") answered by a species ("미백 크림"): that name, and names of its like.

    Like it are its look-alikes (로션), theirs (토너) and so on; a 매니큐어 is seldom for the same use.
    """
    for genus, species in glossary.children.items():
        concept = glossary.concepts[genus]
        if concept.kind == "product" and any(n in element for n in concept.names("ko") + concept.names("en")):
            for child in species:
                said = [n for n in child.names(language) if n and n in quote]
                if said:
                    alike = {child}
                    while more := {c for c in species if any(_look_alike(c, known) for known in alike)} - alike:
                        alike |= more
                    others = [n for c in species if c in alike - {child} for n in c.names(language) if n]
                    return [(max(said, key=len), others)]
    return []


def _look_alike(one: Concept, other: Concept) -> bool:
    return one.id in other.not_same or other.id in one.not_same


def _other_names(concept: Concept, language: str, count: int, glossary: Glossary, rng: random.Random) -> list[str]:
    """Names of `count` other things in `language`, half of them made up; none is a name of `concept` as well."""
    own = {*concept.names("ko"), *concept.names("en")}  # two concepts may share an abbreviation
    known = [n for c in _rivals(concept, glossary) if (n := rng.choice(c.names(language))) not in own]
    known = rng.sample(known, min(count // 2, len(known)))
    unknown = [made_up(rng, concept.kind if language == "ko" else "") for _ in range(count - len(known))]
    return [*known, *(c.names(language)[0] for c in unknown)]


def _could_replace(rival: Concept, concept: Concept, glossary: Glossary) -> bool:
    return rival.kind == concept.kind and not glossary.akin(rival, concept)


def _rivals(concept: Concept, glossary: Glossary) -> list[Concept]:
    """What else could be named in the role: look-alikes and siblings, and things of the same field and kind.

    A genus is left out: a vague word in the role is 판단불가, not 미대응.
    """
    peers = [c for c in glossary.concepts.values() if (c.field, c.kind) == (concept.field, concept.kind)]
    things = [c for c in dict.fromkeys([*glossary.rivals(concept), *peers]) if c.id not in glossary.children]
    return [c for c in things if _could_replace(c, concept, glossary)]


def _swapped(case: Case, index: int, name: str, other: str, basis: Basis, number: int) -> Case:
    """The case with `name` exchanged throughout its product text and quotes, and the label of one element changed."""
    rows = [
        row.model_copy(update={"user_product_element": exchange(row.user_product_element or "", name, other) or None})
        for row in case.label.comparisons
    ]
    rows[index] = rows[index].model_copy(update={"match": basis.match, "basis": basis})
    label = case.label.model_copy(update={"comparisons": tuple(rows), "risk_level": None, "decision_reason": ""})
    return case.model_copy(
        update={
            "case_id": f"{case.case_id}~{number}",
            "user_query": exchange(case.user_query, name, other),
            "label": label,
        }
    )
