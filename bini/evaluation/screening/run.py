"""Screening base models before training: every model by every prompt on one suite, giving up early where it can."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bini.domain.cases import Case, load_cases
from bini.errors import BiniError, InputError
from bini.evaluation.predict import System, predict, slug
from bini.evaluation.prediction import Origin, Prediction, read_origin
from bini.evaluation.score import score_system
from bini.evaluation.screening.candidate import Candidate, Known
from bini.evaluation.screening.results import Row, Screening
from bini.evaluation.screening.stopping import hopeless, too_slow
from bini.evaluation.screening.tables import report
from bini.evaluation.shots import draw_examples
from bini.files import sha256_file, write_text
from bini.inference.prompt import Prompt
from bini.inference.styles import INSTRUCTIONS, Style

SEED = 0
"""Of the order of the cases: a prompt that is stopped early has seen a fair sample of the suite."""

BREAKDOWNS = (BiniError, RuntimeError, ValueError, TypeError, AttributeError, KeyError, IndexError, MemoryError)
"""What a model that does not run here may raise, from its own code or torch's."""


@dataclass(frozen=True)
class Plan:
    """What is screened, and how far.

    Parameters
    ----------
    models
        Roles, names, folders, or OWNER/NAME of the hub.
    styles, shots
        Every model is asked in every style after every number of examples.
    suite
        Labelled cases.
    limit
        Most cases of it; None for all.
    max_seconds
        Most seconds a case, as the median; a slower model is stopped.
    pull, drop
        Whether models that are not on this machine are fetched, and whether what was fetched is removed afterwards.
    """

    models: Sequence[str]
    styles: Sequence[Style]
    shots: Sequence[int]
    suite: Path
    limit: int | None
    max_seconds: float
    pull: bool = False
    drop: bool = False


@dataclass(frozen=True)
class _Asked:
    """One way to ask."""

    style: Style
    shots: int
    prompt: Prompt


class _StopError(Exception):
    """Raised where a model, or only one prompt of it, is given up."""

    def __init__(self, why: str, whole_model: bool) -> None:
        super().__init__(why)
        self.why, self.whole_model = why, whole_model


def screen(
    plan: Plan, folder: Path, notice: Callable[[str], None], advance: Callable[[int, int, str], None]
) -> Screening:
    """Ask every model of the plan by every prompt; goes on where an earlier call was stopped.

    Parameters
    ----------
    plan
        What is screened.
    folder
        Where `screening.json`, `screening.md` and, for each model, its predictions go.
    notice
        Told which model takes a role, and what is fetched and removed.
    advance
        Told cases done, cases in all, and the prompt at work.

    Raises
    ------
    BiniError
        If a model, the suite or the number of shots cannot be used. A model that does not run is a stopped row.
    """
    cases = load_cases(plan.suite)
    examples = draw_examples(max(plan.shots), cases)
    asked = [
        _Asked(style, shots, Prompt(INSTRUCTIONS[style], examples[:shots]))
        for shots in sorted(plan.shots)  # fewest first: more examples are never faster
        for style in plan.styles
    ]
    candidates = _candidates(plan, folder, notice)
    sample = random.Random(SEED).sample(cases, min(plan.limit or len(cases), len(cases)))
    rows, per_model = list[Row](), len(asked) * len(sample)
    for number, candidate in enumerate(candidates):

        def count(done: int, what: str, start: int = number * per_model) -> None:
            advance(start + done, len(candidates) * per_model, what)

        rows += _screen_model(candidate, asked, sample, plan, rows, count)
        candidate.release()
        if plan.drop:
            candidate.drop()
    made = Screening(
        suite=plan.suite.name,
        suite_sha256=sha256_file(plan.suite),
        cases=len(sample),
        seed=SEED,
        max_seconds=plan.max_seconds,
        rows=tuple(sorted(rows, key=_place)),
    )
    write_text(folder / "screening.json", made.model_dump_json(indent=2) + "\n")
    write_text(folder / "screening.md", report(made))
    return made


def _candidates(plan: Plan, folder: Path, notice: Callable[[str], None]) -> list[Candidate]:
    """The models of the plan; refuses one that is unknown before any is asked."""
    folders = {wanted: folder / slug(wanted) for wanted in plan.models}
    if len(set(folders.values())) < len(folders):
        raise InputError("two of the models would be kept in one folder", "screen them into different --out folders")
    found = [Candidate(wanted, place, plan.pull, notice) for wanted, place in folders.items()]
    for candidate in found:
        candidate.refuse_unknown()
    return found


def _screen_model(
    candidate: Candidate,
    asked: Sequence[_Asked],
    cases: Sequence[Case],
    plan: Plan,
    others: Sequence[Row],
    count: Callable[[int, str], None],
) -> list[Row]:
    """One model by every prompt, until it is given up; `others` are the rows of the models before."""
    try:
        known = candidate.known()
    except BREAKDOWNS as error:
        count(len(asked) * len(cases), candidate.wanted)
        return [_row(candidate.wanted, None, one, [], _breakdown(error), None) for one in asked]
    twin = known.name in {row.model for row in others}
    name = f"{known.name} {known.fingerprint[:8]}" if twin else known.name
    rows: list[Row] = []
    given_up: _StopError | None = None
    for one in asked:
        start = len(rows) * len(cases)

        def at(done: int, start: int = start) -> None:
            count(start + done, name)

        system = candidate.system(f"{one.style}, {one.shots} shots", known, one.prompt)
        made, stop = ([], given_up) if given_up else _ask(system, cases, candidate.folder, plan.max_seconds, at)
        if stop and stop.whole_model and not given_up:
            given_up = _StopError(f"not asked: {stop.why}", whole_model=True)
        origin = read_origin(candidate.folder / f"{slug(system.name)}.jsonl") if made else None
        rows.append(_row(name, known, one, made, stop.why if stop else None, origin))
        at(len(cases))
    return rows


def _ask(
    system: System, cases: Sequence[Case], folder: Path, limit: float, count: Callable[[int], None]
) -> tuple[list[Prediction], _StopError | None]:
    """The predictions of one prompt, and why there are no more."""
    made: list[Prediction] = []

    def look(prediction: Prediction) -> None:
        made.append(prediction)
        count(len(made))
        if why := too_slow(made, limit):
            raise _StopError(why, whole_model=True)
        if why := hopeless(made):
            raise _StopError(why, whole_model=False)

    try:
        predict(system, cases, frozenset(), folder, look)
    except _StopError as stop:
        return made, stop
    except BREAKDOWNS as error:
        return made, _StopError(_breakdown(error), whole_model=True)
    return made, None


def _breakdown(error: Exception) -> str:
    if isinstance(error, BiniError):
        return error.message
    return f"does not run: {type(error).__name__}: {' '.join(str(error).split())[:160]}"


def _row(
    model: str, known: Known | None, one: _Asked, made: list[Prediction], stopped: str | None, origin: Origin | None
) -> Row:
    seconds = [p.seconds for p in made if p.model_calls]
    return Row(
        model=model,
        fingerprint=known.fingerprint if known else None,
        style=one.style,
        shots=one.shots,
        prompt_sha256=one.prompt.sha256,
        score=score_system(f"{model}, {one.style}, {one.shots} shots", made) if made else None,
        median_seconds=median(seconds) if seconds else None,
        stopped=stopped,
        origin=origin,
    )


def _place(row: Row) -> tuple[bool, float]:
    return row.stopped is not None, -row.score.risk_accuracy if row.score else 1.0
