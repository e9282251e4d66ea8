"""Stability: level and matches are compared with those of the text as given, and an interrupted suite goes on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bini.domain.cases import Case
from bini.domain.changes.kinds import Kind, changed
from bini.domain.glossary import Glossary
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.schema import Comparison
from bini.evaluation import predict as predict_stage
from bini.evaluation import stability as module
from bini.evaluation.predict import System
from bini.evaluation.prediction import GoldChart, Prediction
from bini.evaluation.stability import ALL, Stability, stability_of_one, stability_of_suite
from bini.inference.assessor import Assessor

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
NOTHING = Glossary({})
TEXTS = ["센서의 폭은 3 mm입니다.", "센서가 있다.", "centre of a robot"]

Judge = Callable[[str], list[Match] | None]


def case(number: int, text: str) -> Case:
    rows = [{"patent_element": element, "match": "미대응"} for element in ("센서", "로봇")]
    fields = {"case_id": f"c{number}", "regit_num": f"p{number}", "claim_text": "센서를 포함하는 로봇"}
    return Case.model_validate(fields | {"user_query": text, "label": {"comparisons": rows}})


CASES = [case(number, text) for number, text in enumerate(TEXTS)]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Judge], list[str]]:
    """Lets a function of the product text judge, and tells which texts it was asked."""

    def let(judge: Judge) -> list[str]:
        asked: list[str] = []

        def answer(_: object, asked_case: Case, valid_free: bool | None, trained_on: bool) -> Prediction:
            matches = judge(asked_case.user_query)
            asked.append(asked_case.user_query)
            rows = [
                Comparison(patent_element=element, user_product_element=None, match=match)
                for element, match in zip(asked_case.elements, matches or (), strict=matches is not None)
            ]
            return Prediction(
                case_id=asked_case.case_id,
                patent=asked_case.regit_num,
                gold=GoldChart.of(asked_case),
                level=roll_up(matches) if matches else None,
                comparisons=tuple(rows),
                rule_level=None,
                probabilities={},
                valid_free=valid_free,
                valid_constrained=True,
                trained_on=trained_on,
                seconds=0,
                model_calls=1,
                tags=(),
            )

        monkeypatch.setattr(predict_stage, "predict_case", answer)
        monkeypatch.setattr(module, "predict_case", answer)
        monkeypatch.setattr(predict_stage, "free_running", lambda _, cases: {} if not cases else pytest.fail("tried"))
        return asked

    return let


def run(folder: Path, identity: str = "m") -> Stability:
    system = System("a model", lambda: None, {"model": identity})  # type: ignore[arg-type, return-value]
    return stability_of_suite(system, CASES, NOTHING, folder, lambda *_: None)


def row(found: Stability, kind: str) -> tuple[tuple[int, int], tuple[int, int]]:
    [shares] = [shares for shares in found.kinds if shares.kind == kind]
    return (shares.level.held, shares.level.of), (shares.matches.held, shares.matches.of)


def test_a_judge_that_never_moves_holds_everywhere(judged, tmp_path: Path) -> None:
    judged(lambda _: [Match.YES, Match.NO])
    found = run(tmp_path)
    tried = [(c.case_id, kind) for c in CASES for kind in Kind if changed(c.user_query, kind, NOTHING)]
    assert [(t.case_id, t.kind) for t in found.trials] == tried
    assert {t.kind for t in found.trials} == {Kind.UNITS, Kind.ENDINGS, Kind.SPACES}
    assert row(found, ALL) == ((len(tried), len(tried)), (2 * len(tried), 2 * len(tried)))
    assert all(trial.held for trial in found.trials)
    assert json.loads((tmp_path / "stability.json").read_text(encoding="utf-8")) == json.loads(found.model_dump_json())


def test_what_moves_is_counted_where_it_moves(judged, tmp_path: Path) -> None:
    judged(lambda text: [Match.YES, Match.NO if "μm" in text or "cm" in text else Match.YES])
    found = run(tmp_path)
    assert row(found, Kind.UNITS) == ((0, 1), (1, 2))
    assert row(found, Kind.ENDINGS) == ((2, 2), (4, 4))
    [moved] = [trial for trial in found.trials if not trial.held]
    assert (moved.case_id, moved.level_before, moved.level) == ("c0", RiskLevel.HIGH, RiskLevel.LOW)
    assert [(c.element, c.before, c.here) for c in moved.changed] == [("로봇", Match.YES, Match.NO)]
    [units] = [shares for shares in found.kinds if shares.kind == Kind.UNITS]
    assert units.level.interval.low == pytest.approx(0, abs=1e-12)
    assert 0.7 < units.level.interval.high < 0.9  # Wilson on 0 of 1
    assert units.level.interval.method == "Wilson"


def test_a_match_may_move_where_the_level_holds(judged, tmp_path: Path) -> None:
    judged(lambda text: [Match.NO, Match.NO if text in TEXTS else Match.YES])
    found = run(tmp_path)
    (level, levels), (match, matches) = row(found, ALL)
    assert level == levels
    assert match * 2 == matches


def test_a_changed_text_without_an_answer_did_not_hold(judged, tmp_path: Path) -> None:
    judged(lambda text: [Match.YES, Match.YES] if text in TEXTS else None)
    found = run(tmp_path)
    assert row(found, ALL)[0][0] == row(found, ALL)[1][0] == 0
    assert {c.here for trial in found.trials for c in trial.changed} == {None}


def test_a_text_that_got_no_answer_is_not_tried_again(judged, tmp_path: Path) -> None:
    judged(lambda text: None if text == TEXTS[0] else [Match.YES, Match.YES])
    found = run(tmp_path)
    assert found.cases == 2
    assert {trial.case_id for trial in found.trials} == {"c1", "c2"}


def test_an_interrupted_suite_goes_on_and_another_model_begins_anew(judged, tmp_path: Path) -> None:
    def judge(_: str) -> list[Match]:
        if len(asked) == 4:
            raise KeyboardInterrupt
        return [Match.YES, Match.YES]

    asked: list[str] = []
    first = judged(judge)
    asked = first
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert not (tmp_path / "stability.json").exists()
    rest = judged(lambda _: [Match.YES, Match.YES])
    found = run(tmp_path)
    assert len(first) + len(rest) == len(CASES) + len(found.trials)
    assert not set(first) & set(rest)
    assert len(judged(lambda _: [Match.YES, Match.YES])) == 0
    assert run(tmp_path) == found
    anew = judged(lambda _: [Match.YES, Match.YES])
    run(tmp_path, identity="other")
    assert len(anew) == len(CASES) + len(found.trials)


def test_the_labels_are_not_looked_at(judged, tmp_path: Path) -> None:
    """The labels say 미대응 of every element; a judge that contradicts them may hold all the same."""
    judged(lambda _: [Match.UNKNOWN, Match.UNKNOWN])
    assert all(trial.held and trial.level is RiskLevel.AMBIGUOUS for trial in run(tmp_path).trials)


def test_one_assessment_of_a_real_model(tiny_assessor: Assessor, glossary: Glossary) -> None:
    product, claim = "거리 센서가 달린 로봇이고 폭은 3 mm입니다.", "센서와 팔을 포함하는 로봇"
    base = tiny_assessor.assess(product, claim)
    found = stability_of_one(tiny_assessor, base, claim, glossary)
    assert {Kind.UNITS, Kind.ENDINGS, Kind.SPACES} <= {trial.kind for trial in found.trials}
    for trial in found.trials:
        here = tiny_assessor.assess(trial.product, claim)
        assert (trial.level_before, trial.level) == (base.level, here.level)
        moved = [
            r.patent_element for r, o in zip(base.comparisons, here.comparisons, strict=True) if r.match is not o.match
        ]
        assert [c.element for c in trial.changed] == moved
