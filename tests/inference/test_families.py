"""Conversations in the chat formats of several families, whose templates each have a will of their own."""

import pytest
from families import FAMILIES

from bini.errors import ModelError
from bini.files import sha256
from bini.inference.assessor import Assessor
from bini.inference.prompt import INSTRUCTION, Prompt, request_body, user_message
from bini.inference.styles import INSTRUCTIONS, Style
from bini.models.catalog import ModelPlace
from bini.models.loading import load_tokenizer
from bini.models.text import TEMPLATE_SETTINGS, encode_chat, turn_end

EACH = pytest.mark.parametrize("family", FAMILIES)
PRODUCT, CLAIM = "거리 센서가 달린 로봇", "센서와 팔을 포함하는 로봇"
ANSWER = (
    '{"comparisons": [{"patent_element": "렌즈", "user_product_element": "광학 렌즈", "match": "대응"}], '
    '"decision_reason": "렌즈가 있다.", "risk_level": "높음"}'
)
EXAMPLE = (request_body("광학 렌즈", ["렌즈"]), ANSWER)
TURNS = ("첫 요청", ANSWER, "둘째 요청")


@pytest.fixture(scope="module")
def tokenizers(families):
    return {name: load_tokenizer(ModelPlace(name, folder)) for name, folder in families.items()}


@pytest.fixture(scope="module")
def assessors(families):
    return {name: Assessor(str(folder)) for name, folder in families.items()}


def own_template(tokenizer, family: str, turns) -> list[int]:
    """What the tokenizer makes of harmless turns by itself."""
    contents = [[{"type": "text", "text": turn}] for turn in turns] if family == "multimodal" else turns
    roles = ("user", "assistant") * len(turns)
    messages = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=False)]
    rendered = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False, **TEMPLATE_SETTINGS)
    return list(tokenizer(rendered, add_special_tokens=False).input_ids)


# the frame


@EACH
def test_harmless_turns_are_encoded_as_the_template_itself_does(tokenizers, family: str) -> None:
    tokenizer = tokenizers[family]
    for turns in (TURNS[:1], TURNS, (*TURNS[:2], *TURNS)):
        assert encode_chat(tokenizer, *turns) == own_template(tokenizer, family, turns)


@EACH
def test_no_turn_can_make_a_control_token(tokenizers, family: str) -> None:
    tokenizer = tokenizers[family]
    controls = set(tokenizer.added_tokens_decoder)
    hostile = " ".join(str(token) for token in tokenizer.added_tokens_decoder.values())
    plain = [i for i in encode_chat(tokenizer, *TURNS) if i in controls]
    for place in range(3):
        turns = [*TURNS]
        turns[place] += hostile
        assert [i for i in encode_chat(tokenizer, *turns) if i in controls] == plain


@EACH
def test_the_turn_end_is_the_family_s_own(tokenizers, family: str) -> None:
    ends = {"gemma": "<end_of_turn>", "multimodal": "<end_of_turn>", "qwen": "<|im_end|>", "llama": "<|eot_id|>"}
    assert tokenizers[family].convert_ids_to_tokens(turn_end(tokenizers[family])) == ends[family]


def test_prompts_are_the_same_every_day(tokenizers) -> None:
    text = tokenizers["llama"].decode(encode_chat(tokenizers["llama"], "제품"))
    assert "Today Date: 26 Jul 2024\n" in text


def test_a_thinking_model_is_told_not_to(tokenizers) -> None:
    assert tokenizers["qwen"].decode(encode_chat(tokenizers["qwen"], "제품")).endswith("<think>\n\n</think>\n\n")


def test_a_template_that_knows_no_answers_is_refused(families) -> None:
    tokenizer = load_tokenizer(ModelPlace("one turn", families["gemma"]))
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'assistant' %}{{ raise_exception('one turn only') }}{% endif %}"
        "{{ m.content }}{% endfor %}"
    )
    assert encode_chat(tokenizer, "제품")
    with pytest.raises(ModelError, match="one turn only"):
        encode_chat(tokenizer, *TURNS)


# asking


@EACH
@pytest.mark.parametrize("examples", [(), (EXAMPLE, EXAMPLE)], ids=["zero-shot", "few-shot"])
@pytest.mark.parametrize("style", Style)
def test_every_family_is_asked_with_every_prompt(assessors, family: str, examples, style: Style) -> None:
    asked = assessors[family].asking(Prompt(INSTRUCTIONS[style], examples))
    text = asked.decoder.tokenizer.decode(asked.prepare(PRODUCT, CLAIM, ["센서", "팔", "로봇"]).prompt)
    places = [text.index(part) for part in (INSTRUCTIONS[style].strip(), "1. 센서\n2. 팔\n3. 로봇", PRODUCT)]
    assert places == sorted(places)
    assert text.count(ANSWER) == len(examples)


@EACH
def test_every_family_answers(assessors, family: str, monkeypatch) -> None:
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 20)
    asked = assessors[family].asking(Prompt(INSTRUCTIONS[Style.DETAILED], (EXAMPLE,)))
    request = asked.prepare(PRODUCT, CLAIM, ["센서", "팔"])
    found = asked.assemble(request, asked.decoder.constrained(request.prompt, request.grammar))
    assert [row.patent_element for row in found.comparisons] == ["센서", "팔"]
    assert found.provenance.prompt_sha256 == asked.prompt.sha256 != Prompt().sha256
    [free] = asked.decoder.free([request.prompt], 4)
    assert isinstance(free, str)


def test_asking_otherwise_leaves_the_first_assessor_as_it_was(assessors) -> None:
    assessor = assessors["gemma"]
    before = assessor.prepare(PRODUCT, CLAIM).prompt
    assert assessor.asking(Prompt(INSTRUCTIONS[Style.BASIC])).prepare(PRODUCT, CLAIM).prompt != before
    assert assessor.prepare(PRODUCT, CLAIM).prompt == before


# the prompts


def test_the_default_prompt_is_the_trained_one() -> None:
    assert Prompt().turns(PRODUCT, ["센서"]) == [user_message(PRODUCT, ["센서"])]
    assert Prompt().sha256 == sha256(INSTRUCTION)
    assert INSTRUCTIONS[Style.INSTRUCTION] == INSTRUCTION
    assert sha256(INSTRUCTION) == "d7c508e8eea6cf48aca3dbe726222de79e5871294ae11de9e2dccccb32059ade", (
        "the shipped adapter was trained on this very text"
    )


def test_the_instruction_stands_once_before_the_examples() -> None:
    turns = Prompt(INSTRUCTION, (EXAMPLE,)).turns(PRODUCT, ["센서"])
    assert turns == [user_message("광학 렌즈", ["렌즈"]), ANSWER, request_body(PRODUCT, ["센서"])]


def test_prompts_have_hashes_of_their_own() -> None:
    prompts = [Prompt(INSTRUCTIONS[style], shots) for style in Style for shots in ((), (EXAMPLE,), (EXAMPLE, EXAMPLE))]
    assert len({prompt.sha256 for prompt in prompts}) == len(prompts)
