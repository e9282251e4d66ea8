"""Ensembles: what each way of combining makes of its members, and that nothing is fitted on what it answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bini.domain.labels import Match, RiskLevel
from bini.errors import DataError
from bini.evaluation.ensembles import ensembles
from bini.evaluation.prediction import Prediction

LEVELS = list(RiskLevel)
VOTE, RANK, STACK = "ensemble: weighted vote", "ensemble: rank average", "ensemble: stacking"


def row(number: int, gold: int, given: Sequence[float], patent: str | None = None, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": str(number),
        "patent": patent or f"p{number // 3}",
        "gold": {"level": LEVELS[gold]},
        "level": LEVELS[int(np.argmax(given))],
        "comparisons": [],
        "rule_level": None,
        "probabilities": dict(zip(LEVELS, given, strict=True)),
        "valid_free": True,
        "valid_constrained": True,
        "trained_on": False,
        "seconds": 1.0,
        "model_calls": 10,
        "tags": [],
    }
    return Prediction.model_validate(fields | changes)


def sure(level: int, share: float = 0.8) -> list[float]:
    return [share if k == level else (1 - share) / 2 for k in range(3)]


GOLD = [(n * 7 + n // 4) % 3 for n in range(45)]
RIGHT = [row(n, gold, sure(gold)) for n, gold in enumerate(GOLD)]
TURNED = [row(n, gold, sure((gold + 1) % 3)) for n, gold in enumerate(GOLD)]
FLAT = [row(n, gold, sure(1, 0.6)) for n, gold in enumerate(GOLD)]


def accuracy(rows: Sequence[Prediction]) -> float:
    return sum(p.correct for p in rows) / len(rows)


def test_one_good_member_outvotes_two_that_agree_on_the_wrong_level() -> None:
    made = ensembles({"turned": TURNED, "turned too": TURNED, "right": RIGHT})
    assert accuracy(made[VOTE]) == 1
    assert accuracy(made[RANK]) < 0.5, "which nothing is fitted for"


def test_stacking_learns_what_a_member_means() -> None:
    made = ensembles({"turned": TURNED, "flat": FLAT})
    assert accuracy(made[STACK]) == 1, "a member that is always wrong in the same way knows the answer"
    assert accuracy(made[VOTE]) < 0.5


def test_rank_average_hears_a_member_that_speaks_softly() -> None:
    soft = [row(n, gold, sure(gold, 0.34)) for n, gold in enumerate(GOLD)]
    loud = [row(n, gold, sure(0, 0.98)) for n, gold in enumerate(GOLD)]
    assert accuracy(ensembles({"loud": loud, "soft": soft})[RANK]) == 1


@pytest.mark.parametrize("name", [VOTE, STACK])
def test_a_patents_own_labels_have_no_say_in_its_answers(name: str) -> None:
    members = {"right": RIGHT, "turned": TURNED, "flat": FLAT}
    own = {p.case_id for p in RIGHT if p.patent == "p2"}

    def relabelled(rows: Sequence[Prediction]) -> list[Prediction]:
        other = {"level": RiskLevel.LOW}
        return [p.model_copy(update={"gold": p.gold.model_copy(update=other)}) if p.case_id in own else p for p in rows]

    before = ensembles(members)[name]
    after = ensembles({key: relabelled(rows) for key, rows in members.items()})[name]
    assert [p.probabilities for p in before if p.case_id in own] == [p.probabilities for p in after if p.case_id in own]
    assert [p.probabilities for p in before] != [p.probabilities for p in after], "other patents do learn from them"


def test_matches_are_voted_and_come_with_the_words_of_who_said_so() -> None:
    def chart(*rows: tuple[str | None, Match]) -> list[dict[str, Any]]:
        return [
            {"patent_element": str(n), "user_product_element": quote, "match": match}
            for n, (quote, match) in enumerate(rows)
        ]

    charts = [
        chart(("크림", Match.YES), ("앰플", Match.NO)),
        chart((None, Match.UNKNOWN), ("토너", Match.YES)),
        chart((None, Match.UNKNOWN), (None, Match.UNKNOWN)),
    ]
    members = {
        str(m): [row(n, n % 3, sure(n % 3), comparisons=comparisons) for n in range(6)]
        for m, comparisons in enumerate(charts)
    }
    [made, *_] = ensembles(members)[VOTE]
    assert [(r.user_product_element, r.match) for r in made.comparisons] == [(None, Match.UNKNOWN), ("앰플", Match.NO)]
    assert made.rule_level is RiskLevel.LOW
    assert (made.seconds, made.model_calls) == (3, 30), "all members had to be asked"
    assert made.valid_free is None


def test_only_what_all_members_answered_is_combined() -> None:
    shy = [p for p in RIGHT if p.case_id != "4"]
    trained = [p.model_copy(update={"trained_on": p.case_id == "5"}) for p in TURNED]
    made = ensembles({"a": shy, "b": trained})[VOTE]
    assert {p.case_id for p in RIGHT} - {p.case_id for p in made} == {"4", "5"}
    assert all(sum(p.probabilities.values()) == pytest.approx(1) for p in made)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"alone": RIGHT}, "needs two systems"),
        ({"one patent": RIGHT[:3], "other": TURNED[:3]}, "fewer than two patents"),
        ({"a": RIGHT[:9], "b": TURNED[9:]}, "fewer than two patents"),
    ],
)
def test_what_cannot_be_combined_is_refused(members: dict[str, list[Prediction]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        ensembles(members)


def test_folds_with_one_level_only_do_not_break_stacking() -> None:
    one = [row(n, 0, sure(0), patent=f"p{n}") for n in range(4)]
    assert accuracy(ensembles({"a": one, "b": one})[STACK]) == 1
