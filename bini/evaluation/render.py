"""Scores -> a report, its data and its pictures. Needs no model and no predictions.

The headline is held-out rows only. Rows that the adapter was trained on get a section, row
labels and a picture of their own. Systems are called what the caller called them.
"""

import io
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bini.evaluation.plots import FONTS, register_korean_font
from bini.evaluation.score import LEVELS, Group, PairedTest, Scores, SystemScore
from bini.files import write_bytes

SEEN_TITLE = "Rows the adapter was trained on (not a measure of quality)"
UNANSWERED_LABEL = "무응답"

_NONE = "–"
_DPI = 150
_PANEL_INCHES = (3.9, 4.1)
_TITLE_CHARS = 34  # characters of a panel title that fit on one line
_DARK_SHARE = 0.6  # cells with a larger share are dark enough for white ink
_COLOURS: dict[Group, str] = {"held_out": "Blues", "seen": "Oranges"}
_PICTURES: dict[Group, str] = {"held_out": "confusion.png", "seen": "confusion_seen.png"}
_PICTURE_TITLES: dict[Group, str] = {"held_out": "Held-out cases", "seen": SEEN_TITLE}


def render(scores: Scores, title: str, out: Path, notes: list[str]) -> list[Path]:
    """Write the report of some scores; the same arguments give the same bytes.

    Every file is made in memory first and then put in place by a rename, so that neither a
    failure nor a killed process leaves half a file. A picture of an earlier report whose group
    has no cases any more is removed.

    Parameters
    ----------
    scores
        From `bini.evaluation.score.score_all`, or read back from a results.json.
    title
        Heading of the report, one line.
    out
        Folder to write into; made if it is missing.
    notes
        Remarks for the end of the report, one line each: which models ran, on which data.

    Returns
    -------
    list of Path
        What was written: results.json, report.md, confusion.png if there are held-out rows
        and confusion_seen.png if there are seen ones.

    Raises
    ------
    OSError
        If `out` cannot be written.
    """
    groups: dict[Group, list[SystemScore]] = {
        "held_out": [s.held_out for s in scores.systems if s.held_out],
        "seen": [s.seen for s in scores.systems if s.seen],
    }
    files = {
        "results.json": (scores.model_dump_json(indent=2) + "\n").encode(),
        "report.md": _report(scores, title, notes).encode(),
        **{_PICTURES[group]: _picture(found, group) for group, found in groups.items() if found},
    }
    for name, content in files.items():
        write_bytes(out / name, content)
    for name in _PICTURES.values():
        if name not in files:
            (out / name).unlink(missing_ok=True)
    return [out / name for name in files]


def _report(scores: Scores, title: str, notes: Sequence[str]) -> str:
    seen = [s.seen for s in scores.systems if s.seen]
    blocks = [f"# {_line(title)}", *_held_out_section(scores), *_paired_section(scores.mcnemar)]
    if seen:
        blocks += [
            f"## {SEEN_TITLE}",
            "How well training rows were memorised. Never compare these with the held-out scores above.",
            *_group_blocks(seen, "seen", []),
        ]
    if notes:
        blocks += ["## Notes", "\n".join(f"- {_line(note)}" for note in notes)]
    return "\n\n".join(blocks) + "\n"


def _held_out_section(scores: Scores) -> list[str]:
    found = [s.held_out for s in scores.systems if s.held_out]
    blocks = ["## Held-out cases"]
    if not found:
        return [*blocks, "No system has held-out predictions, so nothing here measures quality."]
    if not scores.same_held_out:
        blocks.append(
            "**The systems were not scored on the same held-out cases**: see the number of cases, "
            "and compare systems by the paired test below."
        )
    return blocks + _group_blocks(found, "held_out", [s.name for s in scores.systems if not s.held_out])


def _group_blocks(found: Sequence[SystemScore], group: Group, absent: Sequence[str]) -> list[str]:
    """Tables, picture and matrices of one group; `absent` systems get a row without numbers."""
    return [
        _main_table(found, absent),
        _detail_table(found),
        _intervals(found),
        f"![Confusion matrices: {_PICTURE_TITLES[group]}]({_PICTURES[group]})",
        *(
            block
            for score in found
            for block in (f"### Confusion matrix: {_line(_label(score))}", _confusion_table(score))
        ),
    ]


