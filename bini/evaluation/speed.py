"""What an answer costs: the fast ways beside the plain one, on the same requests in the same process."""

import subprocess
import sys
from collections.abc import Callable, Sequence

import torch

from bini.domain.cases import Case
from bini.evaluation.peers import peer_ways
from bini.inference.assessor import Assessor, Request
from bini.inference.decoding import Decoded
from bini.timing import Cost, Way

COLD = {
    "bini --help": ("from bini.cli import main; import sys; sys.argv = ['bini', '--help']; main()", ()),
    "first assessment": (
        "import sys; from bini import assess; assess(*sys.argv[1:4], adapter=sys.argv[4] or None)",
        ("TBC 성분이 들어간 미백 크림을 만들었어", "아세틸트리부틸시트레이트를 함유하는 피부 미백용 화장료 조성물."),
    ),
}
"""What is run in processes of their own, and with which words."""

BATCHES = (1, 2, 4, 8)
"""How many prompts go through the model in one pass."""


def chart_ways(assessor: Assessor, cases: Sequence[Case]) -> list[Way]:
    """The whole chart, token by token and drafted, and what the peers that are installed make of it."""
    decoder, requests = assessor.decoder, _requests(assessor, cases)
    return [
        Way("plain", _each(requests, lambda r: decoder.constrained(r.prompt, r.grammar, plain=True))),
        Way("fast", _each(requests, lambda r: decoder.constrained(r.prompt, r.grammar, assessor.context()))),
        *peer_ways(decoder, requests),
    ]


def verdict_ways(assessor: Assessor, cases: Sequence[Case]) -> list[Way]:
    """The plain chart, and a verdict instead."""
    decoder, requests = assessor.decoder, _requests(assessor, cases)
    return [
        Way("plain chart", _each(requests, lambda r: decoder.constrained(r.prompt, r.grammar, plain=True))),
        Way("verdict", _each(requests, lambda r: decoder.verdict(r.prompt, r.grammar, assessor.context()))),
    ]


def shared_ways(assessor: Assessor, pairs: Sequence[tuple[str, str]]) -> list[Way]:
    """Verdicts on pairs that share a side: from nothing, after what every request begins with, and in one context."""
    decoder = assessor.decoder
    requests = sorted((assessor.prepare(*pair) for pair in pairs), key=lambda request: request.prompt)

    def together() -> Cost:
        context = assessor.context()
        for request in requests:
            decoder.verdict(request.prompt, request.grammar, context)
        return Cost(context.calls, context.tokens)

    return [
        Way("from nothing", _each(requests, lambda r: decoder.verdict(r.prompt, r.grammar))),
        Way("separate", _each(requests, lambda r: decoder.verdict(r.prompt, r.grammar, assessor.context()))),
        Way("together", together),
    ]


def batch_ways(assessor: Assessor, cases: Sequence[Case]) -> list[Way]:
    """What several pairs in one pass could save: prompts alone, by length, padded to the longest of their batch."""
    model = assessor.decoder.model
    prompts = sorted((request.prompt for request in _requests(assessor, cases)), key=len)

    def read(size: int) -> Callable[[], Cost]:
        @torch.inference_mode()
        def work() -> Cost:
            batches = [prompts[i : i + size] for i in range(0, len(prompts), size)]
            tokens = 0
            for batch in batches:
                longest = len(batch[-1])
                ids = torch.tensor([prompt + [0] * (longest - len(prompt)) for prompt in batch])  # (B, T)
                mask = torch.tensor([[1] * len(prompt) + [0] * (longest - len(prompt)) for prompt in batch])
                model(ids.to(model.device), attention_mask=mask.to(model.device), logits_to_keep=1)
                tokens += ids.numel()
            return Cost(len(batches), tokens)

        return work

    return [Way(f"prompts by {size}", read(size)) for size in BATCHES]


def sharing(cases: Sequence[Case], count: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Up to `count` products with one claim, and one product with as many claims."""
    first = cases[0]
    claims = list(dict.fromkeys(case.claim_text for case in cases))
    return (
        [(case.user_query, first.claim_text) for case in cases[:count]],
        [(first.user_query, claim) for claim in claims[:count]],
    )


def cold_ways(model: str, adapter: str) -> list[Way]:
    """A process from nothing to help, and to its first assessment; the two are no alternatives."""

    def started(code: str, words: Sequence[str]) -> Callable[[], Cost]:
        def work() -> Cost:
            command = [sys.executable, "-c", code, *words, *([model, adapter] if words else [])]
            subprocess.run(command, check=True, capture_output=True)
            return Cost(0, 0)

        return work

    return [Way(name, started(code, words)) for name, (code, words) in COLD.items()]


def _requests(assessor: Assessor, cases: Sequence[Case]) -> list[Request]:
    return [assessor.prepare(case.user_query, case.claim_text, case.elements) for case in cases]


def _each(requests: Sequence[Request], decode: Callable[[Request], Decoded]) -> Callable[[], Cost]:
    def work() -> Cost:
        made = [decode(request) for request in requests]
        return Cost(sum(one.model_calls for one in made), sum(one.tokens for one in made))

    return work
