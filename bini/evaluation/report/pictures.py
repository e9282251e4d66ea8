"""The pictures of a report, as PNG; the same scores give the same bytes."""

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from math import ceil

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bini.domain.charts.words import WORDS
from bini.evaluation.confidence import Reliability, RiskCoverage
from bini.evaluation.plots import FONTS, register_korean_font
from bini.evaluation.report import tables
from bini.evaluation.report.sections import CONFUSION, CONFUSION_SEEN, RELIABILITY, RISK_COVERAGE, SEEN_TITLE, SLICES
from bini.evaluation.results import LEVELS, Scores, SystemScore
from bini.evaluation.slices import Slice

_DPI = 150
_COLUMNS = 4  # panels side by side
_PANEL_INCHES = (3.6, 3.9)
_TITLE_CHARS = 34  # characters of a panel title that fit on one line
_DARK_SHARE = 0.6  # cells with a larger share are dark enough for white ink
_INK, _GREY, _ACCENT = "#1a1c1e", "#b4b8be", "#2f5d8a"


def draw(scores: Scores) -> dict[str, bytes]:
    """Every picture that there is something for, by file name."""
    register_korean_font()
    held_out = [s.held_out for s in scores.systems if s.held_out]
    seen = [s.seen for s in scores.systems if s.seen]
    sure = [partial(_reliability, s.name, s.reliability) for s in scores.systems if s.reliability]
    curves = {s.name: s.risk_coverage for s in scores.systems if s.risk_coverage}
    first = scores.systems[0] if scores.systems else None
    with mpl.rc_context({"font.family": FONTS, "axes.spines.top": False, "axes.spines.right": False}):
        figures = {
            CONFUSION: _confusions(held_out, "Held-out cases", "Blues") if held_out else None,
            CONFUSION_SEEN: _confusions(seen, SEEN_TITLE, "Oranges") if seen else None,
            RELIABILITY: _panels(sure) if sure else None,
            RISK_COVERAGE: _risk_coverage(curves) if curves else None,
            SLICES: _slices(first.held_out, first.slices) if first and first.held_out and first.slices else None,
        }
        return {name: _png(figure) for name, figure in figures.items() if figure}


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    # No software version in the file: the same scores give the same bytes.
    figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": None})
    return content.getvalue()


def _panels(drawings: Sequence[Callable[[Axes], None]]) -> Figure:
    """One panel for each drawing, in rows of up to `_COLUMNS`."""
    columns = min(len(drawings), _COLUMNS)
    rows = ceil(len(drawings) / columns)
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(max(width * columns, 1.4 * width), height * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).flat
    for axes in panels[len(drawings) :]:
        axes.set_axis_off()
    for axes, drawing in zip(panels, drawings, strict=False):
        drawing(axes)
    return figure


def _confusions(found: Sequence[SystemScore], title: str, colours: str) -> Figure:
    figure = _panels([partial(_confusion, score, colours) for score in found])
    figure.suptitle(title, parse_math=False)
    return figure


def _confusion(score: SystemScore, colours: str, axes: Axes) -> None:
    columns, counts = tables.confusion(score)
    totals = [sum(row) for row in counts]
    shares = [[count / max(total, 1) for count in row] for row, total in zip(counts, totals, strict=True)]
    axes.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            share = f"{100 * shares[y][x]:.0f} %" if totals[y] else "–"
            ink = "white" if shares[y][x] > _DARK_SHARE else "black"
            axes.text(x, y, f"{count}\n{share}", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(columns)), [_two_lines(str(column)) for column in columns])
    axes.set_yticks(range(len(LEVELS)), [_two_lines(level) for level in LEVELS])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    _title(axes, tables.label(score), f"n = {score.cases}, accuracy {100 * score.risk_accuracy:.1f} %")


def _two_lines(name: str) -> str:
    """A column's name in Korean over English."""
    return f"{name}\n{WORDS['en'][name]}" if name in set(LEVELS) else name.replace(" ", "\n")


def _title(axes: Axes, name: str, figures: str) -> None:
    wrapped = textwrap.fill(" ".join(name.split()), _TITLE_CHARS)
    axes.set_title(f"{wrapped}\n{figures}", fontsize=10, parse_math=False)


def _reliability(name: str, found: Reliability, axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1)
    for own in found.bins:
        strength = 0.25 + 0.75 * own.cases / found.cases  # bars of few answers are pale
        axes.bar(own.low, own.accuracy, own.high - own.low, align="edge", color=_ACCENT, alpha=strength, ec="white")
        axes.text((own.low + own.high) / 2, own.accuracy + 0.03, str(own.cases), ha="center", fontsize=8, color=_INK)
        axes.plot(own.confidence, own.accuracy, "o", color=_INK, markersize=4, clip_on=False)
    axes.set(xlim=(0, 1), ylim=(0, 1.08), xlabel="confidence", ylabel="share of right levels")
    _title(axes, name, f"ECE {found.expected_calibration_error:.3f}, n = {found.cases}")


def _risk_coverage(curves: Mapping[str, RiskCoverage]) -> Figure:
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot(curve.coverage, curve.risk, label=f"{_short(name, 60)} (area {curve.area:.3f})", linewidth=1.8)
    axes.set(
        xlim=(0, 1), ylim=(0, 1), xlabel="coverage: share of cases answered, surest first", ylabel="share of errors"
    )
    axes.grid(color="#e6e8eb")
    figure.legend(loc="outside lower center", fontsize=9, frameon=False)
    return figure


def _short(text: str, most: int) -> str:
    """`text` on one line, as plain text to matplotlib: no formula, and no underscore that would hide it in a legend."""
    return textwrap.shorten(" ".join(text.split()), most).replace("$", r"\$").lstrip("_") or "–"


def _slices(score: SystemScore, found: Sequence[Slice]) -> Figure:
    groups = [(dimension, list(own)) for dimension, own in groupby(found, key=lambda s: s.dimension)]
    rows = [row for dimension, own in groups for row in (dimension, *own)]
    figure = Figure(figsize=(8.4, 0.9 + 0.24 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(score.risk_accuracy, color=_ACCENT, linewidth=1, linestyle="--")
    labels = []
    for y, row in enumerate(rows):
        if isinstance(row, Slice):
            colour = _GREY if row.small else _INK
            axes.plot([row.interval.low, row.interval.high], [y, y], color=colour, linewidth=1.4)
            axes.plot(row.risk_accuracy, y, "o", color=colour, markersize=5, clip_on=False)
            labels.append(f"{_short(row.value, 40)}, n = {row.cases}{' *' if row.small else ''}")
        else:
            labels.append(f"— by {row} —")
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), xlabel="risk accuracy, 95 % interval")
    axes.grid(axis="x", color="#e6e8eb")
    axes.set_axisbelow(True)
    _title(axes, tables.label(score), f"n = {score.cases}; * and grey: few cases or patents")
    return figure
