"""The fast path writes what the plain one writes, token for token, in fewer calls."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import CohereConfig, CohereForCausalLM, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

from bini.domain.cases import load_cases
from bini.domain.labels import Match
from bini.errors import ModelError
from bini.inference.assessor import Assessor
from bini.inference.decoding import Decoder
from bini.inference.drafting import DRAFT, Context, Head, _look_up
from bini.inference.grammar import answer_grammar
from bini.inference.prompt import user_message
from bini.models.catalog import EMBEDDED, ModelPlace
from bini.models.loading import load_base, load_tokenizer
from bini.models.text import encode_chat
from bini.resources import resource
from bini.training.synthesis.cases import CaseWriter, Stage


def decoder_of(folder: Path) -> Decoder:
    place = ModelPlace(folder.name, folder)
    return Decoder(load_base(place), load_tokenizer(place))


@pytest.mark.parametrize("family", ["tiny_model", "llama_model", "narrow_model"])
def test_fast_and_plain_write_the_same(request, glossary, monkeypatch, family: str) -> None:
    decoder = decoder_of(request.getfixturevalue(family))
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 40)
    rng = random.Random(family)
    writer = CaseWriter(glossary, rng, Stage((1, 3), 3, 0.2, 0.5))
    fast_calls = plain_calls = 0
    for scale in (0.05, 0.2, 1.0, 0.2):
        with torch.no_grad():  # other weights each time, else one habit would be tested over and over
            decoder.model.get_input_embeddings().weight.normal_(0, scale)
        case = writer.case()
        prompt = encode_chat(decoder.tokenizer, user_message(case.product, case.elements))
        grammar = answer_grammar(case.elements, case.product)
        fast, plain = decoder.constrained(prompt, grammar), decoder.constrained(prompt, grammar, plain=True)
        assert fast.text == plain.text
        for one, other in zip(fast.choices, plain.choices, strict=True):
            assert one.over(list(Match)) == pytest.approx(other.over(list(Match)), abs=1e-3)
        fast_calls += fast.model_calls
        plain_calls += plain.model_calls
    assert fast_calls < 0.8 * plain_calls  # even random weights are forced through keys and elements


def test_a_trained_model_s_charts_are_the_plain_ones_in_a_fifth_of_the_calls() -> None:
    assessor = Assessor("bini-nano", EMBEDDED / "bini-nano-lora")
    fast_calls = plain_calls = 0
    for case in load_cases(resource("data/processed/binibench_validation.jsonl"))[5:110:40]:
        request = assessor.prepare(case.user_query, case.claim_text, case.elements)
        fast = assessor.decoder.constrained(request.prompt, request.grammar)
        plain = assessor.decoder.constrained(request.prompt, request.grammar, plain=True)
        assert fast.text == plain.text
        for one, other in zip(fast.choices, plain.choices, strict=True):
            assert one.over(list(Match)) == pytest.approx(other.over(list(Match)), abs=1e-3)
        fast_calls += fast.model_calls
        plain_calls += plain.model_calls
    assert fast_calls <= plain_calls / 5


def test_a_draft_is_what_followed_the_longest_run_of_last_tokens() -> None:
    assert _look_up([1, 2, 3, 9, 5, 3, 8, 1, 2, 3]) == [9, 5, 3, 8, 1, 2, 3]
    assert _look_up([7, 3, 4, 7, 3, 5, 3]) == [5, 3], "the nearest place, where only one token is the same"
    assert _look_up([1, 2, 3]) == []
    assert len(_look_up([0, *range(1, 99), 0])) == DRAFT


def test_what_has_been_read_is_not_read_again(tiny_model: Path) -> None:
    context = decoder_of(tiny_model).context()
    ids = list(range(5, 25))
    last = context.rows(ids, [20]).all(0)
    again = context.rows(ids, [4, 20]).all(1)
    assert (context.calls, context.tokens) == (1, 20)
    torch.testing.assert_close(again, last, atol=1e-4, rtol=0)
    fork = context.fork()
    assert fork.rows([*ids[:12], 30, 31], [14]).all(0).isfinite().all()
    assert (fork.calls, fork.tokens) == (1, 2)
    torch.testing.assert_close(context.rows(ids, [20]).all(0), last, atol=1e-4, rtol=0)
    assert context.calls == 1, "what the fork read has not changed what it came from"


def cohere(_: Path) -> PreTrainedModel:
    sizes = dict.fromkeys(("hidden_size", "intermediate_size"), 32)
    config = CohereConfig(**sizes, vocab_size=64, num_hidden_layers=1, num_attention_heads=2, logit_scale=0.0625)
    return CohereForCausalLM(config).eval()


def capped(tiny_model: Path) -> PreTrainedModel:
    model = decoder_of(tiny_model).model
    model.config.final_logit_softcapping = 0.1
    return model


@pytest.mark.parametrize("made", [cohere, capped])
def test_logits_are_the_model_s_own(tiny_model: Path, made: Callable[[Path], PreTrainedModel]) -> None:
    model, ids = made(tiny_model), list(range(5, 15))
    with torch.no_grad():
        wanted = model(input_ids=torch.tensor([ids])).logits[0, -1]
    rows, some = Context(model, Head(model)).rows(ids, [10]), torch.tensor([3, 60, 7])
    torch.testing.assert_close(rows.all(0), wanted, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(rows.among(0, some), wanted[some], atol=1e-5, rtol=1e-4)


def test_logits_made_together_are_each_place_s_own(tiny_model: Path) -> None:
    context, ids = decoder_of(tiny_model).context(), list(range(5, 55))
    rows = context.rows(ids, range(1, 51))
    for place in (0, 1, 40, 3, 49):
        torch.testing.assert_close(rows.all(place), context.rows(ids, [place + 1]).all(0), atol=1e-4, rtol=0)


def test_a_head_that_is_not_understood_is_refused(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = decoder_of(tiny_model).model
    whole = model.forward
    monkeypatch.setattr(model, "forward", lambda **given: CausalLMOutput(logits=whole(**given).logits ** 2))
    with pytest.raises(ModelError, match="not those of its head"):
        Head(model)


def test_numbers_that_are_not_finite_are_an_error(tiny_model: Path) -> None:
    decoder = decoder_of(tiny_model)
    with torch.no_grad():
        decoder.model.get_input_embeddings().weight.fill_(float("nan"))
    prompt = encode_chat(decoder.tokenizer, "제품")
    for plain in (False, True):
        with pytest.raises(ModelError, match="not finite"):
            decoder.constrained(prompt, answer_grammar(["로봇"], "청소 로봇"), plain=plain)
