"""A report as one HTML page that needs nothing else: no script, no other file, no network."""

import base64
import hashlib
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from bini.domain.charts.content import HEADER_PAPER, INK, LINE, TONES, WARNING, printable
from bini.domain.labels import Match, RiskLevel
from bini.evaluation.report.blocks import Block, Cell, Estimate, shown

_TEMPLATES = Environment(
    loader=PackageLoader("bini.evaluation.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(title: str, blocks: Sequence[Block], pictures: Mapping[str, bytes]) -> str:
    """The blocks as one page, to be read on a screen of any width or printed on A4.

    Its Content-Security-Policy allows nothing but its own style sheet, by hash, and the pictures inside it.

    Parameters
    ----------
    title
        What the browser calls the page.
    blocks
        The content.
    pictures
        File name -> PNG of every picture in `blocks`.
    """
    tones = sorted({*TONES.values(), WARNING})
    style = _TEMPLATES.get_template("report.css").render(
        tones=tones, ink=INK, line=LINE, header_paper=HEADER_PAPER, warning=WARNING
    )
    page = _TEMPLATES.get_template("report.html").render(
        title=title,
        blocks=blocks,
        pictures={name: base64.b64encode(content).decode() for name, content in pictures.items()},
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        is_estimate=lambda cell: isinstance(cell, Estimate),
        tone=_tone,
        shown=shown,
    )
    return printable(page)


def _tone(cell: Cell) -> str:
    """The colour of a cell that is a level or a match."""
    return TONES[cell].name if isinstance(cell, RiskLevel | Match) else ""
