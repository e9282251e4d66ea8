"""Whether an adapter changes what its base model says."""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import PreTrainedModel

from bini.models.adapters.report import Check, Status
from bini.models.catalog import ModelPlace
from bini.models.loading import load_adapted, load_base

SAME = 1e-4
"""Logits that differ by no more are the same: adding an adapter that does nothing changes none at all."""


def check_effect(folder: Path, base: ModelPlace, prompts: Sequence[Sequence[int]]) -> Check:
    """The next token's logits with the adapter differ from those without, on at least one prompt.

    Parameters
    ----------
    folder
        A run folder that passed the static checks.
    base
        Its base model; loaded here, in the type that assessing uses.
    prompts
        Token ids, one list a prompt.
    """
    model = load_base(base)
    before = _last_logits(model, prompts)
    after = _last_logits(load_adapted(model, folder), prompts)
    if not after.isfinite().all():
        return Check("effect", Status.FAIL, "with the adapter the logits are no numbers", "train it again")
    largest = float((after - before).abs().max())
    if largest <= SAME:
        why = f"the model says the same with and without it (largest difference of a logit {largest:.1g})"
        return Check("effect", Status.FAIL, why, "train it again, for more steps or at a higher rate")
    return Check("effect", Status.PASS, f"logits differ from the base's by up to {largest:.2g}")


@torch.inference_mode()
def _last_logits(model: PreTrainedModel, prompts: Sequence[Sequence[int]]) -> torch.Tensor:
    """Logits after each prompt, (prompts, vocabulary)."""
    rows = [
        model.eval()(input_ids=torch.tensor([list(ids)], device=model.device), logits_to_keep=1).logits[0, -1]
        for ids in prompts
    ]
    return torch.stack(rows).float().cpu()
