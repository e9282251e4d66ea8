"""Many at once get what each gets alone, and what their prompts share goes through the model once."""

import pytest
import torch

from bini.errors import InputError
from bini.inference.assessor import Assessor
from bini.inference.decoding import Decoder
from bini.inference.many import charts, verdicts

CLAIMS = ("센서와 팔을 포함하는 로봇", "A cream comprising water and oil.")
PRODUCTS = ("거리 센서가 달린 로봇", "물과 기름을 섞은 크림", "팔이 둘인 로봇")
PAIRS = [(product, claim) for product in PRODUCTS for claim in CLAIMS]


@pytest.fixture(params=["tiny_model", "llama_model", "narrow_model"])
def assessor(request, monkeypatch) -> Assessor:
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 30)
    assessor = Assessor(str(request.getfixturevalue(request.param)))
    torch.manual_seed(7)
    with torch.no_grad():
        assessor.decoder.model.get_input_embeddings().weight.normal_(0, 0.3)
    return assessor


def test_many_charts_are_those_of_separate_calls(assessor: Assessor) -> None:
    told: list[tuple[int, int]] = []
    together = charts(assessor, PAIRS, lambda done, total: told.append((done, total)))
    assert told == [(done, 6) for done in range(7)]
    for made, (product, claim) in zip(together, PAIRS, strict=True):
        alone = assessor.assess(product, claim)
        assert made.judgement == alone.judgement
        assert made.probabilities == pytest.approx(alone.probabilities, abs=1e-4)


def test_many_verdicts_are_those_of_separate_calls(assessor: Assessor) -> None:
    for made, (product, claim) in zip(verdicts(assessor, PAIRS), PAIRS, strict=True):
        alone = assessor.verdict(product, claim)
        assert [row.match for row in made.comparisons] == [row.match for row in alone.comparisons]
        assert made.risk_level is alone.risk_level


def test_an_answer_does_not_depend_on_what_was_asked_before(assessor: Assessor) -> None:
    first = assessor.assess(*PAIRS[0])
    assessor.verdict(*PAIRS[1])
    assessor.assess(*PAIRS[3])
    assert assessor.assess(*PAIRS[0]) == first


def test_what_every_request_begins_with_is_read_once(tiny_assessor: Assessor) -> None:
    request = tiny_assessor.prepare(*PAIRS[0])
    whole = tiny_assessor.decoder.verdict(request.prompt, request.grammar)
    rest = tiny_assessor.decoder.verdict(request.prompt, request.grammar, tiny_assessor.context())
    other = tiny_assessor.prepare("물통", "뚜껑이 있는 물통")
    shared = next(n for n, (a, b) in enumerate(zip(request.prompt, other.prompt, strict=False)) if a != b)
    assert rest.text == whole.text
    assert shared / 2 < whole.tokens - rest.tokens <= shared


def test_a_shared_claim_is_read_once(tiny_assessor: Assessor) -> None:
    first, second = (tiny_assessor.prepare(product, CLAIMS[0]) for product in PRODUCTS[:2])
    context = tiny_assessor.decoder.context()
    decoder: Decoder = tiny_assessor.decoder
    decoder.verdict(first.prompt, first.grammar, context)
    after = decoder.verdict(second.prompt, second.grammar, context)
    alone = decoder.verdict(second.prompt, second.grammar)
    shared = next(n for n, (a, b) in enumerate(zip(first.prompt, second.prompt, strict=False)) if a != b)
    assert alone.tokens - after.tokens == shared
    assert shared > len(second.prompt) / 2


def test_bad_input_is_told_before_any_is_judged(tiny_assessor: Assessor, monkeypatch) -> None:
    monkeypatch.setattr(Decoder, "verdict", lambda *_: pytest.fail("judged"))
    with pytest.raises(InputError, match="product description is empty"):
        verdicts(tiny_assessor, [PAIRS[0], (" ", CLAIMS[0])])
