"""A claim set's levels: dependents never above parents, the patent as risky as its riskiest independent claim."""

from graphlib import CycleError
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.answers import Answer, with_answers
from bini.domain.claims import parse_claims
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.patents import (
    ClaimLevel,
    OwnLevel,
    PatentAssessment,
    assemble_patent,
    claim_levels,
    patent_level,
)

HIGH, AMBIGUOUS, LOW = RiskLevel


def test_a_dependent_claim_is_held_down_by_its_parent() -> None:
    found = claim_levels({1: OwnLevel(LOW), 2: OwnLevel(HIGH, ((1,),)), 3: OwnLevel(AMBIGUOUS, ((2,),))})
    assert found == {1: ClaimLevel(LOW), 2: ClaimLevel(LOW, (1,)), 3: ClaimLevel(LOW, (2,))}


def test_what_a_dependent_claim_adds_can_lower_it_alone() -> None:
    found = claim_levels({1: OwnLevel(HIGH), 2: OwnLevel(AMBIGUOUS, ((1,),))})
    assert found == {1: ClaimLevel(HIGH), 2: ClaimLevel(AMBIGUOUS)}


def test_of_alternative_parents_the_riskiest_counts_and_of_joint_ones_all() -> None:
    own = {1: OwnLevel(HIGH), 2: OwnLevel(LOW)}
    assert claim_levels({**own, 3: OwnLevel(HIGH, ((1, 2),))})[3] == ClaimLevel(HIGH)
    assert claim_levels({**own, 3: OwnLevel(HIGH, ((1,), (2,)))})[3] == ClaimLevel(LOW, (2,))


def test_parents_may_stand_after_their_children_and_the_order_is_kept() -> None:
    found = claim_levels({5: OwnLevel(HIGH, ((9,),)), 9: OwnLevel(AMBIGUOUS)})
    assert list(found.items()) == [(5, ClaimLevel(AMBIGUOUS, (9,))), (9, ClaimLevel(AMBIGUOUS))]


def test_a_circle_and_a_missing_parent_are_refused() -> None:
    with pytest.raises(CycleError):
        claim_levels({1: OwnLevel(HIGH, ((2,),)), 2: OwnLevel(HIGH, ((1,),))})
    with pytest.raises(KeyError):
        claim_levels({2: OwnLevel(HIGH, ((1,),))})


def test_a_patent_is_as_risky_as_its_riskiest_independent_claim() -> None:
    levels = {1: ClaimLevel(LOW), 2: ClaimLevel(AMBIGUOUS), 3: ClaimLevel(HIGH)}
    assert patent_level(levels, [1, 2]) is AMBIGUOUS
    assert patent_level(levels, [1, 2, 3]) is HIGH
    with pytest.raises(ValueError, match="empty"):
        patent_level(levels, [])


def test_answers_move_the_claims_that_hold_the_answered_one(ruled) -> None:
    claims = parse_claims("1. 센서를 포함하는 로봇.\n2. 제1항에 있어서, 팔을 포함하는 로봇.\n3. 바퀴를 포함하는 차.")
    found = {
        1: ruled("센서", [("센서", "센서", Match.YES)], HIGH),
        2: ruled("센서", [("팔", "센서", Match.YES)], HIGH),
        3: ruled("센서", [("바퀴", None, Match.UNKNOWN)], AMBIGUOUS),
    }
    before = assemble_patent(claims, found)
    assert (before.level, before.level_before) == (HIGH, None)
    after = assemble_patent(claims, found | {1: with_answers(found[1], found[1], [Answer(1, "아니요")])}, before)
    assert [(claim.level_before, claim.level) for claim in after.claims] == [(HIGH, LOW), (HIGH, LOW), (AMBIGUOUS,) * 2]
    assert (after.level_before, after.level) == (HIGH, AMBIGUOUS)
    assert [claim.number for claim in after.riskiest] == [3]
    assert PatentAssessment.model_validate_json(after.to_json()) == after


matches = st.lists(st.sampled_from(Match), min_size=1, max_size=3)


@settings(deadline=None)
@given(own=st.lists(matches, min_size=2, max_size=4), data=st.data())
def test_the_levels_are_those_of_all_elements_together(own: list[list[Match]], data: st.DataObject) -> None:
    """Against the plain way: for every choice among parents, roll up all elements; the riskiest choice counts."""
    parents: list[tuple[tuple[int, ...], ...]] = [()]
    for number in range(1, len(own)):
        group = st.sets(st.integers(0, number - 1), min_size=1).map(lambda found: tuple(sorted(found)))
        parents.append(tuple(data.draw(st.lists(group, max_size=2))))

    def lineages(number: int) -> list[list[Match]]:
        ways = []
        for choice in product(*parents[number]):
            for taken in product(*(lineages(parent) for parent in choice)):
                ways.append([*own[number], *(match for part in taken for match in part)])
        return ways

    found = claim_levels({n: OwnLevel(roll_up(own[n]), parents[n]) for n in range(len(own))})
    for number, claim in found.items():
        assert claim.level is max(map(roll_up, lineages(number)), key=lambda level: level.rank)
        for parent in claim.held_down_by:
            assert found[parent].level.rank < roll_up(own[number]).rank
