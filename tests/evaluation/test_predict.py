"""Predictions on disk: resumable, never stale, and what each field says."""

import copy
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bini.domain.cases import Case
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.errors import DataError
from bini.evaluation import predict as module
from bini.evaluation.predict import System, free_running, predict, predict_case, slug
from bini.evaluation.prediction import GoldChart, Prediction, read_predictions
from bini.inference.assessor import Assessor
from bini.inference.decoding import Decoded

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


def case(number: int, match: str = "대응", **changes: Any) -> Case:
    rows = [
        {"patent_element": "센서", "user_product_element": "센서", "match": match},
        {"patent_element": "로봇", "user_product_element": "로봇", "match": "대응"},
    ]
    fields = {
        "case_id": f"c{number}",
        "regit_num": f"10-{number % 2}",
        "claim_text": "센서를 포함하는 로봇",
        "user_query": f"센서 {number}개가 달린 로봇",
        "label": {"comparisons": rows},
        "tags": ["literal"],
    }
    return Case.model_validate(fields | changes)


CASES = [case(n) for n in range(4)]


class StoppedError(Exception):
    """An interruption that the tests make."""


class Model:
    """A system that predicts at once, counts what it is asked, and can be stopped."""

    def __init__(self, name: str = "a model", stop_at: int | None = None, **identity: Any) -> None:
        self.opened = 0
        self.asked: list[str] = []
        self._stop_at = stop_at
        self.system = System(name, self._open, {"model": "m"} | identity)

    def _open(self) -> Assessor:
        self.opened += 1
        return self  # type: ignore[return-value]

    def answer(self, case: Case, valid_free: bool | None, trained_on: bool) -> Prediction:
        if len(self.asked) == self._stop_at:
            raise StoppedError
        self.asked.append(case.case_id)
        return Prediction(
            case_id=case.case_id,
            patent=case.regit_num,
            gold=GoldChart(level=case.label.level),
            level=RiskLevel.HIGH,
            comparisons=(),
            rule_level=RiskLevel.HIGH,
            probabilities={},
            valid_free=valid_free,
            valid_constrained=True,
            trained_on=trained_on,
            seconds=0.5,
            model_calls=1,
            tags=case.tags,
        )


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(model: Model, case: Case, valid_free: bool | None, trained_on: bool) -> Prediction:
        return model.answer(case, valid_free, trained_on)

    def free(_: Model, cases: Sequence[Case]) -> dict[str, bool]:
        return {case.case_id: False for case in cases}

    monkeypatch.setattr(module, "predict_case", answer)
    monkeypatch.setattr(module, "free_running", free)


def run(model: Model, folder: Path, cases: list[Case] = CASES, seen: frozenset[str] = frozenset()) -> list[Prediction]:
    return predict(model.system, cases, seen, folder)


def stored(folder: Path, name: str = "a model") -> list[Prediction]:
    return read_predictions(folder / f"{slug(name)}.jsonl")


