"""Constrained output of any weights is a valid answer, and the fast path writes what the plain one does."""

import json
import random
from pathlib import Path

import jsonschema
import pytest
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from bini.domain.labels import Match
from bini.domain.schema import REASON_CHARS, Judgement, judgement_schema
from bini.inference.decoding import Decoded, Decoder, _Recorder
from bini.inference.grammar import answer_grammar
from bini.inference.prompt import user_message
from bini.models.catalog import ModelPlace
from bini.models.loading import load_base, load_tokenizer
from bini.models.text import encode_chat
from bini.training.synthesis.cases import CaseWriter, Stage

MATCHES = list(Match)
REQUESTS = [
    (("유효성분", "피부 미백용 화장료 조성물"), "TBC 성분이 들어간 미백 크림을 만들었어"),
    (('a "quoted" part', "한 줄\n두 줄", "\\"), '깰 뷁 "A\\B" 5~10 중량%\n둘째 줄 😀 \u2028 \x01 tab\tend'),
]


def place(folder: Path) -> ModelPlace:
    return ModelPlace(folder.name, folder)


def decoder_of(folder: Path) -> Decoder:
    return Decoder(load_base(place(folder)), load_tokenizer(place(folder)))


@pytest.fixture(scope="module")
def decoders(tiny_model, llama_model) -> dict[str, Decoder]:
    return {"gemma": decoder_of(tiny_model), "llama": decoder_of(llama_model)}


def decode(decoder: Decoder, elements: tuple[str, ...], product: str) -> Decoded:
    prompt = encode_chat(decoder.tokenizer, user_message(product, elements))
    return decoder.constrained(prompt, answer_grammar(elements, product))


def check(decoded: Decoded, elements: tuple[str, ...], product: str) -> Judgement:
    jsonschema.validate(json.loads(decoded.text), judgement_schema(elements))
    judgement = Judgement.model_validate_json(decoded.text)
    assert [row.patent_element for row in judgement.comparisons] == list(elements)
    for row in judgement.comparisons:
        assert row.user_product_element is None or row.user_product_element in product
    assert len(decoded.choices) == len(elements)
    return judgement


# constrained output


@pytest.mark.parametrize("family", ["gemma", "llama"])
@pytest.mark.parametrize("request_", REQUESTS, ids=["plain", "odd"])
def test_random_weights_write_a_valid_answer_the_same_each_time(decoders, family: str, request_) -> None:
    decoder = decoders[family]
    first = decode(decoder, *request_)
    judgement = check(first, *request_)
    assert first.text == judgement.to_json()
    assert first.model_calls <= answer_grammar(*request_).max_bytes + 1
    for row, made in zip(judgement.comparisons, first.choices, strict=True):
        assert sum(made.over(MATCHES).values()) == pytest.approx(1)
        assert row.match in made.over(MATCHES)
    if request_ is REQUESTS[0]:
        torch.manual_seed(99)
        assert decode(decoder, *request_) == first, "greedy: no dice, and no state left over"


def test_the_written_label_has_its_share_and_the_labels_sum_to_one(decoders, glossary) -> None:
    """Greedy goes token by token, so a label that is cut into many tokens may hold more than the written one."""
    decoder = decoders["gemma"]
    writer = CaseWriter(glossary, random.Random(4), Stage((2, 2), 1, 0.0, 0.5))
    chosen = set()
    for _ in range(8):
        case = writer.case()
        decoded = decode(decoder, case.elements, case.product)
        judgement = check(decoded, case.elements, case.product)
        for row, made in zip(judgement.comparisons, decoded.choices, strict=True):
            over = made.over(MATCHES)
            assert over[row.match] > 0.05
            assert sum(over.values()) == pytest.approx(1)
            assert sum(made.probabilities) == pytest.approx(1)
            chosen.add(row.match)
    assert len(chosen) > 1


