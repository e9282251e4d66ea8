"""One evaluation, end to end: predict -> score -> render, each stage from the files of the one before."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bini.domain.calibration import Calibration, load_calibration
from bini.domain.cases import Case, load_cases
from bini.domain.glossary import shipped_glossary
from bini.errors import DataError, InputError
from bini.evaluation.baselines import baselines
from bini.evaluation.contamination import near_duplicates
from bini.evaluation.embeddings import Embedder, embedding_baseline, find_embedder
from bini.evaluation.ensembles import ensembles
from bini.evaluation.predict import System, predict, slug
from bini.evaluation.prediction import Prediction, predictions_text, read_origin, read_predictions
from bini.evaluation.render import render
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all
from bini.evaluation.served import Served
from bini.evaluation.shots import draw_examples
from bini.files import sha256, sha256_file, write_text
from bini.inference.assessor import Assessor
from bini.inference.endpoint import Endpoint
from bini.inference.prompt import DEFAULT, Prompt
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from bini.models.adapters.record import base_of
from bini.models.adapters.static import admit, check_adapter
from bini.models.catalog import ModelPlace, resolve
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
            silent = f", {sum(score.unanswered)} without a valid answer" if any(score.unanswered) else ""
            lines.append(
                f"{system.name}: risk accuracy {score.risk_accuracy:.3f} [{low:.3f}, {high:.3f}], "
                f"true 높음 called 낮음 {missed}, macro-F1 {score.macro_f1:.3f}, "
                f"on {score.cases} held-out cases of {score.patents} patents{silent}"
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Contenders:
    """What a system is held against: the other rows of its tables.

    Parameters
    ----------
    compare
        Roles, names or folders of models, which are run untuned; run folders, whose adapters are run on the models that
        they were trained on; endpoints, as `bini.inference.endpoint.Endpoint.of` reads them.
    allow_remote
        Whether an endpoint may be another machine's: the texts of the suite are sent there.
    baseline_cases
        Labelled cases that the baselines learn from; None leaves the baselines out.
    embeddings
        A sentence-embedding model on this machine for one more baseline.
    ensemble
        Whether the systems that give probabilities are combined as well: a row for each way of
        `bini.evaluation.ensembles`.
    shots
        If not 0, each untuned model of `compare` (the evaluated one, if there is none) is also asked after so many
        labelled examples.
    """

    compare: Sequence[str] = ()
    allow_remote: bool = False
    baseline_cases: Path | None = None
    embeddings: str | None = None
    ensemble: bool = False
    shots: int = 0


def evaluate(
    model: str,
    adapter: Path | None,
    contenders: Contenders,
    suite: Path | None,
    folder: Path,
    notice: Callable[[str], None],
    advance: Callable[[int, int, str], None],
    force: bool = False,
) -> Report:
    """Evaluate `model` with `adapter` beside its contenders, on the same prompt, schema, decoder and rows.

    Rows that any of the compared adapters was trained on are scored apart, for every system alike.

    Parameters
    ----------
    model, adapter
        The first system: a role, name or folder, and a run folder or None.
    contenders
        What it is held against.
    suite
        Labelled cases; by default the held-out suite and, apart from it, the rows the adapter was trained on.
    folder
        Where `predictions/`, `results.json`, `report.html`, `report.md` and the pictures go.
    notice
        Told which model takes a role, and what is left out.
    advance
        Told cases done, cases in all, and the system at work.
    force
        Load adapters whose checks fail; the report says which.

    Raises
    ------
    BiniError
        If a model, an adapter, an endpoint or the suite cannot be used, or the baselines were to learn from a patent of
        the suite.
    """
    chosen = suite or resource(SUITE)
    cases = load_cases(chosen)
    systems = _systems(model, adapter, contenders, cases, notice, force)
    local = [system for system in systems if isinstance(system, System)]
    adapters = {system.name: system.adapter for system in local if system.adapter}
    learned = _baseline_cases(contenders, chosen, cases)
    embedder = find_embedder(contenders.embeddings, notice) if contenders.embeddings else None
    trained = [case for path in adapters.values() for case in _trained(path, "train.jsonl")]
    added = [case for path in adapters.values() for case in _trained(path, "added.jsonl")]
    repeated = near_duplicates(cases, [*trained, *added])
    seen = frozenset({case.key for case in trained} | repeated.keys())
    memory = _memory(adapter) if adapter and suite is None else []
    _predict(systems, cases, memory, seen, folder / "predictions", advance)
    names = [system.name for system in systems]
    names += _combine([system.name for system in local], folder / "predictions") if contenders.ensemble else []
    names += _predict_baselines(learned, cases, seen, embedder, folder / "predictions")
    notes = _notes(chosen, cases, systems, contenders, len(learned), repeated)
    for system in local:
        notes += forced_note(system.name, system.identity.get("forced", ()))
    return report(folder, names, notes, _calibrations(adapters))


def _systems(
    model: str,
    adapter: Path | None,
    contenders: Contenders,
    cases: Sequence[Case],
    notice: Callable[[str], None],
    force: bool,
) -> list[System | Served]:
    """The evaluated system and those that it is compared with, each once."""
    first = system_of(model, adapter, notice, force)
    base = resolve(model, lambda _: None)
    others = [_contender(name, base, contenders.allow_remote, notice, force) for name in contenders.compare]
    pairs = zip(contenders.compare, others, strict=True)
    untuned = [name for name, system in pairs if isinstance(system, System) and not system.adapter]
    found = _distinct([first, *others, *_few_shot(untuned or [model], contenders.shots, cases)])
    if contenders.ensemble and sum(isinstance(system, System) for system in found) < 2:
        raise InputError("one system is no ensemble", "add another one that runs here with --compare")
    return found


def _contender(
    wanted: str, base: ModelPlace, allow_remote: bool, notice: Callable[[str], None], force: bool
) -> System | Served:
    """The system that an endpoint, a run folder, or a model to be run untuned stands for."""
    if wanted.lower().startswith(("http://", "https://")):
        endpoint = Endpoint.of(wanted, allow_remote)
        notice(f"claims and products of the suite are sent to {endpoint.host}")
        return Served(f"{endpoint.model} at {endpoint.host}", endpoint)
    run = Path(wanted)
    if (run / ADAPTER_CONFIG).is_file():
        return _system(base_of(run, base), run, notice, force=force)
    return system_of(wanted, None, notice)


def _notes(
    suite: Path,
    cases: Sequence[Case],
    systems: Sequence[System | Served],
    contenders: Contenders,
    learned: int,
    repeated: Mapping[str, str],
) -> list[str]:
    """What ran, on which data, one line each."""
    notes = [
        f"Suite: {suite.name}, {len(cases)} cases, SHA-256 {sha256_file(suite)[:16]}.",
        "Every system got the same prompt, schema, decoder and rows, with the labelled claim elements.",
    ]
    if contenders.shots:
        notes.append(f"Rows with shots: before the same prompt, {contenders.shots} labelled examples of other patents.")
    for system in systems:
        if isinstance(system, Served):
            notes.append(
                f"{system.name} decoded in its server's way: a quote that is no piece of the product counts as none, "
                "seconds are those of the server and the way there, memory is not known."
            )
    if repeated:
        examples = ", ".join(sorted(set(repeated.values()))[:3])
        notes.append(
            f"{len(repeated)} cases repeat rows that an adapter was trained on, word for word or nearly (such as "
            f"{examples}): they are scored apart, as seen."
        )
    if contenders.baseline_cases:
        notes.append(f"Baselines learned from {contenders.baseline_cases.name}, {learned} cases of other patents.")
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


def _calibrations(adapters: Mapping[str, Path]) -> dict[str, Calibration]:
    """The calibrations of systems' adapters, by the systems' names, as their adapters are."""
    found = {
        name: load_calibration(calibration_folder(adapter), sha256_file(adapter / ADAPTER_WEIGHTS))
        for name, adapter in adapters.items()
    }
    return {name: calibration for name, calibration in found.items() if calibration}


def _predict(
    systems: Sequence[System | Served],
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


def _baseline_cases(contenders: Contenders, suite: Path, cases: Sequence[Case]) -> list[Case]:
    """What the baselines learn from, if there are any; refuses a patent of the suite."""
    source = contenders.baseline_cases
    if source is None:
        if contenders.embeddings:
            raise InputError("an embedding baseline has nothing to learn from", "name labelled cases with --baselines")
        return []
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


def _predict_baselines(
    learned: Sequence[Case], cases: Sequence[Case], seen: frozenset[str], embedder: Embedder | None, folder: Path
) -> list[str]:
    """Predict with the baselines, if there is anything to learn from; their names."""
    found = baselines(learned, cases, shipped_glossary()) if learned else {}
    if embedder:
        found[embedder.name] = embedding_baseline(learned, cases, embedder.encode)
    for name, made in found.items():
        flagged = [p.model_copy(update={"trained_on": c.key in seen}) for p, c in zip(made, cases, strict=True)]
        write_text(folder / f"{slug(name)}.jsonl", predictions_text(flagged))
    return list(found)


def system_of(wanted: str, adapter: Path | None, notice: Callable[[str], None], force: bool = False) -> System:
    """The model that a role, name or folder stands for, with an adapter or untuned.

    Raises
    ------
    ModelError, AdapterError
        If they are not here, or do not belong together.
    """
    return _system(resolve(wanted, notice), adapter, notice, force=force)


def _system(
    place: ModelPlace,
    adapter: Path | None,
    notice: Callable[[str], None] = lambda _: None,
    prompt: Prompt = DEFAULT,
    force: bool = False,
) -> System:
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
        adapter=adapter,
    )


def _few_shot(untuned: Sequence[str], shots: int, cases: Sequence[Case]) -> list[System]:
    """The untuned models, asked after `shots` examples; none without shots."""
    if not shots:
        return []
    prompt = Prompt(examples=draw_examples(shots, cases))
    return [_system(resolve(name, lambda _: None), None, prompt=prompt) for name in untuned]


def _distinct(systems: Sequence[System | Served]) -> list[System | Served]:
    """Each system once, with a digest of what it depends on behind names that would be one file."""
    once: dict[str, System | Served] = {}
    for system in systems:
        once.setdefault(sha256(json.dumps(system.identity, sort_keys=True)), system)
    slugs = [slug(system.name) for system in once.values()]
    return [
        replace(system, name=f"{system.name} {digest[:8]}") if slugs.count(slug(system.name)) > 1 else system
        for digest, system in once.items()
    ]


def _memory(adapter: Path) -> list[Case]:
    """What an adapter was trained on, under other names: asked of that adapter alone."""
    trained = _trained(adapter, "train.jsonl")
    return [case.model_copy(update={"case_id": f"seen:{case.case_id}"}) for case in trained]