def _main_table(found: Sequence[SystemScore], absent: Sequence[str]) -> str:
    header = [
        "System",
        "Cases",
        "Risk accuracy [95 % CI]",
        "Macro-F1",
        "Match accuracy",
        "Valid JSON free / constrained",
        "높음→낮음",
        "Seconds per case",
    ]
    rows = [
        [
            _label(s),
            str(s.cases),
            f"{_percent(s.risk_accuracy)} [{' – '.join(f'{100 * end:.1f}' for end in s.risk_accuracy_interval)}]",
            f"{s.macro_f1:.3f}",
            _percent(s.match_accuracy),
            f"{_percent(s.valid_json_free)} / {_percent(s.valid_json_constrained)}",
            _percent(s.high_called_low),
            f"{s.mean_seconds:.3g}",
        ]
        for s in found
    ]
    return _table(header, rows + [[name, "0", *[_NONE] * (len(header) - 2)] for name in absent])


def _detail_table(found: Sequence[SystemScore]) -> str:
    header = [
        "System",
        "Patents",
        "Unanswered",
        "Elements",
        "Quote precision (quotes)",
        "Rule agreement",
        "Model calls per case",
        "Free output tried",
    ]
    rows = [
        [
            _label(s),
            str(s.patents),
            str(sum(s.unanswered)),
            str(s.elements_scored),
            f"{_percent(s.quote_precision)} ({s.quotes_scored})",
            _percent(s.rule_agreement),
            f"{s.mean_model_calls:.1f}",
            str(s.free_tried),
        ]
        for s in found
    ]
    return _table(header, rows)


def _intervals(found: Sequence[SystemScore]) -> str:
    methods = "; ".join(f"{_cell(_label(s))}: {s.interval_method}" for s in found)
    return (
        f"Interval method: {methods}. Either is too narrow when there are few patents; "
        "Wilson also takes the cases of one patent as independent."
    )


def _confusion_table(score: SystemScore) -> str:
    columns, counts = _columns(score)
    rows = [[level.value, *map(str, row)] for level, row in zip(LEVELS, counts, strict=True)]
    return _table(["gold ↓ predicted →", *columns], rows)


def _paired_section(tests: Sequence[PairedTest]) -> list[str]:
    if not tests:
        return []
    header = ["First", "Other", "Shared cases", "Only first right", "Only other right", "p (McNemar, exact)"]
    rows = [
        [
            test.first,
            test.other,
            str(test.shared_cases),
            str(test.only_first_correct),
            str(test.only_other_correct),
            _NONE if test.p_value is None else f"{test.p_value:.3g}",
        ]
        for test in tests
    ]
    return [
        "## Paired comparison on shared held-out cases",
        _table(header, rows),
        "The test takes cases as independent; several cases of one patent make p too small. "
        "It is not corrected for the number of comparisons.",
    ]


def _columns(score: SystemScore) -> tuple[list[str], list[list[int]]]:
    """Column labels and counts, with a column for unanswered cases only if there are any."""
    labels = [level.value for level in LEVELS]
    if not any(score.unanswered):
        return labels, score.confusion
    counts = [[*row, missing] for row, missing in zip(score.confusion, score.unanswered, strict=True)]
    return [*labels, UNANSWERED_LABEL], counts


def _label(score: SystemScore) -> str:
    """The system's name; seen rows say so in every line, so that none can be quoted as held out."""
    return score.name if score.group == "held_out" else f"{score.name} (trained rows)"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.1f} %"


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _picture(found: Sequence[SystemScore], group: Group) -> bytes:
    """PNG of the confusion matrices side by side, one panel per system."""
    register_korean_font()
    width, height = _PANEL_INCHES
    content = io.BytesIO()
    with mpl.rc_context({"font.family": FONTS}):
        figure = Figure(figsize=(max(width * len(found), 1.4 * width), height), layout="constrained")
        figure.suptitle(_PICTURE_TITLES[group], parse_math=False)
        panels = figure.subplots(1, len(found), squeeze=False)[0]
        for axes, score in zip(panels, found, strict=True):
            _draw_panel(axes, score, _COLOURS[group])
        # No software version in the file: the same scores give the same bytes.
        figure.savefig(content, format="png", dpi=_DPI, metadata={"Software": None})
    return content.getvalue()


def _draw_panel(axes: Axes, score: SystemScore, colours: str) -> None:
    columns, counts = _columns(score)
    totals = [sum(row) for row in counts]
    shares = [[count / max(total, 1) for count in row] for row, total in zip(counts, totals, strict=True)]
    axes.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            share = f"{100 * shares[y][x]:.0f} %" if totals[y] else _NONE
            ink = "white" if shares[y][x] > _DARK_SHARE else "black"
            axes.text(x, y, f"{count}\n{share}", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(LEVELS)), [level.value for level in LEVELS])
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    name = textwrap.fill(_line(_label(score)), _TITLE_CHARS)
    accuracy = f"n = {score.cases}, accuracy {_percent(score.risk_accuracy)}"
    axes.set_title(f"{name}\n{accuracy}", fontsize=10, parse_math=False)
