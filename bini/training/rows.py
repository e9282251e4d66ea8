"""Labelled cases to chat rows and token rows, and the data files made from the sources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import PreTrainedTokenizerBase

from bini.domain.bench import load_bench
from bini.domain.cases import Case, load_cases
from bini.domain.labels import Match
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS, Comparison, Judgement
from bini.errors import DataError, InputError
from bini.files import jsonl, write_text
from bini.inference.prompt import user_message
from bini.models.text import encode_answer, encode_chat
from bini.resources import resource

SOURCE = "data/raw/seeds/seed_cases.json"
LABELS = "data/processed/train.jsonl"
CHAT_ROWS = "data/processed/sft_train.jsonl"
BENCH = "data/raw/binibench"
BENCH_ROWS = "data/processed/binibench_{split}.jsonl"
TRAINING = (SOURCE, BENCH_ROWS.format(split="train"))
"""What an adapter is trained on when nothing else is said."""
Learned = Literal["answer", "judgement"]
"""What of an answer is in the loss."""
UNJUDGED = re.compile(r'(?:(?<="patent_element": ")|(?<="decision_reason": "))(?:[^"\\]|\\.)+')
"""The strings of an answer's JSON that hold no judgement: the claim's own elements, and the reason."""


@dataclass(frozen=True)
class TokenRow:
    """One case as the trainer sees it: prompt and answer ids, and a 1 for each id that is in the loss."""

    input_ids: list[int]
    completion_mask: list[int]


def suites() -> list[Path]:
    """The files of labelled cases that are for measuring alone: neither an adapter nor a fold may learn from them."""
    return [*sorted(resource("eval/suites").glob("*.jsonl")), resource(BENCH_ROWS.format(split="test"))]


def held_out() -> list[Path]:
    """What no adapter may learn from: the suites, and the split that recipes and calibrations are chosen on."""
    return [*suites(), resource(BENCH_ROWS.format(split="validation"))]


def target(case: Case) -> Judgement:
    """The answer that training writes for a case: only what constrained decoding could write.

    A quote that is no piece of the product, or is too long to be written, becomes null; `dropped_quotes` counts
    them. A label without a reason gets one that lists its matches.
    """
    rows = tuple(
        Comparison(
            patent_element=c.patent_element, user_product_element=_writable(c.user_product_element, case), match=c.match
        )
        for c in case.label.comparisons
    )
    reason = case.label.decision_reason or _plain_reason(case)
    return Judgement(comparisons=rows, decision_reason=reason[:REASON_CHARS], risk_level=case.label.level)


def dropped_quotes(cases: Sequence[Case]) -> int:
    """How many labelled quotes of `cases` are no writable piece of their product text."""
    quotes = [
        (c.user_product_element, case) for case in cases for c in case.label.comparisons if c.user_product_element
    ]
    return sum(_writable(quote, case) is None for quote, case in quotes)


def _writable(quote: str | None, case: Case) -> str | None:
    return quote if quote and quote in case.user_query and len(quote) <= QUOTE_CHARS else None


def _plain_reason(case: Case) -> str:
    groups = {match: [c.patent_element for c in case.label.comparisons if c.match is match] for match in Match}
    return " ".join(f"{match}: {', '.join(elements)}." for match, elements in groups.items() if elements)


def chat_row(case: Case) -> dict[str, Any]:
    """One case as chat messages."""
    return {
        "case_id": case.case_id,
        "messages": [
            {"role": "user", "content": user_message(case.user_query, case.elements)},
            {"role": "assistant", "content": target(case).to_json()},
        ],
    }


def label_row(case: Case) -> dict[str, Any]:
    """One case with its label, the derived risk level included."""
    row = case.model_dump(mode="json")
    row["label"]["risk_level"] = case.label.level.value
    return row


def token_row(case: Case, tokenizer: PreTrainedTokenizerBase, limit: int, learn: Learned = "answer") -> TokenRow:
    """Tokenise a case exactly as inference does, then its answer.

    Parameters
    ----------
    case
        The case.
    tokenizer
        Of the model to train.
    limit
        Most tokens of a row.
    learn
        What is in the loss: the whole answer, or only its judgement, that is quotes, matches and the level, without
        the claim's own elements, which constrained decoding gives, and the words of the reason.

    Raises
    ------
    InputError
        If the row is longer than `limit` tokens: it is refused, never cut off.
    """
    prompt = encode_chat(tokenizer, user_message(case.user_query, case.elements))
    text = target(case).to_json()
    answer = encode_answer(tokenizer, text)
    if len(prompt) + len(answer) > limit:
        raise InputError(
            f"case {case.case_id} is {len(prompt) + len(answer):,} tokens long, but the model's window holds {limit:,}",
            "shorten its product description or leave it out; rows are never cut off",
        )
    mask = [1] * len(answer)
    for given in UNJUDGED.finditer(text) if learn == "judgement" else ():
        start = len(encode_answer(tokenizer, text[: given.start()])) - 1
        end = len(answer) - len(encode_answer(tokenizer, text[given.end() :]))
        mask[start:end] = [0] * (end - start)
    return TokenRow(prompt + answer, [0] * len(prompt) + mask)


def build(root: Path, check: bool = False) -> list[Path]:
    """Make the processed files from the sources, or check that they are fresh.

    Parameters
    ----------
    root
        Folder that holds `data/`.
    check
        Compare byte for byte instead of writing.

    Returns
    -------
    list of Path
        The two files of the seeds, and one of each BiniBench split.

    Raises
    ------
    DataError
        If a source is wrong, a quote of it is not verbatim, a frozen file was changed, or, when checking, a file is
        stale.
    """
    cases = load_cases(root / SOURCE)
    for case in cases:
        if dropped_quotes([case]):
            raise DataError(
                f"{SOURCE}, {case.case_id}: a quote is no piece of user_query", "quote the product's own words"
            )
    made = {root / LABELS: jsonl(map(label_row, cases)), root / CHAT_ROWS: jsonl(map(chat_row, cases))}
    for split, patents in load_bench(root / BENCH).items():
        if patents:
            rows = [row for patent in patents for row in patent.rows(split)]
            made[root / BENCH_ROWS.format(split=split)] = jsonl(rows)
    for path, content in made.items():
        if not check:
            write_text(path, content)
        elif not path.is_file() or path.read_bytes() != content.encode():
            raise DataError(f"{path} is stale", "make it again with: bini data build")
    return list(made)
