"""What a case set holds, as numbers and as a picture, and how far two labellings of it agree."""

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import BaseModel, ConfigDict, ValidationError
from sklearn.metrics import cohen_kappa_score

from bini.domain.bench import Patent, Split, load_bench
from bini.domain.cases import Case
from bini.domain.glossary import shipped_glossary
from bini.domain.labels import Basis, RiskLevel, roll_up
from bini.errors import DataError
from bini.evaluation.baselines import baselines, word_share
from bini.evaluation.plots import FONTS, register_korean_font
from bini.evaluation.score import score_system
from bini.files import write_bytes, write_json

SECOND_LABELS = "second_labels.jsonl"


class SecondLabel(BaseModel):
    """How one case was labelled twice, and what was settled; one basis an element.

    Parameters
    ----------
    first
        The writer's label, as it was before settling.
    second
        The label that another annotator gave from claim, product and rubric alone.
    settled
        What the case set holds now.
    note
        Why, where the two differ.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case_id: str
    first: tuple[Basis, ...]
    second: tuple[Basis, ...]
    settled: tuple[Basis, ...]
    note: str = ""


class Agreement(BaseModel):
    """Agreement of two labellings before settling; kappa is Cohen's (1960)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    elements: int
    elements_same: int
    element_kappa: float
    cases: int
    cases_same: int
    case_kappa: float


class SplitStats(BaseModel):
    """Counts of one split. Lengths are in characters, shares 0 to 1.

    Parameters
    ----------
    shared_pairs
        By level: the median share of the claim's character pairs that the product repeats. Levels that differ much here
        can be told apart by counting words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    patents: int
    cases: int
    disputed: int
    english_claims: int
    cross_lingual: int
    levels: dict[RiskLevel, int]
    fields: dict[str, int]
    tags: dict[str, int]
    elements: tuple[int, float, int]  # fewest, mean, most of a claim
    claim_length: tuple[int, float, int]
    product_length: tuple[int, float, int]
    shared_pairs: dict[RiskLevel, float]


def case_stats(bench: Mapping[Split, Sequence[Patent]]) -> dict[Split, SplitStats]:
    """Count every split that has patents."""
    return {split: _split_stats(patents) for split, patents in bench.items() if patents}


def _split_stats(patents: Sequence[Patent]) -> SplitStats:
    cases = [case for patent in patents for case in patent.cases]
    shares: dict[RiskLevel, list[float]] = {level: [] for level in RiskLevel}
    for patent in patents:
        for case in patent.cases:
            shares[case.level].append(word_share(patent.claim, case.product))
    return SplitStats(
        patents=len(patents),
        cases=len(cases),
        disputed=sum(case.disputed for case in cases),
        english_claims=sum(patent.language == "en" for patent in patents),
        cross_lingual=sum("cross_lingual" in case.tags for case in cases),
        levels={level: sum(case.level is level for case in cases) for level in RiskLevel},
        fields=dict(sorted(Counter(patent.field for patent in patents).items())),
        tags=dict(Counter(chain.from_iterable(case.tags for case in cases)).most_common()),
        elements=_spread(len(patent.elements) for patent in patents),
        claim_length=_spread(len(patent.claim) for patent in patents),
        product_length=_spread(len(case.product) for case in cases),
        shared_pairs={level: round(float(np.median(found)), 3) for level, found in shares.items() if found},
    )


def _spread(values: Iterable[int]) -> tuple[int, float, int]:
    found = list(values)
    return min(found), round(sum(found) / len(found), 1), max(found)


def load_second_labels(path: Path) -> list[SecondLabel]:
    """Read the record of the second labelling.

    Raises
    ------
    DataError
        If the file cannot be read, or a line breaks the format; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    labels = []
    for number, line in enumerate(lines, start=1):
        try:
            label = SecondLabel.model_validate(json.loads(line))
        except (ValueError, ValidationError) as error:
            raise DataError(f"{path}, line {number}: no second label", "see data/README.md") from error
        if not len(label.first) == len(label.second) == len(label.settled) > 0:
            raise DataError(f"{path}, line {number}: the labels are of different lengths", "one basis an element")
        labels.append(label)
    return labels


def agreement(labels: Sequence[SecondLabel]) -> Agreement:
    """How far first and second labels agree: by element on the match, by case on the level."""
    first = [basis.match for label in labels for basis in label.first]
    second = [basis.match for label in labels for basis in label.second]
    levels = [roll_up(basis.match for basis in label.first) for label in labels]
    other_levels = [roll_up(basis.match for basis in label.second) for label in labels]
    return Agreement(
        elements=len(first),
        elements_same=sum(a is b for a, b in zip(first, second, strict=True)),
        element_kappa=float(cohen_kappa_score(first, second)),
        cases=len(levels),
        cases_same=sum(a is b for a, b in zip(levels, other_levels, strict=True)),
        case_kappa=float(cohen_kappa_score(levels, other_levels)),
    )


