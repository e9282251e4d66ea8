"""The peers of `bini bench`, where they are installed, answer the same requests in the answer's form."""

from itertools import takewhile

import pytest

from bini.domain.schema import parse_judgement
from bini.evaluation.peers import peer_ways, write_gguf
from bini.inference.assessor import Assessor
from bini.models.text import turn_end


def test_every_peer_costs_a_call_a_token(tiny_assessor: Assessor) -> None:
    pytest.importorskip("xgrammar")
    request = tiny_assessor.prepare("로봇", "센서를 포함하는 로봇")
    for way in peer_ways(tiny_assessor.decoder, [request]):
        cost = way.work()
        assert cost.calls > 20
        assert cost.tokens >= cost.calls + len(request.prompt) - 1


def test_llama_cpp_computes_what_transformers_does(tmp_path) -> None:
    llama_cpp = pytest.importorskip("llama_cpp")
    pytest.importorskip("gguf")
    assessor = Assessor("bini-nano")
    request = assessor.prepare("TBC 성분이 들어간 미백 크림", "아세틸트리부틸시트레이트를 함유하는 미백 크림")
    ours = assessor.decoder.constrained(request.prompt, request.grammar, plain=True)
    write_gguf(assessor.decoder.model, assessor.decoder.tokenizer, tmp_path / "nano.gguf")
    llama = llama_cpp.Llama(str(tmp_path / "nano.gguf"), n_ctx=2048, verbose=False)
    end = turn_end(assessor.decoder.tokenizer)
    answer = list(takewhile(lambda token: token != end, llama.generate(request.prompt, temp=0)))
    llama.close()
    said = str(assessor.decoder.tokenizer.decode(answer))
    assert parse_judgement(said, request.elements) == parse_judgement(ours.text, request.elements)
