"""The tables of a report, from scores."""

import re
from collections.abc import Sequence

from bini.domain.labels import RiskLevel
from bini.evaluation.aligned import aligned
from bini.evaluation.bootstrap import Interval
from bini.evaluation.confidence import RiskCoverage
from bini.evaluation.prediction import Prediction
from bini.evaluation.promise import PromiseCheck
from bini.evaluation.report.blocks import NONE, Cell, Estimate, Table
from bini.evaluation.results import LEVELS, LabelScore, PairedTest, SystemGroups, SystemScore
from bini.evaluation.slices import Slice

UNANSWERED = "무응답 (none)"

HASH_CHARS = 16
"""As much of a hash as a reader compares by eye; results.json holds the whole of it."""

SCORES = {
    "risk_accuracy": "Risk accuracy",
    "macro_f1": "Macro-F1",
    "high_called_low": "높음 called 낮음",
    "match_accuracy": "Match accuracy",
    "match_macro_f1": "Match macro-F1",
}
"""What a report calls the scores that it compares."""


def label(score: SystemScore) -> str:
    """The system's name; seen rows say so in every line, so that none can be quoted as held out."""
    return score.name if score.group == "held_out" else f"{score.name} (trained rows)"


def origin_table(systems: Sequence[SystemGroups]) -> Table:
    """Which system ran from what, when and where."""
    rows = []
    for system in systems:
        origin = system.origin
        identity = origin.identity if origin else {}
        parts = ", ".join(f"{key} {_short(str(value))}" for key, value in identity.items() if value is not None)
        rows.append([system.name, parts or NONE, f"{origin.date}, {origin.machine}" if origin else NONE])
    return Table(["System", "Made from (SHA-256)", "Begun, on"], rows)


def _short(value: str) -> str:
    """The head of a digest; all of an endpoint's address or of a name."""
    return value[:HASH_CHARS] if re.fullmatch("[0-9a-f]{64}", value) else value


def level_table(found: Sequence[SystemScore], absent: Sequence[str]) -> Table:
    """The headline scores; `absent` systems get a row without numbers."""
    header = ["System", "Cases", "Risk accuracy", "True 높음 called 낮음", "Macro-F1", "Quadratic kappa", "Unanswered"]
    rows: list[list[Cell]] = [
        [
            label(s),
            str(s.cases),
            share(s.risk_accuracy, s.intervals.get("risk_accuracy")),
            share(s.high_called_low, s.intervals.get("high_called_low")),
            number(s.macro_f1, s.intervals.get("macro_f1")),
            number(s.kappa, s.intervals.get("kappa")),
            str(sum(s.unanswered)),
        ]
        for s in found
    ]
    return Table(header, rows + [[name, "0", *[NONE] * (len(header) - 2)] for name in absent])


def element_table(found: Sequence[SystemScore]) -> Table:
    """How well the claim charts are filled in."""
    header = ["System", "Elements", "Match accuracy", "Match macro-F1", "Quote precision", "Quotes (gold has none)"]
    rows: list[list[Cell]] = [
        [
            label(s),
            str(s.elements_scored),
            share(s.match_accuracy, s.intervals.get("match_accuracy")),
            number(s.match_macro_f1, s.intervals.get("match_macro_f1")),
            share(s.quote_precision, s.intervals.get("quote_precision")),
            f"{s.quotes_scored} (+{s.quotes_without_gold})",
        ]
        for s in found
    ]
    return Table(header, rows)


def cost_table(found: Sequence[SystemScore]) -> Table:
    """Whether the output has the right form and is at one with itself, and what it costs."""
    header = ["System", "Valid JSON, free", "Constrained", "Rule agrees", "Model calls", "Seconds", "Peak memory"]
    rows: list[list[Cell]] = [
        [
            label(s),
            share(s.valid_json_free, s.intervals.get("valid_json_free")),
            share(s.valid_json_constrained, s.intervals.get("valid_json_constrained")),
            share(s.rule_agreement, s.intervals.get("rule_agreement")),
            f"{s.mean_model_calls:.1f}",
            f"{s.mean_seconds:.3g}",
            NONE if s.peak_memory is None else f"{s.peak_memory / 2**30:.2f} GiB",
        ]
        for s in found
    ]
    return Table(header, rows)


def paired_table(tests: Sequence[PairedTest]) -> Table:
    """McNemar's test of the first system against each other one."""
    header = ["First", "Other", "Shared cases", "Only first right", "Only other right", "p (McNemar, exact)"]
    rows = [
        [
            test.first,
            test.other,
            str(test.shared_cases),
            str(test.only_first_correct),
            str(test.only_other_correct),
            NONE if test.p_value is None else f"{test.p_value:.3g}",
        ]
        for test in tests
    ]
    return Table(header, rows)


def difference_table(tests: Sequence[PairedTest]) -> Table:
    """First minus other, in points, with paired intervals."""
    rows: list[list[Cell]] = []
    for test in tests:
        found = {difference.score: difference for difference in test.differences}
        cells = [points(found[name].value, found[name].interval) if name in found else NONE for name in SCORES]
        rows.append([f"{test.first} − {test.other}", *cells])
    return Table(["Difference, points", *SCORES.values()], rows)


