"""`bini train` and `bini pretrain`."""

from pathlib import Path
from typing import Annotated

import typer

from bini.cli.console import ModelOption, notice, out, progress
from bini.errors import InputError


def train(
    name: Annotated[str, typer.Option("--name", help="Name of the run: outputs/NAME.")] = "tuned-1b",
    model: ModelOption = "tuned-1b",
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="Labelled cases; may be repeated; by default the seeds and BiniBench's training patents."
        ),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="By default training/lora_MODEL.yaml or lora_config.yaml.")
    ] = None,
    glossary: Annotated[
        Path | None, typer.Option("--glossary", help="A table of your own concepts, merged over Bini's.")
    ] = None,
) -> None:
    """Train a LoRA adapter on labelled cases."""
    folder = _run_folder(name)
    from bini.domain.cases import load_cases, refuse_overlap
    from bini.domain.glossary import shipped_glossary
    from bini.domain.ranking_suite import refuse_ranked
    from bini.domain.targets import dropped_quotes
    from bini.models.catalog import resolve
    from bini.resources import RANKING, TRAINING, resource
    from bini.training import rows, sft

    names = shipped_glossary(glossary)
    sources = data or [resource(path) for path in TRAINING]
    cases = [case for source in sources for case in load_cases(source)]
    refuse_overlap(cases, rows.held_out())
    refuse_ranked(cases, resource(RANKING))
    place = resolve(model, notice)
    recipe_path = recipe or sft.default_recipe(place.name)
    chosen = sft.load_recipe(recipe_path)
    dropped = dropped_quotes(cases)
    if dropped:
        notice(f"{dropped} labelled quotes are no piece of their product text and become null")
    notice(f"training {place.name} on {len(cases)} cases with {recipe_path.name}")
    with progress("training", "steps") as advance:
        sft.train(
            cases,
            place,
            chosen,
            folder,
            lambda step, total, loss: advance(step, total, f"loss {loss:.3f}" if loss else ""),
            names,
        )
    out.print(f"adapter: {folder}", highlight=False)


def _run_folder(name: str) -> Path:
    if not name or name.startswith(".") or Path(name).name != name:
        raise InputError(
            f"{name!r} is not a run name", "use letters, digits and dashes: the run is written to outputs/NAME"
        )
    return Path("outputs") / name


def pretrain(
    recipe: Annotated[Path, typer.Option("--recipe", help="What to train: training/nano.yaml and its like.")],
    folder: Annotated[Path, typer.Option("--out", help="Folder for log, state and the finished model.")],
) -> None:
    """Pre-train an embedded model from random weights on generated text; goes on where it was stopped."""
    import torch

    from bini.domain.glossary import shipped_glossary
    from bini.training import pretrain as pretraining
    from bini.training.curriculum import load_recipe

    device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = load_recipe(recipe, device)
    glossary = shipped_glossary()
    with progress(f"pre-training {chosen.name}", "‰") as advance:
        report = lambda progress, loss: advance(round(progress * 1000), 1000, f"loss {loss:.3f}")  # noqa: E731
        path = pretraining.pretrain(chosen, glossary, folder, report, device)
    out.print(f"model: {path}", highlight=False)
