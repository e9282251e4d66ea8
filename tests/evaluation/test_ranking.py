"""Ranking lists: each pair is assessed once and kept, failures are rows, the riskiest claim counts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bini.domain.candidates import Candidate
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.monitoring.log import AssessmentLog, read_log
from bini.domain.ranking import Ranking, risk_score
from bini.domain.ranking_suite import Query
from bini.domain.schema import AssessedElement, Assessment, Provenance
from bini.errors import DataError, InputError, ModelError
from bini.evaluation.predict import System
from bini.evaluation.ranking import Entry, entry_of, judge, rank
from bini.evaluation.ranking_suite import rank_suite
from bini.inference.assessor import Assessor

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")
PRODUCT = "덮개가 있는 컵"
CLAIMS = {"a": "덮개를 포함하는 컵", "b": "손잡이를 포함하는 컵", "c": "바퀴를 포함하는 차"}
RISKS = {"덮개": 0.9, "손잡이": 0.5, "바퀴": 0.1}


def assessment(product: str, elements: tuple[str, ...], high: float) -> Assessment:
    return Assessment(
        product=product,
        comparisons=tuple(
            AssessedElement(
                patent_element=element,
                user_product_element=None,
                match=Match.UNKNOWN,
                quote_start=None,
                quote_end=None,
                probabilities=dict.fromkeys(Match, 1 / 3),
            )
            for element in elements
        ),
        decision_reason="이유",
        risk_level=RiskLevel.HIGH if high > 0.5 else RiskLevel.LOW,
        probabilities={RiskLevel.HIGH: high, RiskLevel.AMBIGUOUS: 0.0, RiskLevel.LOW: 1 - high},
        rule_level=roll_up([Match.UNKNOWN]),
        provenance=Provenance(
            model="m",
            model_fingerprint="f",
            adapter=None,
            adapter_sha256=None,
            prompt_sha256="p",
            schema_sha256="s",
            rules="KR 1",
            bini_version="0",
        ),
    )


class Stub:
    """An assessor that knows the risk of an element and keeps what it was asked."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.stop_after = stop_after

    def assess(self, product: str, claim: str, elements: tuple[str, ...]) -> Assessment:
        if len(self.asked) == self.stop_after:
            raise KeyboardInterrupt
        self.asked.append(elements)
        if "long" in product + claim:
            raise InputError("the request is too long", "shorten it")
        if "odd" in product + claim:
            raise ModelError("no valid answer", "train again")
        risk = next((risk for part, risk in RISKS.items() if any(part in element for element in elements)), 0.0)
        return assessment(product, elements, risk)


def candidate(name: str, text: str, column: str = "claim") -> Candidate:
    return Candidate(1, name, f"title {name}", column, text)


@pytest.fixture
def entries() -> list[Entry]:
    return [entry_of(candidate(name, text), PRODUCT) for name, text in CLAIMS.items()]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ranking]:
    def ranking(entries: list[Entry], stub: Stub, identity: str = "m") -> Ranking:
        system = System("a model", lambda: stub, {"model": identity})  # type: ignore[arg-type, return-value]
        return rank(system, entries, tmp_path, lambda *_: None)

    return ranking


def test_patents_are_ranked_for_a_product_and_products_for_a_claim(entries, run) -> None:
    found = run(entries[::-1], Stub())
    assert [(row.rank, row.id, row.title) for row in found.rows] == [
        (1, "a", "title a"),
        (2, "b", "title b"),
        (3, "c", "title c"),
    ]
    products = [entry_of(candidate(text, text, "product"), CLAIMS["a"]) for text in ("컵", "뚜껑이 있는 컵")]
    stub = Stub()
    assert {row.rank for row in run(products, stub).rows} == {1, 2}
    assert stub.asked == [("덮개", "컵")] * 2


