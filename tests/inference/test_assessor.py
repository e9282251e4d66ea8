"""What the public way in takes, refuses and gives back."""

import json
import os
import shutil
import unicodedata
from pathlib import Path

import jsonschema
import pytest
import torch
from llguidance import LLMatcher
from safetensors.torch import load_file, save_file

from bini.domain.answers import Answer
from bini.domain.claims import parse_claims, split_claim
from bini.domain.labels import Match, RangeCheck, RiskLevel, roll_up
from bini.domain.patents import PatentAssessment
from bini.domain.schema import QUOTE_CHARS, Assessment, Comparison, Judgement, judgement_schema
from bini.domain.untrusted import clean_text
from bini.errors import AdapterError, InputError, ModelError
from bini.inference import assessor as module
from bini.inference.assessor import SHORT_QUOTE, Assessor, Request
from bini.inference.decoding import Choice, Decoded
from bini.inference.grammar import answer_grammar
from bini.inference.prompt import user_message
from bini.models import catalog
from bini.models.runs import newest_adapter
from bini.models.text import encode_chat

CLAIM = "아세틸트리부틸시트레이트를 유효성분으로 함유하는 피부 미백용 화장료 조성물."
PRODUCT = "TBC 성분이 들어간 미백 크림을 만들었어"
ELEMENTS = ("유효성분", "조성물")
UNKNOWN, LOW = (Match.UNKNOWN, Match.UNKNOWN), RiskLevel.LOW


@pytest.fixture(scope="module")
def result(tiny_assessor: Assessor) -> Assessment:
    return tiny_assessor.assess(PRODUCT, CLAIM)


def sure(label: str) -> Choice:
    return Choice((label.encode(),), (1.0,))


def written(assessor: Assessor, request: Request, quotes, matches, level: RiskLevel) -> Assessment:
    """What the assessor makes of an answer that a model might have written."""
    rows = tuple(
        Comparison(patent_element=e, user_product_element=q, match=m)
        for e, q, m in zip(request.elements, quotes, matches, strict=True)
    )
    judgement = Judgement(comparisons=rows, decision_reason="이유", risk_level=level)
    return assessor.assemble(request, Decoded(judgement.to_json(), tuple(map(sure, matches)), 1, 1))


# what is refused


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\u3000\u00a0"])
def test_an_empty_text_is_refused(tiny_assessor: Assessor, text: str) -> None:
    with pytest.raises(InputError, match="product description is empty") as caught:
        tiny_assessor.assess(text, CLAIM)
    assert "@file" in caught.value.hint
    with pytest.raises(InputError, match="claim is empty"):
        tiny_assessor.assess(PRODUCT, text)
    with pytest.raises(InputError, match="claim element is empty"):
        tiny_assessor.assess(PRODUCT, CLAIM, ["유효성분", text])


@pytest.mark.parametrize("claim", [".", ";;;", " , . ; ", "—", "…", "?!", "()"])
def test_a_claim_of_punctuation_is_refused(tiny_assessor: Assessor, claim: str) -> None:
    with pytest.raises(InputError) as caught:
        tiny_assessor.prepare(PRODUCT, claim)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["\ud83d", "크림 \udc00 끝", b"\xff".decode(errors="surrogateescape")])
def test_a_lone_surrogate_is_refused(tiny_assessor: Assessor, text: str) -> None:
    for product, claim, elements in ((text, CLAIM, None), (PRODUCT, text, None), (PRODUCT, CLAIM, ["유효성분", text])):
        with pytest.raises(InputError, match="not valid Unicode"):
            tiny_assessor.assess(product, claim, elements)


def test_a_product_that_does_not_fit_is_refused_with_its_numbers(tiny_assessor: Assessor) -> None:
    product = "미백 크림을 만들었다. " * 4000
    with pytest.raises(InputError) as caught:
        tiny_assessor.assess(product, CLAIM)
    message = caught.value.message
    assert f"{tiny_assessor.window:,}" in message
    elements = [element.text for element in split_claim(CLAIM)]
    tokens = len(encode_chat(tiny_assessor.decoder.tokenizer, user_message(product.strip(), elements)))
    assert tokens > tiny_assessor.window
    assert f"{tokens:,}" in message
    assert tiny_assessor.place.name in message
    assert "shorten" in caught.value.hint


