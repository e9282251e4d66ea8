"""Running the model: Outlines' constrained decoding, and the same prompt without constraint.

This is the plain path: transformers' greedy `generate` with the logits processor of Outlines' llguidance backend.
"""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, cast

import outlines
import torch
from outlines.backends.llguidance import LLGuidanceBackend
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerBase

from bini.errors import ModelError
from bini.inference.grammar import AnswerGrammar
from bini.models.text import turn_end

FEW = 256
"""Steps with at most this many allowed tokens may be a choice between labels, and are remembered."""

LABEL_STARTS = re.compile(rb'"(?:match|risk_level)": "')


@dataclass(frozen=True)
class Choice:
    """What the model could have written at one label, and how probable each way to go on was.

    Parameters
    ----------
    continuations
        Beginnings of the label and what follows, in bytes, none of which contains another's way.
    probabilities
        The model's probability of each, among what the grammar allows.
    """

    continuations: tuple[bytes, ...]
    probabilities: tuple[float, ...]

    def over(self, labels: Sequence[str]) -> dict[str, float]:
        """Probability of each label: the mass of the continuations that only it can be, normalised."""
        mass = dict.fromkeys(labels, 0.0)
        for piece, probability in zip(self.continuations, self.probabilities, strict=True):
            fits = [label for label in labels if label.encode().startswith(piece) or piece.startswith(label.encode())]
            if piece and len(fits) == 1:
                mass[fits[0]] += probability
        total = sum(mass.values())
        return {label: value / total for label, value in mass.items()} if total else mass


@dataclass(frozen=True)
class Decoded:
    """One answer. `choices` follow the labels of the text: one per element, then the risk level."""

    text: str
    choices: tuple[Choice, ...]
    model_calls: int


@dataclass(frozen=True)
class _Step:
    """The allowed tokens of one decoding step and their probabilities."""

    allowed: tuple[int, ...]
    probabilities: tuple[float, ...]


@dataclass
class _Recorder(LogitsProcessor):
    """Keeps the allowed tokens of the steps at which few are allowed; placed after the constraint."""

    steps: list[_Step | None] = field(default_factory=list)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        allowed = torch.isfinite(scores[0]).nonzero().squeeze(1)
        if len(allowed) == 0:
            raise ModelError("the model's numbers are not finite", "its weights are broken: fetch or train them again")
        if len(allowed) > FEW:
            self.steps.append(None)
        else:
            probabilities = scores[0, allowed].float().softmax(0)
            self.steps.append(_Step(tuple(allowed.tolist()), tuple(probabilities.tolist())))
        return scores


class Decoder:
    """A model with its tokenizer, ready to answer.

    Parameters
    ----------
    model
        A causal language model; multimodal classes are given text only.
    tokenizer
        Its tokenizer. A copy is handed to Outlines, which changes the one it gets.
    """

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self._backend = LLGuidanceBackend(outlines.from_transformers(model, cast(Any, copy.deepcopy(tokenizer))))
        stops = model.generation_config.eos_token_id
        ends = {*(stops if isinstance(stops, list) else [stops]), tokenizer.eos_token_id, turn_end(tokenizer)}
        self._stops = sorted(ends - {None})

    def constrained(self, prompt: list[int], grammar: AnswerGrammar) -> Decoded:
        """The greedy answer to `prompt` within `grammar`.

        Raises
        ------
        ModelError
            If the model's numbers are not finite, so that no token can be chosen.
        """
        processor = self._backend.get_cfg_logits_processor(grammar.lark)
        recorder = _Recorder()
        [answer] = self._generate([prompt], grammar.max_bytes + 1, [processor, recorder])
        pieces = [self._backend.llg_tokenizer.decode_bytes([token]) for token in answer]
        raw = b"".join(pieces)
        choices = tuple(
            _choice(start.end(), pieces, recorder.steps, self._bytes) for start in LABEL_STARTS.finditer(raw)
        )
        return Decoded(raw.decode(), choices, len(recorder.steps))

    def free(self, prompts: Sequence[list[int]], max_tokens: int) -> list[str]:
        """The greedy answers without constraint, as text; all prompts run as one batch."""
        return [str(self.tokenizer.decode(answer)) for answer in self._generate(prompts, max_tokens, [])]

    def _bytes(self, token: int) -> bytes:
        return bytes(self._backend.llg_tokenizer.decode_bytes([token]))

    @torch.inference_mode()
    def _generate(self, prompts: Sequence[list[int]], max_tokens: int, processors: list[Any]) -> list[list[int]]:
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


def _choice(start: int, pieces: list[bytes], steps: list[_Step | None], to_bytes: Callable[[int], bytes]) -> Choice:
    """The steps that wrote the label which begins at byte `start` of the answer, as one choice.

    A label may take several tokens, and labels may share their first bytes: what branches off at each step keeps the
    probability of the way there.
    """
    index = position = 0
    while position + len(pieces[index]) <= start:
        position += len(pieces[index])
        index += 1
    lead = start - position  # bytes of the token that still belong to the text before the label
    before, way = b"", 1.0
    branches: dict[bytes, float] = {}
    while True:
        step = steps[index]
        if step is None:
            raise ModelError("a label was chosen among too many tokens", "please report this tokenizer")
        for token, probability in zip(step.allowed, step.probabilities, strict=True):
            text = before + to_bytes(token)[lead:]
            branches[text] = branches.get(text, 0.0) + way * probability
        before += pieces[index][lead:]
        if b'"' in before or index + 1 == len(pieces):
            return Choice(tuple(branches), tuple(branches.values()))
        way = branches.pop(before)
        index, lead = index + 1, 0
