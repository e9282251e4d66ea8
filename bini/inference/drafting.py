"""The fast path of decoding: draft what is likely to come, check it in one forward pass.

Most of an answer is known before the model speaks: keys, punctuation and the claim's elements are forced by the
grammar, quotes and reasons repeat the prompt. A draft of such tokens goes through the model in one pass; each is kept
just when it is the token that greedy decoding within the grammar would have chosen there, so that the answer is the one
of the plain path, token for token (speculative decoding: Leviathan et al. 2023; drafts from the prompt: Saxena 2023).
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from llguidance import LLMatcher
from transformers import DynamicCache, PreTrainedModel

from bini.errors import ModelError
from bini.inference.choices import FEW, Step

DRAFT = 16
"""Most tokens of a draft from the prompt; forced ones are drafted whole."""

NGRAM = 3
"""Longest run of last tokens that is looked for further up."""


class Context:
    """What a model has read, kept so that the next run of tokens is computed only from where it differs.

    Parameters
    ----------
    model
        A causal language model.

    Attributes
    ----------
    calls, tokens
        How often the model was called, and how many tokens it was given.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        self.calls = self.tokens = 0
        self._model = model
        self._ids = list[int]()
        self._cache = DynamicCache()  # without a config no layer slides, so that what differs can be cut off

    @torch.inference_mode()
    def logits(self, ids: Sequence[int], places: Sequence[int]) -> torch.Tensor:
        """The model's logits for what stands at some places of `ids`, in one call.

        Parameters
        ----------
        ids
            Token ids.
        places
            Ascending, from 1 to `len(ids)`; the last of these is for the token that would come next.

        Returns
        -------
        Tensor
            (len(places), V), fp32, on the CPU.
        """
        ids = ids[: places[-1]]
        known = min(alike(self._ids, ids), places[0] - 1)
        if known < len(self._ids):
            self._cache.crop(known - len(self._ids))
        device = self._model.device
        output = self._model(
            input_ids=torch.tensor([ids[known:]], device=device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=torch.tensor([place - 1 - known for place in places], device=device),
        )
        self.calls += 1
        self.tokens += len(ids) - known
        self._ids = list(ids)
        return cast(torch.Tensor, output.logits[0].float().cpu())


def alike(some: Sequence[int], others: Sequence[int]) -> int:
    """How many tokens two runs of them have in common, from the first on."""
    pairs = zip(some, others, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(some), len(others)))


def decode(
    context: Context,
    matcher: LLMatcher,
    prompt: Sequence[int],
    draft: Sequence[int],
    max_tokens: int,
    stops: Sequence[int],
) -> tuple[list[int], list[Step | None]]:
    """The greedy answer to `prompt` within the grammar of `matcher`.

    Parameters
    ----------
    context
        The model, and what it has read.
    matcher
        Of the grammar, at its start.
    prompt
        Token ids.
    draft
        Token ids of an answer that is likely, within the grammar.
    max_tokens
        Most tokens of the answer.
    stops
        Tokens that end it.

    Returns
    -------
    tuple
        The answer's tokens without the stop; for each the allowed tokens where these are at most `FEW`, else None.

    Raises
    ------
    ModelError
        If the model's numbers are not finite.
    """
    ids, steps = list(prompt), list[Step | None]()
    while True:
        places = range(len(ids), len(ids) + len(draft) + 1)
        for logits, guess in zip(context.logits([*ids, *draft], places), [*draft, None], strict=True):
            token, step = choose(logits, matcher)
            if token in stops or len(steps) == max_tokens:
                return ids[len(prompt) :], steps
            ids.append(token)
            steps.append(step)
            matcher.consume_token(token)
            if matcher.is_stopped():
                return ids[len(prompt) :], steps
            if token != guess:
                break
        draft = matcher.compute_ff_tokens() or _look_up(ids)
        draft = draft[: matcher.validate_tokens(draft)]


def choose(logits: torch.Tensor, matcher: LLMatcher) -> tuple[int, Step | None]:
    """The most probable token that the grammar allows, and what else it allows if that is little. logits: (V,)."""
    bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
    count = int(np.bitwise_count(bits).sum())
    logits = logits[: 8 * len(bits)]  # an embedding may have rows beyond the vocabulary
    best = int(logits.argmax())
    if not torch.isfinite(logits[best]):
        raise ModelError("the model's numbers are not finite", "its weights are broken: fetch or train them again")
    if count > FEW and bits[best >> 3] >> (best & 7) & 1:
        return best, None
    allowed = np.unpackbits(bits, bitorder="little", count=len(logits)).nonzero()[0]
    scores = logits[torch.from_numpy(allowed)]
    chosen = int(allowed[int(scores.argmax())])
    if count > FEW:
        return chosen, None
    return chosen, Step(tuple(allowed.tolist()), tuple(scores.softmax(0).tolist()))


def _look_up(ids: Sequence[int]) -> list[int]:
    """What followed the last tokens where they last stood before; the longest run of up to `NGRAM` tokens counts."""
    for length in range(NGRAM, 0, -1):
        tail = ids[-length:]
        for start in range(len(ids) - length - 1, -1, -1):
            if ids[start] == tail[0] and ids[start : start + length] == tail:
                return list(ids[start + length : start + length + DRAFT])
    return []
