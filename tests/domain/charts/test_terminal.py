"""The terminal chart: everything a reader needs, and user text shown as it is."""

import io
import re

import pytest
from rich.console import Console

from bini.domain.answers import Answer, with_answers
from bini.domain.charts.terminal import terminal_chart, terminal_patent, terminal_verdict
from bini.domain.charts.words import WORDS
from bini.domain.claims import parse_claims
from bini.domain.labels import Match, RiskLevel
from bini.domain.patents import assemble_patent
from bini.domain.schema import Assessment
from bini.domain.verdict import Verdict

MARKUP = "[bold]x[/bold]"


PRODUCT = "거리 센서가 있는 청소기"
ROWS = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN), ("로봇", "청소기", Match.NO)]


def rendered(result: Assessment, language: str, width: int = 80) -> str:
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(terminal_chart(result, language))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    return "\n".join(lines)


def flat(text: str) -> str:
    """Without borders and white space, so that wrapping does not matter."""
    return re.sub(r"[\s│┃─━┏┓┗┛┡┩├┤┼┬┴└┘┌┐╭╮╰╯╇]+", "", text)


def shown(text: str, wanted: str) -> bool:
    return flat(wanted) in flat(text)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_everything_is_shown(assessment, language: str) -> None:
    text = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), language)
    words = WORDS[language]
    for element, quote, match in ROWS:
        assert shown(text, element)
        assert shown(text, quote or words["none"])
        assert shown(text, f"{words[match]} 84%")
    for key in ("element", "product", "match", "reason", "agrees"):
        assert shown(text, words[key])
    assert shown(text, f"{words['risk']}: {words['낮음']}")
    assert shown(text, f"{words['confidence']} 62%")
    assert shown(text, "두 구성이 모두 있다.")
    assert shown(text, f"{words['disclaimer']} (bini-test)")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_calibrated_answer_shows_its_confidence_and_the_levels_still_possible(assessment, language: str) -> None:
    words = WORDS[language]
    calibrated = dict(zip(RiskLevel, (0.1, 0.2, 0.7), strict=True))
    known = {"calibrated": calibrated, "possible_levels": (RiskLevel.AMBIGUOUS, RiskLevel.LOW)}
    text = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW).model_copy(update=known), language)
    assert shown(text, f"{words['calibrated']} 70%")
    assert shown(text, f"{words['possible']}: {words['애매']}, {words['낮음']}")
    assert not shown(text, f"{words['confidence']} 62%")


def test_the_words_of_each_language(assessment) -> None:
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    korean = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), "ko")
    english = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), "en")
    assert shown(korean, "법률 의견이 아닙니다")
    assert shown(english, "not legal advice")
    assert shown(english, "Infringement risk: low")
    assert shown(english, "cannot be told")
    for word in ("낮음", "미대응", "판단불가", "청구항 구성요소"):
        assert not shown(english, word)


@pytest.mark.parametrize(
    ("language", "notice"),
    [
        ("ko", "모델은 높음, 구성요소 완비의 원칙은 낮음 (미대응인 구성요소: 3): 검토가 필요합니다"),
        ("en", "The model says high, the all-elements rule low (elements that do not correspond: 3): needs review"),
    ],
)
def test_disagreement_is_told(assessment, ruled, language: str, notice: str) -> None:
    disagreeing = rendered(ruled("거리 센서가 있는 청소기", ROWS, RiskLevel.HIGH), language)
    assert shown(disagreeing, notice)
    assert not shown(disagreeing, WORDS[language]["agrees"])
    assert not shown(rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), language), notice)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_would_settle_it_and_what_to_ask_stands_under_the_chart(ruled, language: str) -> None:
    rows = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN), ("로봇", "청소기", Match.UNKNOWN)]
    result = ruled("거리 센서가 있는 청소기", rows, RiskLevel.AMBIGUOUS)
    text = rendered(result, language)
    for question in result.questions:
        assert shown(text, question.question.within(language))
        assert shown(text, question.effect.within(language))
    assert result.equivalents is not None
    for asked in result.equivalents.questions:
        assert shown(text, asked.within(language))


def test_answers_stand_in_their_rows_and_their_changes_under_the_chart(ruled) -> None:
    rows = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN)]
    plain = ruled("거리 센서가 있는 청소기", rows, RiskLevel.AMBIGUOUS)
    text = rendered(with_answers(plain, plain, [Answer(2, "네")]), "en")
    assert shown(text, "Infringement risk: high (with the answers)")
    assert shown(text, "corresponds by the answer")
    assert shown(text, "All-elements rule: ambiguous → high")
    assert shown(text, "Claim element 2: cannot be told → corresponds (Answer: 네)")


