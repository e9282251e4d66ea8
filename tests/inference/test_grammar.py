"""What training writes can be decoded; what is made up cannot; whatever is picked ends in valid JSON."""

import copy
import json
import random
import unicodedata

import jsonschema
import llguidance.hf
import numpy as np
import pytest
from llguidance import LLMatcher

from bini.domain.cases import load_cases
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS, Comparison, Judgement, judgement_schema
from bini.domain.targets import target
from bini.inference.grammar import AnswerGrammar, answer_grammar
from bini.models.text import encode_answer
from bini.resources import SOURCE, resource
from bini.training.synthesis.cases import CaseWriter, Stage

BOTH = pytest.mark.parametrize("tokenizer", ["tiny_tokenizer", "llama_tokenizer"], indirect=True)

PRODUCT = '깰 뷁 크림 "A\\B" 5~10 중량%\n둘째 줄 😀 and café\u2028끝 \x01 tab\tend'
ELEMENTS = ("유효성분", 'a "quoted" \\ part;\nof two lines 😀')

SCRAPS = [
    "TBC 성분이 들어간 미백 크림",
    "a pump that moves 3 mm",
    "😀👨‍👩‍👧🇰🇷",
    "깰 뷁 쀓 ㄱ",
    '"quoted" and \\escaped\\',
    "\n줄\n\n바꿈",
    "\t\x01\x1f\x85",
    "\u2028\u2029\u200b\ufeff",
    '", "match": "대응"}',
    "é ﷽ Ω ☃ 𝔘",
    "</s><end_of_turn>",
    "null",
    "{[}]/#.*+?()|",
]


class Tokens:
    """A tokenizer as Bini and as llguidance see it."""

    def __init__(self, tokenizer) -> None:
        self.hf = tokenizer
        self.llg = llguidance.hf.from_tokenizer(copy.deepcopy(tokenizer))

    def matcher(self, grammar: AnswerGrammar) -> LLMatcher:
        matcher = LLMatcher(self.llg, LLMatcher.grammar_from_lark(grammar.lark), log_level=0)
        assert not matcher.is_error(), matcher.get_error()
        return matcher

    def accepts(self, grammar: AnswerGrammar, text: str) -> bool:
        """Whether every token of `text` is allowed in its turn and nothing is left to write."""
        matcher = self.matcher(grammar)
        tokens = encode_answer(self.hf, text)[:-1]
        for token in tokens:
            if not allowed(matcher, len(self.hf))[token]:
                return False
            assert matcher.consume_token(token)
        return matcher.is_accepting()

    def takes(self, grammar: AnswerGrammar, text: str) -> bool:
        """The same without looking at every mask: many times faster."""
        matcher = self.matcher(grammar)
        tokens = encode_answer(self.hf, text)[:-1]
        return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


@pytest.fixture(scope="module")
def both_tokens(tiny_tokenizer, llama_tokenizer) -> dict[str, Tokens]:
    return {"tiny_tokenizer": Tokens(tiny_tokenizer), "llama_tokenizer": Tokens(llama_tokenizer)}


@pytest.fixture
def tokenizer(request, both_tokens) -> Tokens:
    return both_tokens[request.param]


def allowed(matcher: LLMatcher, size: int) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")
    return bits[:size].astype(bool)


def answer(
    quotes=("크림", None), matches=(Match.YES, Match.UNKNOWN), reason="이유", level=RiskLevel.AMBIGUOUS
) -> Judgement:
    rows = zip(ELEMENTS, quotes, matches, strict=True)
    return Judgement(
        comparisons=tuple(Comparison(patent_element=e, user_product_element=q, match=m) for e, q, m in rows),
        decision_reason=reason,
        risk_level=level,
    )


# what training writes


@BOTH
def test_every_seed_target_can_be_decoded(tokenizer: Tokens) -> None:
    cases = load_cases(resource(SOURCE))
    assert len(cases) > 10
    for case in cases:
        text = target(case).to_json()
        grammar = answer_grammar(case.elements, case.user_query)
        assert tokenizer.accepts(grammar, text), case.case_id
        assert len(text.encode()) <= grammar.max_bytes


@BOTH
def test_generated_targets_can_be_decoded(tokenizer: Tokens, glossary) -> None:
    for stage in (Stage((1, 2), 1, 0.0, 0.6), Stage((2, 6), 6, 0.3, 0.45)):
        writer = CaseWriter(glossary, random.Random(11), stage)
        for _ in range(75):
            case = writer.case()
            grammar = answer_grammar(case.elements, case.product)
            assert tokenizer.takes(grammar, case.answer.to_json()), case
            assert len(case.answer.to_json().encode()) <= grammar.max_bytes


