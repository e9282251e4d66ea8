"""Claim charts as one HTML page that needs nothing else: no script, no other file, no network."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined

from bini.domain.charts.content import (
    HEADER_PAPER,
    INK,
    LINE,
    TONES,
    WARNING,
    Charted,
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

_TEMPLATES = Environment(
    loader=PackageLoader("bini.domain.charts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(charted: Charted, lang: str) -> str:
    """Claim charts as one HTML page, to be read on a screen of any width or printed on A4.

    Its Content-Security-Policy allows nothing but its own style sheet, by hash.

    Parameters
    ----------
    charted
        Assessments, numbered in this order, or a patent's.
    lang
        "ko" or "en": the language of headings and labels.
    """
    tones = sorted({*TONES.values(), WARNING})
    style = _TEMPLATES.get_template("chart.css").render(
        tones=tones, ink=INK, line=LINE, header_paper=HEADER_PAPER, disclaimer=WORDS[lang]["disclaimer"]
    )
    page = _TEMPLATES.get_template("chart.html").render(
        charts=charts(charted, lang),
        overview=overview(charted, lang) if isinstance(charted, PatentAssessment) else None,
        lang=lang,
        words=WORDS[lang],
        tones=TONES,
        warning=WARNING,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        confidence=confidence,
        facts=facts,
        match=match,
        notes=notes,
        numbers=numbers,
        origin=origin,
        pieces=pieces,
        warnings=warnings,
    )
    return printable(page)
