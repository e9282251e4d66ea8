"""The generator of pre-training cases: right by construction, clean in its text, repeatable."""

import random
import re
from collections import Counter

import pytest

from bini.domain.glossary import Glossary
from bini.domain.labels import Basis, RiskLevel, roll_up
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS
from bini.training.synthesis import phrases
from bini.training.synthesis.cases import Case, CaseWriter, Stage
from bini.training.synthesis.names import KOREAN_ENDINGS, made_up, near_miss

CASES = 300
STAGES = {
    "easy": Stage((1, 2), 1, 0.0, 0.6),
    "middle": Stage((2, 4), 3, 0.03, 0.5),
    "hard": Stage((2, 6), 6, 0.06, 0.45),
    "all made up, all with orders": Stage((2, 5), 6, 1.0, 1.0),
    "glossary only": Stage((2, 5), 6, 0.0, 0.0),
}
LEFTOVER = re.compile(r"[{}«»]|\[[가-힣]\]|\bNone\b")


def write(glossary: Glossary, stage: Stage, seed: int, count: int = CASES) -> list[Case]:
    writer = CaseWriter(glossary, random.Random(seed), stage)
    return [writer.case() for _ in range(count)]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_cases_are_right_by_construction(glossary: Glossary, stage: Stage, seed: int) -> None:
    for case in write(glossary, stage, seed):
        rows = case.answer.comparisons
        assert tuple(r.patent_element for r in rows) == case.elements
        assert len(set(case.elements)) == len(case.elements) == len(case.bases)
        fewest, most = stage.elements
        assert fewest <= len(rows) <= most + 1  # a closed claim's "nothing else" comes on top
        assert case.answer.risk_level is roll_up(r.match for r in rows)
        for row, basis in zip(rows, case.bases, strict=True):
            assert row.match is basis.match
            assert (row.user_product_element is None) == (basis is Basis.SILENT), case
            if row.user_product_element is not None:
                assert row.user_product_element in case.product
                assert 0 < len(row.user_product_element) <= QUOTE_CHARS
        assert 0 < len(case.answer.decision_reason) <= REASON_CHARS


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_no_slot_or_mark_is_left_in_any_text(glossary: Glossary, stage: Stage) -> None:
    for case in write(glossary, stage, 3):
        for text in (case.product, case.answer.decision_reason, *case.elements):
            assert not LEFTOVER.search(text), text
            assert text == text.strip()
            assert text
        for row in case.answer.comparisons:
            quote = row.user_product_element
            assert quote is None or quote == quote.strip(), quote


def test_levels_are_drawn_evenly(glossary: Glossary) -> None:
    for stage in STAGES.values():
        levels = Counter(case.answer.risk_level for case in write(glossary, stage, 4))
        assert set(levels) == set(RiskLevel)
        assert all(0.23 < count / CASES < 0.43 for count in levels.values()), levels


def test_every_basis_and_both_languages_occur(glossary: Glossary) -> None:
    cases = write(glossary, STAGES["hard"], 5)
    assert {basis for case in cases for basis in case.bases} == set(Basis)
    korean = sum(bool(re.search("[가-힣]", case.elements[0])) for case in cases)
    assert 0.5 < korean / len(cases) < 0.95


def test_same_seed_same_cases(glossary: Glossary) -> None:
    stage = STAGES["hard"]
    assert write(glossary, stage, 6, 60) == write(glossary, stage, 6, 60)
    assert write(glossary, stage, 6, 60) != write(glossary, stage, 7, 60)


def test_names_are_made_up_as_often_as_the_stage_says(glossary: Glossary) -> None:
    known = {n for c in glossary.concepts.values() for n in (*c.names("ko"), *c.names("en"))}

    def share(stage: Stage) -> float:
        elements = [e for case in write(glossary, stage, 8, 150) for e in case.elements]
        return sum(any(name in e for name in known if len(name) > 2) for e in elements) / len(elements)

    assert share(STAGES["glossary only"]) > share(STAGES["all made up, all with orders"]) + 0.2


def test_orders_stand_in_the_text_and_change_no_label(glossary: Glossary) -> None:
    frames = [re.split(r"\{\w+\}", order.rstrip(".")) for order in (*phrases.ORDERS["ko"], *phrases.ORDERS["en"])]
    pattern = re.compile("|".join("\\w+".join(map(re.escape, frame)) for frame in frames))
    ordered = write(glossary, STAGES["all made up, all with orders"], 9, 60)
    assert all(pattern.search(case.product) for case in ordered)
    assert not any(pattern.search(case.product) for case in write(glossary, STAGES["easy"], 9, 60))


def test_near_misses_are_other_things() -> None:
    rng = random.Random(0)
    for kind in (*KOREAN_ENDINGS, "process", "use"):
        for _ in range(1500):
            concept = made_up(rng, kind)
            miss = near_miss(rng, concept)
            assert miss.kind == concept.kind == kind
            assert not {miss.ko, miss.en} & {concept.ko, concept.en, *concept.abbr}, (concept, miss)
            assert miss.id != concept.id


def test_near_misses_change_one_letter() -> None:
    rng = random.Random(1)
    for _ in range(300):
        concept = made_up(rng, "ingredient")
        miss = near_miss(rng, concept)
        for name, changed in ((concept.ko, miss.ko), (concept.en, miss.en)):
            assert any(
                changed.startswith(name[:spot]) and changed.endswith(name[spot + 1 :]) and len(changed) >= len(name)
                for spot in range(len(name))
            ), (name, changed)


def test_made_up_names_are_new(glossary: Glossary) -> None:
    rng = random.Random(2)
    known = {n for c in glossary.concepts.values() for n in (*c.names("ko"), *c.names("en"))}
    names = [made_up(rng, "ingredient") for _ in range(2000)]
    assert all(c.field == "" for c in names)
    assert all(c.ko and c.en for c in names)
    assert sum(bool({c.ko, c.en} & known) for c in names) < 20
    assert len({c.ko for c in names}) > 1900
