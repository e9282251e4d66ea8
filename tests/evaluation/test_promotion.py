"""Into production only with checks, an evaluation that does not fall behind, and a look at what changes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.domain.labels import RiskLevel
from bini.domain.monitoring.log import AssessmentLog
from bini.domain.monitoring.record import LogRecord
from bini.errors import AdapterError, DataError, InputError
from bini.evaluation import promotion
from bini.evaluation.prediction import Origin, Prediction
from bini.evaluation.promotion import Outcome, Proposal, promote
from bini.evaluation.promotion_record import Promotion
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all
from bini.evaluation.shadow import RECENT, Shadow, compare, recorded_cases
from bini.evaluation.shadow_tables import as_markdown, as_table, summary
from bini.files import jsonl, sha256_file
from bini.models.adapters.report import Check, Status
from bini.models.adapters.static import check_adapter
from bini.models.catalog import ModelPlace
from bini.models.registry.registry import Registry

HIGH, MAYBE, LOW = RiskLevel
CLAIM = "센서와 팔을 포함하는 로봇"


def row(number: int, level: RiskLevel | None, gold: RiskLevel = HIGH, match: str = "대응") -> Prediction:
    chart = [{"patent_element": "센서", "user_product_element": None, "match": match}]
    fields: dict[str, Any] = {
        "case_id": f"c{number}",
        "patent": f"p{number % 5}",
        "claim": CLAIM,
        "product": f"로봇 {number} | 팔",
        "gold": {"level": gold},
        "level": level,
        "comparisons": chart if level else [],
        "rule_level": None,
        "probabilities": {level: 0.9} if level else {},
        "valid_free": None,
        "valid_constrained": level is not None,
        "trained_on": False,
        "seconds": 0.1,
        "model_calls": 1,
        "tags": [],
    }
    return Prediction.model_validate(fields)


def shadow(before: Sequence[RiskLevel | None], after: Sequence[RiskLevel | None]) -> Shadow:
    one, other = ([row(n, level) for n, level in enumerate(levels)] for levels in (before, after))
    return compare(("mine@1", "mine@2"), ("suite.jsonl", "f" * 64), one, other)


# the comparison


def test_what_changes_stands_side_by_side_worst_first() -> None:
    production = [row(0, LOW), row(1, HIGH), row(2, HIGH), row(3, MAYBE), row(4, HIGH)]
    candidate = [row(0, HIGH), row(1, HIGH), row(2, LOW, match="미대응"), row(3, LOW), row(4, None)]
    found = compare(("mine@1", "mine@2"), ("suite.jsonl", "f" * 64), production, candidate)
    assert [change.case_id for change in found.changed] == ["c4", "c2", "c3", "c0"]
    assert (found.agreement, found.production_unanswered, found.candidate_unanswered) == (0.2, 0, 1)
    (match,) = found.changed[1].matches
    assert (match.element, match.production, match.candidate) == ("센서", "대응", "미대응")
    told = as_markdown(found)
    assert "| c2 | 로봇 2 \\| 팔 | 높음 90% | 낮음 90% | 센서: 대응 → 미대응 |" in told
    assert "same level 20.0%" in summary(found)[0]
    assert as_table(found).row_count == 4


@given(st.lists(st.tuples(*[st.sampled_from([*RiskLevel, None])] * 2), min_size=1, max_size=60))
def test_a_comparison_counts_what_it_was_given(pairs: list[tuple[RiskLevel | None, RiskLevel | None]]) -> None:
    found = shadow([one for one, _ in pairs], [other for _, other in pairs])
    assert round(found.agreement * len(pairs)) == len(pairs) - len(found.changed)
    back = shadow([other for _, other in pairs], [one for one, _ in pairs])
    assert back.stability_index == pytest.approx(found.stability_index)
    assert found.stability_index >= 0
    same = shadow([one for one, _ in pairs], [one for one, _ in pairs])
    assert (same.agreement, same.changed, same.shifted) == (1, (), False)
    assert Shadow.model_validate_json(found.model_dump_json()) == found


def test_a_shift_has_to_be_larger_than_chance() -> None:
    mixed = [HIGH, MAYBE, LOW]
    assert shadow(mixed * 40, [HIGH] * 120).shifted
    assert not shadow(mixed, [HIGH] * 3).shifted
    assert not shadow(mixed * 40, (mixed * 40)[::-1]).shifted


# recorded requests


def record(product: str | None, claim: str | None = CLAIM, level: RiskLevel | None = HIGH) -> LogRecord:
    return LogRecord(
        at=datetime.now(UTC),
        model="m",
        adapter=None,
        level=level,
        product_chars=1,
        korean=1,
        product=product,
        claim=claim,
    )


def test_answered_requests_with_texts_are_asked_again(tmp_path: Path) -> None:
    log = AssessmentLog(tmp_path / "log.jsonl")
    log.append(
        [record("로봇"), record("청소기", level=LOW), record(None), record("x", level=None), record("y", "., ;")]
    )
    log.append([record("로봇", level=MAYBE)])
    with log.path.open("ab") as file:
        file.write(b'{"at": "2026')
    found = recorded_cases(log.path)
    assert [(case.user_query, case.label.level) for case in found] == [("청소기", LOW), ("로봇", MAYBE)]
    assert found[0].elements == ("센서", "팔", "로봇")
    assert len({case.case_id for case in found}) == 2


def test_only_the_last_requests_of_a_long_log_are_asked(tmp_path: Path) -> None:
    log = AssessmentLog(tmp_path / "log.jsonl")
    log.append([record(f"로봇 {number}") for number in range(RECENT + 5)])
    assert [case.user_query for case in recorded_cases(log.path)] == [f"로봇 {n}" for n in range(5, RECENT + 5)]


def test_a_log_without_texts_is_told(tmp_path: Path) -> None:
    log = AssessmentLog(tmp_path / "log.jsonl")
    log.append([record(None)])
    with pytest.raises(DataError, match="no answered request with its texts"):
        recorded_cases(log.path)


# promoting


class Shop:
    """A registry with two versions of an adapter, and what is needed to promote them."""

    def __init__(self, folder: Path, model: Path, adapters: Sequence[Path]) -> None:
        self.folder, self.base = folder, ModelPlace(model.name, model)
        self.registry = Registry(folder / "registry")
        self.suite = folder / "suite.jsonl"
        chart = {"comparisons": [{"patent_element": "로봇", "match": "대응"}]}
        texts = enumerate(("미백 크림", "로봇 청소기", "a"))
        cases = [{"case_id": str(n), "claim_text": "로봇", "user_query": text, "label": chart} for n, text in texts]
        self.suite.write_text(jsonl(cases), encoding="utf-8")
        for adapter in adapters:
            self.registry.register(adapter, "mine", self.base.fingerprint(), self.check)

    def check(self, copy: Path) -> list[Check]:
        return [*check_adapter(copy, self.base), Check("spread", Status.PASS, "as if the model had been asked")]

    def results(self, version: int, right: int = 100, **identity: Any) -> Path:
        """An evaluation in which so many of 100 cases are right."""
        levels = list(RiskLevel)
        golds = [levels[n % 3] for n in range(100)]
        rows = [row(n, gold if n < right else levels[n % 3 - 1], gold) for n, gold in enumerate(golds)]
        adapter = sha256_file(self.registry.locate(f"mine@{version}") / "adapter_model.safetensors")
        made_by = {"adapter": adapter, "model": self.base.fingerprint()} | identity
        scores = score_all({"first": rows}, origins={"first": Origin(identity=made_by, date="", machine="")})
        path = self.folder / f"results-{version}.json"
        path.write_text(scores.model_dump_json(), encoding="utf-8")
        return path

    def propose(self, version: int, results: Path | None = None, **grounds: Any) -> Outcome:
        asked = Proposal("mine", version, self.base, results or self.results(version), **grounds)
        return promote(self.registry, asked, lambda _: None, lambda *_: None)

    @property
    def production(self) -> int | None:
        return self.registry.state("mine").production


@pytest.fixture(scope="module")
def other_adapter(tiny_model: Path, make_adapter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(tiny_model, tmp_path_factory.mktemp("adapters") / "other", seed=1)


@pytest.fixture
def shop(tmp_path: Path, tiny_model: Path, tiny_adapter: Path, other_adapter: Path) -> Shop:
    return Shop(tmp_path, tiny_model, [tiny_adapter, other_adapter])


def fake_answers(monkeypatch: pytest.MonkeyPatch, levels: dict[str, Sequence[RiskLevel | None]]) -> None:
    """Answers by the end of a system's name, in place of a model's."""

    def predict(system: Any, *_: Any, **__: Any) -> list[Prediction]:
        (answers,) = (given for name, given in levels.items() if system.name.endswith(name))
        return [row(n, level) for n, level in enumerate(answers)]

    monkeypatch.setattr(promotion, "predict", predict)


def test_a_first_and_a_second_promotion_with_a_model(shop: Shop) -> None:
    first = shop.propose(1)
    assert (first.reasons, first.shadow, shop.production) == ((), None, 1)
    second = shop.propose(2, suite=shop.suite, reason="newer data")
    assert (second.reasons, shop.production) == ((), 2)
    assert second.shadow is not None
    assert (second.shadow.production, second.shadow.candidate, second.shadow.cases) == ("mine@1", "mine@2", 3)
    event = shop.registry.events("mine")[-1]
    assert (event.record, event.reason) == (second.record, "newer data")
    kept = Promotion.model_validate_json(shop.registry.record(str(event.record)))
    assert (kept.adapter, kept.shadow, kept.figures["risk_accuracy"]) == ("mine@2", second.shadow, 1.0)
    assert kept.checks["spread"] is Status.PASS
    same = f"{second.shadow.agreement:.1%}"
    assert kept.headline() == f"risk accuracy 1.0000 on 100 held-out cases; same level as mine@1 {same} of 3"
    assert kept.reference is not None
    assert Scores.model_validate_json(shop.registry.record(kept.reference)).systems[0].held_out
    told = (shop.registry.folder / "records" / f"{event.record}.md").read_text(encoding="utf-8")
    assert "Promotion of mine@2" in told
    assert "mine@2 beside mine@1 on 3 questions of suite.jsonl" in told


def test_an_evaluation_that_fell_behind_is_refused(shop: Shop) -> None:
    shop.propose(1)
    before = sorted(shop.registry.folder.rglob("*"))
    outcome = shop.propose(2, shop.results(2, right=90), suite=shop.suite)
    assert [reason.split(":")[1].strip() for reason in outcome.reasons][:2] == ["risk_accuracy", "macro_f1"]
    assert (shop.production, outcome.shadow) == (1, None)
    assert sorted(shop.registry.folder.rglob("*")) == before


def test_a_reference_can_be_given(shop: Shop) -> None:
    good = shop.results(2)
    outcome = shop.propose(1, shop.results(1, right=50), reference=good)
    assert outcome.reasons
    assert shop.production is None


def test_an_evaluation_is_no_reference_for_itself(shop: Shop) -> None:
    results = shop.results(1)
    with pytest.raises(DataError, match="its own reference"):
        shop.propose(1, results, reference=results)


def test_the_gate_is_that_of_the_promotion_in_effect(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_answers(monkeypatch, {"mine@1": [HIGH], "mine@2": [HIGH]})
    shop.propose(1, shop.results(1, right=90))
    shop.propose(2, suite=shop.suite)
    shop.registry.roll_back("mine")
    assert shop.propose(2, shop.results(2, right=90), suite=shop.suite).reasons == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"adapter": "0" * 64}, "an evaluation of first"),
        ({"model": "x"}, "another model"),
        ({"forced": ["scale"]}, "--force"),
    ],
    ids=str,
)
def test_an_evaluation_of_something_else_is_refused(shop: Shop, change: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        shop.propose(1, shop.results(1, **change))
    assert shop.production is None


def test_what_is_in_production_has_to_be_compared_with(shop: Shop) -> None:
    shop.propose(1)
    for questions in ({}, {"suite": shop.suite, "log": shop.suite}):
        with pytest.raises(InputError, match="mine@1 is in production"):
            shop.propose(2, **questions)
    with pytest.raises(AdapterError, match="version 1 is in production"):
        shop.propose(1, suite=shop.suite)


def test_levels_that_move_are_refused_unless_that_is_meant(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_answers(monkeypatch, {"mine@1": [HIGH, MAYBE, LOW] * 40, "mine@2": [HIGH] * 120})
    shop.propose(1)
    outcome = shop.propose(2, suite=shop.suite)
    assert "the levels move" in outcome.reasons[0]
    assert (shop.production, outcome.record) == (1, None)
    assert shop.propose(2, suite=shop.suite, accept_shift=True, reason="it called too little 높음").reasons == ()
    assert shop.production == 2


def test_questions_that_get_no_answer_any_more_are_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_answers(monkeypatch, {"mine@1": [HIGH, LOW], "mine@2": [HIGH, None]})
    shop.propose(1)
    assert "1 of 2 questions get no answer" in shop.propose(2, suite=shop.suite, accept_shift=True).reasons[0]
    assert shop.production == 1


def test_a_log_is_asked_like_a_suite(shop: Shop) -> None:
    log = AssessmentLog(shop.folder / "log.jsonl")
    log.append([record("로봇 청소기", "로봇")])
    shop.propose(1)
    outcome = shop.propose(2, log=log.path)
    assert outcome.shadow is not None
    assert (outcome.shadow.source, outcome.shadow.cases) == ("log.jsonl", 1)


def test_another_promotion_meanwhile_is_noticed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.propose(1)

    def predict(*_: Any, **__: Any) -> list[Prediction]:
        if shop.production:
            shop.registry.roll_back("mine")
        return [row(0, HIGH)]

    monkeypatch.setattr(promotion, "predict", predict)
    with pytest.raises(AdapterError, match="no version is in production by now"):
        shop.propose(2, suite=shop.suite)
    assert shop.production is None


def test_the_model_is_asked_where_it_was_not_when_registered(
    shop: Shop, other_adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.registry.register(other_adapter, "quick", shop.base.fingerprint(), lambda copy: check_adapter(copy, shop.base))
    monkeypatch.setattr(promotion, "check_all", lambda *_: [Check("levels", Status.FAIL, "one level")])
    asked = Proposal("quick", 1, shop.base, shop.results(2))
    outcome = promote(shop.registry, asked, lambda _: None, lambda *_: None)
    assert outcome.reasons == ("it fails the check levels",)
