"""The first stage of an evaluation: every system answers every case, one line of JSON each, resumable."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from bini.domain.cases import Case
from bini.domain.schema import parse_judgement
from bini.errors import InputError, ModelError
from bini.evaluation.machine import forget_peak, machine, peak_memory
from bini.evaluation.prediction import (
    Origin,
    Prediction,
    predictions_text,
    question,
    read_origin,
    read_predictions,
)
from bini.files import jsonl, sha256, write_bytes, write_json
from bini.inference.assessor import Assessor, Request

FREE_TOKENS = 384
"""Most tokens of a free-running answer; the longest labelled one has 363 in Gemma's vocabulary."""

BATCH = 8
"""Cases whose free-running answers are written at once."""


class Row(Protocol):
    """One row of the comparison: whatever answers cases."""

    @property
    def name(self) -> str:
        """What reports call it; names the model that really runs."""

    @property
    def identity(self) -> dict[str, Any]:
        """What its predictions depend on; a stored file made by another identity is made anew."""

    def answer(self, cases: Sequence[Case], seen: frozenset[str], free: bool) -> Iterator[Prediction]:
        """Predict one by one; see `predict`. Called only if a case is still to be predicted."""


@dataclass(frozen=True)
class System:
    """A row whose model runs here.

    Parameters
    ----------
    name, identity
        See `Row`.
    open
        Loads it.
    adapter
        The run folder of its adapter, if it has one.
    """

    name: str
    open: Callable[[], Assessor]
    identity: dict[str, Any]
    adapter: Path | None = None

    def answer(self, cases: Sequence[Case], seen: frozenset[str], free: bool) -> Iterator[Prediction]:
        """See `Row`."""
        assessor = self.open()
        for start in range(0, len(cases), BATCH):
            batch = cases[start : start + BATCH]
            tried = [case for case in batch if free and case.key not in seen]
            valid = free_running(assessor, tried)
            for case in batch:
                yield predict_case(assessor, case, valid.get(case.case_id), case.key in seen)


def slug(name: str) -> str:
    """A system's name as a file name."""
    return re.sub(r"[^\w.]+", "-", name).strip("-")


def predict(
    system: Row,
    cases: Sequence[Case],
    seen: frozenset[str],
    folder: Path,
    on_case: Callable[[Prediction], None] = lambda _: None,
    free: bool = True,
) -> list[Prediction]:
    """Predict all `cases` with one system, keeping what an earlier, interrupted call already wrote.

    Parameters
    ----------
    system
        Who predicts.
    cases
        Labelled cases; each is asked with its labelled elements, so that every system judges the same chart.
    seen
        Keys of the cases that a compared adapter was trained on.
    folder
        Where `<slug>.jsonl` and `<slug>.meta.json` go.
    on_case
        Given each prediction, made now or before; what it raises stops the predicting, and what is written stays.
    free
        Whether the answer without constraint is tried too, for the cases outside `seen`, by a system that can.

    Returns
    -------
    list of Prediction
        In the order of `cases`.
    """
    path = folder / f"{slug(system.name)}.jsonl"
    asked = jsonl([case.model_dump(mode="json"), case.patent_field, case.key in seen] for case in cases)
    _start_anew_unless_same(path, {**system.identity, "cases_sha256": sha256(asked)})
    drop_half_line(path)
    done = {p.case_id: p for p in (read_predictions(path) if path.is_file() else [])}
    missing = [case for case in cases if case.case_id not in done]
    for prediction in done.values():
        on_case(prediction)
    if missing:
        for made in system.answer(missing, seen, free):
            with path.open("a", encoding="utf-8") as file:
                file.write(predictions_text([made]))
            done[made.case_id] = made
            on_case(made)
    return [done[case.case_id] for case in cases]


def _start_anew_unless_same(path: Path, identity: dict[str, Any]) -> None:
    """Remove predictions that something else made, and note what makes those to come."""
    origin = read_origin(path)
    if origin is None or origin.identity != identity:
        path.unlink(missing_ok=True)
        today = datetime.now(UTC).date().isoformat()
        write_json(
            path.with_suffix(".meta.json"), Origin(identity=identity, date=today, machine=machine()).model_dump()
        )


def drop_half_line(path: Path) -> None:
    """Cut off a last line that a killed process left unfinished."""
    content = path.read_bytes() if path.is_file() else b""
    if content and not content.endswith(b"\n"):
        write_bytes(path, content[: content.rfind(b"\n") + 1])


def free_running(assessor: Assessor, cases: Sequence[Case]) -> dict[str, bool]:
    """Whether the unconstrained answer to each case is valid JSON of its schema, by case id.

    A case that does not fit the model's window has no valid answer.
    """
    valid = {case.case_id: False for case in cases}
    requests: dict[str, Request] = {}
    for case in cases:
        with suppress(InputError):
            requests[case.case_id] = assessor.prepare(case.user_query, case.claim_text, case.elements)
    if requests:
        answers = assessor.decoder.free([request.prompt for request in requests.values()], FREE_TOKENS)
        for (case_id, request), answer in zip(requests.items(), answers, strict=True):
            valid[case_id] = _is_valid(answer, request.elements)
    return valid


def predict_case(assessor: Assessor, case: Case, valid_free: bool | None, trained_on: bool) -> Prediction:
    """One case, constrained.

    A case that does not fit the model's window, or that gets no valid answer, is unanswered: scored as wrong.

    Parameters
    ----------
    assessor
        Who answers.
    case
        The case, asked with its labelled elements.
    valid_free
        What `free_running` found, or None if it was not asked.
    trained_on
        Whether a compared adapter was trained on the case.
    """
    assessment, calls = None, 0
    forget_peak()
    started = time.perf_counter()
    try:
        request = assessor.prepare(case.user_query, case.claim_text, case.elements)
    except InputError:
        seconds = 0.0
    else:
        with suppress(ModelError):
            decoded = assessor.decoder.constrained(request.prompt, request.grammar, assessor.context())
            calls = decoded.model_calls
            assessment = assessor.assemble(request, decoded)
        seconds = time.perf_counter() - started
    return Prediction(
        **question(case),
        level=assessment.level if assessment else None,
        written_level=assessment.risk_level if assessment else None,
        comparisons=assessment.judgement.comparisons if assessment else (),
        rule_level=assessment.rule_level if assessment else None,
        probabilities=assessment.probabilities if assessment else {},
        valid_free=valid_free,
        valid_constrained=assessment is not None,
        trained_on=trained_on,
        seconds=round(seconds, 3),
        model_calls=calls,
        peak_memory=peak_memory(),
    )


def _is_valid(text: str, elements: Sequence[str]) -> bool:
    """Whether a free-running answer is JSON of this request's schema, code fences around it forgiven."""
    body = text.strip().removeprefix("```json").removesuffix("```").strip()
    try:
        parse_judgement(body, elements)
    except ValueError:
        return False
    return True
