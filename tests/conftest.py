"""Small models that the tests make themselves: random weights, real architectures, real tokenizers."""

import random
from pathlib import Path

import pytest
import torch
from families import FAMILIES, Family, byte_level, save_family
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
)

from bini.domain.glossary import shipped_glossary
from bini.files import write_json
from bini.inference.assessor import Assessor
from bini.inference.prompt import user_message
from bini.models.adapters.record import seal
from bini.models.catalog import ModelPlace
from bini.models.tokenizer import train_tokenizer
from bini.training.synthesis.cases import CaseWriter, Stage

CLAIM = "아세틸트리부틸시트레이트를 유효성분으로 함유하는 피부 미백용 화장료 조성물."
PRODUCT = "TBC 성분이 들어간 미백 크림을 만들었어"

LLAMA_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def glossary():
    return shipped_glossary()


@pytest.fixture(scope="session")
def texts(glossary) -> list[str]:
    """Generated prompts and answers to train small tokenizers on."""
    writer = CaseWriter(glossary, random.Random(0), Stage((2, 4), 3, 0.1, 0.5))
    made = []
    for _ in range(300):
        case = writer.case()
        made += [user_message(case.product, case.elements), case.answer.to_json()]
    return made


@pytest.fixture(scope="session")
def tiny_tokenizer(texts) -> PreTrainedTokenizerBase:
    return train_tokenizer(texts, 1200)


@pytest.fixture(scope="session")
def tiny_model(tiny_tokenizer, tmp_path_factory) -> Path:
    """A Gemma 3 text model with the embedded family's kind of tokenizer and random weights."""
    folder = tmp_path_factory.mktemp("models") / "tiny-gemma"
    return _save(_gemma(tiny_tokenizer, seed=0), tiny_tokenizer, folder)


@pytest.fixture(scope="session")
def other_model(tiny_tokenizer, tmp_path_factory) -> Path:
    """The same shape with other random weights."""
    folder = tmp_path_factory.mktemp("models") / "other-gemma"
    return _save(_gemma(tiny_tokenizer, seed=1), tiny_tokenizer, folder)


@pytest.fixture(scope="session")
def llama_tokenizer(texts) -> PreTrainedTokenizerBase:
    """Byte-level BPE with another family's chat format and no JSON pieces."""
    return byte_level(texts, Family(LLAMA_TEMPLATE, "<s>", "</s>", ("<|user|>", "<|assistant|>", "<|end|>")))


@pytest.fixture(scope="session")
def families(texts, tmp_path_factory) -> dict[str, Path]:
    """A random model of each architecture of `FAMILIES`, with its family's kind of chat template."""
    folder = tmp_path_factory.mktemp("families")
    return {name: save_family(name, texts, folder / name) for name in FAMILIES}


@pytest.fixture(scope="session")
def llama_model(llama_tokenizer, tmp_path_factory) -> Path:
    """A Llama model with random weights and another kind of tokenizer."""
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(llama_tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            max_position_embeddings=16384,
            bos_token_id=llama_tokenizer.bos_token_id,
            eos_token_id=llama_tokenizer.eos_token_id,
        )
    )
    return _save(model, llama_tokenizer, tmp_path_factory.mktemp("models") / "tiny-llama")


@pytest.fixture(scope="session")
def narrow_model(tiny_model, tiny_tokenizer, tmp_path_factory) -> Path:
    """A Gemma 3 model most of whose layers see 16 tokens back: less than any prompt holds."""
    model = Gemma3ForCausalLM.from_pretrained(tiny_model)
    model.config.sliding_window = 16
    return _save(model, tiny_tokenizer, tmp_path_factory.mktemp("models") / "narrow-gemma")


@pytest.fixture(scope="session")
def tiny_assessor(tiny_model) -> Assessor:
    return Assessor(str(tiny_model))


def _gemma(tokenizer, seed: int) -> Gemma3ForCausalLM:
    torch.manual_seed(seed)
    return Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=32,
            query_pre_attn_scalar=32,
            sliding_window=512,
            max_position_embeddings=16384,
            initializer_range=0.2,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def _save(model, tokenizer, folder: Path) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_adapter():
    """Write what `bini train` leaves for loading: a LoRA of random numbers and a run.json."""

    def make(base: Path, folder: Path, seed: int = 0) -> Path:
        torch.manual_seed(seed)
        place = ModelPlace(base.name, base)
        model = get_peft_model(
            AutoModelForCausalLM.from_pretrained(base),
            LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM"),
        )
        for name, tensor in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(tensor, std=0.5)
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(base).save_pretrained(folder)
        run = {"name": folder.name, "base_model": place.name, "base_fingerprint": place.fingerprint()}
        write_json(folder / "run.json", seal(folder, run))
        return folder

    return make


@pytest.fixture(scope="session")
def tiny_adapter(tiny_model, make_adapter, tmp_path_factory) -> Path:
    return make_adapter(tiny_model, tmp_path_factory.mktemp("adapters") / "tiny")
