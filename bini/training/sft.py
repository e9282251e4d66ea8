"""Training a LoRA adapter with TRL's SFTTrainer: cases in, a finished run folder out."""

import json
import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig
from pydantic import BaseModel, ConfigDict, Field
from transformers import (
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint, set_seed
from trl.trainer.sft_config import SFTConfig

from bini.domain.cases import Case
from bini.domain.glossary import Glossary, shipped_glossary
from bini.errors import AdapterError, InputError
from bini.files import jsonl, sha256, write_json, write_text
from bini.models.adapters.config import read_config
from bini.models.adapters.effect import check_effect
from bini.models.adapters.record import seal
from bini.models.adapters.report import failures
from bini.models.adapters.static import check_weights
from bini.models.adapters.tensors import read_shapes
from bini.models.catalog import ModelPlace
from bini.models.loading import load_base, load_tokenizer, window
from bini.models.outline import outline
from bini.resources import resource
from bini.training import card
from bini.training.augment import rehearse, strangers, swap_names
from bini.training.recipes import reading
from bini.training.rows import Learned, TokenRow, label_row, token_row
from bini.training.trainer import AnswerTrainer, checkpointed

disable_progress_bars()  # the run shows one bar of its own

LIBRARIES = ("torch", "transformers", "trl", "peft", "outlines", "llguidance")


class Recipe(BaseModel):
    """What an adapter is trained with; the YAML files under training/ hold one each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    r: int = Field(gt=0)
    alpha: int = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    epochs: int = Field(gt=0)
    batch_size: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    warmup: float = Field(ge=0, le=1)
    seed: int
    learn: Learned  # what of the answer is in the loss, see bini.training.rows
    rivals: int = Field(ge=0)  # copies of a case that name a rival instead, see bini.training.augment
    synonyms: int = Field(ge=0)  # and copies that name the same thing otherwise
    rehearsal: int = Field(ge=0)  # generated cases on other claims
    strangers: int = Field(default=0, ge=0)  # products of other fields for each claim; recipes before had none


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises
    ------
    DataError
        If the file is missing or a key of it is unknown, missing or out of range.
    """
    with reading(path, "training/lora_config.yaml"):
        return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def default_recipe(model_name: str) -> Path:
    """training/lora_MODEL.yaml where there is one, else training/lora_config.yaml."""
    own = resource("training") / f"lora_{model_name}.yaml"
    return own if own.is_file() else resource("training/lora_config.yaml")


def train(
    cases: Sequence[Case],
    place: ModelPlace,
    recipe: Recipe,
    folder: Path,
    on_step: Callable[[int, int, float | None], None] = lambda _step, _total, _loss: None,
    glossary: Glossary | None = None,
) -> Path:
    """Train a LoRA adapter on `cases` and write the run folder, whole or not at all.

    Parameters
    ----------
    cases
        Labelled cases; all of them are trained on, with the counterfactual copies that the recipe asks for.
    place
        The base model.
    recipe
        Rank, rate, epochs and so on.
    folder
        The run folder to make. An interrupted run leaves only a hidden neighbour of it, from which the same call
        goes on.
    on_step
        Called with the step, the number of steps and the last logged loss.
    glossary
        Names for the rows that the recipe adds; by default those that come with Bini.

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    InputError
        If `folder` exists and holds another run, or a case does not fit the model's window.
    AdapterError
        If training came to nothing: weights that are not finite or that change no output.
    """
    names = glossary or shipped_glossary()
    added = _added(cases, recipe, names)
    identity = _identity([*cases, *added], place, recipe)
    if folder.exists():
        if _trained_as(folder, identity):
            return folder
        raise InputError(f"{folder} already holds another run", "choose another --name, or remove that folder first")
    work = folder.with_name(f".{folder.name}.partial")
    if work.exists() and _read_identity(work) != identity:
        shutil.rmtree(work)
    fitted = _fit([*cases, *added], place, recipe, work, identity, on_step)
    counts = {
        "rows": len(cases),
        "added_rows": len(added),
        "patents": len({case.patent for case in cases}),
        "steps": fitted.steps,
        "seconds": round(fitted.seconds, 1),
    }
    run = {"name": folder.name, **identity, "base_model": place.name, **counts, "machine": _machine()}
    finished = fitted.folder
    write_text(finished / "train.jsonl", jsonl(map(label_row, cases)))
    write_text(finished / "added.jsonl", jsonl(map(label_row, added)))
    write_json(finished / "checks.json", _check(finished, place, fitted.row))
    _describe(finished, run, recipe, fitted.losses)
    finished.replace(folder)
    shutil.rmtree(work)
    return folder


def _added(cases: Sequence[Case], recipe: Recipe, names: Glossary) -> list[Case]:
    """The rows that a recipe puts beside the cases."""
    return [
        *swap_names(cases, names, recipe.rivals, recipe.synonyms, recipe.seed),
        *rehearse(recipe.rehearsal, names, recipe.seed),
        *strangers(cases, recipe.strangers, recipe.seed),
    ]


def _machine() -> dict[str, Any]:
    """What a run was made on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "cuda": torch.cuda.is_available(),
    }


@dataclass(frozen=True)
class _Fitted:
    """What training left: the saved adapter's folder, its losses, and one row to check it with."""

    folder: Path
    losses: list[dict[str, float]]
    steps: int
    seconds: float
    row: TokenRow


def _fit(
    cases: Sequence[Case],
    place: ModelPlace,
    recipe: Recipe,
    work: Path,
    identity: dict[str, Any],
    on_step: Callable[[int, int, float | None], None],
) -> _Fitted:
    """Run TRL's trainer in `work`, from its last checkpoint if there is one, and save adapter and tokenizer there."""
    set_seed(recipe.seed)
    model = load_base(place, torch.bfloat16 if torch.cuda.is_available() else torch.float32)
    tokenizer = load_tokenizer(place)
    limit = window(model)
    rows = [token_row(case, tokenizer, limit, recipe.learn) for case in cases]
    longest = max(len(row.input_ids) for row in rows)
    work.mkdir(parents=True, exist_ok=True)
    write_json(work / "identity.json", identity)
    trainer = AnswerTrainer(
        model=model,
        args=_arguments(recipe, work, checkpointed(model, longest * recipe.batch_size)),
        train_dataset=Dataset.from_list([_columns(row) for row in rows]),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=recipe.r,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[_Report(on_step)],
    )
    trainer.remove_callback(PrinterCallback)
    started = time.perf_counter()
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(work)))
    seconds = time.perf_counter() - started
    finished = work / "finished"
    shutil.rmtree(finished, ignore_errors=True)
    trainer.save_model(str(finished))
    config = finished / "adapter_config.json"  # peft writes where the base lies on this machine
    write_json(config, json.loads(config.read_text(encoding="utf-8")) | {"base_model_name_or_path": place.name})
    tokenizer.save_pretrained(finished)
    (finished / "training_args.bin").unlink(missing_ok=True)  # a pickle
    losses = [{"step": e["step"], "loss": e["loss"]} for e in trainer.state.log_history if "loss" in e]
    return _Fitted(finished, losses, trainer.state.global_step, seconds, rows[0])


