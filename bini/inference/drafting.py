"""The fast path of decoding: draft what is likely to come, check it in one forward pass.

Most of an answer is known before the model speaks: keys, punctuation and the claim's elements are forced by the
grammar, quotes and reasons repeat the prompt. A draft of such tokens goes through the model in one pass; each is kept
just when it is the token that greedy decoding within the grammar would have chosen there, so that the answer is the one
of the plain path, token for token (speculative decoding: Leviathan et al. 2023; drafts from the prompt: Saxena 2023).
"""

import copy
from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from llguidance import LLMatcher
from transformers import DynamicCache, PreTrainedModel

from bini.errors import ModelError
from bini.inference.choices import FEW, Step

ROWS = 32
"""Places whose whole logits are made at once: at the size of Gemma's vocabulary those of one take 1 MB."""

DRAFT = 16
"""Most tokens of a draft from the prompt; forced ones are drafted whole."""

NGRAM = 3
"""Longest run of last tokens that is looked for further up."""


class Head:
    """What makes logits of the last layer's states, as the model itself does.

    Some models cap what their head gives (Gemma 2) or multiply it (Granite, Cohere, HyperCLOVA X).

    Parameters
    ----------
    model
        A causal language model; it is run on four tokens to see what it does.

    Raises
    ------
    ModelError
        If it does something else.
    """

    @torch.inference_mode()
    def __init__(self, model: PreTrainedModel) -> None:
        self._matrix = model.get_output_embeddings()
        self._cap = getattr(model.config, "final_logit_softcapping", None)
        self._factor = 1.0
        seen = list[torch.Tensor]()
        hook = model.base_model.register_forward_hook(lambda _module, _args, output: seen.append(output[0]))
        try:
            wanted = model(input_ids=torch.tensor([[1, 2, 3, 4]], device=model.device)).logits[0].float().cpu()
        finally:
            hook.remove()
        own = self(seen[0][0])
        self._factor = float((wanted * own).sum() / (own * own).sum().clamp_min(1e-9))
        error = (wanted - self._factor * own).abs().max()
        if error > 0.02 * wanted.abs().max():  # bf16 keeps 8 bits
            raise ModelError("its logits are not those of its head", "take a model of another family, such as Gemma 3")

    @property
    def size(self) -> int:
        """Tokens that it tells apart; an embedding may have rows beyond the vocabulary."""
        return len(self._matrix.weight)

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """States (n, D) to logits (n, V), fp32, on the CPU."""
        return self._finished(self._matrix(states))

    def among(self, state: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """One state (D,) to the logits of some tokens (n,), fp32, on the CPU: only their rows are multiplied."""
        bias = None if self._matrix.bias is None else self._matrix.bias[tokens]
        return self._finished(torch.nn.functional.linear(state, self._matrix.weight[tokens], bias))

    def _finished(self, logits: torch.Tensor) -> torch.Tensor:
        logits = logits.float().cpu()
        return self._factor * (self._cap * torch.tanh(logits / self._cap) if self._cap else logits)


class Rows:
    """Logits at some places, made as far as they are asked for.

    Parameters
    ----------
    head
        The model's head.
    states
        (n, D): what the last layer made of the token before each place.
    """

    def __init__(self, head: Head, states: torch.Tensor) -> None:
        self.size = head.size
        self._head, self._states = head, states
        self._first, self._made = 0, torch.empty(0)

    @torch.inference_mode()
    def among(self, place: int, tokens: torch.Tensor) -> torch.Tensor:
        """(n,): those of n tokens, fp32, on the CPU."""
        return self._head.among(self._states[place], tokens)

    @torch.inference_mode()
    def all(self, place: int) -> torch.Tensor:
        """(V,), fp32, on the CPU; those of the places behind it are made along with it, up to `ROWS`."""
        if not 0 <= place - self._first < len(self._made):
            self._first, self._made = place, self._head(self._states[place : place + ROWS])
        return self._made[place - self._first]


class Context:
    """What a model has read, kept so that the next run of tokens is computed only from where it differs.

    Parameters
    ----------
    model
        A causal language model.
    head
        Its head.

    Attributes
    ----------
    calls, tokens
        How often the model was called, and how many tokens it was given.
    """

    def __init__(self, model: PreTrainedModel, head: Head) -> None:
        self.calls = self.tokens = 0
        self._model, self._head = model, head
        self._ids = list[int]()
        self._cache = DynamicCache()  # without a config no layer slides, so that what differs can be cut off
        self._states = torch.empty(0)  # (len(self._ids), D): what the last layer made of each token

    @torch.inference_mode()
    def fork(self) -> Self:
        """Another context that has read the same and has cost nothing yet."""
        other = copy.copy(self)
        other.calls = other.tokens = 0
        other._cache = copy.deepcopy(self._cache)
        return other

    @torch.inference_mode()
    def rows(self, ids: Sequence[int], places: Sequence[int]) -> Rows:
        """The model's logits for what stands at some places of `ids`, after at most one call of it.

        Parameters
        ----------
        ids
            Token ids.
        places
            Ascending, from 1 to `len(ids)`; the last of these is for the token that would come next.
        """
        self.read(ids[: places[-1]])
        return Rows(self._head, self._states[[place - 1 for place in places]])

    @torch.inference_mode()
    def read(self, ids: Sequence[int]) -> None:
        """Run the model on what of `ids` it has not read."""
        known = alike(self._ids, ids)
        if known == len(ids):
            return
        if known < len(self._ids):
            self._cache.crop(known - len(self._ids))
        output = self._model.base_model(
            input_ids=torch.tensor([ids[known:]], device=self._model.device),
            past_key_values=self._cache,
            use_cache=True,
        )
        states = output.last_hidden_state[0]
        self._states = torch.cat([self._states[:known].to(states), states]) if known else states
        self._ids = list(ids)
        self.calls += 1
        self.tokens += len(ids) - known


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
        rows = context.rows([*ids, *draft], places)
        for place, guess in enumerate([*draft, None]):
            token, step = choose(rows, place, matcher)
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


def choose(rows: Rows, place: int, matcher: LLMatcher) -> tuple[int, Step | None]:
    """The most probable token that the grammar allows at a place, and what else it allows if that is little."""
    bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
    few = int(np.bitwise_count(bits).sum()) <= FEW
    if not few:
        logits = rows.all(place)[: 8 * len(bits)]
        best = int(_finite(logits).argmax())
        if bits[best >> 3] >> (best & 7) & 1:
            return best, None
    allowed = torch.from_numpy(np.unpackbits(bits, bitorder="little", count=rows.size).nonzero()[0])
    scores = _finite(rows.among(place, allowed)) if few else logits[allowed]
    chosen = int(allowed[int(scores.argmax())])
    return chosen, Step(tuple(allowed.tolist()), tuple(scores.softmax(0).tolist())) if few else None


def _finite(logits: torch.Tensor) -> torch.Tensor:
    if not torch.isfinite(logits.max()):
        raise ModelError("the model's numbers are not finite", "its weights are broken: fetch or train them again")
    return logits


def _look_up(ids: Sequence[int]) -> list[int]:
    """What followed the last tokens where they last stood before; the longest run of up to `NGRAM` tokens counts."""
    for length in range(NGRAM, 0, -1):
        tail = ids[-length:]
        for start in range(len(ids) - length - 1, -1, -1):
            if ids[start] == tail[0] and ids[start : start + length] == tail:
                return list(ids[start + length : start + length + DRAFT])
    return []
