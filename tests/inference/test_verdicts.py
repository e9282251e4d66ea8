"""A verdict has the chart's quotes and matches, written in fewer calls, and never falls over what a product says."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bini.domain.cases import load_cases
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Judgement
from bini.inference.assessor import Assessor
from bini.models.catalog import EMBEDDED
from bini.resources import resource


def test_a_trained_model_s_matches_and_quotes_are_those_of_its_chart() -> None:
    assessor = Assessor("bini-nano", EMBEDDED / "bini-nano-lora")
    cases = load_cases(resource("data/processed/binibench_validation.jsonl"))[2:110:24]
    kinds, quick_calls, chart_calls = set(), 0, 0
    for case in cases:
        request = assessor.prepare(case.user_query, case.claim_text, case.elements)
        chart = assessor.decoder.constrained(request.prompt, request.grammar)
        quick = assessor.decoder.verdict(request.prompt, request.grammar)
        rows = Judgement.model_validate_json(chart.text).comparisons
        assert Judgement.model_validate_json(quick.text).comparisons == rows
        for one, other in zip(quick.choices, chart.choices, strict=True):
            assert one.over(list(Match)) == pytest.approx(other.over(list(Match)), abs=1e-3)
        kinds |= {row.match for row in rows}
        quick_calls += quick.model_calls
        chart_calls += chart.model_calls
    assert len(kinds) > 1
    assert quick_calls < chart_calls / 3


@pytest.mark.parametrize("horizon", [16, 40])
def test_how_far_a_pass_looks_changes_only_its_cost(monkeypatch: pytest.MonkeyPatch, horizon: int) -> None:
    assessor = Assessor("bini-nano", EMBEDDED / "bini-nano-lora")
    case = load_cases(resource("data/processed/binibench_validation.jsonl"))[30]
    asked = assessor.prepare(case.user_query, case.claim_text, case.elements)
    monkeypatch.setattr("bini.inference.verdicts.HORIZON", 10_000)
    far = assessor.decoder.verdict(asked.prompt, asked.grammar)
    monkeypatch.setattr("bini.inference.verdicts.HORIZON", horizon)
    near = assessor.decoder.verdict(asked.prompt, asked.grammar)
    assert near.text == far.text
    assert near.model_calls > far.model_calls
    assert near.tokens < far.tokens


def test_what_does_not_settle_is_decoded_as_a_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    assessor = Assessor("bini-nano", EMBEDDED / "bini-nano-lora")
    case = load_cases(resource("data/processed/binibench_validation.jsonl"))[30]
    asked = assessor.prepare(case.user_query, case.claim_text, case.elements)
    monkeypatch.setattr("bini.inference.decoding.PASSES", 1)
    context = assessor.context()
    made = assessor.decoder.verdict(asked.prompt, asked.grammar, context)
    chart = assessor.decoder.constrained(asked.prompt, asked.grammar)
    assert made.text == chart.text
    assert (made.model_calls, made.tokens) == (context.calls, context.tokens)


def test_a_model_that_would_go_on_with_its_reason_is_drafted_for_all_the_same() -> None:
    """Where the closing of the reason and the level's key are one token, what the model says there is not the level."""
    assessor = Assessor("bini-nano-4x")
    case = load_cases(resource("eval/suites/heldout.jsonl"))[0]
    asked = assessor.prepare(case.user_query, case.claim_text, case.elements)
    chart = assessor.decoder.constrained(asked.prompt, asked.grammar)
    assert chart.text == assessor.decoder.constrained(asked.prompt, asked.grammar, plain=True).text
    assert assessor.assemble(asked, assessor.decoder.verdict(asked.prompt, asked.grammar)).risk_level in list(RiskLevel)


@pytest.mark.parametrize("family", ["tiny_model", "llama_model"])
def test_any_product_gets_a_valid_verdict(request, family: str) -> None:
    assessor = Assessor(str(request.getfixturevalue(family)))

    @settings(max_examples=20, deadline=None)
    @example(product="\x0f", seed=0)
    @example(product='뷁\\\\"\x08 \u2028😀\n\\u0041', seed=1)
    @given(product=st.text(min_size=1, max_size=60).filter(str.strip), seed=st.integers(0, 9))
    def check(product: str, seed: int) -> None:
        torch.manual_seed(seed)
        with torch.no_grad():
            assessor.decoder.model.get_input_embeddings().weight.normal_(0, 0.5)
        asked = assessor.prepare(product, "로봇", ['"센서"\\', product[:20].strip() or "팔"])
        made = assessor.assemble(asked, assessor.decoder.verdict(asked.prompt, asked.grammar))
        quotes = [row.user_product_element for row in made.comparisons]
        assert all(quote is None or quote in asked.product for quote in quotes)
        assert sum(made.probabilities.values()) == pytest.approx(1)
        assert made.risk_level in list(RiskLevel)

    check()
