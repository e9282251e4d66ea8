"""Text to token ids, in a way that user text can never become a control token."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import cycle
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from bini.errors import ModelError
from bini.models.tokenizer import JSON_PIECES

ROLES = ("user", "assistant")
"""Who speaks, by turns. Never a system role: Gemma's older templates and others refuse it."""

TEMPLATE_SETTINGS: dict[str, Any] = {"enable_thinking": False, "date_string": "26 Jul 2024"}
"""What families' templates would otherwise choose themselves; a template that knows neither is not changed by them.

Qwen 3 would think before its JSON; Llama 3's would put today's date into every prompt. The date is Llama's own default.
"""


@lru_cache(maxsize=8)
def _added_pattern(tokenizer: PreTrainedTokenizerBase, keep: tuple[str, ...] = ()) -> re.Pattern[str]:
    """Matches the text of every added token but those in `keep` and those of one character or of white space."""
    contents = [str(token) for token in tokenizer.added_tokens_decoder.values()]
    contents = [text for text in contents if len(text) > 1 and not text.isspace() and text not in keep]
    longest_first = sorted(contents, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def encode_user_text(tokenizer: PreTrainedTokenizerBase, text: str, keep: tuple[str, ...] = ()) -> list[int]:
    """Token ids of `text` as plain text; added tokens in `keep` stay tokens.

    A tokenizer looks for its added tokens (`<end_of_turn>` and the like) in whatever it is given. So the text is
    cut after the first character of each of them, and the pieces are encoded one by one: what the model reads
    spells the same characters, and no id is a control token's.
    """
    ids: list[int] = []
    start = 0
    pattern = _added_pattern(tokenizer, keep)
    while found := pattern.search(text, start):  # from the cut on: the end of one may begin the next
        cut = found.start() + 1
        ids += tokenizer(text[start:cut], add_special_tokens=False).input_ids
        start = cut
    return [*ids, *tokenizer(text[start:], add_special_tokens=False).input_ids]


def encode_answer(tokenizer: PreTrainedTokenizerBase, answer: str) -> list[int]:
    """Token ids of an answer's JSON and the end of the model's turn.

    The embedded family's JSON pieces are tokens; they cannot occur inside a JSON string, whose quotes are escaped.
    """
    return [*encode_user_text(tokenizer, answer, keep=JSON_PIECES), turn_end(tokenizer)]


def turn_end(tokenizer: PreTrainedTokenizerBase) -> int:
    """The id that ends a model turn in the tokenizer's chat template."""
    after = _frames(tokenizer, 2)[-1]
    ids = tokenizer(after.strip(), add_special_tokens=False).input_ids
    return int(ids[0]) if ids else int(tokenizer.eos_token_id)


def encode_chat(tokenizer: PreTrainedTokenizerBase, *turns: str) -> list[int]:
    """Token ids of a conversation and the opening of the model's turn, by the tokenizer's own chat template.

    The template is rendered around placeholders, so its control tokens are real and those in `turns` are not.

    Parameters
    ----------
    tokenizer
        Of the model to ask.
    turns
        What the user and the model say by turns; the user first and last.

    Raises
    ------
    ModelError
        If the chat template refuses the conversation, or drops, repeats or reorders a turn.
    """
    *frames, end = _frames(tokenizer, len(turns))
    ids: list[int] = []
    for frame, turn, keep in zip(frames, turns, cycle(((), JSON_PIECES)), strict=False):
        # "user\n" and the message are encoded together: a tokenizer may merge across their border.
        control = list(_added_pattern(tokenizer).finditer(frame))
        split = control[-1].end() if control else 0
        ids += tokenizer(frame[:split], add_special_tokens=False).input_ids
        ids += encode_user_text(tokenizer, frame[split:] + turn.strip(), keep)
    return [*ids, *tokenizer(end, add_special_tokens=False).input_ids]


def _frames(tokenizer: PreTrainedTokenizerBase, count: int) -> list[str]:
    """What the chat template writes before, between and after `count` turns; opens the model's turn after a user's."""
    marks = [f"\N{SYMBOL FOR SUBSTITUTE}turn {number}\N{SYMBOL FOR SUBSTITUTE}" for number in range(count)]
    parts = [[{"type": "text", "text": mark}] for mark in marks]
    problem = "it must show every turn once, in order"
    contents: Sequence[Any]
    for contents in (marks, parts):  # templates of some multimodal models know only lists of parts
        try:
            rendered = _render(tokenizer, contents)
        except (TemplateError, TypeError, ValueError) as error:
            problem = str(error)
            continue
        if re.findall("|".join(marks), rendered) == marks:
            return re.split("|".join(marks), rendered)
    raise ModelError(
        f"the model's chat template cannot be used: {problem}", "take an instruction-tuned model (…-it, …-Instruct)"
    )


def _render(tokenizer: PreTrainedTokenizerBase, contents: Sequence[Any]) -> str:
    messages = [{"role": role, "content": content} for role, content in zip(cycle(ROLES), contents, strict=False)]
    opens = len(messages) % 2 == 1
    return str(
        tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=opens, **TEMPLATE_SETTINGS)
    )