def test_an_interrupted_list_goes_on_where_it_was(entries, run, tmp_path: Path) -> None:
    first = Stub(stop_after=2)
    with pytest.raises(KeyboardInterrupt):
        run(entries, first)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes() + b'{"key": "half a li')
    rest = Stub()
    found = run(entries, rest)
    assert first.asked + rest.asked == [pair.elements for entry in entries for pair in entry.pairs]
    again = Stub()
    assert run([*entries, entry_of(candidate("d", "뚜껑을 포함하는 병"), PRODUCT)], again).rows[:3] == found.rows
    assert again.asked == [("뚜껑", "병")]
    another = Stub()
    run(entries, another, identity="another model")
    assert len(another.asked) == 3
    forgotten = Stub()
    run(entries, forgotten)
    assert forgotten.asked == []  # what another model said took nothing away


def test_nothing_is_loaded_for_what_is_known(entries, run, tmp_path: Path) -> None:
    known = run(entries, Stub())
    system = System("a model", lambda: pytest.fail("loaded"), {"model": "m"})
    assert rank(system, entries, tmp_path, lambda *_: None) == known


def test_progress_tells_pairs(entries, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    system = System("a model", Stub, {})  # type: ignore[arg-type]
    judge(system, entries, tmp_path, lambda *step: told.append(step))
    assert told == [(0, 3, ""), (0, 3, "a"), (1, 3, "b"), (2, 3, "c"), (3, 3, "")]


def test_what_cannot_be_assessed_is_a_row_at_the_end(entries, run) -> None:
    failing = [
        entry_of(candidate("empty", " "), PRODUCT),
        entry_of(candidate("dots", "., ;"), PRODUCT),
        entry_of(candidate("long", "long 덮개를 포함하는 컵"), PRODUCT),
        entry_of(candidate("odd", "odd 덮개를 포함하는 컵"), PRODUCT),
        entry_of(candidate("set", "3. 제1항에 있어서, 붉은 컵.", "claims"), PRODUCT),
        entry_of(candidate("cancelled", "1. 삭제", "claims"), PRODUCT),
    ]
    rows = run([*failing, *entries], Stub()).rows
    assert [row.id for row in rows] == ["a", "b", "c", "empty", "dots", "long", "odd", "set", "cancelled"]
    problems = [row.problem for row in rows]
    wanted = ["is empty", "no element", "too long", "no valid answer", "claim 3 cites", "no independent claim"]
    assert problems[:3] == [None] * 3
    assert all(part in (problem or "") for part, problem in zip(wanted, problems[3:], strict=True))
    assert all(row.rank is None and row.score is None for row in rows[3:])


def test_a_claim_set_is_as_risky_as_its_riskiest_independent_claim(run) -> None:
    text = "1. 바퀴를 포함하는 차.\n2. 덮개를 포함하는 컵.\n3. 제2항에 있어서, 손잡이를 더 포함하는 컵.\n4. 삭제"
    stub = Stub()
    [row] = run([entry_of(candidate("set", text, "claims"), PRODUCT)], stub).rows
    assert (row.claim, row.score, row.problem) == (2, 0.9, None)
    assert stub.asked == [("바퀴", "차"), ("덮개", "컵")]


def test_a_claim_of_a_set_that_fails_is_told_and_the_others_count(run) -> None:
    text = "1. 바퀴를 포함하는 차.\n2. long 덮개를 포함하는 컵."
    [row] = run([entry_of(candidate("set", text, "claims"), PRODUCT)], Stub()).rows
    assert (row.rank, row.claim, row.score) == (1, 1, 0.1)
    assert row.problem == "claim 2: the request is too long"


def test_a_broken_store_is_told(entries, run, tmp_path: Path) -> None:
    run(entries, Stub())
    [kept] = tmp_path.iterdir()
    kept.write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1: no assessed pair"):
        run(entries, Stub())


def test_a_real_model_gives_the_same_again_from_what_was_kept(tiny_assessor: Assessor, tmp_path: Path) -> None:
    entries = [entry_of(candidate(name, text), PRODUCT) for name, text in CLAIMS.items()]
    fresh = judge(System("tiny", lambda: tiny_assessor, {}), entries, tmp_path, lambda *_: None)
    kept = judge(System("tiny", lambda: pytest.fail("loaded"), {}), entries, tmp_path, lambda *_: None)
    assert kept == fresh
    [_, (row, found), _] = fresh
    assert found == tiny_assessor.assess(PRODUCT, CLAIMS["b"])
    assert row.score == risk_score(found.probabilities)


def test_pairs_are_logged_when_they_are_assessed_and_not_when_they_are_known(
    tiny_assessor: Assessor, tmp_path: Path
) -> None:
    entries = [entry_of(candidate(name, text), PRODUCT) for name, text in CLAIMS.items()]
    log = AssessmentLog(tmp_path / "log.jsonl")
    system = System("tiny", lambda: tiny_assessor, {})
    for listed in (entries[:2], entries):
        rank(system, listed, tmp_path / "kept", lambda *_: None, log)
    records = list(read_log(log.path))
    assert len(records) == 3
    assert all(record and record.level and record.model == tiny_assessor.place.name for record in records)
    assert "덮개" not in log.path.read_text(encoding="utf-8"), "texts stay out unless they are asked for"


def query(name: str, **fields: object) -> Query:
    label = {"reason": "r", "near": True, "source": "written"}
    candidates = [
        label | {"id": "miss", "product": "차", "level": "낮음", "decided_by": [1], "near": False},
        label | {"id": "hit", "product": "덮개가 있는 컵", "level": "높음", "decided_by": []},
        label | {"id": "open", "product": "long 컵", "level": "애매", "decided_by": [1]},
    ]
    given = {"id": name, "claim": "덮개를 포함하는 컵", "elements": ["덮개", "컵"], "candidates": candidates}
    return Query.model_validate(given | fields)


def test_a_suite_is_scored_beside_orders_without_a_model(tmp_path: Path) -> None:
    label = {"reason": "r", "near": True, "source": "written"}
    claims = [
        label
        | {"id": "x", "claim": "바퀴를 포함하는 차", "elements": ["바퀴", "차"], "level": "낮음", "decided_by": [1]},
        label
        | {"id": "y", "claim": "덮개를 포함하는 컵", "elements": ["덮개", "컵"], "level": "높음", "decided_by": []},
    ]
    queries = [query("q"), query("p", claim=None, elements=[], product=PRODUCT, candidates=claims)]
    stub = Stub()
    system = System("stub", lambda: stub, {})  # type: ignore[arg-type, return-value]
    found = rank_suite(system, queries, tmp_path, lambda *_: None)
    assert [(g.group, g.queries, g.candidates, g.high) for g in found.groups] == [
        ("all queries", 2, 5, 2),
        ("a claim, its products", 1, 3, 1),
        ("a product, its patents", 1, 2, 1),
        ("near candidates alone", 2, 4, 2),
    ]
    whole = {row.name: row for row in found.groups[0].systems}
    assert list(whole) == ["stub", "random order (expectation)", "word overlap", "character TF-IDF cosine"]
    by_claim = found.groups[1].systems
    # The stub is sure of 덮개 whatever the product, so that 차 and 컵 are tied; the product too long stands last.
    assert by_claim[0].measures["map_at_3"].value == pytest.approx((1 + 1 / 2) / 2)
    assert by_claim[1].measures["map_at_3"].value == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert by_claim[2].measures["map_at_3"].value == 1
    assert found.groups[2].systems[0].measures["ndcg"].value == 1
    assert found.unassessed == 1
    assert whole["stub"].first_ahead.value == 0
    assert stub.asked == [("덮개", "컵")] * 3 + [("바퀴", "차")]  # the pair that both queries ask is asked once
