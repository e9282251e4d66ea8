"""Claim charts in Markdown (CommonMark with GitHub's tables).

Everything that a user wrote stands behind a label or in a table cell, never at the start of a line, so that it can
begin no heading, list or quotation; what is left to escape are the marks inside a line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bini.domain.charts.content import (
    Chart,
    Charted,
    Overview,
    Piece,
    charts,
    confidence,
    facts,
    match,
    notes,
    numbers,
    origin,
    overview,
    pieces,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.patents import PatentAssessment

_MARKS = re.compile(r"[\\`*_\[\]|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "<br>"}

# Two characters that no printable text holds mark a highlight until it is known where its ** can stand.
_OPEN, _CLOSE = "\x02", "\x03"
_SPACE = r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_OUTER = r"[^\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000!-/:-@\[-`{-~]"
_EDGE = r"[\W_]"


def to_markdown(charted: Charted, lang: str) -> str:
    """Claim charts as one Markdown text.

    Parameters
    ----------
    charted
        Assessments, numbered in this order, or a patent's.
    lang
        "ko" or "en": the language of headings and labels.
    """
    words = WORDS[lang]
    blocks = [f"# {words['title']}"]
    if isinstance(charted, PatentAssessment):
        blocks += _overview(overview(charted, lang), lang)
    for chart in charts(charted, lang):
        blocks += _case(chart, lang)
    return "\n\n".join([*blocks, f"*{words['disclaimer']}*"]) + "\n"


def _overview(above: Overview, lang: str) -> Iterator[str]:
    yield f"## {above.title}"
    yield above.remark
    lines = [
        (str(n), parents, WORDS[lang][own], risk, held, str(len(review) or ""))
        for n, parents, own, risk, _, held, review in above.lines
    ]
    yield table(above.labels, lines)


def _case(chart: Chart, lang: str) -> Iterator[str]:
    words, assessment = WORDS[lang], chart.assessment
    yield f"## {chart.title}"
    yield from chart.remarks
    yield from (f"> **{words['warning']}:** {inline(reason)}" for reason in warnings(assessment, lang))
    yield _labelled(facts(assessment, lang))
    rows = [
        (
            str(n),
            inline(row.patent_element),
            inline(row.user_product_element or words["none"]),
            words[match(row)],
            inline(confidence(row, lang)),
            inline(numbers(row, lang)),
        )
        for n, row in enumerate(assessment.comparisons, start=1)
    ]
    yield table(["#", words["element"], words["product"], words["match"], words["confidence"], words["numbers"]], rows)
    yield f"**{words['reason']}:** {inline(assessment.decision_reason)}"
    for note in notes(assessment, lang):
        yield "\n".join([f"**{note.title}:**\n", *(f"- {inline(line)}" for line in note.lines)])
    yield table([words["description"]], [(_highlighted(pieces(assessment)),)])
    yield _labelled(origin(assessment, lang))


def _labelled(values: Mapping[str, str]) -> str:
    return "\n".join(f"- {label}: {inline(value)}" for label, value in values.items())


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of GitHub's kind; every cell is Markdown already, on one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def inline(text: str) -> str:
    """`text` as text inside a line of Markdown."""
    marked = _MARKS.sub(r"\\\g<0>", printable(text))
    return re.sub(r"[&<>\n]", lambda found: _ENTITIES[found[0]], marked)


def _highlighted(product: Sequence[Piece]) -> str:
    """The product text with its quotes in bold.

    ``**`` is bold only if no white space stands inside it and, where its inner neighbour is punctuation, no letter
    stands outside it (CommonMark 0.31, section 6.2: "(10%)" in "(10%)을"). So white space moves out, and such a letter
    is written as a character reference.
    """
    text = "".join(f"{_OPEN}{inline(p.text)}{_CLOSE}" if p.quoted else inline(p.text) for p in product)
    text = re.sub(rf"{_OPEN}({_SPACE}*)(.*?)({_SPACE}*){_CLOSE}", rf"\1{_OPEN}\2{_CLOSE}\3", text)
    text = text.replace(_OPEN + _CLOSE, "")
    text = re.sub(rf"({_OUTER})(?={_OPEN}{_EDGE})", _reference, text)
    text = re.sub(rf"(?<={_EDGE}{_CLOSE})({_OUTER})", _reference, text)
    return text.replace(_OPEN, "**").replace(_CLOSE, "**")


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[1])};"
