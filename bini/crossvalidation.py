"""Cross-validation by patent: an adapter's own training again, each time without some of its patents.

Stands above training and evaluation, which never import each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sklearn.model_selection import GroupKFold

from bini.domain.calibration import Calibration
from bini.domain.cases import Case, load_cases
from bini.errors import InputError
from bini.evaluation.calibrate import calibrate
from bini.evaluation.predict import predict, slug
from bini.evaluation.prediction import Prediction
from bini.evaluation.run import Report, report, system_of
from bini.files import sha256_file, write_json, write_text
from bini.models.catalog import ModelPlace, resolve
from bini.models.loading import ADAPTER_WEIGHTS, check_adapter
from bini.training import sft


def split_patents(cases: Sequence[Case], folds: int, seed: int) -> list[tuple[list[Case], list[Case]]]:
    """Part the patents into folds at random: for each fold the cases of the other patents, and its own.

    Raises
    ------
    InputError
        If there are fewer than two folds, or fewer patents than folds.
    """
    patents = [case.regit_num for case in cases]
    if folds < 2:
        raise InputError(f"{folds} folds cannot cross-validate", "give at least 2: --folds 5")
    if len(set(patents)) < folds:
        raise InputError(
            f"{folds} folds need {folds} patents, but the adapter was trained on {len(set(patents))}",
            "give fewer folds, or train on cases of more patents",
        )
    parts = GroupKFold(folds, shuffle=True, random_state=seed).split(cases, groups=patents)
    return [([cases[i] for i in rest], [cases[i] for i in own]) for rest, own in parts]


def cross_validate(
    model: str,
    adapter: Path,
    folds: int,
    notice: Callable[[str], None],
    advance: Callable[[int, int, str], None],
) -> tuple[Report, Calibration]:
    """Train like `adapter` on all patents but a fold's, predict that fold, and calibrate `adapter` on all predictions.

    A fold that was finished before is not trained or predicted again.

    Parameters
    ----------
    model, adapter
        The base model and the run folder; its recipe and its train.jsonl are used again.
    folds
        How many.
    notice
        Told which model takes a role.
    advance
        Told steps or cases done, how many there are, and what is going on.

    Returns
    -------
    tuple
        The report on the out-of-fold predictions, under `adapter`/folds-N, and the calibration written beside the
        adapter.

    Raises
    ------
    BiniError
        If model or adapter cannot be used, there are too few patents, or a fold's folder holds another run.
    """
    place = resolve(model, notice)
    check_adapter(adapter, place)
    recipe = sft.load_recipe(adapter / "recipe.yaml")
    folder = adapter / f"folds-{folds}"
    made: list[Prediction] = []
    runs = []
    for number, (rest, own) in enumerate(
        split_patents(load_cases(adapter / "train.jsonl"), folds, recipe.seed), start=1
    ):
        run = folder / f"fold-{number}"
        part = f"fold {number} of {folds}"
        sft.train(rest, place, recipe, run, _steps(advance, f"{part}: training"))
        made += _predict_fold(place, run, own, folder, _count(advance, len(own), f"{part}: asking"))
        runs.append(sha256_file(run / ADAPTER_WEIGHTS))
    name = f"{place.name} + {adapter.name}, out of fold"
    path = folder / "predictions" / f"{slug(name)}.jsonl"
    write_text(path, "".join(p.model_dump_json() + "\n" for p in made))
    adapter_sha256 = sha256_file(adapter / ADAPTER_WEIGHTS)
    write_json(path.with_suffix(".meta.json"), {"adapter": adapter_sha256, "folds": runs})
    note = f"Every case was answered by an adapter that was trained without its patent: {folds} folds of the patents."
    return report(folder, [name], [note]), calibrate(path, adapter, adapter_sha256)


def _predict_fold(
    place: ModelPlace, run: Path, cases: Sequence[Case], folder: Path, on_case: Callable[[], None]
) -> list[Prediction]:
    system = replace(system_of(str(place.path), run, lambda _: None), name=run.name)
    return predict(system, cases, frozenset(), folder / "predictions", on_case)


def _steps(advance: Callable[[int, int, str], None], what: str) -> Callable[[int, int, float | None], None]:
    return lambda step, total, loss: advance(step, total, f"{what}, loss {loss:.3f}" if loss else what)


def _count(advance: Callable[[int, int, str], None], total: int, what: str) -> Callable[[], None]:
    done = iter(range(1, total + 1))
    return lambda: advance(next(done), total, what)
