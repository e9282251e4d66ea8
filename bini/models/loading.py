"""Loading a base model and its tokenizer, with or without an adapter on top."""

import warnings
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

from bini.domain.calibration import CALIBRATION
from bini.errors import AdapterError, ModelError
from bini.files import sha256_file
from bini.models.adapters.config import read_config
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.catalog import SHIPPED, ModelPlace, ships
from bini.models.registry.registry import Registry

SMALL = 200_000_000
"""Weights under this many bytes run in fp32: bf16 would save no memory worth having, and it rounds merged LoRAs."""


# transformers 5.23 renames a setting under which TRL 1.16 and peft 0.21 still read it.
warnings.filterwarnings("ignore", message=".*gradient_checkpointing.* is deprecated", category=FutureWarning)
logging.disable_progress_bar()  # transformers draws one for every load, however short


def load_tokenizer(place: ModelPlace) -> PreTrainedTokenizerBase:
    """A fresh tokenizer object: Outlines and TRL each change the one they are given.

    Raises
    ------
    ModelError
        If the folder holds no tokenizer that can be read, or one of another kind than grammars can be made for.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(place.path, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # tokenizers raises bare exceptions on a broken file
        raise ModelError(
            f"{place.name}: its tokenizer cannot be read ({first_line(error)})", "fetch the model again"
        ) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(f"{place.name}: its tokenizer has no tokenizer.json", "take a model that has one")
    if not tokenizer.chat_template:
        raise ModelError(f"{place.name}: its tokenizer has no chat template", "take the instruction-tuned model (…-it)")
    return cast(PreTrainedTokenizerBase, tokenizer)


def architecture(place: ModelPlace) -> tuple[PretrainedConfig, Any]:
    """A model's configuration and the transformers class that makes a model of it.

    A multimodal checkpoint is made as its own class and given text only.

    Raises
    ------
    ModelError
        If config.json cannot be read.
    """
    try:
        config = AutoConfig.from_pretrained(place.path, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelError(f"{place.name} does not load ({first_line(error)})", "fetch the model again") from error
    if config.architectures and config.architectures[0].endswith("ForConditionalGeneration"):
        from transformers import AutoModelForImageTextToText

        return config, AutoModelForImageTextToText
    return config, AutoModelForCausalLM


def load_base(place: ModelPlace, dtype: torch.dtype | None = None) -> PreTrainedModel:
    """Load a causal language model.

    Parameters
    ----------
    place
        Where the model lies.
    dtype
        Weights' type; by default fp32 for weights under `SMALL` bytes, else `preferred_dtype()`.

    Raises
    ------
    ModelError
        If the weights are not safetensors, or do not load.
    """
    config, loader = architecture(place)
    try:
        model, info = loader.from_pretrained(
            place.path,
            config=config,
            dtype=dtype or (torch.float32 if place.size < SMALL else preferred_dtype()),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        raise ModelError(f"{place.name} does not load ({first_line(error)})", "fetch the model again") from error
    if info["missing_keys"]:  # transformers would fill them with random numbers
        raise ModelError(f"{place.name} lacks the tensor {min(info['missing_keys'])}", "fetch the model again")
    return cast(PreTrainedModel, model.to("cuda" if torch.cuda.is_available() else "cpu"))


def preferred_dtype() -> torch.dtype:
    """bf16 where the processor computes it, else fp32; never fp16, in which Gemma 3 overflows."""
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32


def window(model: PreTrainedModel) -> int:
    """Most tokens, prompt and answer together, that the model takes."""
    return int(model.config.get_text_config().max_position_embeddings)


def results_folder(adapter: Path) -> Path:
    """Where reports on an adapter, its folds and its calibration go.

    That is its run folder. An adapter that ships with Bini has `SHIPPED`/NAME-HASH: the installed package is not the
    user's to write to, and the next version may ship other weights under the same name. One of the registry, whose
    files never change, has a folder beside them.
    """
    if Registry().holds(adapter):
        return Registry().results(adapter)
    if not ships(adapter):
        return adapter
    return SHIPPED / f"{adapter.name}-{sha256_file(adapter / ADAPTER_WEIGHTS)[:8]}"


def calibration_folder(adapter: Path) -> Path:
    """Where an adapter's calibration.json lies, if it has one: the one made here goes before the one that ships."""
    made_here = results_folder(adapter)
    return made_here if (made_here / CALIBRATION).is_file() else adapter


def load_adapted(base: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """`base` with the LoRA of `folder` merged in. Check the folder with `bini.models.adapters.static` first.

    Raises
    ------
    AdapterError
        If its configuration is no plain LoRA, or the tensors do not fit the base model.
    """
    from peft import PeftModel, get_peft_model_state_dict

    config = read_config(folder).for_peft()
    try:
        adapted = PeftModel.from_pretrained(base, str(folder), config=config)
        # peft would look for an adapted vocabulary's base on the hub
        known = get_peft_model_state_dict(adapted, save_embedding_layers=False)
        with safe_open(folder / ADAPTER_WEIGHTS, "pt") as file:
            odd = set(file.keys()) ^ set(known)
    except (RuntimeError, ValueError, KeyError, TypeError, OSError, MemoryError, SafetensorError) as error:
        raise AdapterError(f"{folder} does not fit its base model: {first_line(error)}", "train it again") from error
    if odd:  # peft only warns, and would assess with less than was trained
        raise AdapterError(f"{folder} does not fit its base model: tensor {min(odd)}", "train it again")
    merged = adapted.merge_and_unload()
    return cast(PreTrainedModel, merged)


def first_line(error: Exception) -> str:
    """What an error says, short enough for one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
