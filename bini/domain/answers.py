"""Answers to the questions of an assessment: their file, what they decide without the model, what they change."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from bini.domain.claims.claim_set import listed
from bini.domain.labels import Match, match_of_numbers
from bini.domain.measures import ElementCheck, check_element
from bini.domain.rule_packs import RULE_PACKS
from bini.domain.rules import rule
from bini.domain.schema import AssessedElement, Assessment, Change, Changes, NumberCheck
from bini.errors import DataError
from bini.files import read_bytes

ANSWER_CHARS, FILE_BYTES = 2_000, 200_000
"""Longest answer, and longest file of answers."""

_HINT = (
    "a list of entries, each with `element` (its number or its text) and `answer` (대응, 미대응, or what is so), "
    "and with `claim` where there are several"
)
_MATCHES = {
    **dict.fromkeys(("대응", "예", "네", "yes", "corresponds"), Match.YES),
    **dict.fromkeys(("미대응", "아니요", "아니오", "no", "does not correspond"), Match.NO),
}


@dataclass(frozen=True)
class Answer:
    """What someone who knows the product says about one element.

    Parameters
    ----------
    element
        The element's number, from 1.
    text
        The answer as given, NFC.
    """

    element: int
    text: str

    @property
    def match(self) -> Match | None:
        """The match that the answer states; None where it tells a fact."""
        return _MATCHES.get(self.text.lower().rstrip("."))


def _as_text(value: Any) -> Any:
    """A number of an element as text, and the yes and no of YAML as matches."""
    if isinstance(value, bool):
        return Match.YES.value if value else Match.NO.value
    return str(value) if isinstance(value, int) else _clean(value) if isinstance(value, str) else value


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    claim: Annotated[int, Field(strict=True)] | None = None
    element: Annotated[str, BeforeValidator(_as_text)]
    answer: Annotated[str, BeforeValidator(_as_text)]


# The file ----------------------------------------------------------------------------------------


def load_answers(path: Path, claims: Mapping[int, Sequence[str]]) -> dict[int, tuple[Answer, ...]]:
    """Read a file of answers, YAML or JSON.

    Parameters
    ----------
    path
        The file: a list of entries with `claim`, its number, which may be left out where there is only one;
        `element`, the number from 1 or the text of an element of it; and `answer`: 대응 or yes, 미대응 or no, or a fact
        in free text ("점도는 5,000 cP").
    claims
        The elements of the claims that are assessed, by number.

    Returns
    -------
    dict
        The answers by the number of their claim; claims without any are left out.

    Raises
    ------
    InputError
        If the file cannot be read.
    DataError
        If an entry is not right; names file, entry and field.
    """
    found: dict[int, tuple[Answer, ...]] = {}
    for n, entry in enumerate(_entries(path), start=1):
        where = f"{path}, entry {n}"
        claim = _claim(entry.claim, claims, where)
        answer = _answer(entry, claims[claim], where)
        earlier = found.get(claim, ())
        if answer.element in [given.element for given in earlier]:
            raise DataError(f"{where}, element: {answer.element} is answered twice", "answer each once")
        found[claim] = (*earlier, answer)
    if not found:
        raise DataError(f"{path} holds no answers", _HINT)
    return found


def _entries(path: Path) -> list[_Entry]:
    try:
        return TypeAdapter(list[_Entry]).validate_python(_read(path))
    except ValidationError as error:
        place, *fields = error.errors()[0]["loc"] or ("",)
        where = f", entry {place + 1}" if isinstance(place, int) else ""
        field = f", {' '.join(str(fields[0]).split())}" if fields else ""
        raise DataError(f"{path}{where}{field}: {error.errors()[0]['msg']}", _HINT) from error


def _read(path: Path) -> Any:
    content = read_bytes(path, FILE_BYTES, "give the answers for one patent")
    try:
        return yaml.safe_load(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not valid UTF-8 (byte {error.start})", "save it as UTF-8 and try again") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise DataError(f"{path}{where}: neither YAML nor JSON", _HINT) from error


def _claim(number: int | None, claims: Mapping[int, Sequence[str]], where: str) -> int:
    """The number of the claim that an entry is about; the only one need not be named."""
    if number is None and len(claims) == 1:
        return next(iter(claims))
    if number is None or number not in claims:
        fault = "is missing" if number is None else f"{number} is not assessed"
        raise DataError(f"{where}, claim: {fault}", f"give one of {listed(list(claims))}")
    return number


def _answer(entry: _Entry, elements: Sequence[str], where: str) -> Answer:
    text = entry.answer
    if not text or len(text) > ANSWER_CHARS:
        raise DataError(f"{where}, answer: {len(text):,} characters", f"give 1 to {ANSWER_CHARS:,}")
    if text == Match.UNKNOWN:
        raise DataError(f"{where}, answer: {text} is no answer", "leave the entry out until it is known")
    return Answer(_number(entry.element, elements, f"{where}, element"), text)


def _number(element: str, elements: Sequence[str], where: str) -> int:
    """The number of an element that is named by text or by number."""
    named = [n for n, text in enumerate(elements, start=1) if text == element]
    if len(named) > 1:
        raise DataError(f"{where}: {element!r} stands in the claim more than once", "name it by its number")
    number = named[0] if named else int(element) if element.isdecimal() and len(element) < 5 else 0
    if not 1 <= number <= len(elements):
        raise DataError(
            f"{where}: the claim has no such element", f"give its text, or a number from 1 to {len(elements)}"
        )
    return number


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


# What answers decide and change ------------------------------------------------------------------


def facts_to_read(assessment: Assessment, answers: Sequence[Answer]) -> list[str]:
    """The answers that only the model can judge: facts whose numbers do not decide the element.

    Parameters
    ----------
    assessment
        The assessment that the answers are to.
    answers
        All answers, in any order.
    """
    rows = assessment.comparisons
    return [answer.text for answer in answers if _decided(rows[answer.element - 1], answer).answered_match is None]


def with_answers(before: Assessment, after: Assessment, answers: Sequence[Answer]) -> Assessment:
    """An assessment with answers applied, rolled up again, and with what they changed.

    Parameters
    ----------
    before
        The assessment without any answer.
    after
        The assessment of the product with `facts_to_read` added to it; `before` itself where there are none.
    answers
        All answers. Those that state a match decide their element, and so do facts whose numbers, with those that the
        product states, answer every quantity of the element: all in range is 대응, one out of range 미대응.
    """
    rows = list(after.comparisons)
    for answer in answers:
        decided = _decided(before.comparisons[answer.element - 1], answer)
        update: dict[str, Any] = {"answer": answer.text}
        if decided.answered_match:
            update |= {"answered_match": decided.answered_match, "numbers": decided.numbers}
        rows[answer.element - 1] = rows[answer.element - 1].model_copy(update=update)
    ruling = rule(rows, None, RULE_PACKS[after.provenance.rules])
    pairs = enumerate(zip(before.comparisons, rows, strict=True), start=1)
    changes = Changes(
        level_before=before.rule_level,
        level_after=ruling.rule_level,
        elements=tuple(
            Change(element=n, before=old.verdict, after=new.verdict)
            for n, (old, new) in pairs
            if new.answer or old.verdict is not new.verdict
        ),
    )
    return after.model_copy(update=ruling._asdict() | {"comparisons": tuple(rows), "changes": changes})


def _decided(row: AssessedElement, answer: Answer) -> AssessedElement:
    """The row with the match and the numbers that the answer alone decides, if it does."""
    if answer.match:
        return row.model_copy(update={"answered_match": answer.match})
    found = check_element(row.patent_element, answer.text, answer.text)
    numbers = tuple(_number_check(new, old) for new, old in zip(found, row.numbers, strict=True))
    match = match_of_numbers([number.result for number in numbers])
    if match in (None, Match.UNKNOWN):
        return row
    return row.model_copy(update={"answered_match": match, "numbers": numbers})


def _number_check(found: ElementCheck, old: NumberCheck) -> NumberCheck:
    """What the answer says of a quantity, or else what the product said; an answer has no place in the product."""
    if found.said is None:
        return old
    return NumberCheck(
        claimed=found.claimed.text, said=found.said.text, said_start=None, said_end=None, result=found.result
    )