def test_rows_are_numbered_in_order(assessment) -> None:
    text = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), "ko")
    assert re.findall(r"│\s+(\d)\s+│\s*(\S+)", text) == [("1", "센서"), ("2", "제어부"), ("3", "로봇")]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_markup_in_user_text_is_literal(assessment, language: str) -> None:
    rows = [
        (f"{MARKUP} 센서", f"{MARKUP} 제품", Match.YES),
        ("[/bold]", "[red", Match.YES),
        ("\\[b]", ":smile:", Match.NO),
    ]
    reason = f"{MARKUP} [/] [link=http://x]y"
    result = assessment(PRODUCT, rows, RiskLevel.LOW, reason, adapter="outputs/[i]run[/i]")
    text = rendered(result, language, width=120)
    for element, quote, _ in rows:
        assert shown(text, element)
        assert quote is not None
        assert shown(text, quote)
    assert shown(text, reason)
    assert shown(text, "(bini-test + outputs/[i]run[/i])")


def test_long_words_are_folded_and_not_cut_off(assessment) -> None:
    element, quote = "가나다라마바사" * 20, "아자차카타파하" * 15
    text = rendered(assessment(quote, [(element, quote, Match.YES)]), "ko", width=60)
    assert "…" not in text
    cells = [line.split("│")[1:-1] for line in text.splitlines() if line.count("│") == 7]
    columns = ["".join(cell.strip() for cell in column) for column in zip(*cells, strict=True)]
    assert columns[2:4] == [element, quote]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_adapter_whose_checks_were_overridden_is_named_as_such(assessment, language: str) -> None:
    sound = assessment(PRODUCT, ROWS, RiskLevel.LOW, adapter="outputs/mine")
    origin = sound.provenance.model_copy(update={"forced": ("shapes", "scale")})
    note = WORDS[language]["forced"].format(checks="shapes, scale")
    assert shown(rendered(sound.model_copy(update={"provenance": origin}), language), note)
    assert not shown(rendered(sound, language), note.split(":")[0])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_labels_are_broken_between_words_only(assessment, language: str) -> None:
    shown = rendered(assessment(PRODUCT, ROWS, RiskLevel.LOW), language)
    for match in Match:
        for word in WORDS[language][match].split():
            assert word in shown


def test_a_verdict_says_what_the_model_wrote_where_a_number_overrules_it(ruled) -> None:
    def shown_of(said: str) -> str:
        console = Console(record=True, width=140, file=io.StringIO())
        found = ruled(f"길이 {said}", [("길이 5 내지 10 mm", f"길이 {said}", Match.YES)], RiskLevel.HIGH)
        console.print(terminal_verdict(Verdict.of(found), "en"))
        return console.export_text()

    assert "Infringement risk: low" in shown_of("12 mm")
    assert "Written by the model: high" in shown_of("12 mm")
    assert "Written by the model" not in shown_of("7 mm")


def test_a_patent_s_claims_stand_in_a_table_with_their_reasons_to_review(ruled) -> None:
    claims = parse_claims("1. 센서를 포함하는 로봇.\n2. 제1항에 있어서, 상기 센서는 거리 센서인 로봇.")
    first = ruled("센서가 달린 로봇", [("센서", "센서", Match.NO)], RiskLevel.LOW)
    second = ruled("센서가 달린 로봇", [("거리 센서인", "센서", Match.YES)], RiskLevel.AMBIGUOUS)
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(terminal_patent(assemble_patent(claims, {1: first, 2: second}), "en"))
    text = console.export_text()
    assert "Infringement risk of the patent: low" in text
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]
    assert "as its riskiest independent claim: claim 1" in text
    assert lines[0] == ["1", "", "low", "low", "", ""]
    assert lines[1][:5] == ["2", "1", "high", "low", "1"]
    assert shown(text, second.review[0].words.en)
    assert shown(text, "Claim 1")
    assert not shown(text, "Claim 2")


def test_no_reason_in_the_table_of_a_patent_loses_a_word(ruled) -> None:
    claims = parse_claims("1. 센서를 포함하는 로봇.")
    found = ruled(
        "센서", [("센서", None, Match.UNKNOWN)], RiskLevel.HIGH, possible=(RiskLevel.HIGH, RiskLevel.AMBIGUOUS)
    )
    for width in range(80, 121):
        console = Console(record=True, width=width, file=io.StringIO())
        console.print(terminal_patent(assemble_patent(claims, {1: found}), "ko"))
        table = console.export_text().split("╭")[0]
        assert shown(table, found.review[1].words.ko), f"at width {width}"
