"""adapter_config.json, read as the plain LoRA that `bini train` writes and as nothing else.

peft's own reader would take regular expressions for module names, names of Python modules to import, and a dozen
variants of LoRA that are laid out in other tensors.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bini.errors import AdapterError
from bini.models.adapters.files import ADAPTER_CONFIG
from bini.models.adapters.record import RETRAIN, read_object
from bini.models.adapters.report import Check, Status, printable

if TYPE_CHECKING:
    from peft import LoraConfig

USED = {"r", "lora_alpha", "target_modules", "use_rslora", "task_type", "peft_type", "base_model_name_or_path"}
IDLE = {"lora_dropout", "revision", "inference_mode", "peft_version"}
"""Fields that may say anything: they change nothing once training is over."""


@dataclass(frozen=True)
class Lora:
    """A plain LoRA.

    Parameters
    ----------
    rank, alpha
        r and alpha of Hu et al. 2021.
    targets
        Names of the adapted layers, or the last parts of their names.
    stabilised
        Whether its scaling is that of rank-stabilised LoRA (Kalajdzievski 2023).
    base
        What it says it was trained on, a path or a name; may be empty.
    """

    rank: int
    alpha: float
    targets: tuple[str, ...]
    stabilised: bool
    base: str

    @property
    def scaling(self) -> float:
        """The factor on B·A: alpha / r, or alpha / √r if stabilised."""
        return self.alpha / (math.sqrt(self.rank) if self.stabilised else self.rank)

    def adapts(self, layer: str) -> bool:
        """Whether a layer is one of the targets."""
        return any(is_target(layer, target) for target in self.targets)

    def for_peft(self) -> "LoraConfig":
        """The same for peft, ready for inference."""
        from peft import LoraConfig

        return LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,  # type: ignore[arg-type]  # peft computes with any number
            target_modules=list(self.targets),
            use_rslora=self.stabilised,
            task_type="CAUSAL_LM",
            inference_mode=True,
        )


def is_target(layer: str, target: str) -> bool:
    """Whether peft takes `layer` for a target: the same name, or the last parts of it."""
    return layer == target or layer.endswith(f".{target}")


def read_config(folder: Path) -> Lora:
    """The LoRA configuration of a run folder.

    Raises
    ------
    AdapterError
        If it cannot be read, is no plain LoRA, or holds a value of the wrong kind.
    """
    raw = read_object(folder / ADAPTER_CONFIG)
    from peft import LoraConfig

    defaults = LoraConfig().to_dict()
    if raw.get("peft_type") != "LORA" or raw.get("task_type") != "CAUSAL_LM":
        raise _broken(f"it is for {raw.get('peft_type')} and {raw.get('task_type')}, not for LORA and CAUSAL_LM")
    for key, value in raw.items():
        if key not in USED | IDLE and value and value != defaults.get(key):
            raise _broken(f"{key} is set: no plain LoRA as bini train writes it")
    rank, alpha, targets, base = (
        raw.get(key) for key in ("r", "lora_alpha", "target_modules", "base_model_name_or_path")
    )
    if type(rank) is not int or rank < 1:
        raise _broken(f"r is {rank!r}, not a number of ranks")
    if not isinstance(alpha, int | float) or not 0 < alpha < math.inf:
        raise _broken(f"lora_alpha is {alpha!r}, not a positive number")
    if not isinstance(targets, list) or not targets or not all(isinstance(name, str) and name for name in targets):
        raise _broken(f"target_modules is {targets!r}, not a list of names")
    return Lora(rank, alpha, tuple(sorted(targets)), bool(raw.get("use_rslora")), str(base or ""))


def check_recipe(config: Lora, run: Mapping[str, Any]) -> Check:
    """Rank and alpha are those of the recipe that run.json says it was trained with."""
    recipe = run.get("recipe")
    said = recipe if isinstance(recipe, dict) else {}
    for key, value in (("r", config.rank), ("alpha", config.alpha)):
        if key in said and said[key] != value:
            why = f"{key} is {value}, but run.json says it was trained with {printable(said[key])}"
            return Check("recipe", Status.FAIL, why, RETRAIN)
    return Check("recipe", Status.PASS, f"rank {config.rank}, alpha {config.alpha:g}")


def _broken(why: str) -> AdapterError:
    return AdapterError(f"{ADAPTER_CONFIG} is broken: {printable(why, 160)}", RETRAIN)
