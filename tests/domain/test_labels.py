"""The rubric's roll-up and its table of bases."""

from itertools import product

import pytest

from bini.domain.labels import Basis, Match, RiskLevel, roll_up

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