def test_the_window_s_border_is_exact(tiny_assessor: Assessor, monkeypatch) -> None:
    """A request that just fits is taken whole; one token less of window, and quotes are shortened; then no more."""
    product = "미백 크림 성분 " * 40
    whole = tiny_assessor.prepare(product, CLAIM, ELEMENTS)
    assert whole.grammar == answer_grammar(ELEMENTS, product.strip(), QUOTE_CHARS)
    fits = len(whole.prompt) + whole.grammar.max_bytes + 1  # generate is given one token more, for the end
    monkeypatch.setattr(tiny_assessor, "window", fits)
    assert tiny_assessor.prepare(product, CLAIM, ELEMENTS) == whole
    monkeypatch.setattr(tiny_assessor, "window", fits - 1)
    shorter = tiny_assessor.prepare(product, CLAIM, ELEMENTS)
    assert shorter.prompt == whole.prompt
    assert shorter.grammar == answer_grammar(ELEMENTS, product.strip(), SHORT_QUOTE)
    fits = len(shorter.prompt) + shorter.grammar.max_bytes + 1
    monkeypatch.setattr(tiny_assessor, "window", fits)
    assert tiny_assessor.prepare(product, CLAIM, ELEMENTS) == shorter
    monkeypatch.setattr(tiny_assessor, "window", fits - 1)
    with pytest.raises(InputError, match=rf"{len(shorter.prompt):,} tokens.*{fits - 1:,}"):
        tiny_assessor.prepare(product, CLAIM, ELEMENTS)


# what is taken


def test_the_claim_is_split_where_no_elements_are_given(tiny_assessor: Assessor) -> None:
    split = tiny_assessor.prepare(PRODUCT, CLAIM)
    assert split.elements == ("아세틸트리부틸시트레이트를 유효성분으로 함유하는", "피부 미백용 화장료 조성물")
    assert tiny_assessor.prepare(PRODUCT, CLAIM, ELEMENTS).elements == ELEMENTS


def test_line_ends_and_jamo_are_made_one_form(tiny_assessor: Assessor) -> None:
    plain = tiny_assessor.prepare("미백 크림\n둘째 줄 é", CLAIM)
    jamo = unicodedata.normalize("NFD", "미백 크림\r\n둘째 줄 é")
    assert "ᄆ" in jamo
    assert tiny_assessor.prepare(f"  {jamo}\r\n", unicodedata.normalize("NFD", CLAIM)) == plain
    assert "\r" not in plain.product
    elements = [unicodedata.normalize("NFD", e) for e in ELEMENTS]
    assert tiny_assessor.prepare(PRODUCT, CLAIM, elements).elements == ELEMENTS


def test_clean_text_keeps_what_is_inside() -> None:
    assert clean_text("\n가  나\n\n다\t\x01 ", "claim") == "가  나\n\n다\t\x01"


@pytest.mark.parametrize("char", ["\x7f", "\x00", "\x01", "\u2028", "😀", "깰", '"', "\\"])
def test_odd_characters_in_product_and_element_are_assessed(tiny_assessor: Assessor, char: str) -> None:
    request = tiny_assessor.prepare(f"크림{char}성분", CLAIM, [f"유효{char}성분"])
    # compiling the grammar is what may go wrong; the answer itself is the decoding tests' business
    vocabulary = tiny_assessor.decoder._vocabulary
    matcher = LLMatcher(vocabulary, LLMatcher.grammar_from_lark(request.grammar.lark), log_level=0)
    assert not matcher.is_error(), matcher.get_error()


# what comes back


def test_the_result_validates_and_round_trips(result: Assessment) -> None:
    elements = [row.patent_element for row in result.comparisons]
    text = result.to_json()
    jsonschema.validate(json.loads(text), judgement_schema(elements))
    assert Judgement.model_validate_json(text).to_json() == text
    assert Judgement.model_validate_json(text) == result.judgement
    assert Assessment.model_validate_json(result.model_dump_json()) == result


def test_the_same_request_gives_the_same_result(tiny_assessor: Assessor, result: Assessment) -> None:
    assert tiny_assessor.assess(f" {PRODUCT}\n", CLAIM) == result


def test_the_result_holds_probabilities_and_the_rule_s_level(result: Assessment) -> None:
    assert sum(result.probabilities.values()) == pytest.approx(1)
    assert set(result.probabilities) == set(RiskLevel)
    assert result.confidence == result.probabilities[result.level]
    for row in result.comparisons:
        assert set(row.probabilities) == set(Match)
        assert sum(row.probabilities.values()) == pytest.approx(1)
    assert result.rule_level is roll_up(row.verdict for row in result.comparisons)
    assert result.product == PRODUCT