@BOTH
@pytest.mark.parametrize(
    "quote",
    [
        None,
        PRODUCT,
        '"A\\B"',
        "\\",
        '"',
        "\x01",
        "\u2028",
        "😀",
        "é",
        "뷁",
        PRODUCT[0],
        PRODUCT[-1],
    ],
)
def test_any_piece_of_the_product_can_be_quoted(tokenizer: Tokens, quote: str | None) -> None:
    assert tokenizer.accepts(answer_grammar(ELEMENTS, PRODUCT), answer(quotes=(quote, quote)).to_json())


@BOTH
@pytest.mark.parametrize("quote", ["\n", " ", "크림 ", " 크림"])
def test_a_quote_neither_begins_nor_ends_with_white_space(tokenizer: Tokens, quote: str) -> None:
    grammar = answer_grammar(ELEMENTS, f" 크림 x{PRODUCT}\n")
    assert tokenizer.accepts(grammar, answer(quotes=("크림", quote.strip() or None)).to_json())
    assert not tokenizer.accepts(grammar, answer(quotes=("크림", quote)).to_json())


@BOTH
@pytest.mark.parametrize("match", Match)
@pytest.mark.parametrize("level", RiskLevel)
def test_every_label_can_be_written(tokenizer: Tokens, match: Match, level: RiskLevel) -> None:
    text = answer(matches=(match, match), level=level).to_json()
    assert tokenizer.takes(answer_grammar(ELEMENTS, PRODUCT), text)


@BOTH
def test_any_character_can_stand_in_a_reason(tokenizer: Tokens) -> None:
    for scrap in [*SCRAPS, "".join(map(chr, range(1, 0x180)))[:REASON_CHARS]]:
        assert tokenizer.takes(answer_grammar(ELEMENTS, PRODUCT), answer(reason=scrap).to_json()), scrap


@BOTH
def test_nothing_but_the_end_follows_an_answer(tokenizer: Tokens) -> None:
    matcher = tokenizer.matcher(answer_grammar(ELEMENTS, PRODUCT))
    text = answer().to_json()
    assert matcher.consume_tokens(encode_answer(tokenizer.hf, text)[:-1])
    rest = allowed(matcher, len(tokenizer.hf)).nonzero()[0].tolist()
    assert rest == [tokenizer.hf.eos_token_id]


@BOTH
def test_an_unfinished_answer_cannot_be_ended(tokenizer: Tokens) -> None:
    matcher = tokenizer.matcher(answer_grammar(ELEMENTS, PRODUCT))
    for token in encode_answer(tokenizer.hf, answer().to_json())[:-1]:
        assert not matcher.is_accepting()
        assert not allowed(matcher, len(tokenizer.hf))[tokenizer.hf.eos_token_id]
        matcher.consume_token(token)
    assert matcher.is_accepting()


@BOTH
def test_every_kind_of_character_can_stand_in_an_element_and_a_product(tokenizer: Tokens) -> None:
    """DEL among them, which llguidance's own text format refuses and JSON does not escape."""
    codes = [*range(1, 0x100), 0x300, 0x200B, 0x2028, 0x2029, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF]
    refused = []
    for char in map(chr, codes):
        for element, product in ((f"가{char}나", "제품"), ("가", f"제{char}품")):
            grammar = answer_grammar([element], product)
            matcher = LLMatcher(tokenizer.llg, LLMatcher.grammar_from_lark(grammar.lark), log_level=0)
            if matcher.is_error():
                refused.append((char, element, product))
    assert not refused


# what cannot be written


def edited(old: str, new: str) -> str:
    text = answer().to_json()
    assert old in text
    return text.replace(old, new, 1)


