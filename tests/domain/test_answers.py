"""Answers: what a file may hold, what an answer decides without the model, and what it changes."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bini.domain.answers import ANSWER_CHARS, FILE_BYTES, Answer, facts_to_read, load_answers, with_answers
from bini.domain.labels import Match, RangeCheck, RiskLevel
from bini.domain.schema import Assessment, Ground
from bini.errors import DataError, InputError

YES, NO, UNKNOWN = Match
HIGH, AMBIGUOUS, LOW = RiskLevel
VISCOSITY = "점도가 3,000 내지 9,000 cP인"
ELEMENTS = ["카보머", VISCOSITY, "크림", "크림"]
CLAIM = {7: ELEMENTS}


def written(folder: Path, content: str) -> Path:
    path = folder / "answers.yaml"
    path.write_text(content, encoding="utf-8")
    return path


# the file


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    expected = (Answer(2, "점도는 5,000 cP"), Answer(1, "대응"))
    carbomer = unicodedata.normalize("NFD", "카보머")
    yaml = f"\ufeff- element: 2\n  answer: 점도는 5,000 cP\n- element: {carbomer}\n  answer: 대응\n"
    assert load_answers(written(tmp_path, yaml), CLAIM) == {7: expected}
    entries = [{"element": "2", "answer": "점도는 5,000 cP "}, {"element": "카보머", "answer": True}]
    assert load_answers(written(tmp_path, json.dumps(entries)), CLAIM) == {7: expected}


def test_answers_about_several_claims_name_them(tmp_path: Path) -> None:
    entries = "- {claim: 3, element: 1, answer: 예}\n- {claim: 1, element: 바퀴, answer: 둘}\n"
    more = "- {claim: 3, element: 2, answer: 아니요}"
    found = load_answers(written(tmp_path, entries + more), {1: ["팔", "바퀴"], 2: ["팔"], 3: ["손", "발"]})
    assert found == {3: (Answer(1, "예"), Answer(2, "아니요")), 1: (Answer(2, "둘"),)}


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        *((text, YES) for text in ("대응", "yes", "Yes.", "예", "네", "true", "corresponds")),
        *((text, NO) for text in ("미대응", "no", "아니요", "아니오.", "false", '"No"', "does not correspond")),
        *((text, None) for text in ("점도는 5,000 cP", "예정이 없습니다", "not known to me", "nothing but 대응")),
    ],
)
def test_what_an_answer_states(tmp_path: Path, answer: str, match: Match | None) -> None:
    ((found,),) = load_answers(written(tmp_path, f"- element: 1\n  answer: {answer}"), CLAIM).values()
    assert found.match is match


BAD = {
    "nothing": ("", ["answers.yaml", "list"]),
    "no entries": ("[]", ["answers.yaml", "no answers"]),
    "no list": ("element: 1\nanswer: 대응", ["answers.yaml", "list"]),
    "no entry": ("- 대응", ["entry 1"]),
    "broken": ("- {element: 1, answer: 대응", ["answers.yaml, line", "neither YAML nor JSON"]),
    "object of Python": ("- !!python/object/apply:os.getcwd []", ["neither YAML nor JSON"]),
    "control character": ("- {element: 1, answer: \x01}", ["neither YAML nor JSON"]),
    "no answer": ("- {element: 1}", ["entry 1, answer", "required"]),
    "no element": ("- {element: 1, answer: 예}\n- {answer: 대응}", ["entry 2, element", "required"]),
    "field in two lines": ('- {element: 1, answer: 예, "a\\nb": 1}', ["entry 1, a"]),
    "another field": ("- {element: 1, answer: 예, why: 그냥}", ["entry 1, why"]),
    "element 0": ("- {element: 0, answer: 예}", ["entry 1, element", "no such element"]),
    "element 5": ("- {element: 5, answer: 예}", ["entry 1, element", "no such element"]),
    "negative element": ("- {element: -1, answer: 예}", ["entry 1, element", "no such element"]),
    "huge element": ("- {element: 99999999999999999999, answer: 예}", ["entry 1, element", "no such element"]),
    "digit that is none": ("- {element: ²,  answer: 예}", ["entry 1, element", "no such element"]),
    "unknown text": ("- {element: 로션, answer: 예}", ["entry 1, element", "no such element"]),
    "ambiguous text": ("- {element: 크림, answer: 예}", ["entry 1, element", "more than once"]),
    "list as element": ("- {element: [1], answer: 예}", ["entry 1, element"]),
    "yes as element": ("- {element: yes, answer: 예}", ["entry 1, element", "no such element"]),
    "empty answer": ("- {element: 1, answer: ' '}", ["entry 1, answer", "0 characters"]),
    "null answer": ("- {element: 1, answer: }", ["entry 1, answer"]),
    "number without a unit": ("- {element: 1, answer: 5.0}", ["entry 1, answer"]),
    "long answer": (f"- {{element: 1, answer: {'가' * (ANSWER_CHARS + 1)}}}", ["entry 1, answer", "2,001 characters"]),
    "not known": ("- {element: 1, answer: 판단불가}", ["entry 1, answer", "판단불가 is no answer"]),
    "answered twice": (
        "- {element: 1, answer: 예}\n- {element: 카보머, answer: 예}",
        ["entry 2, element", "answered twice"],
    ),
    "claim that is not assessed": ("- {claim: 8, element: 1, answer: 예}", ["entry 1, claim", "8", "claims 7"]),
    "claim that is a yes": ("- {claim: yes, element: 1, answer: 예}", ["entry 1, claim", "integer"]),
    "too large": (f"# {'x' * FILE_BYTES}", ["larger than"]),
}


@pytest.mark.parametrize(("content", "named"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_and_the_place_named(tmp_path: Path, content: str, named: list[str]) -> None:
    path = written(tmp_path, content)
    with pytest.raises((DataError, InputError)) as told:
        load_answers(path, CLAIM)
    for name in (str(path), *named):
        assert name in told.value.message + told.value.hint
    assert told.value.hint
    assert "\n" not in told.value.message


def test_which_claim_is_meant_must_be_told_where_there_are_several(tmp_path: Path) -> None:
    path = written(tmp_path, "- {claim: 1, element: 1, answer: 예}\n- {element: 1, answer: 예}")
    with pytest.raises(DataError, match="entry 2, claim: is missing") as told:
        load_answers(path, {1: ELEMENTS, 2: ELEMENTS})
    assert "claims 1, 2" in told.value.hint


def test_a_missing_file_and_one_that_is_no_utf8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load_answers(tmp_path / "none.yaml", CLAIM)
    (tmp_path / "latin.yaml").write_bytes(b"- {element: 1, answer: caf\xe9}")
    with pytest.raises(DataError, match=r"latin.yaml is not valid UTF-8 \(byte 26\)"):
        load_answers(tmp_path / "latin.yaml", CLAIM)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.text() | st.text("-{}[]:&*!|> \n'element1swr예", max_size=60))
def test_any_text_is_read_or_refused(tmp_path: Path, content: str) -> None:
    try:
        (answers,) = load_answers(written(tmp_path, content), CLAIM).values()
    except DataError:
        return
    assert all(1 <= answer.element <= len(ELEMENTS) and answer.text for answer in answers)


# what they decide


@pytest.fixture
def before(ruled) -> Assessment:
    rows = [("카보머", "카보머", YES), (VISCOSITY, None, UNKNOWN), ("향료", None, UNKNOWN), ("크림", "크림", YES)]
    return ruled("카보머 크림", rows, AMBIGUOUS)


def verdicts(assessment: Assessment) -> list[Match]:
    return [row.verdict for row in assessment.comparisons]


@pytest.mark.parametrize(
    ("text", "match", "result"),
    [
        ("점도는 5,000 cP", YES, RangeCheck.IN),
        ("5 Pa·s", YES, RangeCheck.IN),
        ("9,000 cP", YES, RangeCheck.EDGE),
        ("점도는 12,000 cP입니다", NO, RangeCheck.OUT),
    ],
)
def test_a_value_decides_the_range_it_was_asked_for(before, text: str, match: Match, result: RangeCheck) -> None:
    answers = [Answer(2, text)]
    assert facts_to_read(before, answers) == []
    row = with_answers(before, before, answers).comparisons[1]
    assert (row.verdict, row.match, row.answer) == (match, UNKNOWN, text)
    (number,) = row.numbers
    assert (number.result, number.said_start, number.said_end) == (result, None, None)
    assert number.said in text


@pytest.mark.parametrize(
    "text", ["점도는 2,000 내지 5,000 cP", "꽤 묽습니다", "점도는 5,000 cP가 아니라 미정", "20 ℃에서 잽니다"]
)
def test_what_numbers_do_not_decide_is_for_the_model_to_read(before, text: str) -> None:
    answers = [Answer(2, text), Answer(3, "라벤더 오일을 넣습니다")]
    assert facts_to_read(before, answers) == [text, "라벤더 오일을 넣습니다"]
    after = with_answers(before, before, answers)
    assert verdicts(after) == verdicts(before)
    assert [row.answer for row in after.comparisons] == [None, text, "라벤더 오일을 넣습니다", None]


def test_a_value_and_the_product_s_own_numbers_decide_together(ruled) -> None:
    element = "두께 5 내지 10 mm이고 길이 20 내지 30 mm인 판"
    plain = ruled("두께 7 mm인 판", [(element, "두께 7 mm인 판", UNKNOWN)], AMBIGUOUS)
    after = with_answers(plain, plain, [Answer(1, "길이는 25 mm")])
    assert verdicts(after) == [YES]
    assert [number.said for number in after.comparisons[0].numbers] == ["7 mm", "25 mm"]
    silent = ruled("판", [(element, "판", UNKNOWN)], AMBIGUOUS)
    assert facts_to_read(silent, [Answer(1, "길이는 25 mm")]) == ["길이는 25 mm"]


# what they change


def test_the_level_follows_the_answers_and_the_judgement_stays_the_model_s(before) -> None:
    after = with_answers(before, before, [Answer(2, "점도는 5,000 cP"), Answer(3, "예")])
    assert (after.level, after.rule_level, after.risk_level) == (HIGH, HIGH, AMBIGUOUS)
    assert after.agrees
    assert after.questions == ()
    assert after.to_json() == before.to_json()
    assert after.changes is not None
    assert (after.changes.level_before, after.changes.level_after) == (AMBIGUOUS, HIGH)
    assert [(c.element, c.before, c.after) for c in after.changes.elements] == [(2, UNKNOWN, YES), (3, UNKNOWN, YES)]
    assert Assessment.model_validate_json(after.model_dump_json()) == after


def test_what_is_left_is_asked_again_from_the_new_level(before) -> None:
    after = with_answers(before, before, [Answer(3, "대응")])
    (question,) = after.questions
    assert (question.element, question.if_yes, question.if_no) == (2, HIGH, LOW)
    lowered = with_answers(before, before, [Answer(3, "아니요")])
    assert lowered.level is LOW
    assert [q.movement for q in lowered.questions] == [0.0]


def test_an_answer_may_correct_the_model_and_numbers_may_contradict_an_answer(ruled) -> None:
    rows = [("보존제 5 내지 10 중량%", "보존제 12 중량%", NO), ("크림", "크림", YES)]
    plain = ruled("보존제 12 중량%인 크림", rows, LOW)
    after = with_answers(plain, plain, [Answer(1, "대응")])
    assert after.level is HIGH
    assert [(reason.ground, reason.elements) for reason in after.review] == [(Ground.NUMBERS, (1,))]


def test_elements_that_the_model_judged_anew_are_among_the_changes(before, ruled) -> None:
    rows = [("카보머", "카보머", YES), (VISCOSITY, None, UNKNOWN), ("향료", "라벤더", YES), ("크림", None, UNKNOWN)]
    reread = ruled("카보머 크림\n라벤더", rows, AMBIGUOUS)
    after = with_answers(before, reread, [Answer(3, "라벤더"), Answer(2, "미대응")])
    assert after.changes is not None
    assert [(c.element, c.before, c.after) for c in after.changes.elements] == [
        (2, UNKNOWN, NO),
        (3, UNKNOWN, YES),
        (4, YES, UNKNOWN),
    ]
    assert after.product == reread.product
    assert (after.comparisons[2].answer, after.comparisons[2].answered_match) == ("라벤더", None)
