"""The loss at the answer's positions is TRL's own, and so are its gradients."""

from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from bini.models.catalog import ModelPlace
from bini.models.loading import load_base, load_tokenizer
from bini.training import trainer as module
from bini.training.trainer import AnswerTrainer, checkpointed

pytestmark = [
    pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing.*` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning"),
]
ROWS = [
    {"input_ids": list(range(300, 340)), "completion_mask": [0] * 30 + [1] * 10},
    {"input_ids": list(range(400, 425)), "completion_mask": [0] * 12 + [1, 0, 1, 1] + [0] * 6 + [1] * 3},
]


def step(kind: type[SFTTrainer], place: ModelPlace, folder: Path, items: int | None):
    """The loss of one batch of two rows of unequal length, and the gradient of every LoRA matrix."""
    torch.manual_seed(0)
    trainer = kind(
        model=load_base(place),
        args=SFTConfig(
            output_dir=str(folder), per_device_train_batch_size=2, max_length=None, completion_only_loss=True,
            gradient_checkpointing=False, bf16=False, use_cpu=True, report_to="none", disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(ROWS),
        processing_class=load_tokenizer(place),
        peft_config=LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"),
    )  # fmt: skip
    batch = next(iter(trainer.get_train_dataloader()))
    loss = trainer.compute_loss(trainer.model, batch, num_items_in_batch=items)
    loss.backward()
    grads = {name: p.grad for name, p in trainer.model.named_parameters() if p.grad is not None}
    return loss.item(), grads


@pytest.mark.parametrize("items", [None, 40])
def test_loss_and_gradients_are_trl_s(tiny_model: Path, tmp_path: Path, items: int | None) -> None:
    place = ModelPlace("tiny", tiny_model)
    loss, grads = step(AnswerTrainer, place, tmp_path, items)
    expected, wanted = step(SFTTrainer, place, tmp_path, items)
    assert loss == pytest.approx(expected, rel=1e-5)
    assert grads.keys() == wanted.keys()
    assert grads
    for name, grad in grads.items():
        torch.testing.assert_close(grad, wanted[name], rtol=1e-3, atol=1e-6)


def test_only_what_is_learned_is_scored(tiny_model: Path, tmp_path: Path, monkeypatch) -> None:
    scored: list[int] = []
    head = torch.nn.Linear.forward

    def counting(module: torch.nn.Linear, states: torch.Tensor) -> torch.Tensor:
        if module.out_features > 1000:
            scored.append(states.shape[1])
        return head(module, states)

    monkeypatch.setattr(torch.nn.Linear, "forward", counting)
    step(AnswerTrainer, ModelPlace("tiny", tiny_model), tmp_path, None)
    assert scored == [16], "10 places of the first row, 6 of the second where the first learns nothing"


def test_activations_are_kept_while_they_fit_in_half_the_free_memory(tiny_model: Path, monkeypatch) -> None:
    model = load_base(ModelPlace("tiny", tiny_model))
    config = model.config
    needed = 100 * config.num_hidden_layers * (12 * config.hidden_size + 4 * config.intermediate_size) * 4
    monkeypatch.setattr(module, "_free_bytes", lambda _: 2 * needed)
    assert not checkpointed(model, 100)
    assert checkpointed(model, 101)
    monkeypatch.undo()
    assert not checkpointed(model, 100), "this machine has more than a few megabytes"
