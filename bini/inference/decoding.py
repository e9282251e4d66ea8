"""Running the model: Outlines' constrained decoding, and the same prompt without constraint.

The plain path is transformers' greedy `generate` with the logits processor of Outlines' llguidance backend; the fast
one, `bini.inference.drafting`, gives the same answer in fewer calls.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, cast

import torch
from llguidance import LLMatcher, LLTokenizer
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerBase

from bini.errors import ModelError
from bini.inference.choices import FEW, Choice, Step, choices
from bini.inference.drafting import Context, Head, decode
from bini.inference.grammar import AnswerGrammar
from bini.inference.verdicts import PASSES, Drafter, settle
from bini.models.text import encode_answer, turn_end

if TYPE_CHECKING:
    from outlines.backends.llguidance import LLGuidanceBackend

SETTLED = 16
"""Most passes that a chart spends on drafting all of it at once."""


@dataclass(frozen=True)
class Decoded:
    """One answer, what it was chosen among, and what it cost.

    Parameters
    ----------
    text
        The answer's JSON.
    choices
        At the matches of the text, one per element.
    model_calls, tokens
        Forward passes, and the tokens that went through them.
    """

    text: str
    choices: tuple[Choice, ...]
    model_calls: int
    tokens: int


@dataclass
class _Recorder(LogitsProcessor):
    """Keeps the allowed tokens of the steps at which few are allowed; placed after the constraint."""

    steps: list[Step | None] = field(default_factory=list)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        allowed = torch.isfinite(scores[0]).nonzero().squeeze(1)
        if len(allowed) == 0:
            raise ModelError("the model's numbers are not finite", "its weights are broken: fetch or train them again")
        if len(allowed) > FEW:
            self.steps.append(None)
        else:
            probabilities = scores[0, allowed].float().softmax(0)
            self.steps.append(Step(tuple(allowed.tolist()), tuple(probabilities.tolist())))
        return scores


class Decoder:
    """A model with its tokenizer, ready to answer.

    Parameters
    ----------
    model
        A causal language model; multimodal classes are given text only.
    tokenizer
        Its tokenizer.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self._vocabulary = _vocabulary(tokenizer)  # takes memory for a moment: before weights are read in
        self._head = Head(self.model)
        stops = model.generation_config.eos_token_id
        ends = {*(stops if isinstance(stops, list) else [stops]), tokenizer.eos_token_id, turn_end(tokenizer)}
        self._stops = sorted(ends - {None})

    @cached_property
    def _outlines(self) -> "LLGuidanceBackend":
        """For the plain path alone: it takes time to import, and a copy of the tokenizer, which Outlines changes."""
        import outlines
        from outlines.backends.llguidance import LLGuidanceBackend

        return LLGuidanceBackend(outlines.from_transformers(self.model, cast(Any, copy.deepcopy(self.tokenizer))))

    def constrained(
        self, prompt: list[int], grammar: AnswerGrammar, context: Context | None = None, plain: bool = False
    ) -> Decoded:
        """The greedy answer to `prompt` within `grammar`.

        Parameters
        ----------
        prompt
            Token ids.
        grammar
            What may be written.
        context
            What the model has read already; of a prompt that begins alike only the rest is computed. The plain path
            makes no use of it.
        plain
            Decode one token a call with transformers' `generate` and Outlines' logits processor: the reference that
            the fast path (`bini.inference.drafting`) equals token for token.

        Raises
        ------
        ModelError
            If the model's numbers are not finite, so that no token can be chosen.
        """
        if plain:
            recorder = _Recorder()
            processors = [self._outlines.get_cfg_logits_processor(grammar.lark), recorder]
            [answer] = self.generate([prompt], grammar.max_bytes + 1, processors)
            calls, tokens = len(recorder.steps), len(prompt) + len(recorder.steps) - 1
            return self._decoded(answer, recorder.steps, calls, tokens)
        context = context or self.context()
        calls, tokens = context.calls, context.tokens
        matcher = LLMatcher(self._vocabulary, grammar.lark)
        draft, _ = settle(context, matcher, prompt, self._drafter(grammar), SETTLED)
        matcher.reset()
        answer, steps = decode(context, matcher, prompt, draft.before_reason, grammar.max_bytes + 1, self._stops)
        return self._decoded(answer, steps, context.calls - calls, context.tokens - tokens)

    def verdict(self, prompt: list[int], grammar: AnswerGrammar, context: Context | None = None) -> Decoded:
        """The answer to `prompt` without the words of a reason: see `bini.inference.verdicts`.

        One that the model would revise again and again is decoded as a chart, reason and all.

        Parameters
        ----------
        prompt
            Token ids.
        grammar
            What may be written.
        context
            As for `constrained`.

        Raises
        ------
        ModelError
            If the model's numbers are not finite.
        """
        context = context or self.context()
        calls, tokens = context.calls, context.tokens
        matcher = LLMatcher(self._vocabulary, grammar.lark)
        draft, steps = settle(context, matcher, prompt, self._drafter(grammar), PASSES)
        if steps is None:
            chart = self.constrained(prompt, grammar, context)
            return replace(chart, model_calls=context.calls - calls, tokens=context.tokens - tokens)
        return self._decoded(draft.ids, steps, context.calls - calls, context.tokens - tokens)

    def context(self) -> Context:
        """The model before it has read anything."""
        return Context(self.model, self._head)

    def _decoded(self, answer: list[int], steps: Sequence[Step | None], calls: int, tokens: int) -> Decoded:
        pieces = [self._bytes(token) for token in answer]
        return Decoded(b"".join(pieces).decode(), choices(pieces, steps, self._bytes), calls, tokens)

    def free(self, prompts: Sequence[list[int]], max_tokens: int) -> list[str]:
        """The greedy answers without constraint, as text; all prompts run as one batch."""
        return [str(self.tokenizer.decode(answer)) for answer in self.generate(prompts, max_tokens, [])]

    def _drafter(self, grammar: AnswerGrammar) -> Drafter:
        return Drafter(grammar, self._encode, self._bytes)

    def _encode(self, text: str) -> list[int]:
        return encode_answer(self.tokenizer, text)[:-1]

    def _bytes(self, token: int) -> bytes:
        return bytes(self._vocabulary.decode_bytes([token]))

    @torch.inference_mode()
    def generate(self, prompts: Sequence[list[int]], max_tokens: int, processors: list[Any]) -> list[list[int]]:
        """Greedy answers, each up to its first stop token. Prompts are padded on the left to (B, T)."""
        pad = self.tokenizer.pad_token_id or self._stops[0]
        length = max(map(len, prompts))
        ids = torch.tensor([[pad] * (length - len(p)) + p for p in prompts], device=self.model.device)
        mask = torch.tensor([[0] * (length - len(p)) + [1] * len(p) for p in prompts], device=self.model.device)
        # llguidance compiles its mask kernel with torch.compile, which would need a C++ compiler on the user's machine.
        with torch.compiler.set_stance("force_eager"):
            output = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_tokens,
                do_sample=False,
                top_k=None,
                top_p=None,
                eos_token_id=self._stops,
                pad_token_id=pad,
                logits_processor=LogitsProcessorList(processors),
            )
        answers = output[:, length:].tolist()
        return [list(takewhile(lambda token: token not in self._stops, answer)) for answer in answers]


def _vocabulary(tokenizer: PreTrainedTokenizerBase) -> LLTokenizer:
    """The bytes of every token, as grammars need them.

    A copy of the tokenizer without its merges, which are most of it (240 MiB of Gemma's) and of use only to encode.
    """
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    if "merges" in state["model"]:
        state["model"]["merges"] = []
    state |= {"padding": None, "truncation": None}
    return LLTokenizer(json.dumps(state), eos_token=tokenizer.eos_token_id)