@pytest.mark.usefixtures("_quick")
class TestResuming:
    def test_all_cases_in_order(self, tmp_path: Path) -> None:
        model, told = Model(), []
        found = predict(model.system, CASES, frozenset(), tmp_path, lambda p: told.append(p.case_id))
        assert [p.case_id for p in found] == model.asked == ["c0", "c1", "c2", "c3"]
        assert told == model.asked
        assert model.opened == 1
        assert stored(tmp_path) == found
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a-model.jsonl", "a-model.meta.json"]

    def test_a_finished_file_opens_no_model(self, tmp_path: Path) -> None:
        first = run(Model(), tmp_path)
        model, told = Model(), []
        assert predict(model.system, CASES, frozenset(), tmp_path, lambda p: told.append(p)) == first
        assert model.opened == 0
        assert told == first

    @pytest.mark.parametrize("stop_at", [0, 2])
    def test_a_stopped_call_goes_on_without_predicting_twice(self, tmp_path: Path, stop_at: int) -> None:
        stopped, rest = Model(stop_at=stop_at), Model()
        with pytest.raises(StoppedError):
            run(stopped, tmp_path)
        found = run(rest, tmp_path)
        assert [p.case_id for p in found] == stopped.asked + rest.asked == ["c0", "c1", "c2", "c3"]
        assert (stopped.opened, rest.opened) == (1, 1)
        assert stored(tmp_path) == found

    def test_who_counts_the_cases_may_stop_them_and_go_on_later(self, tmp_path: Path) -> None:
        def stop(prediction: Prediction) -> None:
            if prediction.case_id == "c1":
                raise StoppedError

        model = Model()
        for _ in range(2):  # the second time on what is stored
            with pytest.raises(StoppedError):
                predict(model.system, CASES, frozenset(), tmp_path, stop)
            assert [p.case_id for p in stored(tmp_path)] == model.asked == ["c0", "c1"]
        assert model.opened == 1
        assert len(run(model, tmp_path)) == len(model.asked) == 4

    @pytest.mark.parametrize("cut", [1, 40])
    def test_a_half_written_last_line_is_predicted_again(self, tmp_path: Path, cut: int) -> None:
        first = run(Model(), tmp_path)
        path = tmp_path / "a-model.jsonl"
        path.write_bytes(path.read_bytes()[:-cut])
        model = Model()
        assert run(model, tmp_path) == first
        assert model.asked == ["c3"]
        assert stored(tmp_path) == first

    def test_more_cases_start_anew_or_go_on_but_leave_nothing_stale(self, tmp_path: Path) -> None:
        run(Model(), tmp_path, CASES[:2])
        found = run(Model(), tmp_path)
        assert [p.case_id for p in found] == ["c0", "c1", "c2", "c3"]
        assert stored(tmp_path) == found
        fewer = run(Model(), tmp_path, CASES[1:3])
        assert stored(tmp_path) == fewer

    @pytest.mark.parametrize("identity", [{"model": "other"}, {"adapter": "x"}, {"prompt": "new"}], ids=str)
    def test_another_identity_starts_anew(self, tmp_path: Path, identity: dict[str, str]) -> None:
        run(Model(), tmp_path)
        model = Model(**identity)
        found = run(model, tmp_path)
        assert model.asked == ["c0", "c1", "c2", "c3"]
        assert stored(tmp_path) == found

    def test_systems_do_not_mix(self, tmp_path: Path) -> None:
        run(Model("one"), tmp_path)
        model = Model("two")
        run(model, tmp_path)
        assert len(model.asked) == 4
        assert {p.name for p in tmp_path.iterdir()} == {"one.jsonl", "one.meta.json", "two.jsonl", "two.meta.json"}

    def test_trained_rows_are_flagged(self, tmp_path: Path) -> None:
        found = run(Model(), tmp_path, seen=frozenset({CASES[1].key, CASES[3].key}))
        assert [p.trained_on for p in found] == [False, True, False, True]

    # What a stored prediction holds of its case must be that of the case asked for now.

    def test_a_corrected_label_is_scored(self, tmp_path: Path) -> None:
        run(Model(), tmp_path)
        corrected = [*CASES[:3], case(3, "미대응")]
        found = run(Model(), tmp_path, corrected)
        assert found[3].gold.level is RiskLevel.LOW
        assert stored(tmp_path)[3].gold.level is RiskLevel.LOW

    def test_other_trained_rows_are_flagged_anew(self, tmp_path: Path) -> None:
        run(Model(), tmp_path, seen=frozenset({CASES[0].key}))
        found = run(Model(), tmp_path, seen=frozenset({CASES[1].key}))
        assert [p.trained_on for p in found] == [False, True, False, False]

    def test_renamed_cases_leave_no_old_rows(self, tmp_path: Path) -> None:
        run(Model(), tmp_path)
        renamed = [c.model_copy(update={"case_id": f"new-{c.case_id}"}) for c in CASES]
        found = run(Model(), tmp_path, renamed)
        assert [p.case_id for p in stored(tmp_path)] == [p.case_id for p in found] == [c.case_id for c in renamed]

    def test_other_labelled_elements_are_asked_anew(self, tmp_path: Path) -> None:
        run(Model(), tmp_path)
        rows = [{"patent_element": "센서를 포함하는 로봇", "match": "대응"}]
        model = Model()
        run(model, tmp_path, [*CASES[:3], case(3, label={"comparisons": rows})])
        assert "c3" in model.asked


def test_slugs_are_file_names() -> None:
    assert slug("bini-nano + tuned/1b (untuned)") == "bini-nano-tuned-1b-untuned"
    assert slug("모델 1.0") == "모델-1.0"


# one real prediction


@pytest.fixture(scope="module")
def real(tiny_assessor: Assessor) -> Prediction:
    return predict_case(tiny_assessor, CASES[0], valid_free=None, trained_on=True)


