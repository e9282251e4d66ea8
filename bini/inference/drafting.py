"""The fast path of decoding: draft what is likely to come, check it in one forward pass.

Most of an answer is known before the model speaks: keys, punctuation and the claim's elements are forced by the
grammar, quotes and reasons repeat the prompt. A draft of such tokens goes through the model in one pass; each is kept
just when it is the token that greedy decoding within the grammar would have chosen there, so that the answer is the one
of the plain path, token for token (speculative decoding: Leviathan et al. 2023; drafts from the prompt: Saxena 2023).
"""

from collections.abc import Sequence

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


@torch.inference_mode()
def decode(
    model: PreTrainedModel, matcher: LLMatcher, prompt: Sequence[int], max_tokens: int, stops: Sequence[int]
) -> tuple[list[int], list[Step | None], int]:
    """The greedy answer to `prompt` within the grammar of `matcher`.

    Parameters
    ----------
    model
        A causal language model.
    matcher
        Of the grammar, at its start.
    prompt
        Token ids.
    max_tokens
        Most tokens of the answer.
    stops
        Tokens that end it.

    Returns
    -------
    tuple
        The answer's tokens without the stop; for each the allowed tokens where these are at most `FEW`, else None; and
        the number of forward passes.

    Raises
    ------
    ModelError
        If the model's numbers are not finite.
    """
    cache = DynamicCache()  # without a config no layer slides, so that a refused draft can be cut off again
    ids, steps, calls = list(prompt), list[Step | None](), 0
    fed, draft = list(prompt), list[int]()
    while True:
        tokens = torch.tensor([fed], device=model.device)
        output = model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=len(draft) + 1)
        calls += 1
        for logits, guess in zip(output.logits[0].float().cpu(), [*draft, None], strict=True):
            token, step = _choose(logits, matcher)
            if token in stops or len(steps) == max_tokens:
                return ids[len(prompt) :], steps, calls
            ids.append(token)
            steps.append(step)
            matcher.consume_token(token)
            if matcher.is_stopped():
                return ids[len(prompt) :], steps, calls
            if token != guess:
                break
        refused = cache.get_seq_length() - (len(ids) - 1)  # the last token has not been through the model
        if refused:
            cache.crop(-refused)
        draft = matcher.compute_ff_tokens() or _look_up(ids)
        draft = draft[: matcher.validate_tokens(draft)]
        fed = [ids[-1], *draft]


def _choose(logits: torch.Tensor, matcher: LLMatcher) -> tuple[int, Step | None]:
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
