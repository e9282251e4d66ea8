"""Pre-training recipes: what `training/nano.yaml` and its like hold, and the learning rate that they ask for."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from bini.training.recipes import reading
from bini.training.synthesis.cases import Stage


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageRecipe(_Strict):
    """One part of the curriculum; the fields after `share` are those of `Stage`."""

    share: float
    elements: tuple[int, int]
    noise: int
    orders: float
    made_up: float
    prose: float
    cloze: float = 0.0
    topical: float = 0.0
    mixed: float = 0.0
    elsewhere: float = 0.0
    drills: float = 0.0  # share of drills among the cases
    instruction: float  # share of cases that carry the whole instruction

    def stage(self) -> Stage:
        """How hard this part's cases are."""
        return Stage(**self.model_dump(exclude={"share", "drills", "instruction"}))


class Shape(_Strict):
    """Gemma 3 shape of an embedded model."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    sliding_window: int = 1024
    max_position_embeddings: int = 8192


class PretrainRecipe(_Strict):
    """What `training/nano.yaml` and its like hold."""

    name: str
    seed: int
    shape: Shape
    start_from: str | None = None  # a trained model to go on from, to be grown if half as wide or of fewer key heads
    cases: int
    pool: int = 1000  # cases drawn at once, sorted by length and batched; also the unit of resuming
    tokens_per_step: int
    learning_rate: float
    warmup: float
    cooldown: float
    bfloat16: bool = True  # multiply in bf16; some CPUs that have its instructions are faster in fp32
    stages: tuple[StageRecipe, ...]
    on_cuda: dict[str, Any] = {}  # the budget of a machine with a GPU: what stands there instead


def load_recipe(path: Path, device: str = "cpu") -> PretrainRecipe:
    """Read a pre-training recipe.

    Parameters
    ----------
    path
        YAML file.
    device
        "cpu" or "cuda": whose budget to take, where the recipe has one for each.

    Raises
    ------
    DataError
        If the file cannot be read, or a key of it is unknown, missing or of the wrong type.
    """
    with reading(path, "training/nano.yaml"):
        on_cpu = PretrainRecipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        own = on_cpu.model_dump(exclude={"on_cuda"})
        on_cuda = PretrainRecipe.model_validate(own | on_cpu.on_cuda)
    return on_cuda if device == "cuda" else on_cpu


def learning_rate(progress: float, recipe: PretrainRecipe) -> float:
    """Linear warm-up, a flat stretch and a linear fall to zero; `progress` runs from 0 to 1."""
    return recipe.learning_rate * min(1.0, progress / recipe.warmup + 1e-3, (1.0 - progress) / recipe.cooldown)
