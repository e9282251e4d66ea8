"""Whether a registered adapter may go into production: its checks, the gate on its evaluation, a shadow comparison."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bini.domain.cases import load_cases
from bini.errors import DataError, InputError
from bini.evaluation.behaviour import check_all
from bini.evaluation.gate import TOLERANCES, gate, read_reference
from bini.evaluation.predict import predict
from bini.evaluation.promotion_record import Promotion
from bini.evaluation.results import Scores
from bini.evaluation.run import system_of
from bini.evaluation.shadow import Shadow, compare, recorded_cases
from bini.files import sha256_file
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.adapters.record import base_of
from bini.models.adapters.report import Status, failures
from bini.models.adapters.static import check_adapter
from bini.models.catalog import ModelPlace
from bini.models.registry.events import Action, State, refuse_impossible
from bini.models.registry.registry import Registry


@dataclass(frozen=True)
class Proposal:
    """What is to be promoted, and on what grounds.

    Parameters
    ----------
    name, version
        A registered version.
    base
        The model that it belongs to.
    results
        Its evaluation: a results.json, or the folder of one.
    reference
        Results that it may not fall behind; by default those that the version in production was promoted with.
    suite, log
        Where the questions of the shadow comparison come from: labelled cases, or a log of requests with their texts.
    reason
        Why, in the user's words.
    accept_shift
        Whether the levels as a whole may move.
    """

    name: str
    version: int
    base: ModelPlace
    results: Path
    reference: Path | None = None
    suite: Path | None = None
    log: Path | None = None
    reason: str = ""
    accept_shift: bool = False

    @property
    def adapter(self) -> str:
        """NAME@VERSION."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Grounds:
    """What spoke for a version: its checks, its evaluation, what the gate compared with, and the shadow comparison."""

    checks: dict[str, Status]
    results: Scores
    reference: Scores | None
    shadow: Shadow | None


@dataclass(frozen=True)
class Outcome:
    """What became of a proposal.

    Parameters
    ----------
    reasons
        Why it was refused; empty if it was not.
    shadow
        The shadow comparison, if it came to one.
    record
        Digest of the record, if it was promoted.
    """

    reasons: tuple[str, ...]
    shadow: Shadow | None = None
    record: str | None = None


def promote(
    registry: Registry, asked: Proposal, notice: Callable[[str], None], advance: Callable[[int, int, str], None]
) -> Outcome:
    """Put a version into production, if nothing speaks against it. If something does, nothing is changed.

    The shadow comparison is the dearest step: it is made if there is nothing against the version so far, and goes on
    from where an earlier call was stopped.

    Raises
    ------
    BiniError
        If there is no such version, it cannot be promoted, or a file or model cannot be used.
    """
    state = registry.state(asked.name)
    refuse_impossible(state, Action.PROMOTED, asked.version)
    folder = registry.locate(asked.adapter)
    scores = _results(asked, folder)
    reference = _reference(registry, state, asked)
    if asked.reference and reference == scores:
        raise DataError(f"{asked.results} would be its own reference", "gate on results of another adapter")
    questions = _refuse_no_questions(state, asked)
    checks = _checks(state, asked, folder, advance)
    falls = gate(scores, reference) if reference else []
    if reference is None:
        notice("no reference to gate on: the first promotion, without --gate")
    against = [name for name, status in checks.items() if status is Status.FAIL]
    reasons = [f"it fails the check {name}" for name in against] + [f"it fell behind: {fall}" for fall in falls]
    if reasons:
        return Outcome(tuple(reasons))
    shadow = _shadow(registry, state, asked, questions, notice, advance) if questions else None
    reasons = _against(shadow, asked.accept_shift) if shadow else []
    if reasons:
        return Outcome(tuple(reasons), shadow)
    digest = _keep(registry, state, asked, Grounds(checks, scores, reference, shadow))
    registry.promote(asked.name, asked.version, state.production, digest, asked.reason)
    return Outcome((), shadow, digest)


