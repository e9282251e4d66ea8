"""A watched log as a picture: levels, shares and drift along the requests, alarms in red."""

import io
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bini.domain.charts.content import TONES, printable
from bini.domain.labels import RiskLevel
from bini.domain.monitoring.alarms import drift_threshold
from bini.domain.monitoring.watch import Stream, Watch
from bini.evaluation.monitoring.words import WORDS, system_name
from bini.evaluation.plots import FONTS, register_korean_font

SHOWN_STREAMS = 4
"""The busiest ones have a row each."""

_TITLE_CHARS = 80
_ROW_INCHES = (13, 3.2)
_LINE = ".-"  # a mark for each window, so that a log of one window shows


def picture(found: Watch, language: str) -> bytes:
    """PNG of a watched log with at least one record; the same log gives the same bytes.

    Parameters
    ----------
    found
        A watched log.
    language
        "ko" or "en".
    """
    busiest = sorted(found.streams, key=lambda stream: -stream.requests)[:SHOWN_STREAMS]
    register_korean_font()
    content = io.BytesIO()
    width, height = _ROW_INCHES
    with mpl.rc_context({"font.family": FONTS}):
        figure = Figure(figsize=(width, height * len(busiest)), layout="constrained")
        for part, stream in zip(figure.subfigures(len(busiest), squeeze=False)[:, 0], busiest, strict=True):
            name = printable(system_name(stream.model, stream.adapter, language))
            part.suptitle(name[:_TITLE_CHARS], fontsize=10, parse_math=False)
            _draw(part.subplots(1, 3), stream, language)
        figure.savefig(content, format="png", dpi=110, metadata={"Software": None})
    return content.getvalue()


def _draw(panels: Sequence[Axes], stream: Stream, language: str) -> None:
    words = WORDS[language]
    levels, shares, drift = panels
    ends = [seen.span.last for seen in stream.windows]
    for level in RiskLevel:
        colour = f"#{TONES[level].ink}"
        levels.plot(ends, [seen.levels[level] for seen in stream.windows], _LINE, color=colour, label=words[level])
        if stream.reference:
            levels.axhline(stream.reference.shares[level], color=colour, linestyle=":", linewidth=1)
    for name in ("confidence", "valid", "review", "disagreement", "abstention"):
        values = [_or_gap(getattr(seen, name)) for seen in stream.windows]
        shares.plot(ends, values, _LINE, label=words[name])
    drift.plot(ends, [_or_gap(seen.spread) for seen in stream.windows], _LINE, label=words["spread"])
    if stream.reference:
        drift.plot(ends, [_or_gap(seen.drift) for seen in stream.windows], _LINE, label=words["drift"])
        bounds = [drift_threshold(max(seen.answers, 1), stream.reference.size) for seen in stream.windows]
        drift.plot(ends, bounds, color="grey", linestyle=":", label=f"{words['drift']}, {words['threshold']}")
    alarmed = sorted({alarm.window.last for alarm in stream.alarms})
    dotted = words["dotted"] if stream.reference else ""
    for axes, title in ((levels, f"{words['levels']}{dotted}"), (shares, words["shares"]), (drift, "")):
        axes.vlines(alarmed, 0, 1, "red", linewidth=3, alpha=0.2, transform=axes.get_xaxis_transform())
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(words["requests"])
        axes.legend(fontsize=7)
    levels.set_ylim(-0.03, 1.03)
    shares.set_ylim(-0.03, 1.03)
    drift.set_ylim(bottom=0)


def _or_gap(value: float | None) -> float:
    """A gap in the line where nothing is known."""
    return float("nan") if value is None else value
