"""Rows and batches of pre-training: what is in them, and what weighs how much."""

import random
from typing import Any

import pytest
import torch
from pretraining import POOL, RECIPE
from transformers import Gemma3ForCausalLM

from bini.domain.glossary import Glossary
from bini.inference.prompt import INSTRUCTION, request_body
from bini.models.text import encode_answer, encode_chat
from bini.models.tokenizer import JSON_PIECES
from bini.training import batches, pretrain
from bini.training.synthesis.cases import CaseWriter, Stage
from bini.training.synthesis.drills import drill


@pytest.fixture(scope="module")
def rows(glossary: Glossary, tiny_tokenizer) -> list[tuple[Any, batches.Row, bool]]:
    writer = CaseWriter(glossary, random.Random(0), RECIPE.stages[1].stage())
    made = [(writer.case(), n % 2 == 0) for n in range(40)]
    return [(case, batches.encode_case(case, tiny_tokenizer, long), long) for case, long in made]


def test_rows_are_requests_and_answers_and_the_prompt_weighs_nothing(rows, tiny_tokenizer) -> None:
    for case, row, long in rows:
        text = (INSTRUCTION if long else "") + request_body(case.product, case.elements)
        prompt, answer = encode_chat(tiny_tokenizer, text), encode_answer(tiny_tokenizer, case.answer.to_json())
        assert row.ids == prompt + answer
        assert len(row.weights) == len(row.ids)
        assert not any(row.weights[: len(prompt)])
        assert all(row.weights[len(prompt) :])


def test_weights_follow_the_parts_of_the_answer(rows, tiny_tokenizer) -> None:
    pieces = [tiny_tokenizer.convert_tokens_to_ids(piece) for piece in JSON_PIECES]
    for case, row, _ in rows:
        start = next(i for i, w in enumerate(row.weights) if w)
        parts: list[tuple[int | None, str, set[float]]] = [(None, "", set())]
        for token, weight in zip(row.ids[start:], row.weights[start:], strict=True):
            if token in pieces:
                parts.append((pieces.index(token), "", []))
                assert (weight == batches.WEIGHTS["choice"]) == (pieces.index(token) in (2, 3))
            else:
                piece, text, found = parts[-1]
                parts[-1] = (piece, text + tiny_tokenizer.decode([token]), [*found, weight])
        named = {0: "element", 1: "element", 2: "match", 3: "quote", 4: "match", 5: "reason", 6: "risk"}
        for piece, _, found in parts[1:]:
            assert piece is not None
            if named[piece] == "quote":
                assert found.pop(0) == batches.WEIGHTS["start"]
            assert found == [batches.WEIGHTS[named[piece]]] * len(found)
        matches = [text for piece, text, _ in parts[1:] if piece in (2, 4)]
        assert matches == [r.match.value for r in case.answer.comparisons]


def test_a_drill_learns_where_each_quote_begins_and_nothing_else(glossary: Glossary, tiny_tokenizer) -> None:
    writer = CaseWriter(glossary, random.Random(6), Stage((1, 2), 0, 0.0, 0.5, topical=0.5))
    for _ in range(10):
        made = drill(writer)
        row = batches.encode_drill(made, tiny_tokenizer)
        learned = [(token, weight) for token, weight in zip(row.ids, row.weights, strict=True) if weight]
        begun = [place for place, (_, weight) in enumerate(learned) if weight == batches.WEIGHTS["start"]]
        assert len(begun) == len(made.asked)
        for (_, quote), start, end in zip(made.asked, begun, [*begun[1:], len(learned)], strict=True):
            assert end - start <= batches.DRILLED_TOKENS
            assert quote.startswith(tiny_tokenizer.decode([token for token, _ in learned[start:end]]).rstrip())


def test_collate_pads_and_predicts_answer_tokens_only(rows, tiny_tokenizer) -> None:
    chosen = [row for _, row, _ in rows[:5]]
    batch = batches.collate(chosen, tiny_tokenizer.pad_token_id)
    length = max(len(r.ids) for r in chosen)
    assert batch.ids.shape == (5, length)
    assert batch.tokens == sum(len(r.ids) for r in chosen)
    expected = [
        (n * length + t - 1, row.ids[t], row.weights[t])
        for n, row in enumerate(chosen)
        for t in range(len(row.ids))
        if row.weights[t]
    ]
    found = zip(batch.positions.tolist(), batch.targets.tolist(), batch.weights.tolist(), strict=True)
    assert [(p, i, pytest.approx(w)) for p, i, w in expected] == list(found)


def test_loss_is_the_weighted_cross_entropy_and_ignores_padding(rows, tiny_tokenizer, tiny_model) -> None:
    model = Gemma3ForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    chosen = sorted((row for _, row, _ in rows[:4]), key=lambda r: len(r.ids))
    total = weight = 0.0
    with torch.inference_mode():
        for row in chosen:
            logs = model(input_ids=torch.tensor([row.ids])).logits[0].log_softmax(-1)
            for t, w in enumerate(row.weights):
                if w:
                    total -= w * logs[t - 1, row.ids[t]].item()
                    weight += w
        batch = batches.collate(chosen, tiny_tokenizer.pad_token_id)
        loss = pretrain.answer_loss(model, batch.ids, batch.positions, batch.targets, batch.weights)
    assert loss.item() == pytest.approx(total / weight, rel=1e-3)


def test_batches_of_a_pool(glossary: Glossary, tiny_tokenizer) -> None:
    made = batches.pool_batches(glossary, tiny_tokenizer, RECIPE, 0)
    assert sum(len(b.ids) for b in made) == POOL
    assert all(b.ids.numel() <= RECIPE.tokens_per_step or len(b.ids) == 1 for b in made)
    again = batches.pool_batches(glossary, tiny_tokenizer, RECIPE, 0)
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(made, again, strict=True))
    other = batches.pool_batches(glossary, tiny_tokenizer, RECIPE, 1)
    assert [b.ids.tolist() for b in made] != [b.ids.tolist() for b in other]


def test_pools_follow_the_curriculum(glossary: Glossary, tiny_tokenizer) -> None:
    """Each pool takes its stage by its share of the run; the second stage has more elements a case."""
    second_element = tiny_tokenizer.convert_tokens_to_ids(JSON_PIECES[1])

    def rows_of(pool: int) -> list[list[int]]:
        made = batches.pool_batches(glossary, tiny_tokenizer, RECIPE, pool)
        return [ids for batch in made for ids in batch.ids.tolist()]

    for pool in range(6):
        fewest = min(ids.count(second_element) + 1 for ids in rows_of(pool))
        assert fewest == (1 if pool < 3 else 2), pool
