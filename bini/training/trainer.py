"""TRL's trainer with a loss that looks only where there is something to learn, and what a step needs of memory."""

import os
from typing import Any

import torch
from torch.nn import functional
from transformers import PreTrainedModel
from trl.trainer.sft_trainer import SFTTrainer

IGNORED = -100
"""The label of a token that is not in the loss."""


class AnswerTrainer(SFTTrainer):
    """SFTTrainer that scores the tokens in the loss and no others.

    On a CPU TRL's fused head multiplies every position of the prompt by the whole vocabulary, and once more going back.
    """

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Mean cross-entropy of the tokens in the loss, as TRL's "nll" has it: over all of the step's batches."""
        labels = inputs.pop("labels")[:, 1:]  # position t predicts token t + 1
        places = (labels != IGNORED).any(0).nonzero().squeeze(1)
        outputs = model(**inputs, use_cache=False, logits_to_keep=places)
        learned = labels[:, places].flatten()
        total = functional.cross_entropy(  # logits: (B, len(places), V)
            outputs.logits.flatten(0, 1).float(), learned, ignore_index=IGNORED, reduction="sum"
        )
        loss = total / (num_items_in_batch if num_items_in_batch is not None else (learned != IGNORED).sum())
        if self.args.average_tokens_across_devices and num_items_in_batch is not None:
            loss = loss * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss


def checkpointed(model: PreTrainedModel, tokens: int) -> bool:
    """Whether a step must compute activations twice because keeping them would take more than half the free memory.

    Parameters
    ----------
    model
        The base model, where it will be trained.
    tokens
        Most tokens of one batch.
    """
    config = model.config.get_text_config()
    # Kept for going back, in numbers a token and layer: about 12 of the width (norms, attention, residuals, inputs of
    # the LoRA matrices) and 4 of the inner width (both halves of the gate, their product, its input to the next).
    numbers = config.num_hidden_layers * (12 * config.hidden_size + 4 * config.intermediate_size)
    return bool(tokens * numbers * model.dtype.itemsize > _free_bytes(model.device) / 2)


def _free_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
