"""A watched log in a terminal."""

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import printable
from bini.domain.labels import RiskLevel
from bini.domain.monitoring.alarms import AlarmName
from bini.domain.monitoring.watch import Stream, Watch
from bini.domain.monitoring.windows import Window
from bini.evaluation.monitoring.words import ALARMS, WORDS, system_name

SHOWN_WINDOWS = 3
"""As many of the latest windows as fit beside each other on 80 columns."""

SHOWN_STREAMS = 20

_NONE = "–"


def tables(found: Watch, language: str) -> RenderableType:
    """The latest windows of each model and adapter, and every alarm.

    Parameters
    ----------
    found
        A watched log.
    language
        "ko" or "en".
    """
    words = WORDS[language]
    parts: list[RenderableType] = []
    for stream in found.streams[:SHOWN_STREAMS]:
        name = printable(system_name(stream.model, stream.adapter, language))
        parts += [Text(name, "bold"), _figures(stream, language), _alarms(stream, language)]
    if len(found.streams) > SHOWN_STREAMS:
        parts.append(Text(words["more"].format(count=len(found.streams) - SHOWN_STREAMS)))
    if found.unreadable:
        parts.append(Text(words["unreadable"].format(count=found.unreadable), "yellow"))
    return Group(*parts)


def _figures(stream: Stream, language: str) -> Table:
    words = WORDS[language]
    windows = stream.windows[-SHOWN_WINDOWS:]
    table = Table(box=None)
    table.add_column(words["requests"])
    for seen in windows:
        table.add_column(f"{seen.span.first:,}–{seen.span.last:,}", justify="right")
    table.add_row(words["until"], *(f"{seen.span.until:%Y-%m-%d %H:%M}" for seen in windows))
    table.add_row(words["answers"], *(f"{seen.answers:,}" for seen in windows))
    for level in RiskLevel:
        table.add_row(words[level], *(f"{seen.levels[level]:.1%}" if seen.answers else _NONE for seen in windows))
    for name, (figure, form) in _ROWS.items():
        values = [figure(seen) for seen in windows]
        table.add_row(words[name], *(_NONE if value is None else format(value, form) for value in values))
    return table


_ROWS: dict[str, tuple[Callable[[Window], float | None], str]] = {
    "confidence": (lambda seen: seen.confidence, ".3f"),
    "confidence_spread": (lambda seen: seen.confidence_spread, ".3f"),
    "spread": (lambda seen: seen.spread, ".3f"),
    "drift": (lambda seen: seen.drift, ".3f"),
    "valid": (lambda seen: seen.valid, ".1%"),
    "refused": (lambda seen: seen.refused, ".1%"),
    "disagreement": (lambda seen: seen.disagreement, ".1%"),
    "abstention": (lambda seen: seen.abstention, ".1%"),
    "review": (lambda seen: seen.review, ".1%"),
    "product_chars": (lambda seen: seen.product_chars, ",.0f"),
    "korean": (lambda seen: seen.korean, ".1%"),
    "seconds": (lambda seen: seen.seconds, ".2f"),
}


def _alarms(stream: Stream, language: str) -> Text:
    """Each kind of alarm once, as it was raised last."""
    words = WORDS[language]
    text = Text()
    for name in AlarmName:
        raised = [alarm for alarm in stream.alarms if alarm.name is name]
        if not raised:
            continue
        last = raised[-1]
        told = words["alarmed"].format(
            count=len(raised),
            total=len(stream.windows),
            first=last.window.first,
            last=last.window.last,
            measure=last.measure.within(language),
            figure=last.figure,
            threshold=last.threshold,
        )
        text.append(f"{ALARMS[language][name]}: ", "bold red").append(f"{told} {last.todo.within(language)}\n")
    return text or Text(words["calm"] + "\n", "green")
