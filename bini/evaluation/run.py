"""One evaluation, end to end: predict -> score -> render, each stage from the files of the one before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bini.domain.calibration import Calibration, load_calibration
from bini.domain.cases import Case, load_cases
from bini.domain.glossary import shipped_glossary
from bini.errors import DataError, InputError
from bini.evaluation.baselines import baselines
from bini.evaluation.contamination import near_duplicates
from bini.evaluation.ensembles import ensembles
from bini.evaluation.predict import System, predict, slug
from bini.evaluation.prediction import Prediction, predictions_text, read_origin, read_predictions
from bini.evaluation.render import render
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all
from bini.evaluation.shots import draw_examples
from bini.files import sha256_file, write_text
from bini.inference.assessor import Assessor
from bini.inference.prompt import DEFAULT, Prompt
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.adapters.static import admit, check_adapter
from bini.models.catalog import resolve
from bini.models.loading import calibration_folder
from bini.resources import resource

SUITE = "eval/suites/heldout.jsonl"
"""The headline: cases of patents that no training data holds."""


@dataclass(frozen=True)
class Report:
    """A finished evaluation: its scores and where the report lies."""

    scores: Scores
    path: Path

    def summary(self) -> str:
        """One line a system, held-out cases only."""
        lines = []
        for system in self.scores.systems:
            score = system.held_out
            if score is None:
                lines.append(f"{system.name}: no held-out cases")
                continue
            low, high = score.risk_accuracy_interval
            missed = "none" if score.high_called_low is None else f"{score.high_called_low:.3f}"
            lines.append(
                f"{system.name}: risk accuracy {score.risk_accuracy:.3f} [{low:.3f}, {high:.3f}], "
                f"true 높음 called 낮음 {missed}, macro-F1 {score.macro_f1:.3f}, "
                f"on {score.cases} held-out cases of {score.patents} patents"
            )
        return "\n".join(lines)


def evaluate(
    model: str,
    adapter: Path | None,
    compare: Sequence[str],
    suite: Path | None,
    folder: Path,
    notice: Callable[[str], None],
    advance: Callable[[int, int, str], None],
    baseline_cases: Path | None = None,
    ensemble: bool = False,
    shots: int = 0,
    force: bool = False,
) -> Report:
    """Evaluate `model` with `adapter` beside the untuned models of `compare`.

    Parameters
    ----------
    model, adapter
        The first system: a role, name or folder, and a run folder or None.
    compare
        Roles, names or folders; each is run untuned, through the same prompt, schema, decoder and rows.
    suite
        Labelled cases; by default the held-out suite and, apart from it, the rows the adapter was trained on.
    folder
        Where `predictions/`, `results.json`, `report.html`, `report.md` and the pictures go.
    notice
        Told which model takes a role.
    advance
        Told cases done, cases in all, and the system at work.
    baseline_cases
        Labelled cases that the word-counting baselines learn from; None leaves the baselines out.
    ensemble
        Whether the systems are combined as well: a row for each way of `bini.evaluation.ensembles`.
    shots
        If not 0, each untuned model of `compare` (of `model`, if there are none) is also asked after so many examples.
    force
        Evaluate an adapter whose checks fail; the report says which.

    Raises
    ------
    BiniError
        If a model, the adapter or the suite cannot be used, or the baselines were to learn from a patent of the suite.
    """
    if ensemble and not compare:
        raise InputError("one system is no ensemble", "add another one with --compare")
    trained = _trained(adapter, "train.jsonl") if adapter else []
    chosen = suite or resource(SUITE)
    cases = load_cases(chosen)
    systems = [system_of(model, adapter, notice, force=force), *(system_of(name, None, notice) for name in compare)]
    systems = _distinct(systems + _few_shot(compare or [model], shots, cases))
    learned = _baseline_cases(baseline_cases, chosen, cases) if baseline_cases else []
    memory = [_as_seen(case) for case in trained] if suite is None else []  # asked of the adapter alone
    repeated = near_duplicates(cases, [*trained, *(_trained(adapter, "added.jsonl") if adapter else [])])
    seen = frozenset({case.key for case in trained} | repeated.keys())
    _predict(systems, cases, memory, seen, folder / "predictions", advance)
    names = [system.name for system in systems]
    names += _combine(names, folder / "predictions") if ensemble else []
    names += _predict_baselines(learned, cases, folder / "predictions")
    notes = _notes(chosen, cases, shots, baseline_cases, len(learned), repeated)
    notes += forced_note(names[0], systems[0].identity.get("forced", ()))
    return report(folder, names, notes, _calibrations(names[0], adapter))


def _notes(
    suite: Path,
    cases: Sequence[Case],
    shots: int,
    baseline_cases: Path | None,
    learned: int,
    repeated: Mapping[str, str],
) -> list[str]:
    """What ran, on which data, one line each."""
    notes = [
        f"Suite: {suite.name}, {len(cases)} cases, SHA-256 {sha256_file(suite)[:16]}.",
        "Every system got the same prompt, schema, decoder and rows, with the labelled claim elements.",
    ]
    if shots:
        notes.append(f"Rows with shots: before the same prompt, {shots} labelled examples of other patents.")
    if repeated:
        examples = ", ".join(sorted(set(repeated.values()))[:3])
        notes.append(
            f"{len(repeated)} cases repeat rows that the adapter was trained on, word for word or nearly (such as "
            f"{examples}): they are scored apart, as seen."
        )
    if baseline_cases:
        notes.append(f"Baselines learned from {baseline_cases.name}, {learned} cases of other patents.")
    return notes


def report(
    folder: Path, names: Sequence[str], notes: list[str], calibrations: Mapping[str, Calibration] | None = None
) -> Report:
    """Score and render the predictions under `folder`, with calibrations of the systems that have one; no model."""
    files = {name: folder / "predictions" / f"{slug(name)}.jsonl" for name in names}
    scores = score_all(
        {name: read_predictions(path) for name, path in files.items()},
        origins={name: read_origin(path) for name, path in files.items()},
        calibrations=calibrations,
    )
    render(scores, f"Evaluation: {names[0]}", folder, notes)
    return Report(scores, folder / "report.md")


def forced_note(name: str, forced: Sequence[str]) -> list[str]:
    """What a report says of a system's adapter whose checks were overridden; nothing where none were."""
    return [f"{name}: loaded with --force although it fails the checks: {', '.join(forced)}."] if forced else []