def _describe(folder: Path, run: dict[str, Any], recipe: Recipe, losses: list[dict[str, float]]) -> None:
    """Write recipe, loss curve, model card and, last, run.json with the digests of it all."""
    write_text(folder / "recipe.yaml", yaml.safe_dump(recipe.model_dump(), sort_keys=False))
    write_json(folder / "loss.json", losses)
    card.plot_loss(losses, folder / "loss.png")
    write_text(folder / "README.md", card.model_card(run, recipe.model_dump(), losses))
    write_json(folder / "run.json", seal(folder, run))


def _identity(cases: Sequence[Case], place: ModelPlace, recipe: Recipe) -> dict[str, Any]:
    """What makes two runs the same run."""
    return {
        "base_fingerprint": place.fingerprint(),
        "data_sha256": sha256(jsonl(map(label_row, cases))),
        "recipe": recipe.model_dump(),
        "seed": recipe.seed,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    }


def _read_identity(work: Path) -> Any:
    path = work / "identity.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _trained_as(folder: Path, identity: dict[str, Any]) -> bool:
    path = folder / "run.json"
    if not path.is_file():
        return False
    run = json.loads(path.read_text(encoding="utf-8"))
    return all(run.get(key) == value for key, value in identity.items())


def _columns(row: TokenRow) -> dict[str, list[int]]:
    return {"input_ids": row.input_ids, "completion_mask": row.completion_mask}


def _arguments(recipe: Recipe, work: Path, gradient_checkpointing: bool) -> SFTConfig:
    return SFTConfig(
        output_dir=str(work),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=recipe.warmup,  # a share of the steps, as transformers reads a number below 1
        seed=recipe.seed,
        data_seed=recipe.seed,
        max_length=None,  # rows over the window were refused; TRL would cut them off silently
        completion_only_loss=True,
        packing=False,
        gradient_checkpointing=gradient_checkpointing,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        save_strategy="epoch",
        save_total_limit=1,
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


class _Report(TrainerCallback):
    """Hands steps and losses on, and keeps the trainer from printing."""

    def __init__(self, on_step: Callable[[int, int, float | None], None]) -> None:
        self._on_step = on_step
        self._loss: float | None = None

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self._loss = (kwargs.get("logs") or {}).get("loss", self._loss)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self._on_step(state.global_step, state.max_steps, self._loss)


def _check(folder: Path, place: ModelPlace, row: TokenRow) -> dict[str, str]:
    """Whether the saved tensors are what the base asks for and change what it says on one row."""
    config, shapes = read_config(folder), read_shapes(folder)
    checks = check_weights(folder, config, shapes, outline(place), place.name)
    if not failures(checks):
        checks.append(check_effect(folder, place, [row.input_ids]))
    failed = failures(checks)
    if failed:
        raise AdapterError(
            f"training came to nothing: {failed[0].name}, {failed[0].why}", "lower the learning rate, or check the data"
        )
    return {check.name: check.status.value for check in checks}
