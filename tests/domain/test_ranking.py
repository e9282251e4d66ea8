"""The order of a ranking and the line that says what decides."""

from itertools import permutations

import pytest

from bini.domain.labels import Match, RiskLevel
from bini.domain.ranking import RankedRow, deciding, order_key, ranked, risk_score

PRODUCT = "폭이 3 mm인 센서와 팔이 있는 로봇"


def chances(high: float, ambiguous: float) -> dict[RiskLevel, float]:
    return dict(zip(RiskLevel, (high, ambiguous, 1 - high - ambiguous), strict=True))


@pytest.fixture
def judged(ruled):
    """An assessment with these probabilities of 높음 and 애매, by an element's match."""

    def make(high: float, ambiguous: float, match: Match = Match.YES):
        made = ruled(PRODUCT, [("센서", "센서", match), ("로봇", "로봇", Match.YES)], RiskLevel.HIGH)
        return made.model_copy(update={"probabilities": chances(high, ambiguous)})

    return make


def test_the_score_is_the_expected_level() -> None:
    assert risk_score(chances(1, 0)) == 1
    assert risk_score(chances(0, 1)) == 0.5
    assert risk_score(chances(0, 0)) == 0
    assert risk_score(chances(0.25, 0.5)) == 0.5


def test_rows_are_ordered_by_score_then_high_then_the_rule_then_the_list(judged) -> None:
    found = {
        "sure": judged(0.75, 0.25),
        "split": judged(0.5, 0),
        "middle": judged(0.25, 0.5),
        "middle by rule": judged(0.25, 0.5, Match.UNKNOWN),
        "low by rule": judged(0.25, 0.5, Match.NO),
        "equal": judged(0.25, 0.5, Match.NO),
        "none": judged(0, 0),
    }
    failed = [(RankedRow(id=name, problem="too long"), None) for name in ("bad", "worse")]
    for order in list(permutations(found))[::97]:
        listed = [(RankedRow.of(name, "", None, found[name]), found[name]) for name in order]
        rows = ranked([failed[0], *listed, failed[1]], "m").rows
        equals = sorted(["low by rule", "equal"], key=order.index)
        assert [row.id for row in rows] == [
            "sure", "split", "middle", "middle by rule", *equals, "none", "bad", "worse"
        ]  # fmt: skip
        assert [row.rank for row in rows] == [1, 2, 3, 4, 5, 6, 7, None, None]
    assert order_key(found["equal"]) == order_key(found["low by rule"])


@pytest.mark.parametrize(
    ("rows", "sure", "ko", "en"),
    [
        (
            [("센서", "센서", Match.YES), ("바퀴", "팔", Match.NO), ("로봇", None, Match.UNKNOWN)],
            {},
            "구성 2 미대응: 바퀴 (제품: “팔”)",
            "element 2 does not correspond: 바퀴 (product: “팔”)",
        ),
        (
            [("센서", "센서", Match.NO), ("팔", "팔", Match.NO)],
            {1: (0.1, 0.8, 0.1)},
            "구성 2 미대응: 팔 (제품: “팔”)",
            "element 2 does not correspond: 팔 (product: “팔”)",
        ),
        (
            [("센서", "센서", Match.UNKNOWN), ("팔", "팔", Match.UNKNOWN)],
            {},
            "구성 1 판단불가: 센서 (제품: “센서”)",
            "element 1 cannot be told: 센서 (product: “센서”)",
        ),
        (  # silence is no 미대응, whatever the model wrote
            [("센서", None, Match.NO), ("로봇", "로봇", Match.YES)],
            {},
            "구성 1 판단불가: 센서",
            "element 1 cannot be told: 센서",
        ),
        ([("로봇", "로봇", Match.YES)], {}, "모든 구성이 대응", "every element corresponds"),
        ([("{x}", None, Match.UNKNOWN)], {}, "구성 1 판단불가: {x}", "element 1 cannot be told: {x}"),
    ],
)
def test_the_line_names_the_element_that_decides_the_rules_level(ruled, rows, sure, ko, en) -> None:
    line = deciding(ruled(PRODUCT, rows, RiskLevel.HIGH, sure))
    assert (line.ko, line.en) == (ko, en)


def test_a_row_says_why_it_needs_review(ruled) -> None:
    row = RankedRow.of("a", "t", 3, ruled(PRODUCT, [("팔", "센서", Match.NO)], RiskLevel.HIGH))
    assert (row.level, row.rule_level, row.claim, row.needs_review) == (RiskLevel.HIGH, RiskLevel.LOW, 3, True)
    assert row.confidence == pytest.approx(0.62)
    assert row.score == pytest.approx(0.62 + 0.19 / 2)
    assert not RankedRow.of("a", "", None, ruled(PRODUCT, [("팔", "팔", Match.YES)], RiskLevel.HIGH)).needs_review
