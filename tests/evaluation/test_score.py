"""Scores against numbers worked out by hand."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bini.errors import DataError
from bini.evaluation.aligned import quotes_overlap
from bini.evaluation.prediction import Prediction, read_predictions
from bini.evaluation.results import Scores, SystemGroups
from bini.evaluation.score import GALLERY, score_all, score_system, worst_first

Row = tuple[str, str | None, str]


def chart(*rows: Row) -> list[dict[str, str | None]]:
    return [{"patent_element": e, "user_product_element": quote, "match": match} for e, quote, match in rows]


def prediction(case: str, gold: str, level: str | None, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": case,
        "patent": case,
        "gold": {"level": gold, "comparisons": changes.pop("gold_rows", [])},
        "level": level,
        "comparisons": [],
        "rule_level": None,
        "probabilities": {},
        "valid_free": None,
        "valid_constrained": True,
        "trained_on": False,
        "seconds": 1.0,
        "model_calls": 1,
        "tags": [],
    }
    return Prediction.model_validate(fields | changes)


# gold 높음: 높음 높음 낮음 none; 애매: 애매 높음; 낮음: 낮음
SEVEN = [
    prediction("a", "높음", "높음"),
    prediction("b", "높음", "높음"),
    prediction("c", "높음", "낮음"),
    prediction("d", "높음", None),
    prediction("e", "애매", "애매"),
    prediction("f", "애매", "높음"),
    prediction("g", "낮음", "낮음"),
]


def test_accuracy_confusion_and_unanswered() -> None:
    score = score_system("x", SEVEN)
    assert score.cases == score.patents == 7
    assert score.risk_accuracy == pytest.approx(4 / 7)
    assert score.confusion == [[2, 0, 1], [1, 1, 0], [0, 0, 1]]
    assert score.unanswered == [1, 0, 0]
    assert sum(map(sum, score.confusion)) + sum(score.unanswered) == score.cases


def test_macro_f1() -> None:
    # 높음: P 2/3, R 2/4 -> 4/7.  애매: P 1, R 1/2 -> 2/3.  낮음: P 1/2, R 1 -> 2/3.
    assert score_system("x", SEVEN).macro_f1 == pytest.approx((4 / 7 + 2 / 3 + 2 / 3) / 3)


def test_precision_and_recall_of_each_level() -> None:
    high, ambiguous, low = score_system("x", SEVEN).levels
    assert [score.label.value for score in (high, ambiguous, low)] == ["높음", "애매", "낮음"]
    assert (high.gold, high.predicted, high.precision, high.recall) == (4, 3, pytest.approx(2 / 3), 0.5)
    assert (ambiguous.precision, ambiguous.recall, low.precision, low.recall) == (1, 0.5, 0.5, 1)
    never = score_system("x", [prediction("a", "낮음", "낮음")]).levels[0]
    assert (never.gold, never.predicted, never.precision, never.recall, never.f1) == (0, 0, None, None, None)


def test_quadratic_kappa_is_over_answered_cases() -> None:
    # Answered: 높음-높음 twice, 높음-낮음, 애매-애매, 애매-높음, 낮음-낮음. Squared steps: 4 + 1 of 6 cases.
    # By chance: gold 3, 2, 1 and predicted 3, 1, 2 give (3*1 + 3*2*4 + 2*3 + 2*2 + 1*3*4 + 1*1) / 6.
    assert score_system("x", SEVEN).kappa == pytest.approx(1 - 5 / (50 / 6))
    assert score_system("x", [prediction("a", "높음", "높음"), prediction("b", "높음", "높음")]).kappa is None
    assert score_system("x", [prediction("a", "높음", None)]).kappa is None


def test_high_called_low_counts_unanswered_in_its_denominator() -> None:
    assert score_system("x", SEVEN).high_called_low == pytest.approx(1 / 4)
    assert score_system("x", [prediction("a", "낮음", "낮음")]).high_called_low is None


def test_levels_without_cases_keep_their_place() -> None:
    score = score_system("x", [prediction("a", "낮음", "낮음"), prediction("b", "낮음", "높음")])
    assert score.confusion == [[0, 0, 0], [0, 0, 0], [1, 0, 1]]
    assert score.unanswered == [0, 0, 0]
    assert score.macro_f1 == pytest.approx((0 + 0 + 2 / 3) / 3)


def test_a_system_that_never_answers_is_always_wrong() -> None:
    score = score_system("x", [prediction("a", "높음", None), prediction("b", "애매", None)])
    assert score.risk_accuracy == score.macro_f1 == score.high_called_low == 0
    assert score.confusion == [[0] * 3] * 3
    assert score.unanswered == [1, 1, 0]
    assert score.rule_agreement is None


def test_match_accuracy_aligns_by_text_and_counts_missing_elements_as_wrong() -> None:
    gold = chart(("하나", None, "대응"), ("둘", None, "미대응"), ("셋", None, "판단불가"))
    swapped = chart(("둘", None, "미대응"), ("하나", None, "판단불가"), ("넷", None, "판단불가"))
    score = score_system("x", [prediction("a", "낮음", "낮음", gold_rows=gold, comparisons=swapped)])
    assert score.match_accuracy == pytest.approx(1 / 3)
    assert score.elements_scored == 3
    nothing = score_system("x", [prediction("a", "낮음", None, gold_rows=gold)])
    assert (nothing.match_accuracy, nothing.elements_scored) == (0, 3)
    unlabelled = score_system("x", [prediction("a", "낮음", "낮음")])
    assert (unlabelled.match_accuracy, unlabelled.match_macro_f1, unlabelled.matches) == (None, None, [])


def test_matches_are_scored_one_by_one_since_most_elements_correspond() -> None:
    gold = chart(*((str(n), None, "대응") for n in range(8)), ("8", None, "미대응"), ("9", None, "판단불가"))
    flattering = [row | {"match": "대응"} for row in gold]
    score = score_system("x", [prediction("a", "낮음", "높음", gold_rows=gold, comparisons=flattering)])
    assert score.match_accuracy == 0.8
    assert score.match_macro_f1 == pytest.approx(2 * 8 / 18 / 3)
    assert [(m.label.value, m.recall) for m in score.matches] == [("대응", 1), ("미대응", 0), ("판단불가", 0)]


def test_an_element_that_stands_twice_is_scored_twice() -> None:
    gold = chart(("나사", None, "대응"), ("나사", None, "미대응"))
    once = gold[:1]
    assert score_system("x", [prediction("a", "낮음", "낮음", gold_rows=gold, comparisons=gold)]).match_accuracy == 1
    assert score_system("x", [prediction("a", "낮음", "낮음", gold_rows=gold, comparisons=once)]).match_accuracy == 0.5


def test_quote_precision_is_over_quotes_where_the_gold_has_one() -> None:
    gold = chart(("1", "TBC 성분", "대응"), ("2", "미백 크림", "대응"), ("3", None, "판단불가"), ("4", "용기", "대응"))
    given = chart(("1", "TBC 성분이 들어간", "대응"), ("2", "용기", "대응"), ("3", "앰플", "대응"), ("4", None, "대응"))
    score = score_system("x", [prediction("a", "높음", "높음", gold_rows=gold, comparisons=given)])
    assert (score.quote_precision, score.quotes_scored, score.quotes_without_gold) == (0.5, 2, 1)
    assert score_system("x", SEVEN).quote_precision is None


@pytest.mark.parametrize(
    ("quote", "gold", "expected"),
    [
        ("미백 크림", "미백크림", True),  # white space is ignored
        ("크림", "미백 크림", True),  # contained
        ("abcd", "abxy", True),  # F1 = 2 * 2 / 8
        ("abcd", "axyz", False),  # F1 = 2 * 1 / 8
        ("aab", "aaaccc", False),  # multiplicity: F1 = 2 * 2 / 9
        (" ", "크림", False),
    ],
)
def test_quotes_overlap(quote: str, gold: str, expected: bool) -> None:
    assert quotes_overlap(quote, gold) is expected
    assert quotes_overlap(gold, quote) is expected


def test_valid_json_rates() -> None:
    tried = [prediction("a", "높음", "높음", valid_free=True), prediction("b", "높음", None, valid_constrained=False)]
    score = score_system("x", [*tried, prediction("c", "높음", "높음", valid_free=False)])
    assert (score.valid_json_free, score.free_tried) == (0.5, 2)
    assert score.valid_json_constrained == pytest.approx(2 / 3)
    assert score_system("x", SEVEN).valid_json_free is None


def test_rule_agreement_and_means() -> None:
    rows = [
        prediction("a", "높음", "높음", rule_level="높음", seconds=1, model_calls=1),
        prediction("b", "높음", "높음", rule_level="낮음", seconds=2, model_calls=2),
        prediction("c", "높음", None, rule_level="낮음", seconds=6, model_calls=6),
    ]
    score = score_system("x", rows)
    assert (score.rule_agreement, score.mean_seconds, score.mean_model_calls) == (0.5, 3, 3)


@pytest.mark.parametrize("seed", range(8))
def test_interval_holds_the_estimate_and_depends_on_the_seed_alone(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        prediction(str(i), "높음", rng.choice(["높음", "애매", None]), patent=str(rng.randrange(2 + seed)))
        for i in range(30)
    ]
    score = score_system("x", rows, seed)
    low, high = score.risk_accuracy_interval
    assert 0 <= low <= score.risk_accuracy <= high <= 1
    shuffled = rng.sample(rows, len(rows))
    assert score_system("x", shuffled, seed) == score


def test_seen_and_held_out_rows_never_share_a_score() -> None:
    rows = [prediction("a", "높음", "높음", trained_on=True), prediction("b", "높음", "낮음")]
    with pytest.raises(ValueError, match="cannot share a score"):
        score_system("x", rows)
    groups = score_all({"x": rows}).systems[0]
    assert groups.held_out is not None
    assert groups.seen is not None
    assert (groups.held_out.group, groups.held_out.risk_accuracy) == ("held_out", 0)
    assert (groups.seen.group, groups.seen.risk_accuracy) == ("seen", 1)
    with pytest.raises(ValidationError, match="cannot be filed as held_out"):
        SystemGroups(name="x", held_out=groups.seen, seen=None)


def test_a_group_without_rows_is_none() -> None:
    first, second = score_all({"x": SEVEN, "y": []}).systems
    assert first.seen is None
    assert second.held_out is second.seen is None


def test_mcnemar_on_shared_held_out_cases() -> None:
    golds = [prediction(str(i), "높음", "높음") for i in range(7)]
    # Of the cases 0-5 in both: right, then five wrong; case 6 and the seen row are in one only.
    other = [prediction(str(i), "높음", "높음" if i == 0 else "낮음") for i in range(6)]
    seen = prediction("s", "높음", "높음", trained_on=True)
    scores = score_all({"x": [*golds, seen], "y": [*other, prediction("s", "높음", "낮음")], "z": [seen]})
    y, z = scores.mcnemar
    assert (y.first, y.other, y.shared_cases) == ("x", "y", 6)
    assert (y.only_first_correct, y.only_other_correct) == (5, 0)
    assert y.p_value == pytest.approx(2 * 0.5**5)
    assert (z.shared_cases, z.p_value) == (0, None)
    assert not scores.same_held_out


def test_the_worst_errors_come_first() -> None:
    sure = {"probabilities": {"높음": 0.05, "애매": 0.05, "낮음": 0.9}}
    rows = [
        prediction("none", "높음", None),
        prediction("right", "높음", "높음"),
        prediction("over", "낮음", "높음"),
        prediction("ambiguous", "높음", "애매"),
        prediction("unsure", "높음", "낮음", probabilities={"높음": 0.3, "애매": 0.3, "낮음": 0.4}),
        prediction("sure", "높음", "낮음", **sure),
        prediction("slightly over", "애매", "높음"),
    ]
    assert [p.case_id for p in worst_first(rows)] == ["sure", "unsure", "ambiguous", "over", "slightly over", "none"]
    many = score_all({"x": [prediction(str(n), "높음", "낮음") for n in range(GALLERY + 1)], "y": rows})
    assert len(many.errors) == GALLERY
    assert not score_all({"x": [p.model_copy(update={"trained_on": True}) for p in rows]}).errors


def test_mcnemar_without_discordant_cases() -> None:
    scores = score_all({"x": SEVEN, "y": SEVEN})
    assert scores.mcnemar[0].p_value == 1
    assert scores.same_held_out
    assert score_all({}).mcnemar == score_all({"x": SEVEN}).mcnemar == []


def test_unusable_predictions_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        score_system("x", [])
    with pytest.raises(DataError, match="case a was predicted 2 times"):
        score_system("x", [SEVEN[0], SEVEN[1], SEVEN[0]])
    with pytest.raises(DataError, match="y: case a has another gold chart"):
        score_all({"x": SEVEN, "y": [prediction("a", "애매", "높음")]})
    with pytest.raises(DataError, match="y: case a has another gold chart or patent"):
        score_all({"x": SEVEN, "y": [prediction("a", "높음", "높음", patent="q")]})


def test_scores_survive_json() -> None:
    scores = score_all({"x": SEVEN, "y": SEVEN[:3]})
    assert Scores.model_validate_json(scores.model_dump_json()) == scores


def test_predictions_survive_the_disk(tmp_path: Path) -> None:
    row = chart(("하나", "둘\u2028셋", "대응"))
    rows = [prediction("a", "높음", "높음", comparisons=row, probabilities={"높음": 0.5}), *SEVEN[1:]]
    file = tmp_path / "x.jsonl"
    file.write_text("\n".join(p.model_dump_json() for p in rows) + "\n", encoding="utf-8")
    assert read_predictions(file) == rows


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(SEVEN[0].model_dump_json() + "\n\n" + SEVEN[1].model_dump_json().replace("높음", "최고"), "utf-8")
    with pytest.raises(DataError, match=r"x\.jsonl, line 3: gold\.level"):
        read_predictions(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_predictions(tmp_path / "absent.jsonl")


def test_scoring_and_rendering_load_no_torch() -> None:
    code = "import sys, bini.evaluation.render; raise SystemExit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
