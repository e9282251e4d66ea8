"""Text to token ids, in a way that user text can never become a control token."""

import re
from functools import lru_cache

from transformers import PreTrainedTokenizerBase

from bini.models.tokenizer import JSON_PIECES

_PLACEHOLDER = "\N{SYMBOL FOR SUBSTITUTE}message\N{SYMBOL FOR SUBSTITUTE}"


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
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": _PLACEHOLDER}]
    after = str(tokenizer.apply_chat_template(turns, tokenize=False)).split(_PLACEHOLDER)[-1]
    ids = tokenizer(after.strip(), add_special_tokens=False).input_ids
    return int(ids[0]) if ids else int(tokenizer.eos_token_id)


def encode_chat(tokenizer: PreTrainedTokenizerBase, message: str) -> list[int]:
    """Token ids of one user turn and the opening of the model's turn, by the tokenizer's own chat template.

    The template is rendered around a placeholder, so its control tokens are real and those in `message` are not.

    Raises
    ------
    ValueError
        If the chat template drops or repeats the user's message.
    """
    rendered = tokenizer.apply_chat_template(
        [{"role": "user", "content": _PLACEHOLDER}], tokenize=False, add_generation_prompt=True
    )
    before, *rest = str(rendered).split(_PLACEHOLDER)
    if len(rest) != 1:
        raise ValueError("the chat template must show the user's message once")

    def frame(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False).input_ids)

    # "user\n" and the message are encoded together: a tokenizer may merge across their border.
    control = list(_added_pattern(tokenizer).finditer(before))
    split = control[-1].end() if control else 0
    return frame(before[:split]) + encode_user_text(tokenizer, before[split:] + message.strip()) + frame(rest[0])
