"""BiniBench: the project's own case set, one YAML file a patent, and the checks that its files must pass.

    data/raw/binibench/train|validation|test/PATENT.yaml

Offsets of the built rows are derived here; the sources hold what people wrote. `SHA256SUMS` beside the splits, in the
format of sha256sum, freezes them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bini.domain.cases import Text
from bini.domain.labels import Basis, Match, RiskLevel, roll_up
from bini.domain.schema import QUOTE_CHARS
from bini.errors import DataError
from bini.files import sha256_file

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
FROZEN = "SHA256SUMS"
TAGS = (
    "all_literal", "synonym", "abbreviation", "translation", "genus_species", "one_absent", "one_silent", "negated",
    "substitution", "range_in", "range_edge", "range_out", "range_straddle", "unit_change", "markush", "closed_claim",
    "negative_limitation", "relation_differs", "functional", "dependent", "extra_element", "method_vs_product",
    "customer_supplied", "cross_lingual", "vague", "irrelevant_detail", "lexical_overlap_trap", "typo",
    "irrelevant_product", "injection",
)  # fmt: skip
"""What a case may be said to test; from the labelling rubric."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BenchComparison(_Strict):
    """The label of one element: `quote` is a verbatim piece of the product, null when the product is silent."""

    match: Match
    basis: Basis
    quote: Annotated[str, Field(min_length=1, max_length=QUOTE_CHARS)] | None


class BenchCase(_Strict):
    """One product under the patent's claim."""

    id: str
    product: Text
    level: RiskLevel
    comparisons: tuple[BenchComparison, ...]
    reason: Text
    tags: Annotated[tuple[str, ...], Field(min_length=1)]
    disputed: bool = False  # the second, blind labelling came to another answer, and neither is plainly wrong


class Patent(_Strict):
    """A fictional patent with its cases."""

    id: str
    field: str
    language: Literal["ko", "en"]
    regit_num: Annotated[str, BeforeValidator(str)]
    title: str
    claim: Text
    elements: Annotated[tuple[Text, ...], Field(min_length=1)]
    cases: Annotated[tuple[BenchCase, ...], Field(min_length=1)]

    def rows(self, split: Split) -> list[dict[str, Any]]:
        """The cases in the labelled shape of `bini.domain.cases`, with offsets and what the patent says of itself."""
        starts = element_starts(self.claim, self.elements)
        return [self._row(case, split, starts) for case in self.cases]

    def _row(self, case: BenchCase, split: Split, starts: Sequence[int]) -> dict[str, Any]:
        comparisons = []
        for element, start, label in zip(self.elements, starts, case.comparisons, strict=True):
            at = case.product.index(label.quote) if label.quote else None
            comparisons.append(
                {
                    "patent_element": element,
                    "element_span": [start, start + len(element)],
                    "user_product_element": label.quote,
                    "quote_span": None if at is None else [at, at + len(label.quote or "")],
                    "match": label.match.value,
                    "basis": label.basis.value,
                }
            )
        return {
            "case_id": case.id,
            "split": split,
            "patent_id": self.id,
            "patent_field": self.field,
            "claim_language": self.language,
            "regit_num": self.regit_num,
            "claim_text": self.claim,
            "user_query": case.product,
            "label": {"comparisons": comparisons, "decision_reason": case.reason, "risk_level": case.level.value},
            "tags": list(case.tags),
            "disputed": case.disputed,
        }


def element_starts(claim: str, elements: Sequence[str]) -> list[int]:
    """Where each element starts in the claim; an element that stands twice is taken after the one before it."""
    starts, after = [], 0
    for element in elements:
        at = claim.find(element, after)
        if at < 0:
            at = claim.index(element)
        starts.append(at)
        after = at + len(element)
    return starts


def load_patent(path: Path) -> Patent:
    """Read one source file and check it.

    Raises
    ------
    DataError
        If the file is no patent, or a label breaks the rubric's form; names file, case and field.
    """
    try:
        patent = Patent.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError(f"{path}, {field}: {first['msg']}", "CONTRIBUTING.md shows a patent's file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid YAML in UTF-8", "CONTRIBUTING.md shows a patent's file") from error
    problems = list(_problems(patent))
    if problems:
        raise DataError(f"{path}, {problems[0]}", "the labelling rubric says what a label must be")
    return patent


def load_bench(folder: Path) -> dict[Split, list[Patent]]:
    """Read every patent under `folder`, by split.

    Raises
    ------
    DataError
        As `load_patent`; also if an id, a registration number or a claim stands twice, or the files are not those that
        were frozen.
    """
    _check_frozen(folder)
    bench: dict[Split, list[Patent]] = {
        split: [load_patent(path) for path in sorted((folder / split).glob("*.yaml"))] for split in SPLITS
    }
    patents = [patent for split in SPLITS for patent in bench[split]]
    for what, values in (
        ("patent id", [p.id for p in patents]),
        ("registration number", [p.regit_num for p in patents]),
        ("claim", [p.claim for p in patents]),
        ("case id", [c.id for p in patents for c in p.cases]),
    ):
        repeated = [value for value, count in Counter(values).items() if count > 1]
        if repeated:
            raise DataError(f"{folder}: {what} {repeated[0][:60]!r} stands more than once", "each must be unique")
    return bench


def _check_frozen(folder: Path) -> None:
    """Refuse files that were changed, added or taken away since the set was frozen; one without sums is not frozen."""
    sums = folder / FROZEN
    if not sums.is_file():
        return
    lines = sums.read_text(encoding="utf-8").splitlines()
    frozen = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    found = {path.relative_to(folder).as_posix(): sha256_file(path) for path in sorted(folder.glob("*/*.yaml"))}
    for name in sorted(frozen.keys() | found.keys()):
        if frozen.get(name) != found.get(name):
            raise DataError(
                f"{folder / name} is not the file that was frozen in {FROZEN}", "frozen cases stay as they are"
            )


def _problems(patent: Patent) -> Iterable[str]:
    for element in patent.elements:
        if element not in patent.claim:
            yield f"elements: {element[:40]!r} is no piece of the claim"
    for case in patent.cases:
        where = f"case {case.id}"
        if len(case.comparisons) != len(patent.elements):
            yield f"{where}: {len(case.comparisons)} comparisons for {len(patent.elements)} elements"
            continue
        for number, label in enumerate(case.comparisons, start=1):
            if label.match is not label.basis.match:
                yield f"{where}, element {number}: basis {label.basis} is {label.basis.match}, not {label.match}"
            if (label.quote is None) != (label.basis is Basis.SILENT):
                yield f"{where}, element {number}: a quote is null exactly when the product is silent"
            if label.quote is not None and (label.quote not in case.product or label.quote != label.quote.strip()):
                yield f"{where}, element {number}: the quote is no piece of the product"
        rolled = roll_up(label.match for label in case.comparisons)
        if case.level is not rolled:
            yield f"{where}: level {case.level} does not follow from the matches, which give {rolled}"
        unknown = sorted(set(case.tags) - set(TAGS))
        if unknown:
            yield f"{where}: unknown tag {unknown[0]!r}"
