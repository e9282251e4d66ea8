"""Ranking lists: every pair of a product and a claim is assessed once and kept, so that an interrupted list goes on."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bini import __version__
from bini.domain.candidates import Candidate
from bini.domain.claims import parse_claims, split_claim
from bini.domain.monitoring.log import AssessmentLog
from bini.domain.patents import own_elements
from bini.domain.ranking import RankedRow, Ranking, order_key, ranked
from bini.domain.schema import Assessment
from bini.domain.untrusted import clean_text
from bini.errors import DataError, InputError, ModelError
from bini.evaluation.predict import System, drop_half_line, slug
from bini.files import sha256
from bini.inference.assessor import Assessor
from bini.inference.logged import recorded


@dataclass(frozen=True)
class Pair:
    """A product and a claim by its elements, to be assessed.

    Parameters
    ----------
    number
        The claim's number in its claim set; None for a claim given alone.
    """

    product: str
    claim: str
    elements: tuple[str, ...]
    number: int | None = None

    @property
    def key(self) -> str:
        """Digest of what is asked."""
        return sha256(json.dumps([self.product, self.claim, self.elements], ensure_ascii=False))


@dataclass(frozen=True)
class Entry:
    """A row of a list with its pairs: one, or one for each independent claim, or none if the row has a problem."""

    id: str
    title: str = ""
    pairs: tuple[Pair, ...] = ()
    problem: str | None = None


class Outcome(BaseModel):
    """What became of a pair: one line of the file that pairs are kept in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    assessment: Assessment | None
    problem: str | None


def entry_of(candidate: Candidate, query: str) -> Entry:
    """The row of a list with its pairs; a text that cannot be assessed is a problem of the row, not an error.

    Parameters
    ----------
    candidate
        A row of a list of patents or products.
    query
        The product that the patents are ranked for, or the claim that the products are.
    """
    try:
        match candidate.column:
            case "product":
                pairs = [_pair(clean_text(candidate.text, "product description"), query)]
            case "claim":
                pairs = [_pair(query, clean_text(candidate.text, "claim"))]
            case _:
                independent = parse_claims(clean_text(candidate.text, "claim set")).independent()
                pairs = [Pair(query, c.text, tuple(own_elements(c)), c.number) for c in independent]
                if not pairs:
                    raise InputError("no independent claim is in force")
    except InputError as error:
        return Entry(candidate.id, candidate.title, problem=error.message)
    return Entry(candidate.id, candidate.title, tuple(pairs))


def _pair(product: str, claim: str) -> Pair:
    return Pair(product, claim, tuple(element.text for element in split_claim(claim)))


def rank(
    system: System,
    entries: Sequence[Entry],
    folder: Path,
    advance: Callable[[int, int, str], None],
    log: AssessmentLog | None = None,
) -> Ranking:
    """Assess the rows of a list and put them in order.

    Parameters
    ----------
    system
        Who judges.
    entries
        The rows.
    folder
        Where assessed pairs are kept.
    advance
        Told pairs done, pairs in all, and which row is at work.
    log
        Gets a line for each pair that is assessed now.
    """
    return ranked([(row, found) for row, found in judge(system, entries, folder, advance, log)], system.name)


def judge(
    system: System,
    entries: Sequence[Entry],
    folder: Path,
    advance: Callable[[int, int, str], None],
    log: AssessmentLog | None = None,
) -> list[tuple[RankedRow, Assessment | None]]:
    """The rows of a list in its own order, each with the assessment of its riskiest claim, if any; see `rank`.

    Pairs that were assessed before, by the same model, adapter, prompt and version of Bini, are not assessed again. A
    row is as risky as its riskiest independent claim that could be assessed; the others are its problem.
    """
    path = folder / f"{slug(system.name)}-{_identity(system)[:12]}.jsonl"
    drop_half_line(path)
    known = {outcome.key: outcome for outcome in (_read(path) if path.is_file() else [])}
    total = sum(len(entry.pairs) for entry in entries)
    done = 0
    assessor: Assessor | None = None
    made = []
    advance(done, total, "")
    for entry in entries:
        for pair in entry.pairs:
            advance(done, total, entry.id)
            if pair.key not in known:
                assessor = assessor or system.open()
                known[pair.key] = _assess(assessor, pair, log)
                _keep(path, known[pair.key])
            done += 1
        made.append(_row(entry, [known[pair.key] for pair in entry.pairs]))
    advance(done, total, "")
    return made


def _identity(system: System) -> str:
    return sha256(json.dumps([system.identity, __version__], sort_keys=True))


def _assess(assessor: Assessor, pair: Pair, log: AssessmentLog | None) -> Outcome:
    try:
        with recorded(log, assessor, pair.product, pair.claim) as made:
            assessment = assessor.assess(pair.product, pair.claim, pair.elements)
            made.append(assessment)
    except (InputError, ModelError) as error:
        return Outcome(key=pair.key, assessment=None, problem=error.message)
    return Outcome(key=pair.key, assessment=assessment, problem=None)


def _keep(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(outcome.model_dump_json() + "\n")


def _read(path: Path) -> Iterable[Outcome]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line:
            try:
                yield Outcome.model_validate_json(line)
            except ValidationError:
                raise DataError(f"{path}, line {number}: no assessed pair", "remove the file and rank anew") from None


def _row(entry: Entry, outcomes: Sequence[Outcome]) -> tuple[RankedRow, Assessment | None]:
    problems = [entry.problem] if entry.problem else []
    found: list[tuple[Pair, Assessment]] = []
    for pair, outcome in zip(entry.pairs, outcomes, strict=True):
        if outcome.assessment:
            found.append((pair, outcome.assessment))
        else:
            problems.append(f"{f'claim {pair.number}: ' if pair.number else ''}{outcome.problem}")
    problem = "; ".join(problems) or None
    if not found:
        return RankedRow(id=entry.id, title=entry.title, problem=problem), None
    pair, riskiest = max(found, key=lambda assessed: order_key(assessed[1]))
    row = RankedRow.of(entry.id, entry.title, pair.number, riskiest)
    return row.model_copy(update={"problem": problem}), riskiest
