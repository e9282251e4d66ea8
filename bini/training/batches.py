"""Generated cases and drills as weighted rows of tokens, and rows of similar length as batches."""

import random
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from bini.domain.glossary import Glossary
from bini.inference.prompt import INSTRUCTION, request_body
from bini.models.text import encode_answer, encode_chat, encode_user_text
from bini.models.tokenizer import JSON_PIECES
from bini.training.curriculum import PretrainRecipe
from bini.training.synthesis.cases import Case, CaseWriter
from bini.training.synthesis.drills import Drill, drill

WEIGHTS = {"element": 0.1, "start": 3.0, "quote": 1.0, "choice": 2.0, "match": 4.0, "reason": 0.4, "risk": 2.0}
"""Loss weight of each part of an answer: copying words is easy, finding where they begin and judging them is not."""

DRILLED_TOKENS = 3
"""Tokens of a quote that a drill asks for."""

PART_AFTER = {
    JSON_PIECES[0]: "element",
    JSON_PIECES[1]: "element",
    JSON_PIECES[2]: "match",
    JSON_PIECES[3]: "quote",
    JSON_PIECES[4]: "match",
    JSON_PIECES[5]: "reason",
    JSON_PIECES[6]: "risk",
}


@dataclass(frozen=True)
class Row:
    """One tokenised case. `ids` holds prompt and answer, `weights` one number per id (0 in the prompt)."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True)
class Batch:
    """Right-padded rows. ids: (B, T); positions, targets, weights: (N,) over the answer positions of ids.flatten()."""

    ids: torch.Tensor
    positions: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor
    tokens: int


def encode_case(case: Case, tokenizer: PreTrainedTokenizerBase, instruction: bool) -> Row:
    """Tokenise one case as requests are, with a loss weight for each token of the answer."""
    body = request_body(case.product, case.elements)
    prompt = encode_chat(tokenizer, (INSTRUCTION if instruction else "") + body)
    answer = encode_answer(tokenizer, case.answer.to_json())
    pieces = {tokenizer.convert_tokens_to_ids(piece): part for piece, part in PART_AFTER.items()}
    weights, part = [], "element"
    for token in answer:
        if token in pieces:
            choice = part == "element" and pieces[token] in ("quote", "match")
            weights.append(WEIGHTS["choice"] if choice else WEIGHTS["quote"] if part == "quote" else WEIGHTS["element"])
            part = "start" if pieces[token] == "quote" else pieces[token]
        elif part == "start":  # the first word says where in the product the quote is; the rest is copying
            weights.append(WEIGHTS["start"])
            part = "quote"
        else:
            weights.append(WEIGHTS[part])
    return Row(prompt + answer, [0.0] * len(prompt) + weights)


def encode_drill(made: Drill, tokenizer: PreTrainedTokenizerBase) -> Row:
    """Tokenise a drill: a request without its elements, then each of them with the first tokens of its quote."""
    ids = encode_chat(tokenizer, request_body(made.product, ()))
    weights = [0.0] * len(ids)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    first, later, quote = (vocabulary[JSON_PIECES[n]] for n in (0, 1, 3))
    for number, (element, words) in enumerate(made.asked):
        given = [later if number else first, *encode_user_text(tokenizer, element), quote]
        start = encode_user_text(tokenizer, words)[:DRILLED_TOKENS]
        ids += [*given, *start]
        weights += [0.0] * len(given) + [WEIGHTS["start"], *[WEIGHTS["quote"]] * (len(start) - 1)]
    return Row(ids, weights)


def pool_batches(
    glossary: Glossary, tokenizer: PreTrainedTokenizerBase, recipe: PretrainRecipe, pool: int
) -> list[Batch]:
    """The batches of one pool of cases: rows of similar length together, in random order."""
    progress, share = pool * recipe.pool / recipe.cases, 0.0
    for stage in recipe.stages:
        share += stage.share
        if progress < share:
            break
    rng = random.Random(f"{recipe.seed}:{pool}")
    writer = CaseWriter(glossary, rng, stage.stage())
    rows = [
        encode_drill(drill(writer), tokenizer)
        if rng.random() < stage.drills
        else encode_case(writer.case(), tokenizer, rng.random() < stage.instruction)
        for _ in range(recipe.pool)
    ]
    rows.sort(key=lambda row: len(row.ids))
    groups: list[list[Row]] = [[]]
    for row in rows:
        if len(row.ids) * (len(groups[-1]) + 1) > recipe.tokens_per_step and groups[-1]:
            groups.append([])
        groups[-1].append(row)
    rng.shuffle(groups)
    return [collate(group, tokenizer.pad_token_id) for group in groups]


def collate(rows: list[Row], pad: int) -> Batch:
    """Pad rows on the right to the longest; causal attention never looks at the padding."""
    length = max(len(r.ids) for r in rows)
    ids = torch.tensor([r.ids + [pad] * (length - len(r.ids)) for r in rows])
    weights = torch.tensor([r.weights + [0.0] * (length - len(r.ids)) for r in rows])
    # Position t predicts token t + 1.
    flat = weights[:, 1:].reshape(-1)
    chosen = flat.nonzero().squeeze(1)
    positions = chosen // (length - 1) * length + chosen % (length - 1)
    return Batch(ids, positions, ids[:, 1:].reshape(-1)[chosen], flat[chosen], sum(len(r.ids) for r in rows))
