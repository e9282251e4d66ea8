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
from bini.training.synthesis.phrases import josa

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


@pytest.mark.parametrize(
    ("text", "agreed"),
    [
        ("센서[을]", "센서를"),
        ("로봇[을]", "로봇을"),
        ("센서[이]", "센서가"),
        ("로봇[이]", "로봇이"),
        ("센서[은]", "센서는"),
        ("로봇[은]", "로봇은"),
        ("센서[와]", "센서와"),
        ("로봇[와]", "로봇과"),
        ("센서[로]", "센서로"),
        ("로봇[로]", "로봇으로"),
        ("물[로]", "물로"),
        ("물[을]", "물을"),
        ("물[와]", "물과"),
        ("2[을]", "2를"),
        ("3[을]", "3을"),
        ("6[이]", "6이"),
        ("9[이]", "9가"),
        ("10[은]", "10은"),
        ("5[은]", "5는"),
        ("0[로]", "0으로"),
        ("3[로]", "3으로"),
        ("4[로]", "4로"),
        ("FEC[을]", "FEC를"),
        ("NMN[을]", "NMN을"),
        ("film[와]", "film과"),
        ("core[와]", "core와"),
        ("N[로]", "N으로"),
        ("C[로]", "C로"),
        ("«로봇»[을]", "«로봇»을"),
        ("센서(로봇)[을]", "센서(로봇)을"),
        ("센서[와] 로봇[을]", "센서와 로봇을"),
        ("[을]", "를"),
        ("배열 [0]은 그대로", "배열 [0]은 그대로"),
    ],
)
def test_particles_agree(text: str, agreed: str) -> None:
    assert josa(text) == agreed


@pytest.mark.parametrize("digit", ["1", "7", "8"])
def test_ro_after_digits_that_end_in_rieul(digit: str) -> None:
    """일, 칠 and 팔 end in ㄹ, after which the particle is 로, as after 물."""
    assert josa(f"비타민 {digit}[로]") == f"비타민 {digit}로"


@pytest.mark.parametrize("letter", ["L", "R"])
def test_ro_after_letters_that_end_in_rieul(letter: str) -> None:
    """엘 and 알 end in ㄹ too."""
    assert josa(f"PC{letter}[로]") == f"PC{letter}로"


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