@pytest.mark.parametrize("level", RiskLevel)
@pytest.mark.parametrize("matches", [(a, b) for a in Match for b in Match])
def test_the_rule_s_level_and_whether_it_agrees(tiny_assessor: Assessor, matches, level: RiskLevel) -> None:
    request = tiny_assessor.prepare(PRODUCT, CLAIM, ELEMENTS)
    made = written(tiny_assessor, request, ("미백 크림", "TBC"), matches, level)
    assert made.risk_level is level
    assert made.rule_level is roll_up(matches)
    assert made.agrees is (level is roll_up(matches))
    assert made.probabilities[made.rule_level] == 1, "where the matches are certain, so is their roll-up"


@pytest.mark.parametrize("quote", ["미백 크림", "TBC", "어", PRODUCT, "크", " "])
def test_offsets_point_at_the_quote(tiny_assessor: Assessor, quote: str) -> None:
    request = tiny_assessor.prepare(f"  {PRODUCT}", CLAIM, ELEMENTS)
    made = written(tiny_assessor, request, (quote, None), (Match.YES, Match.NO), RiskLevel.LOW)
    first, second = made.comparisons
    assert first.quote_start is not None
    assert first.quote_end is not None
    assert made.product[first.quote_start : first.quote_end] == quote
    assert first.quote_start == made.product.index(quote)
    assert (second.quote_start, second.quote_end) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "not JSON",
        '{"comparisons": [], "decision_reason": "a", "risk_level": "낮음"}',
        '{"comparisons": [{"patent_element": "x", "user_product_element": null, "match": "대응"}, '
        '{"patent_element": "조성물", "user_product_element": null, "match": "대응"}], '
        '"decision_reason": "a", "risk_level": "낮음"}',
    ],
)
def test_an_answer_that_breaks_the_schema_is_the_model_s_fault(tiny_assessor: Assessor, text: str) -> None:
    request = tiny_assessor.prepare(PRODUCT, CLAIM, ELEMENTS)
    with pytest.raises(ModelError, match="no valid answer"):
        tiny_assessor.assemble(request, Decoded(text, (sure("낮음"),), 1, 1))


# where it comes from


def stub(assessor: Assessor, elements=ELEMENTS) -> Assessment:
    request = assessor.prepare(PRODUCT, CLAIM, elements)
    none = (None,) * len(request.elements)
    return written(assessor, request, none, (Match.NO,) * len(none), RiskLevel.LOW)


def test_provenance_tells_model_adapter_and_elements_apart(
    tiny_assessor: Assessor, tiny_model, other_model, tiny_adapter, make_adapter, tmp_path
) -> None:
    plain = stub(tiny_assessor).provenance
    assert stub(Assessor(str(tiny_model))).provenance == plain, "loading again changes nothing"
    assert (plain.adapter, plain.adapter_sha256) == (None, None)

    other = stub(Assessor(str(other_model))).provenance
    assert other.model_fingerprint != plain.model_fingerprint
    assert (other.prompt_sha256, other.schema_sha256) == (plain.prompt_sha256, plain.schema_sha256)

    tuned = stub(Assessor(str(tiny_model), tiny_adapter)).provenance
    assert tuned.model_fingerprint == plain.model_fingerprint
    assert tuned.adapter == str(tiny_adapter)
    again = stub(Assessor(str(tiny_model), make_adapter(tiny_model, tmp_path / "again", seed=1))).provenance
    assert len({plain.adapter_sha256, tuned.adapter_sha256, again.adapter_sha256}) == 3

    fewer = stub(tiny_assessor, ["유효성분"]).provenance
    assert fewer.schema_sha256 != plain.schema_sha256
    assert fewer.model_fingerprint == plain.model_fingerprint


def test_an_adapter_changes_what_is_written(tiny_model, tiny_adapter, result: Assessment) -> None:
    assert Assessor(str(tiny_model), tiny_adapter).assess(PRODUCT, CLAIM).judgement != result.judgement


def test_the_adapter_of_another_model_is_refused(other_model, tiny_adapter) -> None:
    with pytest.raises(AdapterError, match=r"tiny-gemma.*other-gemma"):
        Assessor(str(other_model), tiny_adapter)


# broken weights