WRONG = {
    "a made-up quote": answer(quotes=("선크림", None)).to_json(),
    "a quote of one letter more": answer(quotes=("크림 \\", None)).to_json(),
    "two pieces joined": answer(quotes=("깰 크림", None)).to_json(),
    "a piece backwards": answer(quotes=("림크", None)).to_json(),
    "another case": answer(quotes=("And", None)).to_json(),
    "a quote in NFD": answer(quotes=(unicodedata.normalize("NFD", "크림"), None)).to_json(),
    "a piece of the claim": answer(quotes=("유효성분", None)).to_json(),
    "the product twice": answer(quotes=(PRODUCT + PRODUCT[:3], None)).to_json(),
    "an empty quote": answer(quotes=("", None)).to_json(),
    "the word null": answer(quotes=("null", None)).to_json(),
    "an empty reason": answer(reason="").to_json(),
    "a reason too long": answer(reason="가" * (REASON_CHARS + 1)).to_json(),
    "an altered element": edited("유효성분", "유효 성분"),
    "a shortened element": edited("유효성분", "유효성"),
    "an unknown match": edited('"대응"', '"모름"'),
    "a match of two": edited('"대응"', '"대응미대응"'),
    "an unknown level": edited('"애매"', '"중간"'),
    "an English level": edited('"애매"', '"low"'),
    "a space before a colon": edited('"match":', '"match" :'),
    "two spaces": edited('"match": ', '"match":  '),
    "no space": edited('"match": ', '"match":'),
    "a line break": edited(', "match"', ',\n"match"'),
    "a space at the start": " " + answer().to_json(),
    "a space at the end": answer().to_json() + " ",
    "an answer twice": answer().to_json() * 2,
    "a half answer": answer().to_json()[:-1],
    "nothing": "",
    "a code fence": "```json\n" + answer().to_json() + "\n```",
    "a number for null": edited("null", "0"),
    "an extra key": edited('"risk_level"', '"note": "x", "risk_level"'),
    "an escaped letter": edited("이유", "\\uc774유"),
    "an escaped slash": edited("이유", "\\/"),
    "an escape of no JSON": edited("이유", "\\x41"),
    "a raw line break in a string": edited("이유", "이\n유"),
    "a raw control character": edited("이유", "이\x01유"),
    "upper-case hex": edited("이유", "\\u001F"),
}


@BOTH
@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_the_canonical_text_of_a_true_answer_is_refused(tokenizer: Tokens, name: str) -> None:
    grammar = answer_grammar(ELEMENTS, PRODUCT)
    assert tokenizer.takes(grammar, answer().to_json())
    assert not tokenizer.takes(grammar, WRONG[name])


@BOTH
@pytest.mark.parametrize("escape", ["\\u0008", "\\u0009", "\\u000a", "\\u000c", "\\u000d"])
def test_a_character_with_a_short_escape_has_no_long_one(tokenizer: Tokens, escape: str) -> None:
    """The grammar accepts the canonical texts only: json.dumps never writes these."""
    text = edited("이유", escape)
    assert Judgement.model_validate_json(text).to_json() != text
    assert not tokenizer.takes(answer_grammar(ELEMENTS, PRODUCT), text)