def _calibrations(name: str, adapter: Path | None) -> dict[str, Calibration]:
    """The calibration of the system's adapter, by the system's name."""
    if adapter is None:
        return {}
    found = load_calibration(calibration_folder(adapter), sha256_file(adapter / ADAPTER_WEIGHTS))
    return {name: found} if found else {}


def _predict(
    systems: Sequence[System],
    cases: Sequence[Case],
    memory: Sequence[Case],
    seen: frozenset[str],
    folder: Path,
    advance: Callable[[int, int, str], None],
) -> None:
    """Every system on every case, and the first one on `memory` as well."""
    done, total = 0, len(cases) * len(systems) + len(memory)
    for system in systems:

        def count(_: Prediction, name: str = system.name) -> None:
            nonlocal done
            done += 1
            advance(done, total, name)

        predict(system, [*cases, *memory] if system is systems[0] else cases, seen, folder, count)


def _baseline_cases(source: Path, suite: Path, cases: Sequence[Case]) -> list[Case]:
    """What the baselines learn from; refuses a patent of the suite."""
    learned = load_cases(source)
    shared = {case.patent for case in learned} & {case.patent for case in cases}
    if shared:
        raise DataError(
            f"{source} and {suite} share the patent {min(shared)}", "let baselines learn from other patents"
        )
    return learned


def _trained(adapter: Path, name: str) -> list[Case]:
    """The rows of a file of a run folder; none where training added nothing."""
    path = adapter / name
    return load_cases(path) if path.is_file() and path.stat().st_size else []


def _combine(names: Sequence[str], folder: Path) -> list[str]:
    """Predict with every way to combine the systems; their names."""
    found = ensembles({name: read_predictions(folder / f"{slug(name)}.jsonl") for name in names})
    for name, made in found.items():
        write_text(folder / f"{slug(name)}.jsonl", predictions_text(made))
    return list(found)


def _predict_baselines(learned: Sequence[Case], cases: Sequence[Case], folder: Path) -> list[str]:
    """Predict with the baselines, if there is anything to learn from; their names."""
    found = baselines(learned, cases, shipped_glossary()) if learned else {}
    for name, made in found.items():
        write_text(folder / f"{slug(name)}.jsonl", predictions_text(made))
    return list(found)


def system_of(
    wanted: str,
    adapter: Path | None,
    notice: Callable[[str], None],
    prompt: Prompt = DEFAULT,
    force: bool = False,
) -> System:
    """The model that a role, name or folder stands for, with an adapter or untuned.

    Raises
    ------
    ModelError, AdapterError
        If they are not here, or do not belong together.
    """
    place = resolve(wanted, notice)
    forced = admit(adapter, check_adapter(adapter, place), force, notice) if adapter else ()
    shots = f", {len(prompt.examples)} shots" if prompt.examples else ""
    return System(
        name=f"{place.name} + {adapter.name}" if adapter else f"{place.name} (untuned{shots})",
        open=lambda: Assessor(str(place.path), adapter, force=force).asking(prompt),
        identity={
            "model": place.fingerprint(),
            "adapter": sha256_file(adapter / ADAPTER_WEIGHTS) if adapter else None,
            "prompt": prompt.sha256,
            **({"forced": list(forced)} if forced else {}),
        },
    )


def _few_shot(untuned: Sequence[str], shots: int, cases: Sequence[Case]) -> list[System]:
    """The untuned models, asked after `shots` examples; none without shots."""
    if not shots:
        return []
    prompt = Prompt(examples=draw_examples(shots, cases))
    return [system_of(name, None, lambda _: None, prompt) for name in untuned]


def _distinct(systems: list[System]) -> list[System]:
    """The systems, with the model's fingerprint behind names that would be one file."""
    slugs = [slug(system.name) for system in systems]
    return [
        system if slugs.count(own) == 1 else replace(system, name=f"{system.name} {system.identity['model'][:8]}")
        for system, own in zip(systems, slugs, strict=True)
    ]


def _as_seen(case: Case) -> Case:
    return case.model_copy(update={"case_id": f"seen:{case.case_id}"})