def confusion_table(score: SystemScore) -> Table:
    """Counts of gold by predicted level."""
    columns, counts = confusion(score)
    rows = [[level, *map(str, row)] for level, row in zip(LEVELS, counts, strict=True)]
    return Table(["gold ↓ predicted →", *columns], rows)


def confusion(score: SystemScore) -> tuple[list[Cell], list[list[int]]]:
    """Columns and counts, with a column for unanswered cases only if there are any."""
    columns: list[Cell] = list(LEVELS)
    if not any(score.unanswered):
        return columns, score.confusion
    counts = [[*row, missing] for row, missing in zip(score.confusion, score.unanswered, strict=True)]
    return [*columns, UNANSWERED], counts


def label_table(score: SystemScore) -> Table:
    """Precision and recall of each level and match."""

    def row(found: LabelScore) -> list[Cell]:
        return [
            found.label,
            str(found.gold),
            str(found.predicted),
            share(found.precision, score.intervals.get(f"precision {found.label}")),
            share(found.recall, score.intervals.get(f"recall {found.label}")),
            number(found.f1, None),
        ]

    header = ["Level or match", "Gold", "Predicted", "Precision", "Recall", "F1"]
    return Table(header, [row(found) for found in (*score.levels, *score.matches)])


def confidence_table(systems: Sequence[SystemGroups]) -> Table:
    """What probabilities are worth, of the systems that give any."""
    rows: list[list[Cell]] = [
        [
            system.name,
            str(system.reliability.cases),
            number(system.reliability.expected_calibration_error, None),
            share(system.risk_coverage.risk[-1], None),
            share(None if system.written_right is None else 1 - system.written_right, None),
            share(_surest_half(system.risk_coverage), None),
            number(system.risk_coverage.area, None),
        ]
        for system in systems
        if system.reliability and system.risk_coverage
    ]
    header = [
        "System",
        "Answers",
        "Calibration error (ECE)",
        "Errors",
        "Errors as the model wrote it",
        "Errors, surest half",
        "Area under the curve",
    ]
    return Table(header, rows)


def _surest_half(curve: RiskCoverage) -> float:
    """Share of errors among the surer half of the answers, or a little more where answers are equally sure."""
    return next(risk for part, risk in zip(curve.coverage, curve.risk, strict=True) if part >= curve.coverage[-1] / 2)


def promise_table(found: PromiseCheck) -> Table:
    """What a calibration promised for each level, and what was measured."""
    rows: list[list[Cell]] = [
        [
            each.level,
            str(each.cases),
            str(each.patents),
            f"at least {share(1 - found.alpha, None)}",
            share(each.kept, each.interval),
        ]
        for each in found.coverage
    ]
    return Table(["Truly", "Cases", "Patents", "Promised: keeps that level", "Measured"], rows)


def slice_table(found: Sequence[Slice]) -> Table:
    """Accuracy of one system by what a case is about."""
    rows: list[list[Cell]] = [
        [
            s.dimension,
            f"{s.value} *" if s.small else s.value,
            str(s.cases),
            str(s.patents),
            share(s.risk_accuracy, s.interval),
            f"{s.high_called_low} of {s.high}" if s.high else NONE,
        ]
        for s in found
    ]
    header = ["By", "Slice", "Cases", "Patents", "Risk accuracy", "True 높음 called 낮음"]
    return Table(header, rows, frozenset(n for n, s in enumerate(found) if s.small))


def chart_table(prediction: Prediction) -> Table:
    """The claim chart of a system beside the gold one."""
    rows: list[list[Cell]] = [
        [
            gold.patent_element,
            gold.match,
            gold.user_product_element or NONE,
            row.match if row else NONE,
            (row.user_product_element if row else None) or NONE,
            "" if row and row.match is gold.match else "✗",
        ]
        for gold, row in aligned(prediction)
    ]
    return Table(["Claim element", "Gold", "Gold quote", "System", "System's quote", ""], rows)


def called(level: RiskLevel | None) -> str:
    """A level, or what stands for none."""
    return level.value if level else UNANSWERED


def share(value: float | None, interval: Interval | None) -> Estimate:
    """A share in per cent; † marks a Wilson interval."""
    return Estimate(NONE) if value is None else Estimate(f"{100 * value:.1f} %", _range(interval, 100, ".1f"))


def number(value: float | None, interval: Interval | None) -> Estimate:
    """A number with three decimals."""
    return Estimate(NONE) if value is None else Estimate(f"{value:.3f}", _range(interval, 1, ".3f"))


def points(value: float, interval: Interval | None) -> Estimate:
    """A difference of two shares or scores, in hundredths."""
    return Estimate(f"{100 * value:+.1f}", _range(interval, 100, "+.1f"))


def _range(interval: Interval | None, scale: float, form: str) -> str:
    if interval is None:
        return ""
    ends = " – ".join(f"{scale * end:{form}}" for end in (interval.low, interval.high))
    return f"[{ends}]{'†' if interval.method == 'Wilson' else ''}"
