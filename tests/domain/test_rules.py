"""What the rules say of verdicts: levels, reasons to review in both languages, and what to ask about equivalents."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.answers import Answer, with_answers
from bini.domain.labels import Match, RangeCheck, RiskLevel, match_of_numbers, roll_up
from bini.domain.rule_packs import RULE_PACKS, pack_for
from bini.domain.rules import likely_levels
from bini.domain.schema import Assessment, Ground

YES, NO, UNKNOWN = Match
HIGH, AMBIGUOUS, LOW = RiskLevel
PRODUCT = "거리 센서와 바퀴가 있는 청소기"


def grounds(assessment: Assessment) -> list[tuple[Ground, tuple[int, ...]]]:
    return [(reason.ground, reason.elements) for reason in assessment.review]


# the level and whether the model's agrees


@pytest.mark.parametrize(
    ("matches", "level", "elements", "ko", "en"),
    [
        ((YES, NO, NO), LOW, (2, 3), "낮음 (미대응인 구성요소: 2, 3)", "low (elements that do not correspond: 2, 3)"),
        (
            (YES, UNKNOWN, YES),
            AMBIGUOUS,
            (2,),
            "애매 (판단불가인 구성요소: 2)",
            "ambiguous (elements that cannot be told: 2)",
        ),
        ((YES, YES, YES), HIGH, (1, 2, 3), "높음 (모든 구성요소가 대응)", "high (every element corresponds)"),
    ],
)
def test_a_level_that_does_not_follow_is_explained(ruled, matches, level, elements, ko, en) -> None:
    quotes = ("거리 센서", "바퀴", "청소기")
    rows = list(zip(("센서", "팔", "로봇"), quotes, matches, strict=True))
    agreeing = ruled(PRODUCT, rows, level)
    assert agreeing.rule_level is level
    assert (agreeing.agrees, agreeing.needs_review) == (True, False)
    other = LOW if level is HIGH else HIGH
    differing = ruled(PRODUCT, rows, other)
    assert (differing.agrees, differing.needs_review) == (False, True)
    assert grounds(differing) == [(Ground.LEVEL, elements)]
    words = differing.review[0].words
    assert f"모델은 {other}, 구성요소 완비의 원칙은 {ko}" in words.ko
    assert f"The model says {'low' if other is LOW else 'high'}, the all-elements rule {en}" in words.en


def test_elements_that_are_each_likely_and_seldom_all_there_need_review(ruled) -> None:
    rows = [("센서", "거리 센서", YES), ("로봇", "청소기", YES)]
    found = ruled(PRODUCT, rows, HIGH, {1: (0.62, 0.38, 0.0), 2: (0.58, 0.42, 0.0)})
    assert grounds(found) == [(Ground.LIKELIER, (2,))]
    assert found.review[0].words.ko == (
        "판정을 합치면 높음(36%)이나 구성요소별 확률을 합치면 낮음(64%)이 더 그럴듯합니다. 먼저 볼 구성요소: 2"
    )
    assert found.review[0].words.en == (
        "The matches make high (36%), but their probabilities together make low likelier (64%): look at element 2 first"
    )
    assert grounds(ruled(PRODUCT, rows, HIGH, dict.fromkeys((1, 2), (0.8, 0.2, 0.0)))) == []
    answers = [Answer(element=1, text="예")]
    assert grounds(with_answers(found, found, answers)) == []


def test_levels_that_a_calibration_leaves_open_need_review_until_there_are_answers(ruled) -> None:
    rows = [("센서", "거리 센서", UNKNOWN), ("로봇", "청소기", YES)]
    found = ruled(PRODUCT, rows, AMBIGUOUS, possible=(HIGH, AMBIGUOUS))
    assert (found.agrees, found.needs_review) == (True, True)
    assert grounds(found) == [(Ground.POSSIBLE, ())]
    assert found.review[0].words.ko == "보정으로 배제되지 않은 위험이 둘 이상 (높음, 애매): 검토가 필요합니다"
    assert found.review[0].words.en == (
        "The calibration leaves more than one level possible (high, ambiguous): needs review"
    )
    for settled in (None, (AMBIGUOUS,)):
        assert not ruled(PRODUCT, rows, AMBIGUOUS, possible=settled).needs_review
    assert not with_answers(found, found, [Answer(1, "대응")]).needs_review


def test_silence_is_never_low_and_never_high(ruled) -> None:
    """A match without words of the product is taken as 판단불가, and that is told."""
    for match in (YES, NO):
        found = ruled(PRODUCT, [("센서", "거리 센서", YES), ("팔", None, match)], HIGH if match is YES else LOW)
        assert found.rule_level is AMBIGUOUS
        assert (Ground.NO_WORDS, (2,)) in grounds(found)
        assert [question.element for question in found.questions] == [2]
    silent = ruled(PRODUCT, [("센서", "거리 센서", YES), ("팔", None, UNKNOWN)], AMBIGUOUS)
    assert not silent.needs_review


@pytest.mark.parametrize(
    "transition",
    [
        "만으로 이루어진",
        "으로 본질적으로 이루어진",
        "로만 이루어지는",
        "만으로 구성된",
        "consisting of",
        "consists of",
        "consisting essentially of",
    ],
)
def test_a_closed_claim_needs_words_that_nothing_else_is_there(ruled, transition: str) -> None:
    rows = [("센서", "거리 센서", YES), (transition, None, YES), ("로봇", "청소기", YES)]
    found = ruled(PRODUCT, rows, HIGH)
    assert found.rule_level is AMBIGUOUS
    (question,) = found.questions
    assert question.element == 2
    assert "아무것도 없습니까" in question.question.ko
    assert "nothing but what the claim names" in question.question.en
    stated = ruled(f"{PRODUCT}, 그 밖에는 없음", [rows[0], (transition, "그 밖에는 없음", YES), rows[2]], HIGH)
    assert (stated.rule_level, stated.needs_review) == (HIGH, False)
    extra = ruled(PRODUCT, [rows[0], (transition, "바퀴", NO), rows[2]], LOW)
    assert extra.rule_level is LOW
    assert extra.equivalents is None, "an extra component is no substitute for an element"


# numbers against matches

RANGE = "보존제 5 내지 10 중량%"


@pytest.mark.parametrize(
    ("said", "contradicted", "computed"),
    [
        ("보존제 12 중량%", {YES: True, NO: False, UNKNOWN: True}, NO),
        ("보존제 7 중량%", {YES: False, NO: True, UNKNOWN: False}, YES),
        ("보존제 5 중량%", {YES: False, NO: True, UNKNOWN: False}, YES),
        ("보존제 8 내지 12 중량%", {YES: True, NO: True, UNKNOWN: False}, UNKNOWN),
        ("보존제 소량", {YES: False, NO: False, UNKNOWN: False}, YES),
    ],
)
def test_numbers_that_contradict_the_match_are_told_and_overrule_a_correspondence(
    ruled, said: str, contradicted: dict[Match, bool], computed: Match
) -> None:
    for match, expected in contradicted.items():
        found = ruled(said, [(RANGE, said, match)], roll_up([match]))
        assert (grounds(found) == [(Ground.NUMBERS, (1,))]) is expected, match
        verdict = computed if match is YES else match
        assert (found.level, found.rule_level) == (roll_up([verdict]), roll_up([verdict]))
        assert (found.risk_level, found.comparisons[0].match) == (roll_up([match]), match), "as the model wrote it"


def test_an_answer_is_not_overruled_by_a_number(ruled) -> None:
    found = ruled("보존제 12 중량%", [(RANGE, "보존제 12 중량%", YES)], HIGH)
    after = with_answers(found, found, [Answer(element=1, text="대응")])
    assert (found.level, after.level) == (LOW, HIGH)


@pytest.mark.parametrize(
    ("said", "shares"),
    [
        ("12 mm", {HIGH: 0, AMBIGUOUS: 0.05, LOW: 0.95}),  # out: what the model gave 대응 goes to 미대응
        ("8 내지 12 mm", {HIGH: 0, AMBIGUOUS: 0.8, LOW: 0.2}),  # straddles: to 판단불가
        ("7 mm", {HIGH: 0.75, AMBIGUOUS: 0.05, LOW: 0.2}),  # in range: the model's own
        ("얇은 것", {HIGH: 0.75, AMBIGUOUS: 0.05, LOW: 0.2}),
    ],
)
def test_a_number_outside_the_range_leaves_no_chance_of_a_correspondence(ruled, said: str, shares) -> None:
    product = f"두께 {said}인 판"
    found = ruled(product, [("두께 5 내지 10 mm인 판", product, YES)], HIGH, {1: (0.75, 0.2, 0.05)})
    assert likely_levels(found.comparisons) == pytest.approx(shares)


def test_silence_is_likeliest_to_be_ambiguous_whatever_the_model_thinks(ruled) -> None:
    found = ruled(PRODUCT, [("팔", None, NO), ("로봇", "청소기", YES)], LOW)
    assert likely_levels(found.comparisons) == pytest.approx({HIGH: 0, AMBIGUOUS: 0.98, LOW: 0.02})


def test_a_contradiction_names_both_numbers_in_both_languages(ruled) -> None:
    (reason,) = ruled("보존제 12 중량%", [(RANGE, "보존제 12 중량%", YES)], HIGH).review
    assert reason.words.ko == (
        "구성요소 1: 청구된 '5 내지 10 중량%', 제품의 '12 중량%'. 계산 결과는 범위 밖, 판정은 대응입니다. "
        "원칙은 계산을 따릅니다 (미대응)"
    )
    assert reason.words.en == (
        "Element 1: against the claimed '5 내지 10 중량%' the product's '12 중량%' is out of range as computed, "
        "yet the verdict is 'corresponds'; the rule goes by the number ('does not correspond')"
    )


def test_of_several_numbers_the_one_that_contradicts_is_named(ruled) -> None:
    element, product = "두께 5 내지 10 mm이고 길이 20 내지 30 mm인 판", "두께 7 mm, 길이 40 mm인 판"
    (reason,) = ruled(product, [(element, product, YES)], HIGH).review
    assert "'20 내지 30 mm'" in reason.words.ko
    assert "'40 mm'" in reason.words.ko


def test_braces_in_the_product_are_no_gaps(ruled) -> None:
    found = ruled("{match} {0}", [("{element}", "{match} {0}", UNKNOWN)], HIGH)
    assert "'{match} {0}'" in found.questions[0].question.ko
    assert "'{element}'" in found.questions[0].question.en


@settings(deadline=None)
@given(st.lists(st.sampled_from(RangeCheck), max_size=4))
def test_numbers_alone_give_the_match_of_the_rubric(results: list[RangeCheck]) -> None:
    found = match_of_numbers(results)
    assert (found is NO) is (RangeCheck.OUT in results)
    if found is YES:
        assert results
        assert set(results) <= {RangeCheck.IN, RangeCheck.EDGE}
    if found is None:
        assert not results or RangeCheck.NOT_GIVEN in results


# equivalents


def test_equivalents_are_questions_about_what_stands_in_an_element_s_place(ruled) -> None:
    rows = [("센서", "거리 센서", YES), ("팔", "바퀴", NO), ("제어부", None, UNKNOWN), ("로봇", "청소기", UNKNOWN)]
    found = ruled(PRODUCT, rows, LOW)
    assert found.equivalents is not None
    assert found.equivalents.elements == (2, 4)
    assert found.equivalents.questions == RULE_PACKS["KR 1"].equivalents
    assert found.rule_level is LOW, "no verdict follows from the questions"
    assert ruled(PRODUCT, rows[:1], HIGH).equivalents is None
    assert ruled("보존제", [(RANGE, "보존제", UNKNOWN)], AMBIGUOUS).equivalents is None, "a value is missing"


def test_each_country_asks_its_own_questions() -> None:
    korean, american = pack_for(["거리 sensor", "robot"]), pack_for(["a sensor", "a robot"])
    assert (korean.name, american.name) == ("KR 1", "US 1")
    for heart in ("해결원리", "작용효과", "쉽게 생각해", "공지기술", "의식적으로 제외"):
        assert sum(heart in question.ko for question in korean.equivalents) == 1
    for heart in ("Function", "Way", "Result", "insubstantial", "prosecution", "prior art"):
        assert sum(heart in question.en for question in american.equivalents) == 1
    for pack in RULE_PACKS.values():
        assert all(question.ko.strip() and question.en.strip() for question in pack.equivalents)


def test_provenance_names_the_pack(ruled) -> None:
    assert ruled("a lamp", [("a lamp", "a lamp", YES)], HIGH).provenance.rules == "US 1"


def test_what_the_rules_add_is_in_the_model_s_json_and_not_in_the_judgement(ruled) -> None:
    found = ruled(PRODUCT, [("팔", "바퀴", NO), ("로봇", None, YES)], HIGH)
    assert Assessment.model_validate_json(found.model_dump_json()) == found
    assert {"review", "questions", "equivalents"} <= set(found.model_dump())
    assert set(found.judgement.model_dump()) == {"comparisons", "decision_reason", "risk_level"}
    assert found.judgement.comparisons[1].match is YES


# denials against matches

PANEL = "진공 단열재로 둘러싸인 제빙실"
SAID = "제빙실이 있다. 진공 단열재는 전부 뺐다."


def test_a_denial_by_name_is_told_and_overrules_a_correspondence(ruled) -> None:
    for match in Match:
        found = ruled(SAID, [(PANEL, "제빙실이 있다", match)], roll_up([match]))
        verdict = NO if match is YES else match
        assert (found.level, found.rule_level) == (roll_up([verdict]), roll_up([verdict]))
        assert (found.risk_level, found.comparisons[0].match) == (roll_up([match]), match), "as the model wrote it"
        assert found.comparisons[0].denied.said == "진공 단열재는 전부 뺐다" == SAID[9:22]
        assert ((Ground.DENIED, (1,)) in grounds(found)) is (match is YES)
    told = ruled(SAID, [(PANEL, "제빙실이 있다", YES)], HIGH).review[0].words
    assert "'진공 단열재는 전부 뺐다'" in told.ko
    assert "미대응" in told.ko
    assert "does not correspond" in told.en


def test_what_stands_in_an_elements_place_leaves_it_open(ruled) -> None:
    found = ruled("카메라 대신 스캐너를 쓴다", [("카메라", "스캐너를 쓴다", YES)], HIGH)
    assert (found.level, found.comparisons[0].verdict) == (AMBIGUOUS, UNKNOWN)
    assert grounds(found) == [(Ground.DENIED, (1,))]


def test_no_chance_of_correspondence_is_left_to_a_denied_element(ruled) -> None:
    found = ruled(SAID, [(PANEL, "제빙실이 있다", YES)], HIGH, {1: [0.9, 0.06, 0.04]})
    assert likely_levels(found.comparisons) == pytest.approx({HIGH: 0.0, AMBIGUOUS: 0.04, LOW: 0.96})


def test_a_number_out_of_range_weighs_more_than_another_thing_in_its_place(ruled) -> None:
    claimed = "방부제 5 내지 10 중량%"
    found = ruled("방부제 12 중량%, 방부제 대신 쓸 것을 찾는 중", [(claimed, "방부제 12 중량%", YES)], HIGH)
    assert found.comparisons[0].verdict is NO


def test_what_decides_is_what_is_told(ruled) -> None:
    claimed = "방부제로서 페녹시에탄올 5 내지 10 중량%"
    product = "페녹시에탄올은 쓰지 않는다. 방부제 {}"
    across = ruled(product.format("8 내지 12 중량%"), [(claimed, "8 내지 12 중량%", YES)], HIGH)
    assert across.comparisons[0].numbers[0].result is RangeCheck.STRADDLE
    assert (across.comparisons[0].verdict, grounds(across)) == (NO, [(Ground.DENIED, (1,))])
    instead = "방부제 12 중량%. 페녹시에탄올 대신 다른 것을 쓴다."
    outside = ruled(instead, [(claimed, "방부제 12 중량%", YES)], HIGH)
    assert (outside.comparisons[0].denied.match, outside.comparisons[0].verdict) == (UNKNOWN, NO)
    assert grounds(outside) == [(Ground.NUMBERS, (1,))]


def test_an_answer_is_not_overruled_by_a_denial(ruled) -> None:
    found = ruled(SAID, [(PANEL, "제빙실이 있다", YES)], HIGH)
    after = with_answers(found, found, [Answer(element=1, text="대응")])
    assert (found.level, after.level) == (LOW, HIGH)
