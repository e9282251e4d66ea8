"""What a training step costs: TRL's defaults beside Bini's, on the same rows in the same process."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig
from transformers import PreTrainedModel
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from bini.domain.cases import Case
from bini.models.catalog import ModelPlace
from bini.models.loading import load_base, load_tokenizer, window
from bini.timing import Cost, Way
from bini.training.rows import token_row
from bini.training.trainer import IGNORED, AnswerTrainer

disable_progress_bars()


def step_ways(place: ModelPlace, cases: Sequence[Case]) -> list[Way]:
    """One step, forwards and back, of TRL's trainer as it comes and of Bini's, which learns the same from it.

    TRL's makes one batch of the cases, all as long as the longest, and computes activations twice; Bini's takes row
    after row, as its recipes do.

    Parameters
    ----------
    place
        The base model; fp32, as on a CPU.
    cases
        The labelled cases of the step.
    """
    return [
        Way("TRL", _Step(SFTTrainer, place, cases, len(cases), True)),
        Way("Bini", _Step(AnswerTrainer, place, cases, 1, False)),
    ]


class _Step:
    """Forward and backward of one step, with the trainer set up before."""

    def __init__(
        self, kind: type[SFTTrainer], place: ModelPlace, cases: Sequence[Case], batch_size: int, checkpointing: bool
    ) -> None:
        model, tokenizer = load_base(place, torch.float32), load_tokenizer(place)
        rows = [token_row(case, tokenizer, window(model)) for case in cases]
        self._trainer = kind(
            model=model,
            args=SFTConfig(
                output_dir=str(Path(tempfile.gettempdir()) / "bini-bench"),
                per_device_train_batch_size=batch_size,
                max_length=None,
                completion_only_loss=True,
                gradient_checkpointing=checkpointing,
                bf16=False,
                report_to="none",
                dataloader_pin_memory=False,
            ),
            train_dataset=Dataset.from_list(
                [{"input_ids": row.input_ids, "completion_mask": row.completion_mask} for row in rows]
            ),
            processing_class=tokenizer,
            peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
        )
        self._batches = list(self._trainer.get_train_dataloader())
        self._tokens = sum(batch["input_ids"].numel() for batch in self._batches)  # padding too
        self._learned = sum(int((batch["labels"][:, 1:] != IGNORED).sum()) for batch in self._batches)
        self._model = cast(PreTrainedModel, self._trainer.model).train()
        if checkpointing:
            self._model.gradient_checkpointing_enable({"use_reentrant": False})

    def __call__(self) -> Cost:
        for batch in self._batches:
            self._trainer.compute_loss(self._model, dict(batch), num_items_in_batch=self._learned).backward()
        self._model.zero_grad()
        return Cost(len(self._batches), self._tokens)
