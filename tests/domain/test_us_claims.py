"""Sixty US claims in the styles of granted ones, none of them real, divided by hand (eval/claims_gold/README.md)."""

import re
from pathlib import Path

import pytest

from bini.domain.claims import split_claim

GOLD = dict(row.split("\n", 1) for row in (Path(__file__).parent / "us_claims.txt").read_text("utf-8").split("\n---\n"))
JUDGED_OTHERWISE = {
    "wherein colon list",  # a preamble that 'having' divides
    "wherein the improvement",  # two things that only 'and' joins, with verbs of their own
    "characterized",  # the same
    "product by process",  # 'obtained by a process' stays with the thing
    "configured to, list in a colon",  # 'the controller being configured to' is an element of its own
}


def marked(style: str) -> object:
    known = [pytest.mark.xfail(strict=True, reason="the parser divides it otherwise")] * (style in JUDGED_OTHERWISE)
    return pytest.param(GOLD[style], marks=known, id=style)


@pytest.mark.parametrize("claim", [marked(style) for style in GOLD])
def test_us_claims_are_divided_as_by_hand(claim: str) -> None:
    text = re.sub("[⟦⟧]", "", claim).strip()
    assert [e.text for e in split_claim(text)] == re.findall("⟦(.*?)⟧", claim, re.DOTALL)


@pytest.mark.parametrize("claim", GOLD.values(), ids=GOLD)
def test_none_is_left_whole_that_a_person_divides(claim: str) -> None:
    divided = len(split_claim(re.sub("[⟦⟧]", "", claim))) > 1
    assert divided == (claim.count("⟦") > 1)