def test_the_choice_is_the_model_s_own_distribution(decoders) -> None:
    """One forward pass over prompt and answer so far gives the same probabilities."""
    decoder = decoders["gemma"]
    elements, product = REQUESTS[0]
    decoded = decode(decoder, elements, product)
    prompt = encode_chat(decoder.tokenizer, user_message(product, elements))
    grammar = answer_grammar(elements, product)
    processor = decoder._outlines.get_cfg_logits_processor(grammar.lark)
    recorder = _Recorder()
    [ids] = decoder.generate([prompt], grammar.max_bytes + 1, [processor, recorder])
    pieces = [decoder._bytes(i) for i in ids if i not in decoder._stops]
    label = json.loads(decoded.text)["comparisons"][0]["match"].encode()
    start = b"".join(pieces).index(b'"match": "') + len(b'"match": "')
    at = next(n for n in range(len(pieces)) if len(b"".join(pieces[: n + 1])) > start)
    assert len(b"".join(pieces[:at])) == start
    assert label.startswith(pieces[at])
    with torch.inference_mode():
        logits = decoder.model(torch.tensor([prompt + ids[:at]])).logits[0, -1].float()
    recorded = recorder.steps[at]
    assert recorded is not None
    wanted = logits[list(recorded.allowed)].softmax(0).tolist()
    assert list(recorded.probabilities) == pytest.approx(wanted, abs=0.02)


def test_the_decoder_leaves_its_tokenizer_as_it_was(tiny_model) -> None:
    tokenizer = load_tokenizer(place(tiny_model))
    before = (tokenizer.padding_side, tokenizer.pad_token, tokenizer.backend_tokenizer.to_str())
    Decoder(load_base(place(tiny_model)), tokenizer)
    assert (tokenizer.padding_side, tokenizer.pad_token, tokenizer.backend_tokenizer.to_str()) == before


@pytest.mark.parametrize("family", ["gemma", "llama"])
def test_free_output_is_bounded_and_the_same_each_time(decoders, family: str) -> None:
    decoder = decoders[family]
    prompt = encode_chat(decoder.tokenizer, "제품")
    [text] = decoder.free([prompt], 12)
    assert text
    assert [text] == decoder.free([prompt], 12)
    assert text.startswith(decoder.free([prompt], 4)[0])


@pytest.mark.parametrize("family", ["gemma", "llama"])
def test_a_free_answer_does_not_depend_on_what_else_is_asked(decoders, family: str) -> None:
    decoder = decoders[family]
    prompts = [encode_chat(decoder.tokenizer, text) for text in ("제품", "미백 크림을 만들었어 " * 9, "a robot")]
    assert decoder.free(prompts, 12) == [decoder.free([prompt], 12)[0] for prompt in prompts]


def test_a_turn_end_stops_free_output(decoders) -> None:
    decoder = decoders["gemma"]
    end = decoder.tokenizer.convert_tokens_to_ids("<end_of_turn>")
    assert {end, decoder.tokenizer.eos_token_id} <= set(decoder._stops)


# many


def nano_shaped(tokenizer, folder: Path) -> Path:
    torch.manual_seed(5)
    model = Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=len(tokenizer),
            hidden_size=256,
            intermediate_size=512,
            num_hidden_layers=6,
            num_attention_heads=4,
            num_key_value_heads=1,
            head_dim=64,
            query_pre_attn_scalar=64,
            sliding_window=1024,
            max_position_embeddings=8192,
            initializer_range=0.1,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def odd(rng: random.Random, product: str) -> str:
    """`product` with a few characters that tokenizers and JSON dislike, anywhere in it."""
    text = list(product)
    for char in rng.choices('깰뷁😀"\\\n\t\x01\u2028é{}[]<>', k=rng.randint(0, 6)):
        text.insert(rng.randint(0, len(text)), char)
    return "".join(text).strip()


@pytest.mark.slow
def test_five_hundred_answers_of_random_weights_are_all_valid(
    tiny_tokenizer, tiny_model, llama_model, glossary, tmp_path, monkeypatch
) -> None:
    rng = random.Random(8)
    writer = CaseWriter(glossary, rng, Stage((1, 5), 4, 0.3, 0.5))
    models = [(nano_shaped(tiny_tokenizer, tmp_path / "nano"), 50), (tiny_model, 250), (llama_model, 200)]
    quotes = 0
    for folder, count in models:
        decoder = decoder_of(folder)
        for number in range(count):
            # Random weights fill the reason to its last character: nine times in ten a short one will do.
            monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", REASON_CHARS if number % 10 == 0 else 30)
            with torch.no_grad():  # other weights each time, else one habit would be tested over and over
                decoder.model.get_input_embeddings().weight.normal_(0, rng.choice([0.02, 0.2, 1.0]))
            case = writer.case()
            product = odd(rng, case.product)
            decoded = decode(decoder, case.elements, product)
            judgement = check(decoded, case.elements, product)
            assert decoded.text.endswith("}"), "finished"
            assert decoded.text == judgement.to_json()
            quotes += sum(row.user_product_element is not None for row in judgement.comparisons)
    assert quotes > 100
