"""The content of a report, section by section.

The headline is held-out rows only. Rows that the adapter was trained on get a section, row labels and a picture of
their own. Systems are called what the caller called them.
"""

from collections.abc import Iterator, Sequence

from bini.domain.labels import RiskLevel
from bini.evaluation.aligned import QUOTE_F1
from bini.evaluation.bootstrap import RESAMPLES
from bini.evaluation.prediction import Prediction
from bini.evaluation.promise import PromiseCheck
from bini.evaluation.report import tables
from bini.evaluation.report.blocks import Block, Bullets, Heading, Headline, Picture, Text
from bini.evaluation.results import LEVELS, Scores, SystemGroups, SystemScore
from bini.evaluation.slices import SMALL_CASES, SMALL_PATENTS

SEEN_TITLE = "Rows the adapter was trained on (not a measure of quality)"

CONFUSION, CONFUSION_SEEN = "confusion.png", "confusion_seen.png"
RELIABILITY, RISK_COVERAGE, SLICES = "reliability.png", "risk_coverage.png", "slices.png"

LIMITS = (
    "What was measured is a screening aid. Gold labels follow a rubric of the all-elements rule; no court made them.",
    f"Intervals are 95 %, from {RESAMPLES:,} resamples of whole patents: cases of one patent are not independent. "
    "† marks the Wilson interval over cases or elements, where resampling patents says nothing; it takes them as "
    "independent. Either is too narrow when there are few patents.",
    "True 높음 called 낮음: of the cases whose gold level is 높음, the share called 낮음. "
    "It is the error that hurts most in screening.",
    "Macro-F1: mean F1 of the three labels; a label that neither gold nor predictions have counts 0. Quadratic kappa: "
    "over answered cases, on the scale 높음, 애매, 낮음. An unanswered case is wrong everywhere else.",
    "Matches are aligned by the element's exact text; an element that the answer lacks is wrong. Most elements are "
    "대응, so macro-F1 and the recall of 미대응 and 판단불가 say more than accuracy.",
    "Quote precision: of the elements on which both the system and the gold quote the product, the share where the "
    f"quote overlaps the gold one: one holds the other, or their character F1 is at least {QUOTE_F1}, white space "
    "ignored. Quotes on elements where the gold has none are counted apart (+).",
    "Rule agrees: how often the system's level is the one that its own chart rolls up to. "
    "That says nothing on either being right.",
    "McNemar's test takes cases as independent, so several cases of one patent make p too small; the paired bootstrap "
    "does not. Neither is corrected for the number of comparisons.",
    "Seconds and memory are of constrained answers alone, on the machine named above.",
)


def sections(scores: Scores, title: str, notes: Sequence[str]) -> list[Block]:
    """All of a report, in order."""
    seen = [s.seen for s in scores.systems if s.seen]
    first = scores.systems[0] if scores.systems else None
    return [
        Heading(title, level=1),
        *_warnings(scores),
        *_headline(first),
        *_what_ran(scores, notes),
        *_held_out(scores),
        *_paired(scores),
        *_confusions([s.held_out for s in scores.systems if s.held_out], CONFUSION),
        *_confidence(scores.systems),
        *(block for s in scores.systems if s.promise for block in _promise(s.name, s.promise)),
        *(_slices(first) if first else ()),
        *(_gallery(first, scores.errors) if first else ()),
        *_seen(seen),
        Heading("Definitions and limits"),
        Bullets(LIMITS),
    ]


def _warnings(scores: Scores) -> Iterator[Block]:
    """Above all figures, since they mean nothing where answers do not depend on the question."""
    for system in scores.systems:
        if system.warnings and system.held_out:
            valid = f"{system.held_out.valid_json_constrained:.0%} of its answers are valid JSON, and yet: "
            yield Text(f"{system.name}: {valid}{' '.join(system.warnings)}", "warning")


def _headline(first: SystemGroups | None) -> Iterator[Block]:
    score = first.held_out if first else None
    if score is None:
        return
    commonest = max(map(sum, _gold_counts(score))) / score.cases
    yield Headline(
        system=score.name,
        about=f"{score.cases} held-out cases of {score.patents} patents. "
        f"Always answering the commonest gold level would be right in {100 * commonest:.1f} % of them.",
        figures={
            "Risk accuracy": tables.share(score.risk_accuracy, score.intervals.get("risk_accuracy")),
            "True 높음 called 낮음": tables.share(score.high_called_low, score.intervals.get("high_called_low")),
            "Macro-F1": tables.number(score.macro_f1, score.intervals.get("macro_f1")),
            "Match macro-F1": tables.number(score.match_macro_f1, score.intervals.get("match_macro_f1")),
        },
    )


def _gold_counts(score: SystemScore) -> list[list[int]]:
    return [[*row, missing] for row, missing in zip(score.confusion, score.unanswered, strict=True)]


def _what_ran(scores: Scores, notes: Sequence[str]) -> Iterator[Block]:
    yield Heading("What ran")
    if notes:
        yield Bullets(notes)
    if any(system.origin for system in scores.systems):
        yield tables.origin_table(scores.systems)
    yield Text(
        "All figures are in results.json; they were computed from the files under predictions/, no model needed."
    )


def _held_out(scores: Scores) -> Iterator[Block]:
    found = [s.held_out for s in scores.systems if s.held_out]
    yield Heading("Held-out cases")
    if not found:
        yield Text("No system has held-out predictions, so nothing here measures quality.", "warning")
        return
    if not scores.same_held_out:
        yield Text(
            "The systems were not scored on the same held-out cases: see the number of cases, "
            "and compare systems by the paired test below.",
            "warning",
        )
    yield from _score_tables(found, [s.name for s in scores.systems if not s.held_out])