def test_a_prediction_holds_question_and_answer(real: Prediction) -> None:
    assert (real.case_id, real.patent, real.tags, real.trained_on) == ("c0", "10-0", ("literal",), True)
    assert (real.claim, real.product) == (CASES[0].claim_text, CASES[0].user_query)
    assert real.peak_memory is None or real.peak_memory > 1_000_000
    assert real.gold.level is RiskLevel.HIGH
    assert [c.user_product_element for c in real.gold.comparisons] == ["센서", "로봇"]
    assert [c.patent_element for c in real.comparisons] == ["센서", "로봇"]
    assert real.valid_constrained
    assert real.valid_free is None  # not tried on a row that the adapter was trained on
    assert real.level in set(RiskLevel)
    assert real.rule_level is roll_up(c.match if c.user_product_element else Match.UNKNOWN for c in real.comparisons)
    assert math.isclose(sum(real.probabilities.values()), 1, abs_tol=1e-6)
    assert real.seconds > 0
    assert real.model_calls > 10
    assert Prediction.model_validate_json(real.model_dump_json()) == real


class Scripted:
    """A decoder that answers what it was given; `model_calls` is 3."""

    def __init__(self, assessor: Assessor, constrained: Decoded, free: Sequence[str]) -> None:
        self.tokenizer = assessor.decoder.tokenizer
        self._constrained, self._free = constrained, free

    def constrained(self, *_: object) -> Decoded:
        return self._constrained

    def free(self, prompts: Sequence[list[int]], _: int) -> Sequence[str]:
        assert len(prompts) == len(self._free)
        return self._free


def scripted(assessor: Assessor, free: Sequence[str] = (), constrained: Decoded | None = None) -> Assessor:
    double = copy.copy(assessor)
    double.decoder = Scripted(assessor, constrained or Decoded("{", (), 3, 9), free)  # type: ignore[assignment]
    return double


VALID = (
    '{"comparisons": [{"patent_element": "센서", "user_product_element": null, "match": "판단불가"}, '
    '{"patent_element": "로봇", "user_product_element": "로봇", "match": "대응"}], '
    '"decision_reason": "모른다.", "risk_level": "애매"}'
)
FREE = {
    VALID: True,
    f"```json\n{VALID}\n```": True,
    f" {json.dumps(json.loads(VALID), indent=2)}\n": True,
    f"답: {VALID}": False,
    VALID.replace("판단불가", "모름"): False,
    VALID.replace('"센서"', '"감지기"'): False,
    VALID[:-1]: False,
    "": False,
    "null": False,
    "[]": False,
    "[" * 1536: False,  # 768 tokens of "[["
}


def test_free_output_is_checked_against_the_schema(tiny_assessor: Assessor) -> None:
    asked = [case(n) for n in range(len(FREE))]
    found = free_running(scripted(tiny_assessor, list(FREE)), asked)
    assert {text: found[c.case_id] for text, c in zip(FREE, asked, strict=True)} == FREE


def test_no_valid_answer_is_unanswered_and_not_an_error(tiny_assessor: Assessor) -> None:
    found = predict_case(
        scripted(tiny_assessor, (), Decoded('{"comparisons": []}', (), 3, 9)), CASES[0], True, trained_on=False
    )
    assert (found.level, found.rule_level, found.comparisons, found.probabilities) == (None, None, (), {})
    assert not found.valid_constrained
    assert not found.correct
    assert found.model_calls == 3
    assert (found.valid_free, found.trained_on) == (True, False)
    assert [c.match for c in found.gold.comparisons] == [Match.YES, Match.YES]


def test_a_case_that_does_not_fit_is_unanswered(tiny_assessor: Assessor) -> None:
    small = scripted(tiny_assessor, [VALID])
    long = case(1, user_query="센서가 달린 로봇 " * 2000)
    assert free_running(small, [long, CASES[0]]) == {"c1": False, "c0": True}
    found = predict_case(small, long, valid_free=False, trained_on=False)
    assert (found.level, found.valid_constrained, found.model_calls) == (None, False, 0)


@pytest.mark.parametrize("seen", [frozenset(), frozenset({CASES[1].key})])
def test_free_output_is_tried_on_rows_that_were_not_trained_on(
    tiny_assessor: Assessor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: frozenset[str]
) -> None:
    monkeypatch.setattr(module, "FREE_TOKENS", 4)
    monkeypatch.setattr(module, "BATCH", 2)
    system = System("tiny", lambda: tiny_assessor, {})
    found = predict(system, CASES[:3], seen, tmp_path)
    assert [p.trained_on for p in found] == [c.key in seen for c in CASES[:3]]
    assert [p.valid_free for p in found] == [None if c.key in seen else False for c in CASES[:3]]


def test_a_broken_line_in_the_middle_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.jsonl, line 1: case_id"):
        read_predictions(path)