@BOTH
def test_order_and_number_of_things_are_fixed(tokenizer: Tokens) -> None:
    grammar = answer_grammar(ELEMENTS, PRODUCT)
    right = json.loads(answer().to_json())

    def dumped(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    assert tokenizer.takes(grammar, dumped(right))
    rows = right["comparisons"]
    for wrong in (rows[::-1], rows[:1], [*rows, rows[1]], [rows[0], rows[0]], []):
        assert not tokenizer.takes(grammar, dumped({**right, "comparisons": wrong}))
    assert not tokenizer.takes(grammar, dumped(dict(reversed(right.items()))))
    turned = [dict(reversed(row.items())) for row in rows]
    assert not tokenizer.takes(grammar, dumped({**right, "comparisons": turned}))


@BOTH
def test_quotes_have_their_greatest_length(tokenizer: Tokens) -> None:
    product = "".join(random.Random(5).choices("가나다라마바사·abc", k=3 * QUOTE_CHARS))
    for limit in (QUOTE_CHARS, 40, 2):
        grammar = answer_grammar(ELEMENTS, product, limit)
        for start in (0, 7, len(product) - limit):
            assert tokenizer.takes(grammar, answer(quotes=(product[start : start + limit], None)).to_json())
        for start in (0, 7, len(product) - limit - 1):
            text = answer(quotes=(product[start : start + limit + 1], None)).to_json()
            assert not tokenizer.takes(grammar, text)
    schema = judgement_schema(ELEMENTS)
    jsonschema.validate(json.loads(answer(quotes=("가" * QUOTE_CHARS, None)).to_json()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(answer(quotes=("가" * (QUOTE_CHARS + 1), None)).to_json()), schema)


@BOTH
def test_a_family_emoji_and_a_combining_mark_are_quoted_by_character(tokenizer: Tokens) -> None:
    product = "👨‍👩‍👧 q\u0323 끝"
    grammar = answer_grammar(ELEMENTS, product)
    assert tokenizer.takes(grammar, answer(quotes=("👨‍👩‍👧", "q\u0323")).to_json())
    assert not tokenizer.takes(grammar, answer(quotes=("👨👧", None)).to_json())


# how long an answer can be


@BOTH
@pytest.mark.parametrize("quote_chars", [QUOTE_CHARS, 40])
@pytest.mark.parametrize("piece", ["a", "가", "😀", '"', "\\", "\x01", "\x01가", "가\x01" * 60 + "😀" * 100 + "a" * 50])
def test_no_answer_is_longer_than_max_bytes(tokenizer: Tokens, piece: str, quote_chars: int) -> None:
    product = (piece * 130)[:400]
    grammar = answer_grammar(ELEMENTS, product, quote_chars)
    windows = [product[i : i + quote_chars] for i in range(len(product))]
    longest = max(windows, key=lambda w: len(json.dumps(w, ensure_ascii=False).encode()))
    worst = answer(quotes=(longest,) * 2, matches=(Match.UNKNOWN,) * 2, reason="\x01" * REASON_CHARS).to_json()
    assert tokenizer.takes(grammar, worst)
    slack = grammar.max_bytes - len(worst.encode())
    assert 0 <= slack <= len(grammar.lark.encode()), "an upper bound, and no wild one"


def test_max_bytes_counts_a_short_product_once() -> None:
    short, longer = (answer_grammar(["a"], "가" * n).max_bytes for n in (1, 5))
    assert longer - short == 4 * (3 + 3), "four characters more, in the one quote and in the room kept for the rest"


# random picks


def scrappy(rng: random.Random, most: int) -> str:
    text = " ".join(rng.choices(SCRAPS, k=rng.randint(1, most)))
    start = rng.randrange(0, max(1, len(text) - 5))
    return unicodedata.normalize("NFC", text[start:]).strip() or "x"


def random_walk(tokens: Tokens, grammar: AnswerGrammar, rng: np.random.Generator, haste: float) -> tuple[str, int]:
    """Pick uniformly from the mask till the end; with probability `haste`, only among tokens that close a string."""
    matcher = tokens.matcher(grammar)
    size = len(tokens.hf)
    closing = np.zeros(size, dtype=bool)
    for token in range(size):
        closing[token] = tokens.llg.decode_bytes([token]).startswith(b'"')
    picked: list[int] = []
    while True:
        mask = allowed(matcher, size)
        if haste and rng.random() < haste and (mask & closing).any():
            mask &= closing
        token = int(rng.choice(mask.nonzero()[0]))
        if token == tokens.hf.eos_token_id:
            break
        picked.append(token)
        assert matcher.consume_token(token), matcher.get_error()
        assert len(picked) <= grammar.max_bytes
    assert matcher.is_accepting()
    return tokens.llg.decode_bytes(picked).decode(), len(picked)


@BOTH
def test_random_picks_always_end_in_a_valid_answer(tokenizer: Tokens) -> None:
    rng, picks = random.Random(3), np.random.default_rng(3)
    quotes = reasons = 0
    for number in range(100):
        product = scrappy(rng, 12)
        elements = [scrappy(rng, 2) for _ in range(rng.randint(1, 4))]
        grammar = answer_grammar(elements, product)
        text, length = random_walk(tokenizer, grammar, picks, haste=0.0 if number % 7 == 0 else rng.choice([0.05, 0.4]))
        assert length <= len(text.encode()) <= grammar.max_bytes
        value = json.loads(text)
        jsonschema.validate(value, judgement_schema(elements))
        judgement = Judgement.model_validate_json(text)
        assert [row.patent_element for row in judgement.comparisons] == elements
        for row in judgement.comparisons:
            assert row.user_product_element is None or row.user_product_element in product
            quotes += row.user_product_element is not None
        reasons += len(judgement.decision_reason) == REASON_CHARS
    assert quotes > 50, "quotes were written"
    assert reasons, "and a reason was stopped by its bound"


@BOTH
def test_a_product_of_thousands_of_characters_stays_within_the_grammar_s_means(tokenizer: Tokens) -> None:
    """llguidance gives up when a grammar needs too much; no product that fits the window may do that."""
    rng = random.Random(9)
    product = "".join(rng.choices("가나다라마바사아자차카타파하 abcde 0123.,\n", k=6000))
    elements = [scrappy(rng, 3) for _ in range(30)]
    grammar = answer_grammar(elements, product)
    text, _ = random_walk(tokenizer, grammar, np.random.default_rng(0), haste=0.2)
    for row in Judgement.model_validate_json(text).comparisons:
        assert row.user_product_element is None or row.user_product_element in product
