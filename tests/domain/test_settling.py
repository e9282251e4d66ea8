"""What would settle an assessment: every question, what its answers do, and which comes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.settling import open_questions

YES, NO, UNKNOWN = Match
HIGH, AMBIGUOUS, LOW = RiskLevel
VISCOSITY = "점도가 3,000 내지 9,000 cP인"


def test_the_only_open_element_settles_it(ruled) -> None:
    found = ruled(
        "카보머 크림", [("카보머", "카보머", YES), (VISCOSITY, None, UNKNOWN)], AMBIGUOUS, {2: (0.3, 0.1, 0.6)}
    )
    (question,) = found.questions
    assert (question.element, question.if_yes, question.if_no) == (2, HIGH, LOW)
    assert question.movement == pytest.approx(1.0)
    assert question.question.ko == f"'{VISCOSITY}': 제품의 값이 '3,000 내지 9,000 cP' 안에 있습니까?"
    assert question.effect.ko.startswith("대응이면 애매 → 높음, 미대응이면 애매 → 낮음; 기대 변화 1.00단계")
    assert question.effect.en.startswith("if it corresponds, ambiguous becomes high; if not, ambiguous becomes low;")
    assert "75%" in question.effect.ko


def test_the_question_with_the_greatest_expected_movement_comes_first(ruled) -> None:
    rows = [("팔", None, UNKNOWN), ("센서", "거리 센서", UNKNOWN), ("로봇", "청소기", YES)]
    chances = {1: (0.4, 0.1, 0.5), 2: (0.1, 0.3, 0.6)}
    first, second = ruled("거리 센서가 있는 청소기", rows, AMBIGUOUS, chances).questions
    assert [(q.element, round(q.movement, 2)) for q in (first, second)] == [(2, 0.75), (1, 0.2)]
    assert (first.if_yes, first.if_no) == (AMBIGUOUS, LOW)
    assert "애매 그대로 (다른 물음도 모두 대응이면 높음)" in first.effect.ko
    assert "거리 센서" in first.question.ko
    assert second.question.en == "Does the product have '팔'?"


def test_under_another_mismatch_no_answer_moves_the_risk(ruled) -> None:
    rows = [("팔", None, UNKNOWN), ("센서", "라이다", NO), ("로봇", "청소기", NO)]
    (question,) = ruled("라이다가 있는 청소기", rows, LOW).questions
    assert (question.if_yes, question.if_no, question.movement) == (LOW, LOW, 0)
    assert "낮음 그대로 (미대응인 구성요소: 2, 3)" in question.effect.ko
    assert "low whatever the answer (elements that do not correspond: 2, 3)" in question.effect.en


def test_only_the_ranges_that_are_open_are_asked(ruled) -> None:
    element = "두께 5 내지 10 mm이고 길이 20 내지 30 mm인 판"
    (question,) = ruled("두께 7 mm인 판", [(element, "두께 7 mm인 판", UNKNOWN)], AMBIGUOUS).questions
    assert "'20 내지 30 mm' 안" in question.question.ko
    assert "'5 내지 10 mm'" not in question.question.ko


def test_a_model_that_gives_neither_answer_any_chance_gives_both_the_same(ruled) -> None:
    rows = [("팔", None, UNKNOWN), ("로봇", None, UNKNOWN)]
    for question in ruled("제품", rows, AMBIGUOUS, {1: (0.0, 0.0, 1.0), 2: (0.0, 0.0, 1.0)}).questions:
        assert question.movement == 0.5


def test_nothing_open_nothing_asked(ruled) -> None:
    assert ruled("청소기", [("로봇", "청소기", NO)], LOW).questions == ()


@settings(deadline=None)
@given(data=st.data(), matches=st.lists(st.sampled_from(Match), min_size=1, max_size=5))
def test_every_answer_s_level_is_that_of_rolling_up_again(ruled, data: st.DataObject, matches: list[Match]) -> None:
    chance = st.floats(0, 1)
    chances = {n: data.draw(st.tuples(chance, chance, chance)) for n in range(1, len(matches) + 1)}
    rows = ruled("제품", [("구성", "제품", match) for match in matches], HIGH, chances).comparisons
    found = open_questions(rows)
    assert sorted(q.element for q in found) == [n for n, match in enumerate(matches, start=1) if match is UNKNOWN]
    assert [q.movement for q in found] == sorted((q.movement for q in found), reverse=True)
    for question in found:
        assert 0 <= question.movement <= 1
        for answer, level in ((YES, question.if_yes), (NO, question.if_no)):
            settled = [answer if n == question.element else match for n, match in enumerate(matches, start=1)]
            assert level is roll_up(settled)
