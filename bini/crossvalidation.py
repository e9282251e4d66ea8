"""Cross-validation by patent: an adapter's own training again, each time without some of its patents.

Stands above training and evaluation, which never import each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sklearn.model_selection import GroupKFold

from bini.domain.calibration import Calibration
from bini.domain.cases import Case, load_cases, refuse_overlap
from bini.domain.ranking_suite import refuse_ranked
from bini.errors import DataError, InputError
from bini.evaluation.calibrate import calibrate
from bini.evaluation.predict import predict, slug
from bini.evaluation.prediction import Origin, Prediction, predictions_text, read_origin
from bini.evaluation.run import Report, forced_note, report, system_of
from bini.files import sha256, sha256_file, write_json, write_text
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.adapters.static import admit, check_adapter
from bini.models.catalog import ModelPlace, resolve
from bini.models.loading import results_folder
from bini.resources import RANKING, resource
from bini.training import sft
from bini.training.rows import suites

Advance = Callable[[int, int, str], None]
"""Told steps or cases done, how many there are, and what is going on."""


def split_patents(cases: Sequence[Case], folds: int, seed: int) -> list[tuple[list[Case], list[Case]]]:
    """Part the patents into folds at random: for each fold the cases of the other patents, and its own.

    Raises
    ------
    InputError
        If there are fewer than two folds, or fewer patents than folds.
    """
    patents = [case.patent for case in cases]
    if folds < 2:
        raise InputError(f"{folds} folds cannot cross-validate", "give at least 2: --folds 5")
    if len(set(patents)) < folds:
        raise InputError(
            f"{folds} folds need {folds} patents, but the cases are of {len(set(patents))}",
            "give fewer folds, or cases of more patents",
        )
    parts = GroupKFold(folds, shuffle=True, random_state=seed).split(cases, groups=patents)
    return [([cases[i] for i in rest], [cases[i] for i in own]) for rest, own in parts]


def cross_validate(
    model: str,
    adapter: Path,
    folds: int,
    notice: Callable[[str], None],
    advance: Advance,
    data: Sequence[Path] = (),
    force: bool = False,
) -> tuple[Report, Calibration]:
    """Train like `adapter` on all patents but a fold's, predict that fold, and calibrate `adapter` on all predictions.

    A fold that was finished before is not trained or predicted again.

    Parameters
    ----------
    model, adapter
        The base model and the run folder, whose recipe is used again.
    folds
        How many.
    notice
        Told which model takes a role.
    advance
        Told what is going on.
    data
        Labelled cases to part; by default those that the adapter was trained on.
    force
        Go on with an adapter whose checks fail; the report says which.

    Returns
    -------
    tuple
        The report on the out-of-fold predictions, under folds-N of the adapter's `results_folder`, and the calibration
        written there.

    Raises
    ------
    BiniError
        If model, adapter or cases cannot be used, there are too few patents, or a fold's folder holds another run.
    """
    place = resolve(model, notice)
    forced = admit(adapter, check_adapter(adapter, place), force, notice)
    recipe = sft.load_recipe(adapter / "recipe.yaml")
    parts = split_patents(_cases(adapter, data), folds, recipe.seed)
    folder = results_folder(adapter) / f"folds-{folds}"
    done = [
        _fold(place, recipe, folder / f"fold-{number}", rest, own, _named(advance, f"fold {number} of {folds}"))
        for number, (rest, own) in enumerate(parts, start=1)
    ]
    name = f"{place.name} + {adapter.name}, out of fold"
    path = folder / "predictions" / f"{slug(name)}.jsonl"
    write_text(path, predictions_text(p for fold in done for p in fold.predictions))
    write_json(path.with_suffix(".meta.json"), _origin(adapter, done).model_dump())
    note = f"Every case was answered by an adapter that was trained without its patent: {folds} folds of the patents."
    return report(folder, [name], [note, *forced_note(name, forced)]), calibrate(path, adapter)


def _cases(adapter: Path, data: Sequence[Path]) -> list[Case]:
    """The cases to part, each once; refuses those of a suite."""
    cases = [case for path in data or [adapter / "train.jsonl"] for case in load_cases(path)]
    ids = [case.case_id for case in cases]
    if len(set(ids)) < len(ids):
        repeated = next(each for each in ids if ids.count(each) > 1)
        raise DataError(f"the case {repeated} stands in the data twice", "give every file once")
    refuse_overlap(cases, suites())
    refuse_ranked(cases, resource(RANKING))
    return cases


@dataclass(frozen=True)
class _Fold:
    """A finished fold: what its adapter says of its patents, where that comes from, and the adapter's hash."""

    predictions: list[Prediction]
    origin: Origin
    adapter_sha256: str


def _fold(
    place: ModelPlace, recipe: sft.Recipe, run: Path, rest: Sequence[Case], own: Sequence[Case], advance: Advance
) -> _Fold:
    """Train on `rest` and ask about `own`, unless that is done already."""

    def on_step(step: int, total: int, loss: float | None) -> None:
        advance(step, total, f"training, loss {loss:.3f}" if loss else "training")

    sft.train(rest, place, recipe, run, on_step)
    asked = iter(range(1, len(own) + 1))
    system = replace(system_of(str(place.path), run, lambda _: None), name=run.name)
    folder = run.parent / "predictions"
    made = predict(system, own, frozenset(), folder, lambda _: advance(next(asked), len(own), "asking"), free=False)
    origin = read_origin(folder / f"{slug(run.name)}.jsonl")
    if origin is None:
        raise DataError(f"the predictions of {run.name} in {folder} have gone", "run the same command again")
    return _Fold(made, origin, sha256_file(run / ADAPTER_WEIGHTS))


def _origin(adapter: Path, folds: Sequence[_Fold]) -> Origin:
    """Where all folds' predictions come from; they stand in for those of `adapter`."""
    identity = {
        "adapter": sha256_file(adapter / ADAPTER_WEIGHTS),
        "folds": sha256("\n".join(fold.adapter_sha256 for fold in folds)),
    }
    return folds[0].origin.model_copy(update={"identity": identity})


def _named(advance: Advance, part: str) -> Advance:
    return lambda done, total, what: advance(done, total, f"{part}: {what}")
