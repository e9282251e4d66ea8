"""Claim charts as one HTML page that needs nothing else: no script, no other file, no network."""

import base64
import hashlib
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from bini.domain.charts.content import (
    HEADER_PAPER,
    INK,
    LINE,
    TONES,
    WARNING,
    confidence,
    facts,
    heading,
    match,
    notes,
    numbers,
    pieces,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.schema import Assessment

_TEMPLATES = Environment(
    loader=PackageLoader("bini.domain.charts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(assessments: Sequence[Assessment], lang: str) -> str:
    """Claim charts as one HTML page, to be read on a screen of any width or printed on A4.

    Its Content-Security-Policy allows nothing but its own style sheet, by hash.

    Parameters
    ----------
    assessments
        One or many, numbered in this order.
    lang
        "ko" or "en": the language of headings and labels.
    """
    tones = sorted({*TONES.values(), WARNING})
    style = _TEMPLATES.get_template("chart.css").render(tones=tones, ink=INK, line=LINE, header_paper=HEADER_PAPER)
    page = _TEMPLATES.get_template("chart.html").render(
        assessments=assessments,
        lang=lang,
        words=WORDS[lang],
        tones=TONES,
        warning=WARNING,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        confidence=confidence,
        facts=facts,
        heading=heading,
        match=match,
        notes=notes,
        numbers=numbers,
        pieces=pieces,
        warnings=warnings,
    )
    return printable(page)
