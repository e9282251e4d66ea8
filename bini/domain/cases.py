"""Labelled cases: the format of the seed cases, of evaluation suites, and of files by other hands."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bini.domain.labels import Basis, Match, RiskLevel, roll_up
from bini.errors import DataError
from bini.files import sha256


def _clean(value: Any) -> Any:
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _clean_optional(value: Any) -> Any:
    return _clean(value) or None


Text = Annotated[str, BeforeValidator(_clean), Field(min_length=1)]


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Identifier = Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1)]


class _Loose(BaseModel):
    """Files by other hands carry keys of their own: they are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LabelledComparison(_Loose):
    """The right answer on one claim element."""

    patent_element: Text
    user_product_element: Annotated[str | None, BeforeValidator(_clean_optional)] = None
    match: Match
    basis: Basis | None = None


class Label(_Loose):
    """The right answer on one case; reason and level may be missing in files by other hands."""

    comparisons: Annotated[tuple[LabelledComparison, ...], Field(min_length=1)]
    decision_reason: Annotated[str, BeforeValidator(_clean)] = ""
    risk_level: RiskLevel | None = None

    @property
    def level(self) -> RiskLevel:
        """The stated level, or else what the matches roll up to."""
        return self.risk_level or roll_up(c.match for c in self.comparisons)


class Case(_Loose):
    """A product description, a claim and the right answer.

    Parameters
    ----------
    case_id
        Unique in its file; made from file name and row where a file has none.
    regit_num
        Registration number: cases of one patent share it. None in files by other hands that give none.
    claim_text, user_query
        The claim and the product description, NFC.
    patent_field
        The technical field, for reports alone: training rows do not hold it.
    """

    case_id: Identifier
    regit_num: Identifier | None = None
    claim_text: Text
    user_query: Text
    label: Label
    tags: tuple[str, ...] = ()
    patent_field: Annotated[str | None, BeforeValidator(_clean_optional), Field(exclude=True)] = None

    @property
    def patent(self) -> str:
        """What cases of one patent share: the registration number or, where none is given, the claim itself."""
        return self.regit_num or self.claim_text

    @property
    def elements(self) -> tuple[str, ...]:
        """The claim's elements as labelled."""
        return tuple(c.patent_element for c in self.label.comparisons)

    @property
    def key(self) -> str:
        """Digest of claim and product: the same case under another id has the same key."""
        return sha256(f"{self.claim_text}\0{self.user_query}")


def load_cases(path: Path) -> list[Case]:
    """Read a JSON array or JSON Lines file of labelled cases.

    Raises
    ------
    DataError
        If the file cannot be read or a row breaks the format; names file, row and field.
    """
    hint = "the format is described in CONTRIBUTING.md"
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not valid UTF-8 (byte {error.start})", "save it as UTF-8 and try again") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    cases = [_case(raw, path, row) for row, raw in _rows(content, path)]
    if not cases:
        raise DataError(f"{path} holds no cases", hint)
    repeated = [name for name, count in Counter(case.case_id for case in cases).items() if count > 1]
    if repeated:
        raise DataError(f"{path}, case_id: {repeated[0]!r} stands more than once", "give every case an id of its own")
    return cases


def _rows(content: str, path: Path) -> Iterator[tuple[int, Any]]:
    try:
        if content.lstrip().startswith("["):
            yield from enumerate(json.loads(content), start=1)
            return
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}, line {error.lineno}: not valid JSON ({error.msg})", "give a JSON array or JSON Lines"
        ) from error
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"{path}, row {number}: not valid JSON ({error.msg})", "give a JSON array or JSON Lines"
            ) from error


def _case(raw: Any, path: Path, row: int) -> Case:
    if not isinstance(raw, dict):
        raise DataError(f"{path}, row {row}: not an object", "each row is one case, an object with its keys")
    try:
        case = Case.model_validate({"case_id": f"{path.stem}-{row}", **raw})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        value = "" if first["type"] == "missing" else f", not {str(first['input'])[:40]!r}"
        hint = (
            "keys: claim_text, user_query, label.comparisons[].{patent_element, user_product_element, match}; regit_num"
        )
        raise DataError(f"{path}, row {row}, {field}: {first['msg']}{value}", hint) from error
    stated, rolled = case.label.risk_level, roll_up(c.match for c in case.label.comparisons)
    if stated is not None and stated is not rolled:
        raise DataError(
            f"{path}, row {row}, label.risk_level: {stated} does not follow from the matches, which give {rolled}",
            "any 미대응 is 낮음, else any 판단불가 is 애매, else 높음",
        )
    return case


def refuse_overlap(cases: Iterable[Case], suites: Iterable[Path]) -> None:
    """Refuse to train on cases, or on claims, that an evaluation suite holds.

    Raises
    ------
    DataError
        Naming the first such case and the suite.
    """
    chosen = list(cases)
    for suite in suites:
        held = load_cases(suite)
        patents, claims = {c.patent for c in held}, {c.claim_text for c in held}
        for case in chosen:
            if case.patent in patents or case.claim_text in claims:
                raise DataError(
                    f"{case.case_id} stands in the evaluation suite {suite.name}",
                    "suites are never trained on: take the case, or its patent, out of the training data",
                )
