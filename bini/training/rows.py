"""Labelled cases to chat rows and token rows, and the data files made from the sources."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from transformers import PreTrainedTokenizerBase

from bini.domain.bench import load_bench
from bini.domain.cases import Case, load_cases
from bini.domain.targets import dropped_quotes, target
from bini.errors import DataError, InputError
from bini.files import jsonl, write_text
from bini.inference.prompt import user_message
from bini.models.text import encode_answer, encode_chat
from bini.resources import BENCH_ROWS, SOURCE, resource

LABELS = "data/processed/train.jsonl"
CHAT_ROWS = "data/processed/sft_train.jsonl"
BENCH = "data/raw/binibench"
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
