"""Which examples few-shot prompting shows."""

import json

import pytest

from bini.domain.cases import Case, load_cases
from bini.errors import DataError
from bini.evaluation.shots import draw_examples
from bini.inference.prompt import request_body
from bini.resources import TRAINING, resource

LEVELS = ["높음", "애매", "낮음"]


@pytest.fixture(scope="module")
def training() -> dict[str, Case]:
    """Training cases by what an example shows of them."""
    cases = [case for source in TRAINING for case in load_cases(resource(source))]
    return {request_body(case.user_query, case.elements): case for case in cases}


def test_examples_are_training_cases_with_their_labels(training) -> None:
    for request, answer in draw_examples(6, []):
        case, told = training[request], json.loads(answer)
        assert told["risk_level"] == case.label.level
        assert [row["match"] for row in told["comparisons"]] == [row.match for row in case.label.comparisons]
        assert [row["user_product_element"] for row in told["comparisons"]] == [
            row.user_product_element for row in case.label.comparisons
        ]


def test_levels_take_turns_and_no_patent_comes_twice(training) -> None:
    drawn = draw_examples(6, [])
    assert [json.loads(answer)["risk_level"] for _, answer in drawn] == LEVELS * 2
    assert len({training[request].patent for request, _ in drawn}) == 6


def test_more_shots_begin_with_those_of_fewer() -> None:
    assert draw_examples(5, [])[:3] == draw_examples(3, []) == draw_examples(3, [])
    assert draw_examples(0, []) == ()


def test_no_patent_or_claim_of_the_suite_is_shown(training) -> None:
    suite = [training[request] for request, _ in draw_examples(4, [])]
    renamed = [case.model_copy(update={"regit_num": "10-1"}) for case in suite[2:]]  # the claim is still the same
    drawn = [training[request] for request, _ in draw_examples(9, [*suite[:2], *renamed])]
    assert {case.patent for case in drawn}.isdisjoint(case.patent for case in suite[:2])
    assert {case.claim_text for case in drawn}.isdisjoint(case.claim_text for case in suite)


def test_too_many_shots_are_refused(training) -> None:
    patents = len({case.patent for case in training.values()})
    with pytest.raises(DataError, match=r"only \d+ training patents"):
        draw_examples(patents + 1, [])
    with pytest.raises(DataError, match="only 0"):
        draw_examples(1, list(training.values()))
