"""Matches and level without the words of a reason, in a handful of passes: the whole answer is drafted and revised.

An answer's text is known but for its quotes and labels. The first draft guesses them. One pass of the model then says,
all along each of them, what it would have written after what the draft holds up to there; the draft is revised
everywhere at once, until nothing changes (Jacobi decoding: Santilli et al. 2023). What it then says up to the reason is
what greedy decoding writes there. The reason is no prose: it repeats the matches.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from llguidance import LLMatcher

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import REASON_CHARS, Comparison, Judgement
from bini.inference.choices import Step
from bini.inference.drafting import Context, alike, choose
from bini.inference.grammar import JSON_INK, AnswerGrammar

PASSES = 48
"""Most passes of a verdict; most answers take a sixth of these."""

HORIZON = 72
"""Tokens that a pass goes beyond what is settled: what comes after a wrong guess is likely to be read again."""

# Quotes and labels of a draft's JSON; strings in it hold no bare quotation mark.
VALUES = re.compile(rb'"(user_product_element|match|risk_level)": (null|"(?:[^"\\]|\\.)*")')
REASON = b'"decision_reason"'
# What has been written of a JSON string, without half an escape, and whether it is closed.
CONTENT = re.compile(r'"((?:[^"\\]|\\u[0-9a-f]{4}|\\[^u])*)("?)')
INK = re.compile(JSON_INK)
CLAUSE = re.compile(r"[^,.;\n]{0,48}")
"""As much of the product as a quote is drafted beyond what the model has said of it."""

LABELS: dict[bytes, Sequence[str]] = {b"match": list(Match), b"risk_level": list(RiskLevel)}


@dataclass(frozen=True)
class Reading:
    """For each token of a draft the one that the model would write in its place, and what it chose among."""

    chosen: list[int]
    steps: list[Step | None]


@dataclass(frozen=True)
class Draft:
    """A whole answer as it may be: its JSON, its tokens, their bytes, and where each of them begins."""

    text: bytes
    ids: list[int]
    pieces: list[bytes]
    begins: list[int]

    @property
    def before_reason(self) -> list[int]:
        """The tokens up to the reason."""
        return self.ids[: self.over(0, self.text.index(REASON))[-1]]

    def over(self, start: int, end: int) -> list[int]:
        """The numbers of the tokens that have a byte from `start` to `end`."""
        return [n for n, begin in enumerate(self.begins) if begin < end and begin + len(self.pieces[n]) > start]


@dataclass(frozen=True)
class Drafter:
    """What makes the drafts of one request's answer.

    Parameters
    ----------
    grammar
        Of the answer.
    encode
        Text to token ids.
    to_bytes
        The bytes of a token id.
    """

    grammar: AnswerGrammar
    encode: Callable[[str], list[int]]
    to_bytes: Callable[[int], bytes]

    def first(self) -> Draft:
        """Every element is met, by what it has in common with the product."""
        rows = tuple(
            Comparison(patent_element=element, user_product_element=self._common(element), match=Match.YES)
            for element in self.grammar.elements
        )
        return self.draft(Judgement(comparisons=rows, decision_reason="-", risk_level=RiskLevel.HIGH))

    def draft(self, judgement: Judgement) -> Draft:
        """A judgement as a draft; its reason is the list of its matches."""
        reason = ", ".join(row.match for row in judgement.comparisons)[:REASON_CHARS]
        text = judgement.model_copy(update={"decision_reason": reason}).to_json()
        ids = self.encode(text)
        pieces = [self.to_bytes(token) for token in ids]
        return Draft(text.encode(), ids, pieces, list(accumulate(map(len, pieces[:-1]), initial=0)))

    def revise(self, draft: Draft, chosen: Sequence[int]) -> Draft:
        """The draft with every quote and label changed to what the model would have written there."""

        def revised(found: re.Match[bytes]) -> bytes:
            return b'"' + found[1] + b'": ' + self._value(draft, chosen, found)

        text = VALUES.sub(revised, draft.text)
        return self.draft(Judgement.model_validate_json(text))

    def _value(self, draft: Draft, chosen: Sequence[int], found: re.Match[bytes]) -> bytes:
        """One quote or label, as JSON: as it is up to the first token that the model would not have written."""
        start, end = found.span(2)
        tokens = draft.over(start, end)
        lead = draft.text[draft.begins[tokens[0]] : start]
        for place, n in enumerate(tokens):
            begin, written_here = draft.begins[n], self.to_bytes(chosen[n])
            before = draft.text[begin:start]  # what the token holds of the text before the value
            said = draft.text[start:begin] + written_here[len(before) :]
            if chosen[n] == draft.ids[n] or not said or not written_here.startswith(before):
                continue  # it says nothing of the value: the model would have gone on with the reason, say
            written = [*(draft.ids[m] for m in tokens[:place]), chosen[n]]
            values = list(self._quotes(said)) if found[1] == b"user_product_element" else _labels(found[1], said)
            for value in values:  # a word may have other tokens where another one follows it
                if self.encode((lead + value).decode(errors="ignore"))[: len(written)] == written:
                    return value
            if not draft.text.startswith(said, start):
                return values[0]
        return draft.text[start:end]

    def _quotes(self, said: bytes) -> Iterator[bytes]:
        """What a quote may be that begins as the model said; one that goes on does so to the end of its clause."""
        begun = CONTENT.match(said.decode(errors="ignore"))
        if not begun:
            yield b"null"
            return
        product, words = self.grammar.product, json.loads(f'"{begun[1]}"')
        at = -1 if begun[2] else product.find(words)
        while at >= 0:
            clause = CLAUSE.match(product, at + len(words))
            quote = product[at : clause.end() if clause else None]
            yield _quoted(quote[: self.grammar.quote_chars])
            at = product.find(words, at + 1)
        yield _quoted(words)

    def _common(self, element: str) -> str | None:
        product = self.grammar.product
        found = SequenceMatcher(None, element, product, autojunk=False).find_longest_match()
        return _trimmed(product[found.b : found.b + found.size][: self.grammar.quote_chars])


def _quoted(words: str) -> bytes:
    return json.dumps(_trimmed(words), ensure_ascii=False).encode()


def _trimmed(words: str) -> str | None:
    """Words as the grammar takes them for a quote: it begins and ends with ink; None if there is none."""
    ink = [n for n, char in enumerate(words) if INK.fullmatch(json.dumps(char, ensure_ascii=False)[1:-1])]
    return words[ink[0] : ink[-1] + 1] if ink else None


def _labels(key: bytes, said: bytes) -> list[bytes]:
    """The labels that begin as the model said."""
    labels = [json.dumps(label, ensure_ascii=False).encode() for label in LABELS[key]]
    return [label for label in labels if label.startswith(said) or said.startswith(label)]


def settle(
    context: Context, matcher: LLMatcher, prompt: Sequence[int], drafter: Drafter, passes: int
) -> tuple[Draft, list[Step | None] | None]:
    """The answer that the model goes along with, and what it chose among at each token of it.

    Parameters
    ----------
    context
        The model, and what it has read.
    matcher
        Of the answer's grammar, at its start.
    prompt
        Token ids of the request.
    drafter
        Of this request.
    passes
        Most passes.

    Returns
    -------
    tuple
        The last draft, and its steps; None instead of these if the model does not go along after so many passes.

    Raises
    ------
    ModelError
        If the model's numbers are not finite.
    """
    draft, reading, known = drafter.first(), Reading([], []), 0
    for _ in range(passes):
        read, reading = draft, _read(context, matcher, prompt, draft, reading, known)
        draft = drafter.revise(read, [*reading.chosen, *read.ids[len(reading.chosen) :]])
        known = min(alike(read.ids, draft.ids), len(reading.chosen))
        if known == len(read.ids):
            return read, reading.steps
    return draft, None


def _read(
    context: Context,
    matcher: LLMatcher,
    prompt: Sequence[int],
    draft: Draft,
    before: Reading,
    known: int,
) -> Reading:
    """Ask the model about the draft's quotes and labels, past the first `known` tokens as far as the horizon."""
    spans = [found.span(2) for found in VALUES.finditer(draft.text)]
    unread = sorted({n for span in spans for n in draft.over(*span) if n >= known})
    asked = [n for n in unread if n < unread[0] + HORIZON]
    end = len(draft.ids) if asked == unread else asked[-1] + 1
    rows = context.rows([*prompt, *draft.ids], [len(prompt) + n for n in asked])
    matcher.reset()
    matcher.consume_tokens(draft.ids[:known])
    reading, places = Reading(before.chosen[:known], before.steps[:known]), {n: place for place, n in enumerate(asked)}
    for n, token in enumerate(draft.ids[known:end], start=known):
        said, step = choose(rows, places[n], matcher) if n in places else (token, None)
        reading.chosen.append(said)
        reading.steps.append(step)
        matcher.consume_token(token)
    return reading
