"""The per-request grammar: the JSON Schema of the answer, plus quotes that cannot be made up.

`bini.domain.schema.judgement_schema` says what a valid answer is; JSON Schema cannot say that a string is a piece
of a given text, nor fix white space. This grammar (llguidance's Lark dialect, given to Outlines as a CFG) accepts
exactly the canonical texts of `Judgement.to_json` that the schema accepts and whose quotes stand in the product.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS

# One character of a JSON string as json.dumps(ensure_ascii=False) writes it.
JSON_CHAR = r'[^"\\\x00-\x1F]|\\(["\\bfnrt]|u00(0[0-7bef]|1[0-9a-f]))'

# One that is no white space: a quote begins and ends with such.
JSON_INK = r'[^"\\\x00-\x20\u00a0\u3000]|\\(["\\]|u00(0[0-7be]|1[0-9a-f]))'


@dataclass(frozen=True)
class AnswerGrammar:
    """A grammar and the longest answer it accepts.

    Parameters
    ----------
    elements, product
        What the answer is about.
    quote_chars
        Longest quote, in characters.
    lark
        The grammar's text.
    max_bytes
        Bytes of the longest answer in UTF-8. A token is at least one byte, so this many tokens always finish.
    """

    elements: tuple[str, ...]
    product: str
    quote_chars: int
    lark: str
    max_bytes: int


def answer_grammar(elements: Sequence[str], product: str, quote_chars: int = QUOTE_CHARS) -> AnswerGrammar:
    """The grammar of an answer on these elements and this product text.

    Parameters
    ----------
    elements
        Claim elements, verbatim, in order.
    product
        Product description as the prompt shows it.
    quote_chars
        Longest quote, in characters; at least 2.
    """
    chars = [json.dumps(char, ensure_ascii=False)[1:-1] for char in product]
    quote = '"null" | "\\"" QUOTE "\\""'
    parts = []
    for number, element in enumerate(elements):
        opening = '{"comparisons": [' if number == 0 else ", "
        parts += [
            _literal(
                f'{opening}{{"patent_element": {json.dumps(element, ensure_ascii=False)}, "user_product_element": '
            ),
            "quote",
            _literal(', "match": "'),
            "match",
            _literal('"}'),
        ]
    parts += [
        _literal('], "decision_reason": "'),
        "REASON",
        _literal('", "risk_level": "'),
        "level",
        _literal('"}'),
    ]
    lines = [
        '%llguidance {"no_forcing": true}',  # forcing would forbid tokens that span a choice
        "start: " + " ".join(parts),
        "quote: " + quote,
        "match: " + " | ".join(_literal(m) for m in Match),
        "level: " + " | ".join(_literal(level) for level in RiskLevel),
        f"QUOTE: PIECE & /({JSON_INK})(({JSON_CHAR}){{0,{quote_chars - 2}}}({JSON_INK}))?/",
        "PIECE: %regex " + json.dumps({"substring_chunks": chars}, ensure_ascii=False),
        f"REASON: /({JSON_CHAR}){{1,{REASON_CHARS}}}/",
    ]
    fixed = sum(len(part.encode()) for part in parts) + REASON_CHARS * 6
    longest_quote = _longest_window([len(char.encode()) for char in chars], quote_chars)
    labels = max(len(label.encode()) for label in (*Match, *RiskLevel))
    lark = "\n".join(lines).replace("\x7f", "\\u007f") + "\n"  # llguidance refuses a bare DEL in its text
    longest = fixed + (len(elements) + 1) * (longest_quote + labels)
    return AnswerGrammar(tuple(elements), product, quote_chars, lark, longest)


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _longest_window(sizes: list[int], length: int) -> int:
    """Largest sum of `length` neighbours (of all, if there are fewer)."""
    total = best = sum(sizes[:length])
    for gone, come in zip(sizes, sizes[length:], strict=False):
        total += come - gone
        best = max(best, total)
    return best