def _score_tables(found: Sequence[SystemScore], absent: Sequence[str]) -> Iterator[Block]:
    yield tables.level_table(found, absent)
    yield tables.element_table(found)
    yield tables.cost_table(found)
    unnumbered = max(score.unnumbered for score in found)
    if unnumbered:
        yield Text(
            f"{unnumbered} cases have no registration number: cases with the same claim were taken as one patent, so "
            "intervals are over claims, and over single cases where each has a claim of its own.",
            "warning",
        )


def _paired(scores: Scores) -> Iterator[Block]:
    if not scores.mcnemar:
        return
    yield Heading("Paired comparison on shared held-out cases")
    yield tables.paired_table(scores.mcnemar)
    if any(test.differences for test in scores.mcnemar):
        yield tables.difference_table(scores.mcnemar)
    yield Text("Differences with paired 95 % bootstrap intervals over patents; none where no resample differs.", "note")


def _confusions(found: Sequence[SystemScore], picture: str) -> Iterator[Block]:
    if not found:
        return
    if picture == CONFUSION:
        yield Heading("Confusion matrices")
    yield Picture(picture, "Cases by gold level (rows) and predicted level (columns), with shares of the row.")
    for score in found:
        yield Heading(f"Confusion matrix: {tables.label(score)}", level=3)
        yield tables.confusion_table(score)
        yield tables.label_table(score)


def _confidence(systems: Sequence[SystemGroups]) -> Iterator[Block]:
    if not any(system.reliability for system in systems):
        return
    yield Heading("Confidence")
    yield tables.confidence_table(systems)
    yield Text(
        "Over held-out answers with a probability. "
        "Confidence is the probability of the level given, by the probabilities of its elements. Numbers and denials "
        "may have overruled what the model wrote.",
        "note",
    )
    yield Picture(
        RELIABILITY,
        "Reliability: how often answers of each confidence are right. A calibrated system lies on the line.",
    )
    yield Picture(
        RISK_COVERAGE, "Share of errors if only the surest answers are taken. A useful confidence rises to the right."
    )


def _promise(name: str, found: PromiseCheck) -> Iterator[Block]:
    origin = "held-out predictions of this adapter" if found.source == "held_out" else "out-of-fold predictions"
    yield Heading(f"Calibration of {name}")
    yield Text(
        f"Calibrated on {origin} on {found.calibration_patents} patents; measured on {found.cases} cases of "
        f"{found.patents} other patents. {found.decided} of them kept one level alone; {found.only_low} kept "
        f"{RiskLevel.LOW} alone, {found.only_low_but_high} of these truly {RiskLevel.HIGH} (not promised: it depends "
        "on how common each level is)."
    )
    yield tables.promise_table(found)
    yield Text(
        f"Expected calibration error {found.raw.ece:.3f}, after temperature scaling {found.calibrated.ece:.3f}; "
        f"Brier score {found.raw.brier:.3f}, after it {found.calibrated.brier:.3f}. Measured: mean over patents.",
        "note",
    )


def _slices(first: SystemGroups) -> Iterator[Block]:
    if not first.slices:
        return
    yield Heading(f"Slices of {first.name}")
    yield Picture(SLICES, "Risk accuracy by slice with 95 % intervals; the line is all cases, grey slices are small.")
    yield tables.slice_table(first.slices)
    yield Text(
        f"* fewer than {SMALL_CASES} cases or {SMALL_PATENTS} patents: the figure says little. "
        "Cases may have several tags. No correction for the number of slices: some look bad, or good, by chance.",
        "note",
    )


def _gallery(first: SystemGroups, errors: Sequence[Prediction]) -> Iterator[Block]:
    if first.held_out is None:
        return
    wrong = first.held_out.cases - sum(first.held_out.confusion[n][n] for n in range(len(LEVELS)))
    yield Heading(f"Errors of {first.name}")
    if not wrong:
        yield Text("Every held-out level is right.")
        return
    yield Text(
        f"{len(errors)} of {wrong} wrong levels, worst first: 높음 called 낮음, other risks called too small, "
        "then the rest."
    )
    for number, error in enumerate(errors, start=1):
        yield from _error(number, error)


def _error(number: int, error: Prediction) -> Iterator[Block]:
    sure = "" if error.confidence is None else f", {100 * error.confidence:.0f} % sure"
    heading = f"{number}. {error.case_id}: {error.gold.level.value} called {tables.called(error.level)}{sure}"
    yield Heading(heading, level=3)
    about = {
        "Patent": error.patent if error.patent != error.claim else "",
        "Field": error.field or "",
        "Tags": ", ".join(error.tags),
        "Its own chart rolls up to": error.rule_level.value if error.rule_level else "",
        "Product": error.product,
    }
    yield Bullets([f"{name}: {value}" for name, value in about.items() if value])
    if error.gold.comparisons:
        yield tables.chart_table(error)


def _seen(seen: Sequence[SystemScore]) -> Iterator[Block]:
    if not seen:
        return
    yield Heading(SEEN_TITLE)
    yield Text("How well training rows were memorised. Never compare these with the held-out scores above.", "warning")
    yield from _score_tables(seen, [])
    yield from _confusions(seen, CONFUSION_SEEN)