def write_stats(source: Path, folder: Path) -> list[str]:
    """Count the case set under `source`, write stats.json and stats.png to `folder`, and say the main figures.

    Raises
    ------
    DataError
        As `bini.domain.bench.load_bench`; also if the set has no cases.
    """
    bench = {split: patents for split, patents in load_bench(source).items() if patents}
    if not bench:
        raise DataError(f"{source} holds no cases", "data/README.md says where they lie")
    counted = case_stats(bench)
    second = source / SECOND_LABELS
    agreed = agreement(load_second_labels(second)) if second.is_file() else None
    words = _word_counting(bench) if {"train", "test"} <= bench.keys() else {}
    stats = {
        "splits": {split: found.model_dump(mode="json") for split, found in counted.items()},
        "agreement": agreed.model_dump() if agreed else None,
        "word_counting_on_test": words,
    }
    write_json(folder / "stats.json", stats)
    write_bytes(folder / "stats.png", picture(bench))
    lines = [
        f"{split}: {s.patents} patents ({s.english_claims} English), {s.cases} cases ("
        + ", ".join(f"{level} {count}" for level, count in s.levels.items())
        + f"), {len(s.fields)} fields, {s.cross_lingual} cross-lingual, {s.disputed} disputed"
        for split, s in counted.items()
    ]
    if agreed:
        lines.append(
            f"second labelling: kappa {agreed.element_kappa:.3f} over {agreed.elements} elements, "
            f"{agreed.case_kappa:.3f} over {agreed.cases} cases"
        )
    lines += [f"{name} on test: risk accuracy {reached:.3f}" for name, reached in words.items()]
    return [*lines, f"wrote: {folder / 'stats.json'}, {folder / 'stats.png'}"]


def _word_counting(bench: Mapping[Split, Sequence[Patent]]) -> dict[str, float]:
    """Risk accuracy on test of what learns from train by counting words."""
    train, test = (
        [Case.model_validate(row) for patent in bench[split] for row in patent.rows(split)]
        for split in ("train", "test")
    )
    glossary = shipped_glossary()
    found = baselines(train, test, glossary)
    return {name: score_system(name, made).risk_accuracy for name, made in found.items()}


def picture(bench: Mapping[Split, Sequence[Patent]]) -> bytes:
    """PNG of levels, fields, tags and lengths; the same cases give the same bytes."""
    register_korean_font()
    content = io.BytesIO()
    with mpl.rc_context({"font.family": FONTS}):
        figure = Figure(figsize=(12, 9), layout="constrained")
        (levels, lengths), (fields, tags) = figure.subplots(2, 2, gridspec_kw={"height_ratios": [1, 2.2]})
        _draw_levels(levels, bench)
        _draw_lengths(lengths, bench)
        patents = [patent for found in bench.values() for patent in found]
        _draw_counts(fields, Counter(patent.field for patent in patents), "patents by field")
        every_tag = chain.from_iterable(case.tags for patent in patents for case in patent.cases)
        _draw_counts(tags, Counter(every_tag), "cases by tag")
        figure.savefig(content, format="png", dpi=110, metadata={"Software": None})
    return content.getvalue()


def _draw_levels(axes: Axes, bench: Mapping[Split, Sequence[Patent]]) -> None:
    left = np.zeros(len(bench))
    for level in RiskLevel:
        counts = [sum(c.level is level for p in patents for c in p.cases) for patents in bench.values()]
        axes.barh(list(bench), counts, left=left, label=level.value)
        for y, (start, count) in enumerate(zip(left, counts, strict=True)):
            axes.text(start + count / 2, y, str(count), ha="center", va="center", color="white")
        left += counts
    axes.invert_yaxis()
    axes.legend(ncols=3, fontsize=8)
    axes.set_title("cases by level")


def _draw_lengths(axes: Axes, bench: Mapping[Split, Sequence[Patent]]) -> None:
    by_level = [
        [len(c.product) for patents in bench.values() for p in patents for c in p.cases if c.level is level]
        for level in RiskLevel
    ]
    edges = np.geomspace(min(map(min, by_level)), max(map(max, by_level)) + 1, 18)
    axes.hist(by_level, bins=edges, label=[level.value for level in RiskLevel])  # type: ignore[arg-type]
    axes.set_xscale("log")
    axes.legend(fontsize=8)
    axes.set_title("product length, characters")


def _draw_counts(axes: Axes, counts: Counter[str], title: str) -> None:
    names, values = zip(*reversed(counts.most_common()), strict=True)
    axes.barh(names, values)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_title(title)