def damaged(model: Path, folder: Path, value: float) -> Path:
    shutil.copytree(model, folder)
    tensors = {name: torch.full_like(t, value) for name, t in load_file(folder / "model.safetensors").items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_an_error(tiny_model, tmp_path, value: float) -> None:
    with pytest.raises(ModelError) as caught:
        Assessor(str(damaged(tiny_model, tmp_path / "broken", value))).assess(PRODUCT, CLAIM, ["조성물"])
    assert "broken" in caught.value.message
    assert caught.value.hint


def test_code_compares_the_numbers_whatever_the_model_says(tiny_model) -> None:
    product = "판테놀을 7% 넣은 크림"
    result = Assessor(str(tiny_model)).assess(product, "판테놀 1 내지 5%를 포함하는 크림")
    (found,) = result.comparisons[0].numbers
    assert (found.claimed, found.result) == ("1 내지 5%", RangeCheck.OUT)
    assert found.said_start is not None
    assert product[found.said_start : found.said_end] == found.said == "7%"
    assert result.comparisons[1].numbers == ()


# a whole patent


def test_a_patent_s_claims_are_judged_by_what_each_adds(tiny_assessor: Assessor) -> None:
    claims = parse_claims(
        "1. 센서와 팔을 포함하는 로봇.\n2. 삭제\n3. 제1항에 있어서, 상기 팔은 둘인 로봇.\n4. 바퀴를 포함하는 차."
    )
    steps: list[tuple[int, int]] = []
    found = tiny_assessor.assess_patent(PRODUCT, claims, lambda *step: steps.append(step))
    assert [(c.number, c.dependent, c.parents) for c in found.claims] == [
        (1, False, ()),
        (3, True, (1,)),
        (4, False, ()),
    ]
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    first, third, fourth = found.claims
    assert [row.patent_element for row in third.assessment.comparisons] == ["상기 팔은 둘인", "로봇"]
    assert first.assessment == tiny_assessor.assess(PRODUCT, "센서와 팔을 포함하는 로봇.")
    assert third.level.rank == min(first.level.rank, third.assessment.rule_level.rank)
    assert found.level.rank == max(first.level.rank, fourth.level.rank)
    assert PatentAssessment.model_validate_json(found.model_dump_json()) == found


# answers


def test_answers_that_decide_their_elements_leave_the_model_alone(tiny_assessor: Assessor, monkeypatch) -> None:
    before = written(tiny_assessor, tiny_assessor.prepare(PRODUCT, CLAIM, ELEMENTS), (None, None), UNKNOWN, LOW)
    monkeypatch.setattr(tiny_assessor, "assess", lambda *_: pytest.fail("the model was asked"))
    after = tiny_assessor.answer(before, [Answer(1, "예"), Answer(2, "대응")])
    assert (before.rule_level, after.level) == (RiskLevel.AMBIGUOUS, RiskLevel.HIGH)
    assert after.product == PRODUCT


def test_a_fact_is_added_to_the_product_and_judged_with_it(tiny_assessor: Assessor) -> None:
    before = tiny_assessor.assess(PRODUCT, CLAIM)
    fact = "미백 성분은 유기산입니다"
    after = tiny_assessor.answer(before, [Answer(1, fact), Answer(2, "미대응")])
    read = tiny_assessor.assess(f"{PRODUCT}\n{fact}", CLAIM)
    assert after.product == read.product
    assert after.judgement == read.judgement
    assert after.comparisons[0].answer == fact
    assert (after.comparisons[1].verdict, after.level) == (Match.NO, RiskLevel.LOW)
    assert after.changes is not None
    assert after.changes.level_before is before.rule_level
    assert after.provenance == before.provenance


def test_answers_about_a_patent_s_claims(tiny_assessor: Assessor) -> None:
    claims = parse_claims("1. 센서와 팔을 포함하는 로봇.\n2. 제1항에 있어서, 상기 팔은 둘인 로봇.")
    before = tiny_assessor.assess_patent(PRODUCT, claims)
    steps: list[tuple[int, int]] = []
    fact = "미백 성분은 유기산입니다"
    given = {1: [Answer(1, "아니요")], 2: [Answer(1, fact)]}
    after = tiny_assessor.answer_patent(before, claims, given, lambda *step: steps.append(step))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    first, second = (claim.assessment for claim in after.claims)
    assert first == tiny_assessor.answer(before.claims[0].assessment, given[1])
    assert second.product == f"{PRODUCT}\n{fact}"
    assert (after.level_before, after.level) == (before.level, RiskLevel.LOW)


# the newest adapter


def test_the_newest_run_of_this_model_is_taken(tiny_model, other_model, make_adapter, tmp_path) -> None:
    assert newest_adapter(str(tiny_model), tmp_path) is None
    runs = {name: make_adapter(tiny_model, tmp_path / name) for name in ("old", "new", "unreadable")}
    runs["other"] = make_adapter(other_model, tmp_path / "other")
    (runs["unreadable"] / "run.json").write_text("{", encoding="utf-8")
    for age, name in enumerate(("old", "new", "other", "unreadable")):
        os.utime(runs[name] / "run.json", (1000 + age, 1000 + age))
    assert newest_adapter(str(tiny_model), tmp_path) == runs["new"]
    assert newest_adapter(str(other_model), tmp_path) == runs["other"]


def test_a_model_s_own_adapter_is_taken_when_none_was_trained_here(
    tiny_model, other_model, make_adapter, tmp_path, monkeypatch
) -> None:
    shipped = make_adapter(tiny_model, tmp_path / "embedded" / "tiny-lora")
    monkeypatch.setattr("bini.models.runs.EMBEDDED", tmp_path / "embedded")
    monkeypatch.setattr(catalog, "EMBEDDED", tmp_path / "embedded")
    outputs = tmp_path / "outputs"
    assert newest_adapter(str(tiny_model), outputs) == shipped
    assert newest_adapter(str(other_model), outputs) is None
    assert Assessor(str(tiny_model), shipped).assess("로봇", "로봇").provenance.adapter == "tiny-lora"
    run = make_adapter(tiny_model, outputs / "mine")
    assert newest_adapter(str(tiny_model), outputs) == run


@pytest.mark.parametrize("content", ["[]", "1", '"run"', "null", "{}", "\udcff"])
def test_an_odd_run_file_is_passed_over(tiny_model, make_adapter, tmp_path, content: str) -> None:
    run = make_adapter(tiny_model, tmp_path / "good")
    odd = tmp_path / "odd" / "run.json"
    odd.parent.mkdir()
    odd.write_bytes(content.encode(errors="surrogateescape"))
    assert newest_adapter(str(tiny_model), tmp_path) == run


def test_assess_keeps_the_model_of_the_last_call(tiny_model, tiny_adapter, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_loaded", {})
    loads: list[str] = []

    class Counting(Assessor):
        def __init__(self, model, adapter=None) -> None:
            loads.append(f"{model} {adapter}")
            super().__init__(model, adapter)

        def assess(self, product, claim, elements=None):
            return stub(self)

    monkeypatch.setattr(module, "Assessor", Counting)
    first = module.assess(PRODUCT, CLAIM, str(tiny_model))
    assert module.assess(PRODUCT, CLAIM, str(tiny_model)) == first
    assert first.provenance.adapter is None, "there are no runs here"
    assert len(loads) == 1
    tuned = module.assess(PRODUCT, CLAIM, str(tiny_model), tiny_adapter)
    assert tuned.provenance.adapter == str(tiny_adapter)
    assert len(loads) == 2


def test_a_broken_calibration_is_refused(tiny_model: Path, tiny_adapter: Path, tmp_path: Path) -> None:
    """An adapter whose promise cannot be read gives no answers without it."""
    folder = tmp_path / "adapter"
    shutil.copytree(tiny_adapter, folder)
    (folder / "calibration.json").write_text('{"version": 2, "temperature": -1}', encoding="utf-8")
    with pytest.raises(AdapterError, match=r"calibration\.json"):
        Assessor(str(tiny_model), folder)


@pytest.mark.parametrize("gap", ["  ", "\t", "\u00a0", " \u3000 "])
def test_white_space_changes_no_judgement_and_quotes_are_as_given(tiny_assessor: Assessor, gap: str) -> None:
    plain = tiny_assessor.assess(PRODUCT, CLAIM)
    text = PRODUCT.replace(" ", gap)
    spaced = tiny_assessor.assess(text, CLAIM)
    assert spaced.product == text
    assert (spaced.risk_level, spaced.probabilities) == (plain.risk_level, plain.probabilities)
    for one, other in zip(plain.comparisons, spaced.comparisons, strict=True):
        assert (one.match, one.probabilities) == (other.match, other.probabilities)
        if one.user_product_element:
            assert other.user_product_element == one.user_product_element.replace(" ", gap)
            assert text[other.quote_start : other.quote_end] == other.user_product_element
