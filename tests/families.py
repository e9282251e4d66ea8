"""Small random models of several architectures, each with the quirks of its family's chat template."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% endfor %}"
)
GEMMA = (
    STRICT + "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# Knows lists of parts only: of a plain text it would iterate over the letters and show none.
MULTIMODAL = (
    STRICT + "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m.role == 'assistant' else m.role }}\n"
    "{% for part in m.content %}{% if part.type == 'text' %}{{ part.text | trim }}{% endif %}{% endfor %}"
    "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# Adds a system prompt of its own, cuts thoughts out of earlier answers, and thinks unless told not to.
QWEN = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
# Writes today's date unless it is given one, and a system turn in every case.
LLAMA = (
    "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
    "{{ bos_token }}<|start_header_id|>system<|end_header_id|>\n\nToday Date: {{ date_string }}\n\n<|eot_id|>"
    "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """What tells one family's tokenizer from another's."""

    template: str
    bos: str | None
    eos: str
    controls: tuple[str, ...]


_TURNS = ("<start_of_turn>", "<end_of_turn>")
_HEADERS = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
FAMILIES = {
    "gemma": Family(GEMMA, "<bos>", "<eos>", _TURNS),
    "multimodal": Family(MULTIMODAL, "<bos>", "<eos>", (*_TURNS, "<image_soft_token>")),
    "qwen": Family(QWEN, None, "<|im_end|>", ("<|im_start|>", "<think>", "</think>")),
    "llama": Family(LLAMA, "<|begin_of_text|>", "<|end_of_text|>", _HEADERS),
}


def byte_level(texts: Sequence[str], family: Family) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer with the family's control tokens and chat template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    controls = [*([family.bos] if family.bos else []), family.eos, "<pad>", *family.controls]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=900, special_tokens=controls, initial_alphabet=alphabet, show_progress=False),
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=family.bos,
        eos_token=family.eos,
        pad_token="<pad>",
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = family.template
    return fast


def save_family(name: str, texts: Sequence[str], folder: Path) -> Path:
    """Save a random model of the family and its tokenizer."""
    tokenizer = byte_level(texts, FAMILIES[name])
    torch.manual_seed(0)
    _model(name, tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _model(name: str, tokenizer: PreTrainedTokenizerBase) -> Any:
    sizes: dict[str, Any] = {
        "vocab_size": len(tokenizer) + (64 if name == "qwen" else 0),  # Qwen's embedding has rows without a token
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 16384,
        "initializer_range": 0.2,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    if name == "qwen":
        return Qwen3ForCausalLM(Qwen3Config(**sizes))
    if name == "llama":
        return LlamaForCausalLM(LlamaConfig(**sizes))
    text = Gemma3TextConfig(**sizes, sliding_window=512)
    if name == "gemma":
        return Gemma3ForCausalLM(text)
    vision = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    image = tokenizer.convert_tokens_to_ids("<image_soft_token>")
    config = Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=4, image_token_index=image)
    return Gemma3ForConditionalGeneration(config)
