"""The one output schema against the one model of a judgement."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.schema import (
    QUOTE_CHARS,
    REASON_CHARS,
    AssessedElement,
    Assessment,
    Comparison,
    Judgement,
    Provenance,
    judgement_schema,
)

ELEMENTS = ("센서", '"따옴표" \\ 와 줄\n바꿈', "로봇")
JUDGEMENT = Judgement(
    comparisons=(
        Comparison(patent_element=ELEMENTS[0], user_product_element="거리 센서", match=Match.YES),
        Comparison(patent_element=ELEMENTS[1], user_product_element=None, match=Match.UNKNOWN),
        Comparison(patent_element=ELEMENTS[2], user_product_element="청소기", match=Match.NO),
    ),
    decision_reason="로봇이 아니다.",
    risk_level=RiskLevel.LOW,
)
VALIDATOR = Draft202012Validator(judgement_schema(ELEMENTS))


def test_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(judgement_schema(ELEMENTS))


def test_canonical_text_is_accepted_and_stable() -> None:
    text = JUDGEMENT.to_json()
    assert text == (
        '{"comparisons": [{"patent_element": "센서", "user_product_element": "거리 센서", "match": "대응"}, '
        '{"patent_element": "\\"따옴표\\" \\\\ 와 줄\\n바꿈", "user_product_element": null, "match": "판단불가"}, '
        '{"patent_element": "로봇", "user_product_element": "청소기", "match": "미대응"}], '
        '"decision_reason": "로봇이 아니다.", "risk_level": "낮음"}'
    )
    VALIDATOR.validate(json.loads(text))
    assert Judgement.model_validate_json(text) == JUDGEMENT
    assert Judgement.model_validate_json(text).to_json() == text


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=20),
            st.none() | st.text(min_size=1, max_size=QUOTE_CHARS),
            st.sampled_from(Match),
        ),
        min_size=1,
        max_size=4,
    ),
    st.text(min_size=1, max_size=REASON_CHARS),
)
def test_every_judgement_passes_its_schema(rows: list[tuple[str, str | None, Match]], reason: str) -> None:
    judgement = Judgement(
        comparisons=tuple(Comparison(patent_element=e, user_product_element=q, match=m) for e, q, m in rows),
        decision_reason=reason,
        risk_level=roll_up(m for _, _, m in rows),
    )
    text = judgement.to_json()
    Draft202012Validator(judgement_schema([e for e, _, _ in rows])).validate(json.loads(text))
    assert Judgement.model_validate_json(text) == judgement


def _set(path: list[Any], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(answer: dict[str, Any]) -> None:
        at: Any = answer
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "last element missing": lambda a: a["comparisons"].pop(),
    "first element missing": lambda a: a["comparisons"].pop(0),
    "no comparisons": _set(["comparisons"], []),
    "one element too many": lambda a: a["comparisons"].append(a["comparisons"][0]),
    "changed element": _set(["comparisons", 0, "patent_element"], "센서 "),
    "wrong order": lambda a: a["comparisons"].reverse(),
    "extra key in a row": _set(["comparisons", 1, "basis"], "silent"),
    "extra key at the top": _set(["confidence"], 0.5),
    "row without a match": lambda a: a["comparisons"][0].pop("match"),
    "row without a quote": lambda a: a["comparisons"][0].pop("user_product_element"),
    "unknown match": _set(["comparisons", 2, "match"], "부분대응"),
    "English match": _set(["comparisons", 2, "match"], "NO"),
    "empty quote": _set(["comparisons", 0, "user_product_element"], ""),
    "quote too long": _set(["comparisons", 0, "user_product_element"], "가" * (QUOTE_CHARS + 1)),
    "quote no text": _set(["comparisons", 0, "user_product_element"], 3),
    "no reason": lambda a: a.pop("decision_reason"),
    "empty reason": _set(["decision_reason"], ""),
    "reason too long": _set(["decision_reason"], "가" * (REASON_CHARS + 1)),
    "no level": lambda a: a.pop("risk_level"),
    "unknown level": _set(["risk_level"], "중간"),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_schema_refuses(change: Callable[[dict[str, Any]], Any]) -> None:
    answer = json.loads(JUDGEMENT.to_json())
    before = copy.deepcopy(answer)
    change(answer)
    assert answer != before
    assert not VALIDATOR.is_valid(answer)


def test_bounds_are_inclusive() -> None:
    answer = json.loads(JUDGEMENT.to_json())
    answer["comparisons"][0]["user_product_element"] = "가" * QUOTE_CHARS
    answer["decision_reason"] = "가" * REASON_CHARS
    VALIDATOR.validate(answer)


@pytest.mark.parametrize("extra", [{"basis": "literal"}, {"match": "아마"}])
def test_model_refuses_what_the_schema_refuses(extra: dict[str, str]) -> None:
    row = {"patent_element": "a", "user_product_element": None, "match": "대응"} | extra
    with pytest.raises(ValidationError):
        Comparison.model_validate(row)


def test_assessment_gives_back_just_the_judgement() -> None:
    result = Assessment(
        product="거리 센서가 달린 청소기",
        comparisons=tuple(
            AssessedElement(**row.model_dump(), quote_start=None, quote_end=None, probabilities={row.match: 1.0})
            for row in JUDGEMENT.comparisons
        ),
        decision_reason=JUDGEMENT.decision_reason,
        risk_level=RiskLevel.HIGH,
        probabilities={RiskLevel.HIGH: 0.75, RiskLevel.AMBIGUOUS: 0.125, RiskLevel.LOW: 0.125},
        rule_level=RiskLevel.LOW,
        provenance=Provenance(
            model="m",
            model_fingerprint="",
            adapter=None,
            adapter_sha256=None,
            prompt_sha256="",
            schema_sha256="",
            rules="",
            bini_version="",
        ),
    )
    assert result.to_json() == JUDGEMENT.model_copy(update={"risk_level": RiskLevel.HIGH}).to_json()
    assert result.confidence == 0.75
    assert not result.agrees
    assert result.model_copy(update={"risk_level": RiskLevel.LOW}).agrees
