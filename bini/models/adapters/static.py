"""The checks that run whenever an adapter is loaded: they read headers and the adapter's own small tensors.

Nothing of the base is loaded, nothing of the adapter is executed.
"""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from bini.errors import AdapterError
from bini.models.adapters import files, record, tensors
from bini.models.adapters.config import Lora, check_recipe, read_config
from bini.models.adapters.report import Check, Status, failures
from bini.models.adapters.size import check_size
from bini.models.adapters.tokenizers import check_tokenizer
from bini.models.catalog import ModelPlace
from bini.models.outline import Outline, outline


def check_adapter(folder: Path, base: ModelPlace) -> list[Check]:
    """Every check of a run folder that needs no model in memory.

    Parameters
    ----------
    folder
        What `bini train` made.
    base
        The model that it is to be loaded on.

    Returns
    -------
    list of Check
        In the order they were made. Where one makes the next impossible, the list ends with the failure.

    Raises
    ------
    AdapterError
        If there is no such folder.
    ModelError
        If the base model cannot be read.
    """
    if not folder.is_dir():
        raise AdapterError(
            f"there is no adapter folder {folder}", "train one with: bini train, or name another folder with --adapter"
        )
    paths = files.entries(folder)
    checks = [files.check_links(folder, paths), files.check_complete(folder)]
    if failures(checks):
        return checks
    checks += [files.check_pickles(folder, paths), files.check_programs(folder, paths)]
    try:
        run = record.read_object(folder / files.RUN)
        checks += [files.check_names(folder, paths, record.recorded_names(run)), record.check_record(run)]
        config, shapes = read_config(folder), tensors.read_shapes(folder)
    except AdapterError as error:
        return [*checks, Check("readable", Status.FAIL, error.message, error.hint)]
    checks.append(Check("readable", Status.PASS, "weights and configuration can be read"))
    checks.append(record.check_artefacts(folder, run))
    return [*checks, *_against_base(folder, base, run, config, shapes)]


def _against_base(
    folder: Path, base: ModelPlace, run: dict[str, Any], config: Lora, shapes: tensors.Shapes
) -> list[Check]:
    shape = outline(base)
    names = [folder.resolve().name, *record.model_names(run), PurePath(config.base).name]
    return [
        record.check_base(run, base),
        check_size(names, base.name, shape.parameters),
        check_tokenizer(folder, base),
        check_recipe(config, run),
        *check_weights(folder, config, shapes, shape, base.name),
    ]


def check_weights(folder: Path, config: Lora, shapes: tensors.Shapes, shape: Outline, base: str) -> list[Check]:
    """The tensors against configuration and base, and then, if these fit, as numbers."""
    checks = [tensors.check_config(config, shapes), tensors.check_shapes(config, shapes, shape, base)]
    if failures(checks):
        return checks
    measured = tensors.measure(folder, config.scaling)
    return [*checks, tensors.check_finite(measured), tensors.check_zero(measured), tensors.check_scale(measured)]


def admit(folder: Path, checks: list[Check], force: bool, notice: Callable[[str], None]) -> tuple[str, ...]:
    """Refuse an adapter whose checks failed, unless `force`; tell warnings, and what was forced.

    Returns
    -------
    tuple of str
        Names of the checks that failed and were overridden: part of every result's provenance.

    Raises
    ------
    AdapterError
        Naming the first check that failed.
    """
    failed = failures(checks)
    if failed and not force:
        first, more = failed[0], f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise AdapterError(
            f"{folder} fails the check {first.name}: {first.why}{more}",
            f"{first.todo}; bini adapters check {folder} shows every check, --force loads it all the same",
        )
    for check in checks:
        if check.status is not Status.PASS:
            notice(f"adapter check {check.name}, {check.status}: {check.why}")
    return tuple(check.name for check in failed)
