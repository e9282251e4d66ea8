"""The rubric's roll-up and its table of bases."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.domain.labels import Basis, Match, RiskLevel, level_probabilities, roll_up

MILDEST_FIRST = [Match.YES, Match.UNKNOWN, Match.NO]
LEVEL_OF_WORST = {Match.YES: "높음", Match.UNKNOWN: "애매", Match.NO: "낮음"}


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_roll_up_of_every_chart_of_a_length(length: int) -> None:
    charts = list(product(Match, repeat=length))
    assert len(charts) == 3**length
    for chart in charts:
        worst = max(chart, key=MILDEST_FIRST.index)
        assert roll_up(chart) is RiskLevel(LEVEL_OF_WORST[worst])
        assert roll_up(iter(chart)) is roll_up(chart)


def test_silence_is_never_low() -> None:
    assert roll_up([Match.UNKNOWN] * 5) is RiskLevel.AMBIGUOUS


def test_an_empty_chart_has_no_level() -> None:
    with pytest.raises(ValueError, match="at least one element"):
        roll_up([])


SHARES = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda mass: dict(zip(Match, (m / sum(mass) for m in mass), strict=True))
)


@given(elements=st.lists(SHARES, min_size=1, max_size=5))
def test_a_level_is_as_probable_as_all_charts_that_roll_up_to_it(elements) -> None:
    charts = dict.fromkeys(RiskLevel, 0.0)
    for chart in product(Match, repeat=len(elements)):
        charts[roll_up(chart)] += prod(shares[match] for shares, match in zip(elements, chart, strict=True))
    found = level_probabilities(elements)
    assert found == pytest.approx(charts)
    assert min(found.values()) >= 0


def test_five_elements_that_are_each_likely_are_seldom_all_there() -> None:
    found = level_probabilities([{Match.YES: 0.8, Match.NO: 0.2, Match.UNKNOWN: 0.0}] * 5)
    assert found == pytest.approx({RiskLevel.HIGH: 0.32768, RiskLevel.AMBIGUOUS: 0.0, RiskLevel.LOW: 0.67232})


def test_each_basis_has_the_match_of_the_rubric() -> None:
    assert {basis.value: basis.match.value for basis in Basis} == {
        "literal": "대응",
        "absent": "미대응",
        "silent": "판단불가",
        "partial": "판단불가",
        "equivalent": "판단불가",
    }


def test_levels_are_listed_riskiest_first() -> None:
    assert [level.value for level in RiskLevel] == ["높음", "애매", "낮음"]