def _keep(registry: Registry, state: State, asked: Proposal, grounds: Grounds) -> str:
    """Write the record, and the results that it names; its digest."""
    score, reference = grounds.results.systems[0].held_out, grounds.reference
    record = Promotion(
        adapter=asked.adapter,
        object=str(state.registered[asked.version - 1].object),
        checks=grounds.checks,
        results=registry.keep_record(grounds.results.model_dump_json()),
        figures={name: getattr(score, name) for name in TOLERANCES},
        cases=score.cases if score else 0,
        reference=registry.keep_record(reference.model_dump_json()) if reference else None,
        shadow=grounds.shadow,
        reason=asked.reason,
    )
    return registry.keep_record(record.model_dump_json(indent=2), record.to_markdown())


def _checks(state: State, asked: Proposal, folder: Path, advance: Callable[[int, int, str], None]) -> dict[str, Status]:
    """What the checks say; the model is asked only where it was not, on this base, when the version was registered."""
    event = state.registered[asked.version - 1]
    static = check_adapter(folder, asked.base)
    found = {check.name: check.status for check in static}
    asked_then = event.base == asked.base.fingerprint() and not found.keys() >= event.checks.keys()
    if asked_then or failures(static):
        return {**event.checks, **found}
    return {
        check.name: check.status
        for check in check_all(folder, asked.base, lambda done, total: advance(done, total, "checks"))
    }


def _results(asked: Proposal, folder: Path) -> Scores:
    """The evaluation's scores; refuses one of another adapter or model, or of one that was forced."""
    scores = read_reference(asked.results)
    first = scores.systems[0]
    made_by = first.origin.identity if first.origin else {}
    hint = f"evaluate it: bini eval --adapter {asked.adapter}"
    if made_by.get("adapter") != sha256_file(folder / ADAPTER_WEIGHTS):
        raise DataError(f"{asked.results} is an evaluation of {first.name}, not of {asked.adapter}", hint)
    if made_by.get("model") != asked.base.fingerprint():
        raise DataError(f"{asked.results} is an evaluation on another model than {asked.base.name}", hint)
    if made_by.get("forced"):
        raise DataError(f"{asked.results} is an evaluation with --force", hint)
    return scores


def _reference(registry: Registry, state: State, asked: Proposal) -> Scores | None:
    """What the gate compares with: the results given, else those of the version in production."""
    if asked.reference:
        return read_reference(asked.reference)
    if not state.promoted:
        return None
    record = registry.record(str(state.promoted[-1].record))
    try:
        return Scores.model_validate_json(registry.record(Promotion.model_validate_json(record).results))
    except ValidationError as error:
        raise DataError(
            f"the record of the promotion of {asked.name}@{state.production} is of another version of Bini",
            "evaluate what is in production again, and give its results with --gate",
        ) from error


def _refuse_no_questions(state: State, asked: Proposal) -> Path | None:
    """The file of the questions; None where nothing is in production to compare with."""
    if state.production is None:
        return None
    questions = asked.suite or asked.log
    if questions is None or (asked.suite and asked.log):
        raise InputError(
            f"{asked.name}@{state.production} is in production: it has to be compared with",
            "give either --suite with cases or --log with recorded requests",
        )
    return questions


def _shadow(
    registry: Registry,
    state: State,
    asked: Proposal,
    questions: Path,
    notice: Callable[[str], None],
    advance: Callable[[int, int, str], None],
) -> Shadow:
    cases = load_cases(questions) if asked.suite else recorded_cases(questions)
    digest = sha256_file(questions)
    names = f"{asked.name}@{state.production}", asked.adapter
    answers, done = [], 0

    def count(_: object) -> None:
        nonlocal done
        done += 1
        advance(done, 2 * len(cases), "shadow comparison")

    for name in names:
        folder = registry.locate(name)
        system = system_of(str(base_of(folder, asked.base).path), folder, notice)
        answers.append(predict(system, cases, frozenset(), registry.folder / "shadow" / digest[:16], count, free=False))
    return compare(names, (questions.name, digest), *answers)


def _against(shadow: Shadow, accept_shift: bool) -> list[str]:
    """What a shadow comparison says against a candidate."""
    reasons = []
    if shadow.candidate_unanswered > shadow.production_unanswered:
        reasons.append(
            f"{shadow.candidate_unanswered} of {shadow.cases} questions get no answer, "
            f"from {shadow.production} {shadow.production_unanswered}"
        )
    if shadow.shifted and not accept_shift:
        reasons.append(
            f"the levels move: stability index {shadow.stability_index:.2f}, over {shadow.threshold:.2f}; "
            "if that is meant, say why with --reason and --accept-shift"
        )
    return reasons
